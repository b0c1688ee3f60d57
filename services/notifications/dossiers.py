"""Dossiers as everybody entitled sees them: folded from all contexts, read with whom to ask."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.notifications.facts import MOVING, Facts, Kind, folded, moved
from services.notifications.messages import thread_of
from services.notifications.standing import Standing, standing_of
from services.notifications.waits import usual
from shared.events.registration import ReferencingAccepted, ReferencingRequested, ReferencingSubmitted
from shared.messaging import Delivered
from shared.runtime.auth import Principal
from shared.runtime.paris import today
from shared.runtime.projection import Change, Row, fold
from shared.runtime.refusal import Contact, Refused
from shared.runtime.refusals import NOT_FOUND
from shared.sql import queries

SQL = queries(__file__)


async def stand(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Moves the dossiers that these events are about."""
    changes: list[Change] = []
    kinds: dict[UUID, Kind] = {}
    for each in delivered:
        if type(each.event.data) in MOVING:
            for dossier, kind in moved(each.event.data):
                changes.append((dossier, each))
                kinds[dossier] = kind

    def project(before: Row, each: Delivered) -> Row:
        return _moved(kinds[UUID(before["id"])], before, each)

    await fold(connection, SQL.load_dossiers, SQL.save_dossiers, changes, project)


def _moved(kind: Kind, before: Row, each: Delivered) -> Row:
    known = before.get("facts") or {}
    facts = folded(kind, UUID(before["id"]), known, each.event.data, each.event.time)
    facts["last"] = max(
        known.get("last") or {"at": ""}, _change(each), key=lambda change: sorted(change.items())
    )
    return {
        "kind": kind,
        "facts": facts,
        "offering": facts.get("plan", {}).get("offering"),
        **_shown(standing_of(kind, facts)),
    }


def _change(each: Delivered) -> dict[str, str]:
    """Who moved the dossier, when, and by which event: the same in whatever order contexts are heard."""
    event = each.event
    return {"at": event.time.isoformat(), "by": event.actor, "event": type(event.data).__name__}


def _shown(standing: Standing | None) -> Row:
    if standing is None:
        return {}
    return {
        "title": standing.title, "body": standing.body, "perimeter": standing.perimeter,
        "territory": standing.territory, "state": standing.state, "holder": standing.line.holder,
        "leads": standing.leads, "since": standing.since,
    }  # fmt: skip


async def learn_offices(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns who answers for a territory; the newest naming stays, however events are batched."""
    offices: dict[str, tuple[Any, ...]] = {}
    for each in delivered:
        match each.event.data:
            case ReferencingRequested() | ReferencingSubmitted() | ReferencingAccepted() as event:
                said: Any = getattr(event, "form", event)
                if said.territory:
                    named = (event.office.name, event.office.email, event.office.phone, each.event.time)
                    offices[said.territory] = max(offices.get(said.territory, named), named, key=_newest)
    if offices:
        rows = [(territory, *named) for territory, named in sorted(offices.items())]
        await connection.execute(SQL.keep_offices, *zip(*rows, strict=True))


def _newest(named: tuple[Any, ...]) -> tuple[Any, ...]:
    name, email, _, at = named
    return at, email, name


async def standing_for(pool: asyncpg.Pool, id: UUID, principal: Principal) -> dict[str, Any]:
    """One dossier, how long its decision usually takes, and what was written about it.

    Raises `Refused` as not found to whoever it is no business of.
    """
    row = await pool.fetchrow(SQL.dossier, id)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body"]), row["territory"])
    delivery, follower, thread = await asyncio.gather(
        pool.fetch(SQL.delivery, id), pool.fetchrow(SQL.follower, id, today()), thread_of(pool, id)
    )
    told = described(dict(row))
    told |= {
        "usual": await usual(pool, told["kind"], told["state"], row["territory"]),
        "delivery": [_delivered(dict(each)) for each in delivery],
        "messages": thread if row["body"] else None,
    }
    return told if principal.role == "body" else told | inside(row["facts"], dict(follower or {}))


def _delivered(mail: Mapping[str, Any]) -> dict[str, Any]:
    """What became of an e-mail about a dossier; `read_at`: when its body first opened the dossier after that."""
    return {
        "email": mail["template"],
        "status": mail["status"],
        "at": mail["at"].isoformat(),
        "reason": mail["reason"],
        "read_at": mail["read_at"] and mail["read_at"].isoformat(),
    }


def inside(facts: str, follower: Mapping[str, Any]) -> dict[str, Any]:
    """What is between Formiris's people: who follows the dossier, who moved it last."""
    return {"last_change": orjson.loads(facts).get("last"), **followed(follower)}


def followed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Who follows a dossier, and who does while that person is away."""
    away = row.get("away_until")
    return {
        "follower": row.get("follower"),
        "note": row.get("note"),
        "away_until": away and away.isoformat(),
        "replacement": row.get("replacement") if away else None,
    }


def described(row: Mapping[str, Any]) -> dict[str, Any]:
    """A dossier as the API says it. A session that is not ordered stands as its offering does."""
    standing = _standing(row["kind"], row["facts"])
    told = standing.told(str(row["id"]), _office(row))
    if standing.state == "planned" and row.get("plan_kind"):
        offering = _standing(row["plan_kind"], row["plan_facts"])
        if offering.state not in ("ordered", "cancelled"):
            stands = offering.told(str(row["offering"]), _office(row))
            told |= {name: stands[name] for name in _AS_ITS_OFFERING}
    whose = {
        "body": standing.body,
        "body_name": row.get("body_name"),
        "territory": standing.territory,
        "perimeter": standing.perimeter,
        **_days(orjson.loads(row["facts"])),
    }
    return told | whose


_AS_ITS_OFFERING = ("sentence", "holder", "holder_kind", "since", "unblocks", "contact", "faq", "link")


def _days(facts: Facts) -> dict[str, str | None]:
    """When a session is; None for any other dossier."""
    planned = facts.get("plan", {}) | facts.get("moved", {})
    return {name: planned.get(name) for name in ("starts_on", "ends_on")}


def _standing(kind: Kind, facts: str) -> Standing:
    standing = standing_of(kind, orjson.loads(facts))
    if standing is None:
        raise LookupError(f"a {kind} that nothing founded is shown")
    return standing


def _office(row: Mapping[str, Any]) -> Contact | None:
    if row["office_email"] is None:
        return None
    return Contact(row["office_name"], row["office_email"], row["office_phone"])
