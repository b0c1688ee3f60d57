"""Invoice: submitted once, decided or sent back, paid; changed only by a corrective invoice or a credit note.

R9, R11. Stream: `invoice-<invoice id>`, where the id is made from the body and the number: a number taken is a
stream that exists. What an invoice rests on (order, validated certificates) comes with the command.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from services.invoicing import refusals, vat
from services.invoicing.billable import check_billable
from services.invoicing.billing import (
    PAYMENT_DAYS,
    PAYMENT_DAYS_AT_MOST,
    Billing,
    due_on_basis,
    euros,
    french,
)
from services.invoicing.pages import page_of
from services.invoicing.paying import recalls
from services.invoicing.returns import KINDS
from shared.events import Event
from shared.events.invoicing import (
    InvoiceAccepted,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceAmendmentRequested,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
    InvoiceReference,
    InvoiceRejected,
    InvoiceResumed,
    InvoiceReturned,
    InvoiceSubmitted,
    Seller,
    VatMention,
)
from shared.events.parts import Office, Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, THE_BODY

Remedy = Literal["corrective-invoice", "credit-note"]
ReturnedKind = Literal["to-recycle", "suspended"]
RETURNED: Mapping[str, str] = {"to-recycle": "à recycler", "suspended": "suspendue"}


@dataclass(frozen=True, slots=True)
class SubmitInvoice:
    """`due_on` and `vat_mention` follow from the date when not given; `document`: sha256 of a deposited invoice.

    `remarks`: what was noticed in it without refusing it.
    """

    invoice: UUID
    number: str
    billing: Billing
    issued_on: date
    by: str
    today: date
    due_on: date | None = None
    vat_mention: VatMention | None = None
    document: str | None = None
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmitReplacement:
    """A corrective invoice (384) with its new amount, or a credit note (381) of the whole."""

    invoice: UUID
    number: str
    kind: Literal["384", "381"]
    original: InvoiceSubmitted
    amendment: UUID
    issued_on: date
    amount: Decimal
    by: str
    today: date
    seller: Seller | None = None


@dataclass(frozen=True, slots=True)
class ReplaceInvoice:
    """To the invoice that is corrected (384) or credited (381): by which other one."""

    kind: Literal["384", "381"]
    by_invoice: UUID
    by_number: str
    amount: Decimal
    amendment: UUID | None


@dataclass(frozen=True, slots=True)
class AcceptInvoice:
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class RejectInvoice:
    reasons: tuple[Reason, ...]
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class ReturnInvoice:
    kind: ReturnedKind
    reasons: tuple[Reason, ...]
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class ResumeInvoice:
    """What was missing is here: an answer, the same invoice deposited anew, or a paper beside it."""

    by: str
    today: date
    answer: str | None = None
    document: str | None = None
    supplement: str | None = None


@dataclass(frozen=True, slots=True)
class PayInvoice:
    reference: str
    paid_on: date
    today: date


@dataclass(frozen=True, slots=True)
class RequestAmendment:
    amendment: UUID
    office: Office
    wish: str
    by: str


@dataclass(frozen=True, slots=True)
class GrantAmendment:
    remedy: Remedy
    by: str


@dataclass(frozen=True, slots=True)
class RefuseAmendment:
    reasons: tuple[Reason, ...]
    by: str


Submission = SubmitInvoice | SubmitReplacement
Decision = AcceptInvoice | RejectInvoice | ReturnInvoice | PayInvoice
Amending = RequestAmendment | GrantAmendment | RefuseAmendment | ReplaceInvoice
Command = Submission | Decision | ResumeInvoice | Amending


@dataclass(frozen=True, slots=True)
class Invoice:
    """`last` is the event that gave the status; `amendment` the last step of the last request for a change."""

    status: Literal[
        "none", "submitted", "returned", "accepted", "rejected", "corrected", "credited", "paid"
    ] = "none"  # fmt: skip
    submitted: InvoiceSubmitted | None = None
    last: Event | None = None
    amendment: InvoiceAmendmentRequested | InvoiceAmendmentGranted | InvoiceAmendmentRefused | None = None


def decide(invoice: Invoice, command: Command) -> list[Event]:
    """Raises `Refused`."""
    match invoice.submitted, command:
        case None, SubmitInvoice():
            return [_submission(command)]
        case None, SubmitReplacement():
            return [_replacement(command)]
        case None, _:
            raise Refused(refusals.NOT_SUBMITTED)
        case InvoiceSubmitted() as submitted, SubmitInvoice() | SubmitReplacement():
            return _submitted_again(invoice, submitted, command)
        case InvoiceSubmitted(kind="381", number=number), _:
            raise Refused(refusals.CREDIT_NOTE_FINAL, number=number)
        case (
            InvoiceSubmitted() as submitted,
            AcceptInvoice() | RejectInvoice() | ReturnInvoice() | PayInvoice(),
        ):
            return _decided(invoice, submitted, command)
        case InvoiceSubmitted() as submitted, ResumeInvoice():
            return _resumed(invoice, submitted, command)
        case InvoiceSubmitted() as submitted, ReplaceInvoice():
            return _replaced(invoice, submitted, command)
        case InvoiceSubmitted() as submitted, _:
            return _amended(invoice, submitted, command)
    raise AssertionError(command)


def evolve(invoice: Invoice, event: Event) -> Invoice:
    match event:
        case InvoiceSubmitted():
            return Invoice("submitted", event, event)
        case InvoiceAmendmentRequested() | InvoiceAmendmentGranted() | InvoiceAmendmentRefused():
            return replace(invoice, amendment=event)
        case InvoiceAccepted():
            return replace(invoice, status="accepted", last=event)
        case InvoiceRejected():
            return replace(invoice, status="rejected", last=event)
        case InvoiceReturned():
            return replace(invoice, status="returned", last=event)
        case InvoiceResumed():
            return replace(invoice, status="submitted", last=event)
        case InvoiceCorrected():
            return replace(invoice, status="corrected", last=event)
        case InvoiceCredited():
            return replace(invoice, status="credited", last=event)
        case InvoicePaid():
            return replace(invoice, status="paid", last=event)
        case _:
            return invoice


DECIDER = Decider(Invoice(), decide, evolve)


def _submission(command: SubmitInvoice) -> InvoiceSubmitted:
    billing, issued_on = command.billing, command.issued_on
    due = check_billable(billing)
    order = billing.order
    assert order is not None  # noqa: S101 - check_billable refused; this is for the type checker
    _check_dated(issued_on, billing.ends_on or issued_on, command.today)
    if billing.seller is None and command.document is None:
        lacking = ", ".join(each.label for each in billing.lacking)
        raise Refused(refusals.SELLER_UNKNOWN, missing=billing.lacking, lacking=lacking)
    return InvoiceSubmitted(
        invoice_id=command.invoice, number=command.number, kind="380", body_id=billing.body,
        body_name=billing.body_name, offering_id=billing.offering, session_id=billing.session,
        order_id=order.id, order_number=order.number, perimeter=order.perimeter, territory=order.territory,
        amount=due.amount, currency="EUR", basis=due.basis, issued_on=issued_on,
        due_on=_due_on(command), vat_mention=_vat_mention(command),
        origin="deposited" if command.document else "generated", submitted_by=command.by,
        document_hash=command.document, seller=billing.seller,
        vat=vat.share_of(due.amount) if billing.liable else None, title=billing.title,
        starts_on=billing.starts_on, ends_on=billing.ends_on, remarks=command.remarks or None,
    )  # fmt: skip


def _check_dated(issued_on: date, earliest: date, today: date) -> None:
    if not earliest <= issued_on <= today:
        raise Refused(refusals.INVOICE_DATE, issued_on=french(issued_on), earliest=french(earliest))


def due_on(billing: Billing, issued_on: date, asked: date | None) -> date:
    """30 days after the invoice unless the order or the body says otherwise."""
    return asked or issued_on + timedelta(days=billing.order.payment_days if billing.order else PAYMENT_DAYS)


def _due_on(command: SubmitInvoice) -> date:
    """60 days after the invoice at most."""
    issued_on = command.issued_on
    due = due_on(command.billing, issued_on, command.due_on)
    latest = issued_on + timedelta(days=PAYMENT_DAYS_AT_MOST)
    if not issued_on <= due <= latest:
        raise Refused(
            refusals.DUE_DATE, due_on=french(due), issued_on=french(issued_on),
            days=PAYMENT_DAYS_AT_MOST, latest=french(latest),
        )  # fmt: skip
    return due


def _vat_mention(command: SubmitInvoice) -> VatMention:
    expected = vat.mention_on(command.issued_on)
    given = command.vat_mention or expected.code
    if not vat.fits(given, command.issued_on):
        raise Refused(
            refusals.VAT_MENTION, given=given, issued_on=french(command.issued_on), expected=expected.words
        )
    return given


def _replacement(command: SubmitReplacement) -> InvoiceSubmitted:
    original = command.original
    _check_dated(command.issued_on, original.issued_on, command.today)
    ceiling = due_on_basis(original.basis) if original.basis else original.amount
    if command.amount > ceiling:
        raise Refused(refusals.AMOUNT_ABOVE_DUE, amount=euros(command.amount), ceiling=euros(ceiling))
    reference = InvoiceReference(
        invoice_id=original.invoice_id, number=original.number, issued_on=original.issued_on
    )
    return original.model_copy(
        update={
            "invoice_id": command.invoice, "number": command.number, "kind": command.kind,
            "amount": command.amount, "basis": original.basis if command.kind == "384" else None,
            "issued_on": command.issued_on, "due_on": command.issued_on + timedelta(days=PAYMENT_DAYS),
            "vat_mention": vat.mention_on(command.issued_on).code, "origin": "generated",
            "submitted_by": command.by, "references": (reference,), "amendment_id": command.amendment,
            "document_hash": None, "remarks": None, "seller": command.seller or original.seller,
            "vat": vat.share_of(command.amount, original.vat.rate) if original.vat else None,
        }
    )  # fmt: skip


def _submitted_again(invoice: Invoice, submitted: InvoiceSubmitted, command: Submission) -> list[Event]:
    """The same invoice once more changes nothing; anything else wants a number that is taken."""
    match command:
        case SubmitInvoice(billing=billing, issued_on=issued_on):
            same = (submitted.kind, submitted.session_id, submitted.issued_on) == (
                "380",
                billing.session,
                issued_on,
            )
            same = same and submitted.due_on == _due_on(command)
        case SubmitReplacement(kind=kind, amendment=amendment, amount=amount):
            same = (submitted.kind, submitted.amendment_id, submitted.amount) == (kind, amendment, amount)
    if same and invoice.status not in ("rejected", "corrected", "credited"):
        return []
    raise number_taken(submitted.number, submitted.invoice_id)


def number_taken(number: str, by: UUID) -> Refused:
    """The refusal of a number that another invoice of the body bears, with a link to it."""
    return Refused(refusals.NUMBER_TAKEN, link=page_of(by), number=number)


def _decided(invoice: Invoice, submitted: InvoiceSubmitted, command: Decision) -> list[Event]:
    if _already(invoice, command):
        return []
    _check_live(invoice, submitted)
    _check_no_amendment(invoice, submitted)
    match invoice.status, command:
        case "submitted", AcceptInvoice():
            return [_acceptance(submitted, command)]
        case "submitted" | "returned", RejectInvoice():
            return [_rejection(submitted, command)]
        case "submitted" | "returned", ReturnInvoice():
            return [_return(submitted, command)]
        case "accepted", PayInvoice():
            return [_payment(submitted, command)]
        case "accepted", _:
            raise Refused(refusals.ALREADY_ACCEPTED, number=submitted.number)
        case "returned", _:
            raise returned(invoice, submitted)
        case _:
            raise Refused(refusals.NOT_ACCEPTED, number=submitted.number)


def _already(invoice: Invoice, command: Decision) -> bool:
    """Whether exactly this was decided last."""
    match invoice.last, command:
        case InvoiceAccepted(), AcceptInvoice():
            return True
        case InvoiceRejected(reasons=reasons), RejectInvoice():
            return reasons == command.reasons
        case InvoiceReturned(kind=kind, reasons=reasons), ReturnInvoice():
            return (kind, reasons) == (command.kind, command.reasons)
        case InvoicePaid(reference=reference, paid_on=paid_on), PayInvoice():
            return (reference, paid_on) == (command.reference, command.paid_on)
        case _:
            return False


def returned(invoice: Invoice, submitted: InvoiceSubmitted) -> Refused:
    """The refusal of whatever waits for the body's answer."""
    last = invoice.last
    assert isinstance(last, InvoiceReturned)  # noqa: S101 - the status says so; this is for the type checker
    return Refused(
        refusals.RETURNED, link=page_of(submitted.invoice_id), number=submitted.number,
        standing=RETURNED[last.kind], since=french(last.returned_on), what_to_do=KINDS[last.kind].what_to_do,
    )  # fmt: skip


