"""When certificates of a session may be deposited, and which step is missing before.  (R7)"""

from datetime import date
from typing import Any

from services.attendance import refusals
from services.attendance.sessions import Order, Session
from services.attendance.wording import french
from shared.runtime.refusal import Missing, Refusal, Refused


def check_open(session: Session, today: date) -> None:
    """Raises `Refused` naming what is missing before certificates of this session may be deposited (R7)."""
    check_order(session)
    check_over(session, today)


def check_over(session: Session, today: date) -> None:
    """Raises `Refused` before the session's last day."""
    if today < session.ends_on:
        raise _refused(session, refusals.SESSION_NOT_OVER, ends_on=french(session.ends_on))


def check_order(session: Session) -> Order:
    """The session's order, signed and returned. Otherwise raises `Refused`: which of the two steps is missing (R7)."""
    if session.cancelled is not None:
        raise _refused(session, refusals.SESSION_CANCELLED, cause=session.cancelled)
    match session.order:
        case Order(status="signed") as order:
            return order
        case Order(status="issued") as order:
            raise _refused(session, refusals.ORDER_NOT_SIGNED, _RETURNED, number=order.number)
        case Order(status="signature-refused") as order:
            words = {"number": order.number, "reasons": order.words}
            raise _refused(session, refusals.ORDER_SIGNATURE_REFUSED, _RETURNED, **words)
        case Order(status="amended") as order:
            raise _refused(session, refusals.ORDER_AMENDED, _RETURNED, number=order.number)
        case Order() as order:
            words = {"number": order.number, "cause": order.words}
            raise _refused(session, refusals.ORDER_CANCELLED, _ISSUED, _RETURNED, **words)
        case None:
            raise _refused(session, refusals.ORDER_NOT_ISSUED, _ISSUED, _RETURNED)


_ISSUED = Missing(
    "order-issued", "Étape 1 : Formiris vous soumet le bon de commande pour tamponnage et signature",
    "Bons de commande", "à faire par Formiris",
)  # fmt: skip
_RETURNED = Missing(
    "order-returned", "Étape 2 : vous téléchargez, signez, tamponnez et renvoyez le bon de commande à Formiris",
    "Bons de commande", "à faire par l'organisme de formation",
)  # fmt: skip


def _refused(session: Session, refusal: Refusal, *missing: Missing, **words: Any) -> Refused:
    link = f"/bons-de-commande/{session.order.id}" if session.order and _RETURNED in missing else None
    return Refused(refusal, missing=missing, contact=session.contact, link=link, **words)
