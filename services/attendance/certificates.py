"""Attendance certificates of one session: deposited by the body, validated or rejected by Formiris.  (R7, R8)

Stream: `certificates-<session id>`. What the decisions rest on (order, units, assignments) comes with the command.
Formiris decides on the whole or line by line; lines once validated stay so, and only the others come again. The
session is validated, and can be invoiced (R9), when every line of it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from services.attendance import refusals
from services.attendance.lines import Who, faults, refusal_of, who
from services.attendance.opening import check_open, check_order
from services.attendance.sessions import Order, Session
from services.attendance.wording import counted
from shared.events import Event
from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    LineRef,
    UnitTotal,
)
from shared.events.parts import Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused


@dataclass(frozen=True, slots=True)
class Sheet:
    """The signed attendance sheet, deposited before: its sha256, its size in bytes."""

    sha256: str
    size: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitCertificates:
    """After a rejection line by line, `lines` are those to redo; the validated ones may come along, unchanged."""

    session: Session
    sheet: Sheet
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
    """Of all that waits for a decision."""

    session: Session
    reasons: tuple[Reason, ...]
    lines: tuple[LineReason, ...]
    by: str
    today: date


@dataclass(frozen=True, slots=True)
class DecideLines:
    """Of each line that waits for a decision; `others_validated` validates those that are not named."""

    session: Session
    validated: tuple[LineRef, ...]
    rejected: tuple[LineReason, ...]
    others_validated: bool
    by: str
    today: date


Command = SubmitCertificates | ValidateCertificates | RejectCertificates | DecideLines


@dataclass(frozen=True, slots=True)
class Certificates:
    """`submitted` is the last deposit, `rejected` its rejection while nothing newer was deposited."""

    status: Literal["none", "submitted", "validated", "rejected"] = "none"
    submitted: CertificatesSubmitted | None = None
    rejected: CertificatesRejected | None = None
    validation: CertificatesValidated | None = None

    @property
    def by_lines(self) -> bool:
        """Whether only some lines were rejected: each of them comes again, the others stand."""
        return self.rejected is not None and self.rejected.validated_lines is not None

    @property
    def validated(self) -> dict[Who, CertificateLine]:
        """The lines that no longer change, in the order of the last deposit."""
        latest = self.rejected or self.submitted
        return _among(self.submitted, latest.validated_lines if latest else None)


def decide(certificates: Certificates, command: Command) -> list[Event]:
    """Raises `Refused`. Validated certificates are final: R9 lets the invoice rest on them."""
    match command:
        case SubmitCertificates():
            return _submit(certificates, command)
        case ValidateCertificates():
            return _validate(certificates, command)
        case RejectCertificates():
            return _reject(certificates, command)
        case DecideLines():
            return _decide_lines(certificates, command)


def evolve(certificates: Certificates, event: Event) -> Certificates:
    match event:
        case CertificatesSubmitted():
            return Certificates("submitted", event)
        case CertificatesValidated():
            return replace(certificates, status="validated", validation=event)
        case CertificatesRejected():
            return replace(certificates, status="rejected", rejected=event)
        case _:
            return certificates


DECIDER = Decider(Certificates(), decide, evolve)


def _submit(certificates: Certificates, command: SubmitCertificates) -> list[Event]:
    session, last, validated = command.session, certificates.submitted, certificates.validated
    changed = any(line != validated.get(who(line), line) for line in command.lines)
    whole = (*validated.values(), *(line for line in command.lines if who(line) not in validated))
    match certificates.status, last:
        case "submitted", CertificatesSubmitted(lines=lines, sheet_hash=sheet) if not changed and (
            lines,
            sheet,
        ) == (whole, command.sheet.sha256):
            return []
        case "submitted", _:
            raise Refused(refusals.AWAITING_VALIDATION, contact=session.contact)
        case "validated", _:
            raise Refused(refusals.ALREADY_VALIDATED, contact=session.contact)
    check_open(session, command.today)
    check_lines(session, certificates, command.lines)
    refs = tuple(_ref(line) for line in validated.values()) if certificates.by_lines else None
    return [_submission(command, whole, refs, last.revision + 1 if last else 1)]


def check_lines(session: Session, certificates: Certificates, lines: Sequence[CertificateLine]) -> None:
    """Raises `Refused` with every faulty line, and every rejected one that does not come again."""
    validated = certificates.validated
    forgotten = _forgotten(session, certificates, lines)
    if found := faults(session, dict(enumerate(lines)), validated):
        raise refusal_of(session, list(found.items()), forgotten)
    if forgotten:
        raise Refused(refusals.REJECTED_LINE_MISSING, missing=forgotten, contact=session.contact)
    if not any(line.hours for line in [*lines, *validated.values()]):
        raise Refused(refusals.NO_HOURS, contact=session.contact)


def _forgotten(
    session: Session, certificates: Certificates, lines: Sequence[CertificateLine]
) -> list[Missing]:
    """Lines rejected one by one and not given again; a teacher no longer assigned cannot be."""
    if not certificates.by_lines or certificates.submitted is None:
        return []
    given = {who(line) for line in lines} | set(certificates.validated)
    left_out = [who(line) for line in certificates.submitted.lines if who(line) not in given]
    return [_missing(*each) for each in left_out if each in session.assigned]


def _missing(teacher: str, unit: str) -> Missing:
    label = f'Enseignant "{teacher}", unité pédagogique "{unit}"'
    return Missing("lines", label, "lignes rejetées", "à redonner, avec 0 heure si l'enseignant était absent")


def _submission(
    command: SubmitCertificates,
    whole: tuple[CertificateLine, ...],
    validated: tuple[LineRef, ...] | None,
    revision: int,
) -> CertificatesSubmitted:
    session, order, sheet = command.session, check_order(command.session), command.sheet
    return CertificatesSubmitted(
        session_id=session.id, order_id=order.id, offering_id=session.offering, body_id=session.body,
        revision=revision, lines=whole, sheet_hash=sheet.sha256, deposited_by=command.by,
        sheet_size=sheet.size, sheet_media_type=sheet.media_type, order_number=order.number, title=session.title,
        perimeter=session.perimeter, territory=session.territory, validated_lines=validated,
    )  # fmt: skip


def _validate(certificates: Certificates, command: ValidateCertificates | DecideLines) -> list[Event]:
    match certificates:
        case Certificates(status="submitted", submitted=CertificatesSubmitted() as last):
            return [_validation(command, last, check_order(command.session))]
        case Certificates(status="validated"):
            return []
        case _:
            raise Refused(refusals.NOTHING_TO_DECIDE, contact=command.session.contact)


def _validation(
    command: ValidateCertificates | DecideLines, last: CertificatesSubmitted, order: Order
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


def _reject(certificates: Certificates, command: RejectCertificates) -> list[Event]:
    last = certificates.submitted
    if last is None:
        raise Refused(refusals.NOTHING_TO_DECIDE, contact=command.session.contact)
    rejection = _rejection(command, last, command.reasons, command.lines or None, last.validated_lines)
    if _decided(certificates, rejection, command.session):
        return []
    _check_known(last, [(reason.teacher_number, reason.unit_code) for reason in command.lines])
    return [rejection]


def _decide_lines(certificates: Certificates, command: DecideLines) -> list[Event]:
    last = certificates.submitted
    if last is None or not command.rejected:
        if last is not None and certificates.status == "submitted":
            _check_decided(last, command)
        return _validate(certificates, command)
    standing = _standing(last, command)
    rejection = _rejection(command, last, (_summary(last, standing),), command.rejected, standing)
    if _decided(certificates, rejection, command.session):
        return []
    _check_decided(last, command)
    return [rejection]


def _standing(last: CertificatesSubmitted, command: DecideLines) -> tuple[LineRef, ...]:
    rejected = {(reason.teacher_number, reason.unit_code) for reason in command.rejected}
    return tuple(_ref(line) for line in last.lines if who(line) not in rejected)


def _summary(last: CertificatesSubmitted, standing: Sequence[LineRef]) -> Reason:
    wrong = len(last.lines) - len(standing)
    what = f"{counted(wrong, 'ligne')} sur {len(last.lines)} à corriger : voyez le motif de chacune."
    return Reason(text=f"{what} Les autres sont validées et ne sont pas à refaire." if standing else what)


def _check_decided(last: CertificatesSubmitted, command: DecideLines) -> None:
    """Raises `Refused` for a line that is not there, one that is already validated, and one left undecided."""
    rejected = [(reason.teacher_number, reason.unit_code) for reason in command.rejected]
    named = [*rejected, *(who(ref) for ref in command.validated)]
    _check_known(last, named, rejected)
    if command.others_validated:
        return
    waiting = [
        who(line) for line in last.lines if who(line) not in {*named, *_among(last, last.validated_lines)}
    ]
    if waiting:
        missing = [
            Missing("lines", f'Enseignant "{teacher}", unité pédagogique "{unit}"', "lignes", "à décider")
            for teacher, unit in waiting
        ]
        raise Refused(refusals.LINES_UNDECIDED, missing=missing, contact=command.session.contact)


def _check_known(
    last: CertificatesSubmitted, named: Iterable[Who], rejected: Iterable[Who] | None = None
) -> None:
    named = list(named)
    known = {who(line) for line in last.lines}
    validated = _among(last, last.validated_lines)
    for teacher, unit in named:
        if (teacher, unit) not in known:
            raise Refused(refusals.UNKNOWN_LINE, teacher=teacher, unit=unit)
    for teacher, unit in named if rejected is None else rejected:
        if (teacher, unit) in validated:
            raise Refused(refusals.LINE_ALREADY_VALIDATED, teacher=teacher, unit=unit)


def _decided(certificates: Certificates, rejection: CertificatesRejected, session: Session) -> bool:
    """Whether this very rejection was said before. Raises `Refused` when nothing waits for a decision."""
    match certificates:
        case Certificates(status="submitted"):
            return False
        case Certificates(status="rejected", rejected=CertificatesRejected() as before) if _words(
            before
        ) == _words(rejection):
            return True
        case Certificates(status="validated"):
            raise Refused(refusals.ALREADY_VALIDATED, contact=session.contact)
        case _:
            raise Refused(refusals.NOTHING_TO_DECIDE, contact=session.contact)


def _words(rejected: CertificatesRejected) -> tuple[object, ...]:
    return rejected.reasons, rejected.lines, rejected.validated_lines


def _rejection(
    command: RejectCertificates | DecideLines, last: CertificatesSubmitted, reasons: tuple[Reason, ...],
    lines: tuple[LineReason, ...] | None, validated: tuple[LineRef, ...] | None,
) -> CertificatesRejected:  # fmt: skip
    return CertificatesRejected(
        session_id=last.session_id, order_id=last.order_id, offering_id=last.offering_id, body_id=last.body_id,
        revision=last.revision, reasons=reasons, lines=lines, rejected_by=command.by, rejected_on=command.today,
        order_number=last.order_number, title=last.title, perimeter=last.perimeter, territory=last.territory,
        validated_lines=validated,
    )  # fmt: skip


def _among(
    submitted: CertificatesSubmitted | None, refs: tuple[LineRef, ...] | None
) -> dict[Who, CertificateLine]:
    if submitted is None or refs is None:
        return {}
    wanted = {who(ref) for ref in refs}
    return {who(line): line for line in submitted.lines if who(line) in wanted}


def _ref(line: CertificateLine) -> LineRef:
    return LineRef(teacher_number=line.teacher_number, unit_code=line.unit_code)
