"""What routes of notifications are asked: pages by keyset, and choices."""

import base64
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.notifications.inbox import Inboxes
from services.notifications.telling import NATIONAL
from shared.events.notifications import Frequency
from shared.runtime.auth import Principal
from shared.runtime.paris import PARIS, today
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import INVALID

CONTEXT = "notifications"

Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[str | None, Query(max_length=200)]
NOT_NUL = r"^[^\x00]*$"
ONE_LINE = r"^[^\x00-\x1f]*$"
PERSON = r"^[\w.-]{1,60}$"
"""Somebody of Formiris, as sign-in names them."""


class PreferencesGiven(BaseModel):
    """How often about which themes; the others stay as they are."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"themes": {"invoices": "at-once", "orders": "none"}}]},
    )
    themes: dict[Annotated[str, Field(max_length=80, pattern=r"^[a-z-]+$")], Frequency] = Field(
        min_length=1, max_length=20
    )


class EntrustIn(BaseModel):
    """Who follows a dossier from now on (nobody when left out), and what that person should know."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"to": "gestionnaire", "note": "L'organisme attend une réponse."}]},
    )
    to: str | None = Field(None, pattern=PERSON)
    note: str | None = Field(None, min_length=1, max_length=2_000, pattern=NOT_NUL)


class AbsenceIn(BaseModel):
    """When somebody is away, first and last day included, and who stands in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"starts_on": "2026-04-06", "ends_on": "2026-04-17", "replacement": "gestionnaire"}]
        },
    )
    starts_on: date
    ends_on: date
    replacement: str | None = Field(None, pattern=PERSON)


class ExportIn(BaseModel):
    """A list that is taken away: its address with its filters, and how many rows it has."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"address": "/factures?qui=office", "rows": 42}]}
    )
    address: str = Field(max_length=500, pattern=r"^/[^\s\x00]*$")
    rows: int = Field(ge=0, le=10_000_000)


class ExtractIn(BaseModel):
    """A proof of a dossier that is taken away, known by its digest."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"digest": "5" * 64}]})
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class PinIn(BaseModel):
    """What of the dossier it is about, as the page names it."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["field", "line"]
    name: str = Field(min_length=1, max_length=200, pattern=ONE_LINE)
    label: str = Field(min_length=1, max_length=200, pattern=ONE_LINE)


class MessageIn(BaseModel):
    """A message to the other side. `answers`: the message that waits for this one.

    `awaits_answer`: unless said otherwise a new message does, an answer does not.
    """

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"text": "Le lieu de la session a changé : faut-il un avenant ?"}]},
    )
    text: str = Field(min_length=1, max_length=4_000, pattern=NOT_NUL)
    pinned_to: PinIn | None = None
    answers: UUID | None = None
    awaits_answer: bool | None = None


def inboxes_of(principal: Principal) -> Inboxes:
    """Whose alerts the caller reads; an auditor reads all."""
    match principal.role:
        case "body":
            return Inboxes("body", (str(principal.body),))
        case "manager":
            return Inboxes("office", tuple(principal.territories or [NATIONAL]))
        case "assistance":
            return Inboxes("assistance", ("assistance",))
        case _:
            return Inboxes()


def place_of(after: str) -> tuple[datetime, UUID]:
    """Where a page begins. Raises `Refused` for what is no `next` of ours."""
    try:
        at, last = base64.urlsafe_b64decode(after).decode().split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(last)
    except (ValueError, OverflowError) as error:
        raise Refused(INVALID, missing=[Missing("after", "after", "query", "page inconnue")]) from error


def next_of(items: list[dict[str, Any]], limit: int, at: str) -> str | None:
    """The `after` of the page that follows, when there may be one."""
    if len(items) < limit:
        return None
    return base64.urlsafe_b64encode(f"{items[-1][at]} {items[-1]['id']}".encode()).decode()


def searched(words: str | None) -> str | None:
    """Small letters without accents, as dossiers are compared; None when there is nothing to look for."""
    plain = unicodedata.normalize("NFKD", (words or "").casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "%_\\\0")
    return " ".join(kept.split()) or None


def begun_before(days: int | None) -> datetime | None:
    """The moment before which that many days ago, or more, began: days are those of Paris, as ages are told."""
    if days is None:
        return None
    return datetime.combine(today() - timedelta(days=days - 1), time.min, PARIS)
