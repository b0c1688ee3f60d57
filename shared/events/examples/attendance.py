"""The session took place; its certificates are sent back once, then validated."""

from datetime import date
from decimal import Decimal

from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    UnitTotal,
)
from shared.events.examples.made_up import (
    BODY,
    BODY_USER,
    DESK,
    OFFERING,
    ORDER,
    SESSION,
    Example,
    moment,
    some_hash,
)
from shared.events.parts import Reason

_STREAM = f"certificates-{SESSION}"

EXAMPLES = (
    Example(
        CertificatesSubmitted(
            session_id=SESSION,
            order_id=ORDER,
            offering_id=OFFERING,
            body_id=BODY,
            revision=1,
            lines=(
                CertificateLine(
                    teacher_number="023456",
                    unit_code="1234",
                    hours=Decimal("6.00"),
                    starts_on=date(2026, 3, 18),
                    ends_on=date(2026, 3, 18),
                ),
                CertificateLine(
                    teacher_number="118204",
                    unit_code="1235",
                    hours=Decimal("6.50"),
                    starts_on=date(2026, 3, 19),
                    ends_on=date(2026, 3, 19),
                ),
            ),
            sheet_hash=some_hash("feuille d'émargement"),
            deposited_by=BODY_USER,
            sheet_size=88_120,
            sheet_media_type="application/pdf",
            order_number="BC-2026-000417",
            title="Lire à voix haute : du souffle au sens",
            perimeter="regional",
            territory="bretagne",
        ),
        _STREAM,
        1,
        moment("2026-03-23T08:15:00.000000"),
        BODY_USER,
    ),
    Example(
        CertificatesValidated(
            session_id=SESSION,
            order_id=ORDER,
            offering_id=OFFERING,
            body_id=BODY,
            revision=2,
            units=(
                UnitTotal(unit_code="1234", trainees=12, hours=Decimal("72.00")),
                UnitTotal(unit_code="1235", trainees=11, hours=Decimal("71.50")),
            ),
            trainees=12,
            hours=Decimal("143.50"),
            validated_by=DESK,
            validated_on=date(2026, 3, 27),
            order_number="BC-2026-000417",
            title="Lire à voix haute : du souffle au sens",
            perimeter="regional",
            territory="bretagne",
        ),
        _STREAM,
        4,
        moment("2026-03-27T15:05:00.000000"),
        DESK,
    ),
    Example(
        CertificatesRejected(
            session_id=SESSION,
            order_id=ORDER,
            offering_id=OFFERING,
            body_id=BODY,
            revision=1,
            reasons=(Reason(text="Une signature manque sur la feuille du 19 mars."),),
            lines=(
                LineReason(
                    teacher_number="118204",
                    unit_code="1235",
                    text="Signature de l'après-midi absente.",
                    code="signature-missing",
                ),
            ),
            rejected_by=DESK,
            rejected_on=date(2026, 3, 24),
            order_number="BC-2026-000417",
            title="Lire à voix haute : du souffle au sens",
            perimeter="regional",
            territory="bretagne",
        ),
        _STREAM,
        2,
        moment("2026-03-24T09:50:00.000000"),
        DESK,
    ),
)
