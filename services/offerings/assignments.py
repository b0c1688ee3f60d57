"""Assignments of a session: which teacher is expected in which teaching unit, one by one or by file.  (R8)"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.offerings.refusals import NOT_ACCEPTED, SESSION_CANCELLED, UNIT_UNKNOWN
from shared.events import Event
from shared.events.offerings import TeacherAssigned, TeacherUnassigned
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


class Place(NamedTuple):
    """A teacher in a teaching unit."""

    unit: str
    teacher: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of the session from its offering."""

    session: UUID
    offering: UUID
    body: UUID
    units: tuple[str, ...]
    accepted: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class AssignTeachers:
    """These teachers are expected; `source` is the file they came in, if they came in one."""

    facts: SessionFacts
    places: tuple[Place, ...]
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class UnassignTeacher:
    """This teacher is no longer expected."""

    facts: SessionFacts
    place: Place


Command = AssignTeachers | UnassignTeacher


Change = TeacherAssigned | TeacherUnassigned


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assignments:
    """Who is assigned: the last change, and what was before it. Thousands come in a file: copying all at each change
    would cost their square."""

    change: Change | None = None
    before: "Assignments | None" = None

    def places(self) -> set[Place]:
        """Who is assigned after all changes."""
        places: set[Place] = set()
        for change in reversed(list(self._changes())):
            place = Place(change.unit_code, change.teacher_number)
            if isinstance(change, TeacherAssigned):
                places.add(place)
            else:
                places.discard(place)
        return places

    def _changes(self) -> Iterator[Change]:
        """The last first."""
        here: Assignments | None = self
        while here and here.change:
            yield here.change
            here = here.before


def decide(assignments: Assignments, command: Command) -> list[Event]:
    """Raises `Refused` for an unknown unit, or a session that takes no assignment."""
    facts = command.facts
    match command:
        case AssignTeachers():
            _check(facts, command.places)
            there = assignments.places()
            new = dict.fromkeys(place for place in command.places if place not in there)
            return [_assigned(facts, place, command.source) for place in new]
        case UnassignTeacher(place=place) if place in assignments.places():
            return [
                TeacherUnassigned(
                    offering_id=facts.offering,
                    session_id=facts.session,
                    body_id=facts.body,
                    unit_code=place.unit,
                    teacher_number=place.teacher,
                )
            ]
    return []


def _check(facts: SessionFacts, places: tuple[Place, ...]) -> None:
    if not facts.accepted:
        raise Refused(NOT_ACCEPTED)
    if facts.cancelled:
        raise Refused(SESSION_CANCELLED)
    for place in places:
        if place.unit not in facts.units:
            raise Refused(UNIT_UNKNOWN, unit=place.unit, units=", ".join(facts.units))


def _assigned(facts: SessionFacts, place: Place, source: UUID | None) -> Event:
    return TeacherAssigned(
        offering_id=facts.offering,
        session_id=facts.session,
        body_id=facts.body,
        unit_code=place.unit,
        teacher_number=place.teacher,
        import_id=source,
    )


def evolve(assignments: Assignments, event: Event) -> Assignments:
    """Total: what it does not need leaves the state as it is."""
    return Assignments(event, assignments) if isinstance(event, Change) else assignments


DECIDER = Decider(Assignments(), decide, evolve)
