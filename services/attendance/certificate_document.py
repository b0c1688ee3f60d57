"""What the certificate of attendance says, of one teacher or of all: only what Formiris validated. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.attendance import refusals
from services.attendance.certificates import Certificates
from services.attendance.sessions import Session
from shared.events.attendance import CertificateLine, CertificatesSubmitted, CertificatesValidated
from shared.runtime.refusal import Refused


def certificate(session: Session, certificates: Certificates, teacher: str | None) -> dict[str, Any]:
    """The data of the template, a page a teacher. Raises `Refused` before the validation, or without any hour."""
    match certificates:
        case Certificates(
            submitted=CertificatesSubmitted() as last, validation=CertificatesValidated() as validation
        ):
            return _data(session, last, validation, teacher)
        case _:
            raise Refused(refusals.CERTIFICATE_NOT_READY, contact=session.contact)


def _data(
    session: Session, last: CertificatesSubmitted, validation: CertificatesValidated, teacher: str | None
) -> dict[str, Any]:
    wanted = [line for line in last.lines if line.hours and teacher in (None, line.teacher_number)]
    if not wanted:
        raise Refused(refusals.NOTHING_ATTESTED, teacher=teacher, contact=session.contact)
    return {
        "body_name": session.body_name, "title": last.title or session.title, "place": session.place,
        "starts_on": session.starts_on, "ends_on": session.ends_on, "order_number": last.order_number,
        "validated_on": validation.validated_on, "revision": last.revision, "sheet": last.sheet_hash,
        "teachers": [_teacher(session, number, wanted) for number in sorted({line.teacher_number for line in wanted})],
    }  # fmt: skip


def _teacher(session: Session, number: str, lines: Sequence[CertificateLine]) -> dict[str, Any]:
    own = sorted((line for line in lines if line.teacher_number == number), key=lambda line: line.unit_code)
    return {
        "number": number,
        "hours": f"{sum((line.hours for line in own), Decimal(0)):.2f}",
        "units": [
            {
                "code": line.unit_code, "title": session.title_of(line.unit_code), "hours": f"{line.hours:.2f}",
                "starts_on": line.starts_on, "ends_on": line.ends_on,
            }
            for line in own
        ],
    }  # fmt: skip