def _resumed(invoice: Invoice, submitted: InvoiceSubmitted, command: ResumeInvoice) -> list[Event]:
    _check_live(invoice, submitted)
    if command.document and submitted.origin == "generated":
        raise Refused(refusals.GENERATED, number=submitted.number)
    match invoice.last:
        case InvoiceReturned() as last:
            return [_resumption(submitted, last, command)]
        case InvoiceResumed() as last if (last.answer, last.document_hash, last.supplement_hash) == (
            command.answer,
            command.document,
            command.supplement,
        ):
            return []
        case _:
            raise Refused(refusals.NOT_RETURNED, number=submitted.number)


def _amended(invoice: Invoice, submitted: InvoiceSubmitted, command: Amending) -> list[Event]:
    _check_live(invoice, submitted)
    match invoice.amendment, command:
        case InvoiceAmendmentRequested(wish=wish), RequestAmendment() if wish == command.wish:
            return []
        case InvoiceAmendmentRequested() | InvoiceAmendmentGranted(), RequestAmendment():
            _check_no_amendment(invoice, submitted)
        case _, RequestAmendment():
            return [_request(submitted, command)]
        case InvoiceAmendmentRequested() as request, GrantAmendment():
            return [InvoiceAmendmentGranted(**_of(request), remedy=command.remedy, granted_by=command.by)]
        case InvoiceAmendmentGranted(remedy=remedy), GrantAmendment() if remedy == command.remedy:
            return []
        case InvoiceAmendmentRequested() | InvoiceAmendmentGranted() as request, RefuseAmendment():
            return [InvoiceAmendmentRefused(**_of(request), reasons=command.reasons, refused_by=command.by)]
        case InvoiceAmendmentRefused(reasons=reasons), RefuseAmendment() if reasons == command.reasons:
            return []
    raise Refused(refusals.NO_AMENDMENT, number=submitted.number)


