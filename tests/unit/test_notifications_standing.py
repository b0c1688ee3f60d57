"""Where every dossier stands: after each event, in words, with who must act, whom to ask and the FAQ's answer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.facts import MOVING, NO_STANDING, Facts, Kind, dossier_of, folded, moved
from services.notifications.standing import NOTHING, STATES, Standing, standing_of
from shared.events import EVENTS, Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import offerings as o
from shared.events import registration as r
from shared.events.examples import EXAMPLES
from shared.events.examples.made_up import BODY, INVOICE, OFFERING, ORDER, REQUEST, SESSION, TICKET
from shared.runtime.refusal import ASSISTANCE, HEAD_OFFICE, MANAGEMENT, Contact

OFFICE = Contact("Bretagne", "contact.bretagne@formiris.org")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def of(event: type[Event], /, **changed: Any) -> Event:
    """The example of an event, but for what is changed."""
    return EXAMPLES[event].event.model_copy(update=changed)


OTHER_SESSION = UUID(int=9)
(PLANNED,) = EXAMPLES[o.OfferingSubmitted].event.sessions  # type: ignore[attr-defined]  # of an offering
OFFERED = of(
    o.OfferingSubmitted, sessions=(PLANNED, PLANNED.model_copy(update={"session_id": OTHER_SESSION}))
)
ACCEPTED = of(r.ReferencingAccepted, body_id=REQUEST)
SUSPENDED = of(r.TrainingBodySuspended, body_id=REQUEST, cause="decision")
MERGED = SUSPENDED.model_copy(update={"merged_into": UUID(int=6), "merged_into_name": "Institut"})
EXPIRED = of(r.TrainingBodySuspended, body_id=REQUEST, cause="qualiopi-expired")
INVOICED = of(i.InvoiceSubmitted, invoice_id=INVOICE, kind="380", number="F2026/0031")
CREDIT_NOTE = of(i.InvoiceSubmitted, invoice_id=UUID(int=7), kind="381", number="F2026/0039")
AGAIN = of(i.InvoiceSubmitted, invoice_id=UUID(int=8), kind="380", number="F2026/0040")
ORDERED = [OFFERED, of(o.OfferingAccepted), of(o.OrderIssued)]
SIGNED = [*ORDERED, of(o.OrderSigned)]
VALIDATED = [*SIGNED, of(a.CertificatesSubmitted), of(a.CertificatesValidated)]


def facts_after(events: Iterable[tuple[Event, datetime]]) -> dict[UUID, tuple[Kind, Facts]]:
    """Every dossier that these events move."""
    dossiers: dict[UUID, tuple[Kind, Facts]] = {}
    for event, at in events:
        for dossier, kind in moved(event):
            before = dossiers.get(dossier, (kind, Facts()))[1]
            dossiers[dossier] = (kind, folded(kind, dossier, before, event, at))
    return dossiers


def timed(events: Sequence[Event]) -> list[tuple[Event, datetime]]:
    """One a minute."""
    return [(event, NOON + timedelta(minutes=n)) for n, event in enumerate(events)]


def standing(dossier: UUID, *events: Event) -> Standing:
    """Where a dossier stands after these events."""
    found = standing_of(*facts_after(timed(events))[dossier])
    assert found is not None
    return found


LIFE: Sequence[tuple[UUID, Sequence[Event], str, str]] = [
    (REQUEST, [of(r.ReferencingRequested)], "requested", "office"),
    (REQUEST, [of(r.ReferencingRequested), of(r.ServiceProposalSent)], "proposed", "body"),
    (REQUEST, [of(r.ReferencingRequested), of(r.ReferencingSubmitted)], "submitted", "office"),
    (REQUEST, [of(r.ReferencingRequested), of(r.ReferencingRejected)], "rejected", "body"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED], "accepted", "nobody"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED, SUSPENDED], "suspended", "office"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED, MERGED], "merged", "nobody"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED, MERGED, of(r.TrainingBodyReinstated, body_id=REQUEST)],
     "accepted", "nobody"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED, EXPIRED],
     "qualiopi-expired", "body"),
    (REQUEST, [of(r.ReferencingRequested), ACCEPTED, SUSPENDED, of(r.TrainingBodyReinstated, body_id=REQUEST)],
     "accepted", "nobody"),
    (OFFERING, [OFFERED], "submitted", "office"),
    (OFFERING, [OFFERED, of(o.OfferingRejected)], "rejected", "body"),
    (OFFERING, [OFFERED, of(o.OfferingWithdrawn)], "withdrawn", "nobody"),
    (OFFERING, [OFFERED, of(o.OfferingAccepted)], "to-order", "office"),
    (OFFERING, ORDERED, "to-order", "office"),
    (OFFERING, [*ORDERED, of(o.SessionCancelled, session_id=OTHER_SESSION)], "ordered", "nobody"),
    (OFFERING, [*ORDERED, of(o.OrderCancelled), of(o.SessionCancelled, session_id=OTHER_SESSION)],
     "to-order", "office"),
    (OFFERING, [*ORDERED, of(o.SessionCancelled, session_id=OTHER_SESSION), of(o.SessionCancelled, session_id=SESSION)],
     "cancelled", "nobody"),
    (ORDER, [of(o.OrderIssued)], "issued", "body"),
    (ORDER, [of(o.OrderIssued), of(o.OrderSigned)], "signed", "nobody"),
    (ORDER, [of(o.OrderIssued), of(o.OrderSigned), of(o.OrderSignatureRefused)], "signature-refused", "body"),
    (ORDER, [of(o.OrderIssued), of(o.OrderSigned), of(o.OrderAmended)], "amended", "body"),
    (ORDER, [of(o.OrderIssued), of(o.OrderCancelled)], "cancelled", "nobody"),
    (SESSION, [OFFERED], "planned", "office"),
    (SESSION, [OFFERED, of(o.SessionRescheduled)], "planned", "office"),
    (SESSION, ORDERED, "to-sign", "body"),
    (SESSION, [*ORDERED, of(o.OrderSignatureRefused)], "to-sign-again", "body"),
    (SESSION, [*SIGNED, of(o.OrderAmended)], "amendment-to-sign", "body"),
    (SESSION, [*ORDERED, of(o.OrderCancelled)], "planned", "office"),
    (SESSION, SIGNED, "to-certify", "body"),
    (SESSION, [*SIGNED, of(o.SessionCancelled, session_id=SESSION)], "cancelled", "nobody"),
    (SESSION, [*SIGNED, of(a.CertificatesSubmitted)], "certificates-submitted", "office"),
    (SESSION, [*SIGNED, of(a.CertificatesSubmitted), of(a.CertificatesRejected)], "certificates-rejected", "body"),
    (SESSION, VALIDATED, "to-invoice", "body"),
    (SESSION, [*VALIDATED, INVOICED], "invoiced", "office"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceReturned)], "invoice-returned", "body"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceAccepted)], "to-pay", "office"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoicePaid, invoice_id=INVOICE)], "paid", "nobody"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceRejected)], "to-invoice-again", "body"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceAmendmentRequested)], "amendment-requested", "office"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceAmendmentGranted)], "amendment-granted", "body"),
    (SESSION, [*VALIDATED, INVOICED, CREDIT_NOTE, of(i.InvoiceCredited)], "to-invoice-again", "body"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceRejected), AGAIN], "invoiced", "office"),
    (SESSION, [*VALIDATED, INVOICED, of(i.InvoiceSubmitted), of(i.InvoiceCorrected)], "invoiced", "office"),
    (INVOICE, [INVOICED], "submitted", "office"),
    (INVOICE, [INVOICED, of(i.InvoiceAccepted)], "accepted", "office"),
    (INVOICE, [INVOICED, of(i.InvoiceRejected)], "rejected", "nobody"),
    (INVOICE, [INVOICED, of(i.InvoiceReturned)], "suspended", "body"),
    (INVOICE, [INVOICED, of(i.InvoiceReturned, kind="to-recycle")], "to-recycle", "body"),
    (INVOICE, [INVOICED, of(i.InvoiceReturned), of(i.InvoiceResumed)], "submitted", "office"),
    (INVOICE, [INVOICED, of(i.InvoiceAmendmentRequested)], "amendment-requested", "office"),
    (INVOICE, [INVOICED, of(i.InvoiceAccepted), of(i.InvoiceAmendmentRequested), of(i.InvoiceAmendmentRefused)],
     "accepted", "office"),
    (INVOICE, [INVOICED, of(i.InvoiceAmendmentRequested), of(i.InvoiceAmendmentGranted)], "amendment-granted", "body"),
    (INVOICE, [INVOICED, of(i.InvoiceAmendmentGranted), of(i.InvoiceCorrected)], "corrected", "nobody"),
    (INVOICE, [INVOICED, of(i.InvoiceAmendmentGranted), of(i.InvoiceCredited)], "credited", "nobody"),
    (INVOICE, [INVOICED, of(i.InvoicePaid, invoice_id=INVOICE)], "paid", "nobody"),
    (CREDIT_NOTE.invoice_id, [CREDIT_NOTE], "credit-note", "nobody"),  # type: ignore[attr-defined]
    (TICKET, [of(r.AssistanceRequested)], "requested", "assistance"),
    (TICKET, [of(r.AssistanceRequested), of(r.AssistanceIdentityChecked)], "checked", "assistance"),
    (TICKET, [of(r.AssistanceRequested), of(r.AssistanceResolved)], "resolved", "nobody"),
]  # fmt: skip


@pytest.mark.parametrize(("dossier", "events", "state", "holder"), LIFE)
def test_where_a_dossier_stands(dossier: UUID, events: Sequence[Event], state: str, holder: str) -> None:
    """Each step of a dossier's life leads to the state that domain.md implies, and names who acts next."""
    found = standing(dossier, *events)
    assert (found.state, found.line.holder) == (state, holder)
    told = found.told(str(dossier), OFFICE)
    for part in ("sentence", "unblocks", "link", "holder"):
        assert told[part].strip(), part
        assert "{" not in told[part], part
    assert " : ." not in told["sentence"], "reasons are said"
    assert told["contact"]["email"]
    assert told["faq"]["link"].startswith("/aide#")


