"""Attendance certificates of one session: deposited by the body, validated or rejected by Formiris.  (R7, R8)

Stream: `certificates-<session id>`. What the decisions rest on (order, units, assignments) comes with the command.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from services.attendance import refusals
from services.attendance.sessions import Order, Session
from shared.events import Event
from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    UnitTotal,
)
from shared.events.parts import Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refusal, Refused


@dataclass(frozen=True, slots=True)
class SubmitCertificates:
    """`sheet` is the sha256 of the signed attendance sheet, deposited before."""

    session: Session
    sheet: str
    lines: tuple[CertificateLine, ...]
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class ValidateCertificates:
    session: Session
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class RejectCertificates:
    reasons: tuple[Reason, ...]
    lines: tuple[LineReason, ...]
    by: str
    today: date


Command = SubmitCertificates | ValidateCertificates | RejectCertificates


@dataclass(frozen=True, slots=True)
class Certificates:
    """`submitted` is the last deposit, `rejected` its rejection while nothing newer was deposited."""

    status: Literal["none", "submitted", "validated", "rejected"] = "none"
    submitted: CertificatesSubmitted | None = None
    rejected: CertificatesRejected | None = None


def decide(certificates: Certificates, command: Command) -> list[Event]:
    """Raises `Refused`. Validated certificates are final: R9 lets the invoice rest on them."""
    match certificates, command:
        case Certificates(status="submitted", submitted=last), SubmitCertificates() if _same(last, command):
            return []
        case Certificates(status="submitted"), SubmitCertificates():
            raise Refused(refusals.AWAITING_VALIDATION)
        case Certificates(status="validated"), SubmitCertificates():
            raise Refused(refusals.ALREADY_VALIDATED)
        case Certificates(submitted=last), SubmitCertificates():
            check_open(command.session, command.today)
            _check_lines(command.session, command.lines)
            return [_submission(command, last.revision + 1 if last else 1)]
        case Certificates(
            status="submitted", submitted=CertificatesSubmitted() as last
        ), ValidateCertificates():
            return [_validation(command, last, check_order(command.session))]
        case Certificates(status="validated"), ValidateCertificates():
            return []
        case Certificates(
            status="submitted", submitted=CertificatesSubmitted() as last
        ), RejectCertificates():
            _check_reasons(command, last)
            return [_rejection(command, last)]
        case Certificates(rejected=CertificatesRejected() as rejected), RejectCertificates() if _repeats(
            rejected, command
        ):
            return []
        case Certificates(status="validated"), RejectCertificates():
            raise Refused(refusals.ALREADY_VALIDATED)
        case _:
            raise Refused(refusals.NOTHING_TO_DECIDE)


def evolve(certificates: Certificates, event: Event) -> Certificates:
    match event:
        case CertificatesSubmitted():
            return Certificates("submitted", event)
        case CertificatesValidated():
            return replace(certificates, status="validated")
        case CertificatesRejected():
            return replace(certificates, status="rejected", rejected=event)
        case _:
            return certificates


DECIDER = Decider(Certificates(), decide, evolve)


def check_open(session: Session, today: date) -> None:
    """Raises `Refused` naming what is missing before certificates of this session may be deposited (R7)."""
    check_order(session)
    if today < session.ends_on:
        raise Refused(refusals.SESSION_NOT_OVER, ends_on=_french(session.ends_on))


def check_order(session: Session) -> Order:
    """The session's order, signed and returned. Otherwise raises `Refused`: which of the two steps is missing (R7)."""
    if session.cancelled is not None:
        raise Refused(refusals.SESSION_CANCELLED, cause=session.cancelled)
    match session.order:
        case Order(status="signed") as order:
            return order
        case Order(status="issued") as order:
            raise Refused(refusals.ORDER_NOT_SIGNED, missing=[_RETURNED], number=order.number)
        case Order(status="signature-refused") as order:
            refusal = refusals.ORDER_SIGNATURE_REFUSED
            raise Refused(refusal, missing=[_RETURNED], number=order.number, reasons=order.words)
        case Order() as order:
            refusal = refusals.ORDER_CANCELLED
            raise Refused(refusal, missing=[_ISSUED, _RETURNED], number=order.number, cause=order.words)
        case None:
            raise Refused(refusals.ORDER_NOT_ISSUED, missing=[_ISSUED, _RETURNED])


_ISSUED = Missing(
    "order-issued", "Étape 1 : Formiris vous soumet le bon de commande pour tamponnage et signature",
    "Bons de commande", "à faire par Formiris",
)  # fmt: skip
_RETURNED = Missing(
    "order-returned", "Étape 2 : vous téléchargez, signez, tamponnez et renvoyez le bon de commande à Formiris",
    "Bons de commande", "à faire par l'organisme de formation",
)  # fmt: skip


def _check_lines(session: Session, lines: Sequence[CertificateLine]) -> None:
    """Every faulty line is in `missing`; the detail is that of the first one, R8's before any other."""
    first_of = {_who(line): index for index, line in reversed(list(enumerate(lines)))}
    faults = [_fault(session, index, line, first_of) for index, line in enumerate(lines)]
    if found := [fault for fault in faults if fault]:
        worst = min(found, key=lambda fault: _BY_WEIGHT.index(fault.refusal))
        raise Refused(worst.refusal, missing=[fault.missing for fault in found], **worst.words)
    if not any(line.hours for line in lines):
        raise Refused(refusals.NO_HOURS)