def _replaced(invoice: Invoice, submitted: InvoiceSubmitted, command: ReplaceInvoice) -> list[Event]:
    match invoice.last:
        case InvoiceCorrected(by_invoice_id=by) | InvoiceCredited(by_invoice_id=by) if (
            by == command.by_invoice
        ):
            return []
    _check_live(invoice, submitted)
    granted = invoice.amendment
    if not isinstance(granted, InvoiceAmendmentGranted) or granted.amendment_id != command.amendment:
        raise _not_granted(submitted, granted)
    if granted.remedy != _REMEDIES[command.kind]:
        standing = _GRANTED[granted.remedy]
        raise Refused(refusals.NOT_GRANTED, holder=THE_BODY, number=submitted.number, standing=standing)
    named = _identity(submitted) | {"by_invoice_id": command.by_invoice, "by_number": command.by_number}
    if command.kind == "381":
        return [InvoiceCredited(**named, amount=command.amount)]
    return [InvoiceCorrected(**named, amount=command.amount, amount_before=submitted.amount)]


_REMEDIES: Mapping[str, Remedy] = {"384": "corrective-invoice", "381": "credit-note"}
_GRANTED: Mapping[Remedy, str] = {
    "corrective-invoice": "Formiris a accordé une facture rectificative, et non un avoir.",
    "credit-note": "Formiris a accordé un avoir, et non une facture rectificative.",
}


