"""The invoicing of one session: at most one live invoice holds it at a time.

Stream: `invoicing-<session id>`. Written together with the invoice's own stream, all or nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from services.invoicing.pages import page_of
from services.invoicing.refusals import ALREADY_INVOICED
from shared.events import Event
from shared.events.invoicing import SessionInvoicingClaimed, SessionInvoicingReleased
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


@dataclass(frozen=True, slots=True)
class ClaimSession:
    """`instead_of`: the invoice that this one corrects."""

    session: UUID
    body: UUID
    invoice: UUID
    number: str
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReleaseSession:
    invoice: UUID


Command = ClaimSession | ReleaseSession


@dataclass(frozen=True, slots=True)
class Claim:
    """`held`: by which invoice, while one does."""

    held: SessionInvoicingClaimed | None = None


def decide(claim: Claim, command: Command) -> list[Event]:
    """Raises `Refused` when another invoice holds the session."""
    holder = claim.held.invoice_id if claim.held else None
    match claim, command:
        case Claim(), ClaimSession(invoice=invoice) if invoice == holder:
            return []
        case Claim(held=SessionInvoicingClaimed() as held), ClaimSession() if holder != command.instead_of:
            raise Refused(ALREADY_INVOICED, link=page_of(held.invoice_id), number=held.number)
        case Claim(), ClaimSession():
            return [
                SessionInvoicingClaimed(
                    session_id=command.session, body_id=command.body,
                    invoice_id=command.invoice, number=command.number,
                )
            ]  # fmt: skip
        case Claim(held=SessionInvoicingClaimed() as held), ReleaseSession() if holder == command.invoice:
            return [
                SessionInvoicingReleased(
                    session_id=held.session_id, body_id=held.body_id,
                    invoice_id=held.invoice_id, number=held.number,
                )
            ]  # fmt: skip
        case _:
            return []


def evolve(claim: Claim, event: Event) -> Claim:
    match event:
        case SessionInvoicingClaimed():
            return Claim(event)
        case SessionInvoicingReleased():
            return Claim()
        case _:
            return claim


DECIDER = Decider(Claim(), decide, evolve)
