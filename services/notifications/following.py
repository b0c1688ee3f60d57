"""Who of Formiris follows a dossier, who is away, and what was read or taken away.  (M1, M6, U1)

Streams: `follow-<dossier>`, `absence-<manager>`, `reading-<dossier>`, `export-<export id>`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.notifications.refusals import ABSENCE_REVERSED, REPLACES_THEMSELF
from shared.events import Event
from shared.events.notifications import AbsenceDeclared, DossierEntrusted, DossierRead, ListExported
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused

What = Literal["dossier", "history", "extract"]


@dataclass(frozen=True, slots=True)
class Entrust:
    """`to` None: nobody follows it any more."""

    dossier: UUID
    to: str | None
    note: str | None
    by: str


@dataclass(frozen=True, slots=True)
class DeclareAbsence:
    manager: str
    starts_on: date
    ends_on: date
    replacement: str | None
    by: str


@dataclass(frozen=True, slots=True)
class NoteReading:
    dossier: UUID
    what: What
    by: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class NoteExport:
    export: UUID
    address: str
    rows: int
    by: str


Command = Entrust | DeclareAbsence | NoteReading | NoteExport


@dataclass(frozen=True, slots=True)
class Last:
    """What the stream last said; a reading and an export are said whatever was said before."""

    event: Event | None = None


def decide(last: Last, command: Command) -> list[Event]:
    """Raises `Refused` for an absence that ends before it begins, or that its own person replaces."""
    match command:
        case Entrust():
            event: Event = DossierEntrusted(
                dossier_id=command.dossier, to=command.to, note=command.note, entrusted_by=command.by
            )
            said = last.event
            before = (said.to, said.note) if isinstance(said, DossierEntrusted) else (None, None)
            return [] if before == (command.to, command.note) else [event]
        case DeclareAbsence():
            event = _absence(command)
            return [] if _same(event, last.event) else [event]
        case NoteReading():
            return [
                DossierRead(
                    dossier_id=command.dossier, what=command.what, read_by=command.by, digest=command.digest
                )
            ]
        case NoteExport():
            return [
                ListExported(
                    export_id=command.export,
                    address=command.address,
                    rows=command.rows,
                    exported_by=command.by,
                )
            ]


def _absence(command: DeclareAbsence) -> AbsenceDeclared:
    if command.ends_on < command.starts_on:
        raise Refused(ABSENCE_REVERSED, missing=[Missing("ends_on", "Dernier jour d'absence")])
    if command.replacement == command.manager:
        raise Refused(REPLACES_THEMSELF, missing=[Missing("replacement", "Remplacé par")])
    return AbsenceDeclared(
        manager=command.manager, starts_on=command.starts_on, ends_on=command.ends_on,
        replacement=command.replacement, declared_by=command.by,
    )  # fmt: skip


def _same(absence: AbsenceDeclared, last: Event | None) -> bool:
    """Whoever declares it."""
    return isinstance(last, AbsenceDeclared) and last == absence.model_copy(
        update={"declared_by": last.declared_by}
    )


def evolve(_last: Last, event: Event) -> Last:
    """Total: the last word counts."""
    return Last(event)


DECIDER = Decider(Last(), decide, evolve)
