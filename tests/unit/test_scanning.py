"""A scanner of viruses: what it finds is refused, and one that is late, broken or away holds the document back."""

import asyncio

import pytest

from shared.runtime.refusal import Refused
from shared.runtime.scanning import Scanner
from tests.clamd import INFECTED, SLOW, clamd


async def test_a_clean_document_passes_whatever_its_size() -> None:
    """In pieces, as clamd asks for them."""
    async with clamd() as address:
        assert await Scanner(address).scan(b"%PDF" * 100_000)


async def test_a_virus_is_refused_with_its_name() -> None:
    """What was deposited before stays, and is said to."""
    async with clamd() as address:
        with pytest.raises(Refused, match="document-infected") as caught:
            await Scanner(address).scan(bytes(70_000) + INFECTED)
    assert "« Eicar-Test-Signature »" in caught.value.detail
    assert "reste en place" in caught.value.detail


async def test_no_verdict_in_time_holds_the_document_back() -> None:
    """Silent, away, or answering something else: never a document that was not scanned, never a wait without end."""
    async with clamd() as address:
        with pytest.raises(Refused, match="document-scan-late"):
            await Scanner(address, patience=0.1).scan(SLOW)
    with pytest.raises(Refused, match="document-scan-late"):
        await Scanner(address).scan(b"nobody listens there any more")

    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(broken, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        with pytest.raises(Refused, match="document-scan-late"):
            await Scanner(f"{host}:{port}").scan(b"content")


async def test_without_a_scanner_nothing_is_said_to_be_scanned() -> None:
    """The answer of a deposit says so."""
    assert not await Scanner(None).scan(b"content")
