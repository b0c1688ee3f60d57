"""Drafts on a real database: sealed, kept one after the other, and erased with their person."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.ledger import Keyring
from shared.runtime.drafts import Drafts
from shared.runtime.refusal import Refused
from tests.servers import ContextPool

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


async def test_two_people_who_keep_at_once_lose_nothing(
    context_db: ContextPool, keyring_db: ContextPool
) -> None:
    """Twenty fields typed by twenty people at the same moment are all there; none is readable in the table."""
    drafts, draft = Drafts(context_db, Keyring(keyring_db, b"k" * 32)), uuid4()
    words = {f"field{place}": f"mot {place}" for place in range(20)}
    await asyncio.gather(
        *(drafts.keep(draft, "contact-1", {name: word}, {}, "body:x", NOW) for name, word in words.items())
    )
    found = await drafts.read(draft)
    assert found is not None
    assert (found.fields, set(found.revisions.values())) == (words, {1})
    assert "mot" not in await context_db.fetchval("select d::text from views.drafts d")
    kept = await drafts.keep(
        draft, "contact-1", {"field1": "autre", "field2": "deux"}, {"field2": 1}, "body:y", NOW
    )
    assert [each.field for each in kept.conflicts] == ["field1"]
    assert kept.draft.fields["field2"] == "deux"


async def test_a_body_neither_reads_nor_writes_anothers(
    context_db: ContextPool, keyring_db: ContextPool
) -> None:
    """Its id answers as if it were not there; its own are listed and dropped."""
    drafts, draft, body = Drafts(context_db, Keyring(keyring_db, b"k" * 32)), uuid4(), uuid4()
    await drafts.keep(draft, "trainers-1", {"title": "Lire"}, None, "body:x", NOW, body=body)
    with pytest.raises(Refused, match="not-found"):
        await drafts.keep(draft, "trainers-1", {"title": "Pris"}, None, "body:y", NOW, body=uuid4())
    assert [each.id for each in await drafts.of(body)] == [draft]
    await drafts.drop(draft, uuid4())
    found = await drafts.read(draft)
    assert found is not None
    assert (found.fields, found.body) == ({"title": "Lire"}, body)
    await drafts.drop(draft, body)
    assert await drafts.read(draft) is None