def test_every_event_moves_a_dossier_or_is_known_not_to() -> None:
    """A new event of another context is not forgotten."""
    others = {event for event in EVENTS if ".notifications." not in event.wire}
    assert MOVING | NO_STANDING.keys() == others
    assert not MOVING & NO_STANDING.keys()


def test_every_moving_event_and_every_state_is_in_a_life() -> None:
    """Nothing of the table is left untried."""
    assert {type(event) for _, events, _, _ in LIFE for event in events} >= MOVING
    reached = {(standing(dossier, *events).kind, state) for dossier, events, state, _ in LIFE}
    assert reached == STATES.keys()


def test_a_state_that_nobody_holds_waits_for_nothing() -> None:
    """And one that somebody holds says what is awaited."""
    for place, line in STATES.items():
        assert (line.holder == "nobody") == line.unblocks.startswith(NOTHING.rstrip(".")), place


def test_since_when_is_the_moment_of_the_event_that_moved_it() -> None:
    """Whatever else happened to the dossier since."""
    assert standing(SESSION, *SIGNED).since == (NOON + timedelta(minutes=3)).isoformat()
    assert (
        standing(SESSION, *SIGNED, of(o.SessionRescheduled)).since
        == (NOON + timedelta(minutes=3)).isoformat()
    )