def _not_granted(submitted: InvoiceSubmitted, asked: Event | None) -> Refused:
    standing, holder = "Elle reste à demander.", THE_BODY
    if isinstance(asked, InvoiceAmendmentRequested):
        standing, holder = "Elle est demandée et attend la décision de Formiris.", FORMIRIS
    return Refused(refusals.NOT_GRANTED, holder=holder, number=submitted.number, standing=standing)


def _check_live(invoice: Invoice, submitted: InvoiceSubmitted) -> None:
    closed = {
        "rejected": "rejetée",
        "corrected": "rectifiée",
        "credited": "annulée par un avoir",
        "paid": "payée",
    }
    if invoice.status in closed:
        raise Refused(refusals.NOT_LIVE, number=submitted.number, status=closed[invoice.status])


def _check_no_amendment(invoice: Invoice, submitted: InvoiceSubmitted) -> None:
    match invoice.amendment:
        case InvoiceAmendmentRequested():
            raise Refused(refusals.AMENDMENT_OPEN, number=submitted.number, standing="demandée à Formiris")
        case InvoiceAmendmentGranted():
            standing = (
                "accordée : l'organisme de formation doit déposer sa facture rectificative ou son avoir"
            )
            raise Refused(
                refusals.AMENDMENT_OPEN, holder=THE_BODY, number=submitted.number, standing=standing
            )


