"""A clamd to test against: it speaks INSTREAM, finds Eicar where the file says so, and never answers what is marked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

INFECTED, SLOW = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE", b"NEVER-ANSWERED"


@asynccontextmanager
async def clamd() -> AsyncIterator[str]:
    """One at host:port."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(length)
    if SLOW in content:
        await reader.read()  # until whoever asked gives up
    else:
        writer.write(b"stream: Eicar-Test-Signature FOUND\0" if INFECTED in content else b"stream: OK\0")
        await writer.drain()
    writer.close()