@pytest.mark.parametrize(
    ("perimeter", "event", "office", "whom"),
    [
        ("regional", INVOICED, OFFICE, OFFICE),
        ("regional", INVOICED, None, HEAD_OFFICE),
        ("national", INVOICED, OFFICE, MANAGEMENT),
        ("national", OFFERED, OFFICE, HEAD_OFFICE),
        ("regional", OFFERED, OFFICE, OFFICE),
    ],
)
def test_whom_to_ask(perimeter: str, event: Event, office: Contact | None, whom: Contact) -> None:
    """By perimeter: the association of the territory, or the head office (R1); of an invoice, the management (R11)."""
    event = event.model_copy(update={"perimeter": perimeter})
    dossier = dossier_of(event)
    assert dossier
    assert standing(dossier, event).contact(office) == whom


def test_a_request_is_asked_about_where_it_was_routed() -> None:
    """The office that the event names (R1); an assistance ticket, Assistance (R4)."""
    requested = of(r.ReferencingRequested)
    assert standing(REQUEST, requested).contact(None).email == requested.office.email  # type: ignore[attr-defined]
    assert standing(TICKET, of(r.AssistanceRequested)).contact(OFFICE) == ASSISTANCE


def test_a_dossier_shows_nothing_before_the_event_that_founds_it() -> None:
    """Contexts are heard apart: an order may be signed before its session is known."""
    facts = facts_after(
        timed([of(o.OrderIssued), of(o.OrderSigned), of(a.CertificatesValidated), of(i.InvoiceAccepted)])
    )
    assert standing_of(*facts[SESSION]) is None
    assert standing_of(*facts[INVOICE]) is None
    assert standing_of(*facts[OFFERING]) is None
    assert standing_of(*facts_after(timed([SUSPENDED]))[REQUEST]) is None


