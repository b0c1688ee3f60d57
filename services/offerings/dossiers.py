"""Offerings, sessions and orders as they are now, for whoever may see them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.offerings import assignments, offering, order
from services.offerings.assignments import Place, SessionFacts
from services.offerings.forms import as_typed, deadline
from services.offerings.steps import to_sign_again
from services.offerings.terms import order_id
from services.offerings.views import SQL
from shared.events import Clear, Sealed
from shared.events.offerings import OfferingSubmitted, Session
from shared.events.parts import Reason
from shared.runtime.auth import Principal
from shared.runtime.contacts import ASSISTANCE
from shared.runtime.dossier import dossier
from shared.runtime.drafts import Draft, Drafts, Kept
from shared.runtime.form import Values
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, NOT_FOUND
from shared.runtime.service import Runtime
from shared.runtime.territories import Territories
from shared.runtime.typed import PinnedReason

CONTEXT = "offerings"


@dataclass(frozen=True, slots=True)
class Offered:
    """An offering that the caller may see."""

    id: UUID
    state: offering.Offering
    form: OfferingSubmitted
    version: int
    correlation: str


async def offering_of(runtime: Runtime, id: UUID, principal: Principal) -> Offered:
    """An offering as it is now. Raises `Refused` when the caller may not see it."""
    found = await dossier(runtime, offering.DECIDER, f"offering-{id}")
    form = found.state.form
    if form is None:
        raise Refused(NOT_FOUND)
    principal.check(str(form.body_id), form.territory)
    return Offered(id, found.state, form, found.version, found.correlation)


@dataclass(frozen=True, slots=True)
class OfferedSession:
    """A session, in its offering."""

    offered: Offered
    session: Session

    @property
    def facts(self) -> SessionFacts:
        """What assignments need to know of it."""
        state, form = self.offered.state, self.offered.form
        return SessionFacts(
            self.session.session_id,
            form.offering_id,
            form.body_id,
            tuple(unit.code for unit in self.session.units),
            state.status == "accepted",
            self.cancelled,
        )

    @property
    def cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.session.session_id in self.offered.state.cancelled


async def session_of(runtime: Runtime, id: UUID, principal: Principal) -> OfferedSession:
    """A session as it is now. Raises `Refused` when the caller may not see it."""
    offering_id = await runtime.pool.fetchval(SQL.offering_of_session, id)
    if offering_id is None:
        raise Refused(NOT_FOUND)
    offered = await offering_of(runtime, offering_id, principal)
    if id not in offered.state.sessions:
        raise Refused(NOT_FOUND)
    return OfferedSession(offered, offered.state.sessions[id])


async def places_of(runtime: Runtime, session: UUID) -> Sequence[Place]:
    """Who is assigned to a session now."""
    found = await dossier(runtime, assignments.DECIDER, f"assignments-{session}")
    return sorted(found.state.places())


@dataclass(frozen=True, slots=True)
class SessionOrder:
    """An order of a session; at version 0, the one that would come next."""

    id: UUID
    state: order.Order
    version: int
    made_by: UUID | None


async def orders_of(runtime: Runtime, session: UUID) -> list[SessionOrder]:
    """A session's orders: cancelled ones, then the one in force, or the one that would come next."""
    found: list[SessionOrder] = []
    while not found or found[-1].state.status == "cancelled":
        following = order_id(session, len(found) + 1)
        its = await dossier(runtime, order.DECIDER, f"order-{following}")
        found.append(SessionOrder(following, its.state, its.version, its.made_by))
    return found


def reasons(given: Sequence[str | PinnedReason]) -> tuple[Reason, ...]:
    """Reasons as events carry them."""
    return tuple(
        Reason(text=each) if isinstance(each, str) else Reason(text=each.text, field=each.field)
        for each in given
    )


def signed_again(state: order.Order) -> dict[str, Any] | None:
    """What of an order must be signed once more, by whom and why."""
    if state.terms is None:
        return None
    texts = [reason.text for reason in state.reasons]
    return to_sign_again(state.status, state.amendment, texts, state.terms.document_hash)


@contextmanager
def held_by_office(runtime: Runtime, territory: str | None) -> Iterator[None]:
    """A refusal whose next step is Formiris's names the office that has it, not Assistance."""
    try:
        yield
    except Refused as refused:
        if refused.holder == FORMIRIS and refused.contact == ASSISTANCE:
            known: Territories = runtime.own
            refused.contact = known.office(territory, today())
        raise


def drafts(runtime: Runtime) -> Drafts:
    """The offering forms that were typed and not submitted."""
    return Drafts(runtime.pool, runtime.keyring, deadline)


async def keep(
    runtime: Runtime, id: UUID, fields: Values, revisions: Mapping[str, int] | None, principal: Principal
) -> Kept:
    """Keeps what was typed; the draft of a rejected offering starts from what was submitted."""
    held, body = drafts(runtime), UUID(principal.body)
    person, by, now = f"trainers-{id}", f"{principal.role}:{principal.subject}", datetime.now(UTC)
    if await held.read(id) is None and (submitted := await _rejected(runtime, id, principal)):
        await held.keep(id, person, await retyped(runtime, submitted), None, by, now, body=body)
    return await held.keep(id, person, fields, revisions, by, now, body=body)


async def draft_of(runtime: Runtime, id: UUID, principal: Principal) -> Draft:
    """A draft of the caller's body; of a rejected offering without one, the form as it was submitted.

    Raises `Refused` when there is neither.
    """
    draft = await drafts(runtime).read(id)
    if draft and str(draft.body) == principal.body:
        return draft
    submitted = None if draft else await _rejected(runtime, id, principal)
    if submitted is None:
        raise Refused(NOT_FOUND)
    return Draft(await retyped(runtime, submitted))


async def _rejected(runtime: Runtime, id: UUID, principal: Principal) -> OfferingSubmitted | None:
    found = await dossier(runtime, offering.DECIDER, f"offering-{id}")
    form = found.state.form
    if (
        form is None
        or found.state.status != "rejected"
        or not principal.sees(str(form.body_id), form.territory)
    ):
        return None
    return form


async def retyped(runtime: Runtime, form: OfferingSubmitted) -> Values:
    """A submitted form as a person would fill it in again."""
    sealed = form.trainers if isinstance(form.trainers, Sealed) else None
    return as_typed(form, await revealed(runtime, sealed))


async def revealed(runtime: Runtime, sealed: Sealed | None) -> str | None:
    """What was sealed; None once the person was erased."""
    clear = (await runtime.keyring.reveal([sealed]))[sealed] if sealed else None
    return clear.value if isinstance(clear, Clear) else None