_BY_WEIGHT = [
    refusals.NO_ASSIGNMENT, refusals.DUPLICATE_LINE, refusals.HOURS_EXCEED_PLAN, refusals.DATES_OUTSIDE_SESSION
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fault:
    index: int
    refusal: Refusal
    words: Mapping[str, Any]

    @property
    def missing(self) -> Missing:
        label = f'Enseignant "{self.words["teacher"]}", unité pédagogique "{self.words["unit"]}"'
        reason = self.refusal.detail.format_map(self.words)
        return Missing(f"lines.{self.index}", label, f"ligne {self.index + 1}", reason)


def _fault(
    session: Session, index: int, line: CertificateLine, first_of: Mapping[tuple[str, str], int]
) -> _Fault | None:
    who = {"teacher": line.teacher_number, "unit": line.unit_code}
    planned = session.hours.get(line.unit_code)
    if planned is None or _who(line) not in session.assigned:
        return _Fault(index, refusals.NO_ASSIGNMENT, who)
    if first_of[_who(line)] != index:
        return _Fault(index, refusals.DUPLICATE_LINE, who)
    if line.hours > planned:
        hours = {"hours": _number(line.hours), "planned": _number(planned)}
        return _Fault(index, refusals.HOURS_EXCEED_PLAN, who | hours)
    if not session.starts_on <= line.starts_on <= line.ends_on <= session.ends_on:
        days = {
            "starts_on": line.starts_on, "ends_on": line.ends_on,
            "session_starts_on": session.starts_on, "session_ends_on": session.ends_on,
        }  # fmt: skip
        return _Fault(
            index, refusals.DATES_OUTSIDE_SESSION, who | {name: _french(day) for name, day in days.items()}
        )
    return None


def _submission(command: SubmitCertificates, revision: int) -> CertificatesSubmitted:
    session, order = command.session, check_order(command.session)
    return CertificatesSubmitted(
        session_id=session.id, order_id=order.id, offering_id=session.offering, body_id=session.body,
        revision=revision, lines=command.lines, sheet_hash=command.sheet, deposited_by=command.by,
        order_number=order.number, title=session.title, perimeter=session.perimeter, territory=session.territory,
    )  # fmt: skip


def _validation(
    command: ValidateCertificates, last: CertificatesSubmitted, order: Order
) -> CertificatesValidated:
    attended = [line for line in last.lines if line.hours]
    return CertificatesValidated(
        session_id=last.session_id, order_id=order.id, offering_id=last.offering_id, body_id=last.body_id,
        revision=last.revision, units=_totals(attended), trainees=len({line.teacher_number for line in attended}),
        hours=_sum(attended), validated_by=command.by, validated_on=command.today,
        order_number=order.number, title=last.title, perimeter=last.perimeter, territory=last.territory,
    )  # fmt: skip


def _totals(attended: Sequence[CertificateLine]) -> tuple[UnitTotal, ...]:
    units: dict[str, list[CertificateLine]] = defaultdict(list)
    for line in attended:
        units[line.unit_code].append(line)
    return tuple(
        UnitTotal(unit_code=code, trainees=len(lines), hours=_sum(lines))
        for code, lines in sorted(units.items())
    )


def _sum(lines: Iterable[CertificateLine]) -> Decimal:
    return sum((line.hours for line in lines), Decimal("0.00"))


def _check_reasons(command: RejectCertificates, last: CertificatesSubmitted) -> None:
    known = {_who(line) for line in last.lines}
    for reason in command.lines:
        if (reason.teacher_number, reason.unit_code) not in known:
            raise Refused(refusals.UNKNOWN_LINE, teacher=reason.teacher_number, unit=reason.unit_code)


def _rejection(command: RejectCertificates, last: CertificatesSubmitted) -> CertificatesRejected:
    return CertificatesRejected(
        session_id=last.session_id, order_id=last.order_id, offering_id=last.offering_id, body_id=last.body_id,
        revision=last.revision, reasons=command.reasons, lines=command.lines or None,
        rejected_by=command.by, rejected_on=command.today,
        order_number=last.order_number, title=last.title, perimeter=last.perimeter, territory=last.territory,
    )  # fmt: skip


def _same(last: CertificatesSubmitted | None, command: SubmitCertificates) -> bool:
    return last is not None and (last.lines, last.sheet_hash) == (command.lines, command.sheet)


def _repeats(rejected: CertificatesRejected, command: RejectCertificates) -> bool:
    return (rejected.reasons, rejected.lines or ()) == (command.reasons, command.lines)


def _who(line: CertificateLine) -> tuple[str, str]:
    return line.teacher_number, line.unit_code


def _french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _number(hours: Decimal) -> str:
    """`7`, `7,5`, `7,25`: hours as a person writes them."""
    return f"{hours:.2f}".rstrip("0").rstrip(".").replace(".", ",")