def test_what_people_are_told_names_the_dossier_it_is_about() -> None:
    """So that whoever reads an alert or an e-mail finds where it stands."""
    assert dossier_of(of(a.CertificatesValidated)) == SESSION
    assert dossier_of(of(o.OrderSigned)) == ORDER
    assert dossier_of(of(r.AccountCodesReissued)) == BODY


STREAMS = [
    [of(r.ReferencingRequested), of(r.ReferencingSubmitted), ACCEPTED],
    [SUSPENDED, of(r.TrainingBodyReinstated, body_id=REQUEST)],
    [OFFERED, of(o.OfferingAccepted), of(o.SessionRescheduled),
     of(o.SessionCancelled, session_id=OTHER_SESSION)],
    [of(o.OrderIssued), of(o.OrderSigned), of(o.OrderSignatureRefused), of(o.OrderSigned)],
    [of(a.CertificatesSubmitted), of(a.CertificatesRejected), of(a.CertificatesSubmitted), of(a.CertificatesValidated)],
    [INVOICED, of(i.InvoiceAmendmentRequested), of(i.InvoiceAmendmentGranted), of(i.InvoiceCredited)],
    [CREDIT_NOTE], [AGAIN, of(i.InvoiceAccepted, invoice_id=UUID(int=8))],
]  # fmt: skip
HAPPENED = {
    (stream, place): NOON + timedelta(minutes=10 * place + stream)
    for stream, events in enumerate(STREAMS)
    for place in range(len(events))
}


@settings(max_examples=60, deadline=None)
@given(st.permutations([stream for stream, events in enumerate(STREAMS) for _ in events]))
def test_a_dossier_stands_the_same_in_whatever_order_contexts_are_heard(heard: list[int]) -> None:
    """Within a stream there is an order, between streams none: what is shown depends on what was heard, not on when."""
    places = {stream: iter(range(len(events))) for stream, events in enumerate(STREAMS)}
    events = []
    for stream in heard:
        place = next(places[stream])
        events.append((STREAMS[stream][place], HAPPENED[stream, place]))
    calm = [(STREAMS[stream][place], at) for (stream, place), at in sorted(HAPPENED.items())]
    assert facts_after(events) == facts_after(calm)


def test_who_must_act_has_the_dossier_in_a_queue_once() -> None:
    """While an order is to be signed the order is in the queue, not its session too; and so on along the life."""
    life = [*VALIDATED, INVOICED, of(i.InvoiceAccepted), of(i.InvoicePaid, invoice_id=INVOICE)]
    for done, _ in pairwise(range(1, len(life) + 1)):
        dossiers = facts_after(timed(life[:done]))
        standings = {each: standing_of(*facts) for each, facts in dossiers.items()}
        leading = [each for each, found in standings.items() if found and found.leads and each != OFFERING]
        assert len(leading) <= 1, done