def _acceptance(submitted: InvoiceSubmitted, command: AcceptInvoice) -> InvoiceAccepted:
    return InvoiceAccepted(
        **_identity(submitted), amount=submitted.amount, due_on=submitted.due_on,
        accepted_by=command.by, accepted_on=command.today,
    )  # fmt: skip


def _rejection(submitted: InvoiceSubmitted, command: RejectInvoice) -> InvoiceRejected:
    return InvoiceRejected(
        **_identity(submitted), reasons=command.reasons, rejected_by=command.by, rejected_on=command.today,
        number_stays=True,
    )  # fmt: skip


def _return(submitted: InvoiceSubmitted, command: ReturnInvoice) -> InvoiceReturned:
    return InvoiceReturned(
        **_identity(submitted), kind=command.kind, reasons=command.reasons, returned_by=command.by,
        returned_on=command.today, number_stays=KINDS[command.kind].number_stays,
    )  # fmt: skip


def _resumption(
    submitted: InvoiceSubmitted, after: InvoiceReturned, command: ResumeInvoice
) -> InvoiceResumed:
    return InvoiceResumed(
        **_identity(submitted), after=after.kind, resumed_by=command.by, resumed_on=command.today,
        answer=command.answer, document_hash=command.document, supplement_hash=command.supplement,
        perimeter=submitted.perimeter, territory=submitted.territory,
    )  # fmt: skip


def _payment(submitted: InvoiceSubmitted, command: PayInvoice) -> InvoicePaid:
    if not recalls(command.reference, submitted.number):
        raise Refused(refusals.PAYMENT_REFERENCE, reference=command.reference, number=submitted.number)
    if not submitted.issued_on <= command.paid_on <= command.today:
        paid_on, issued_on = french(command.paid_on), french(submitted.issued_on)
        raise Refused(refusals.PAYMENT_DATE, paid_on=paid_on, issued_on=issued_on)
    return InvoicePaid(
        **_identity(submitted), amount=submitted.amount, reference=command.reference, paid_on=command.paid_on
    )


def _request(submitted: InvoiceSubmitted, command: RequestAmendment) -> InvoiceAmendmentRequested:
    return InvoiceAmendmentRequested(
        **_identity(submitted), amendment_id=command.amendment, routed_to=command.office, wish=command.wish,
        requested_by=command.by, perimeter=submitted.perimeter, territory=submitted.territory,
    )  # fmt: skip


def _identity(submitted: InvoiceSubmitted) -> dict[str, Any]:
    return {
        "invoice_id": submitted.invoice_id, "number": submitted.number,
        "body_id": submitted.body_id, "session_id": submitted.session_id,
    }  # fmt: skip


def _of(request: InvoiceAmendmentRequested | InvoiceAmendmentGranted) -> dict[str, Any]:
    return {
        "amendment_id": request.amendment_id, "invoice_id": request.invoice_id, "number": request.number,
        "body_id": request.body_id, "session_id": request.session_id,
    }  # fmt: skip
