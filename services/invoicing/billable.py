"""Whether a session may be invoiced, and for how much; otherwise where it stands and who must act next.  (R9)"""

from collections.abc import Mapping

from services.invoicing import refusals
from services.invoicing.billing import Billing, Due, due_for
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, THE_BODY


def check_billable(billing: Billing) -> Due:
    """What is due for the session. Raises `Refused` until Formiris has validated its certificates (R9)."""
    order, attended = billing.order, billing.attended
    if billing.cancelled and attended.status != "validated":
        raise Refused(refusals.SESSION_CANCELLED, title=billing.title)
    if attended.status != "validated":
        standing, holder = _standing(billing)
        raise Refused(refusals.CERTIFICATES_NOT_VALIDATED, holder=holder, standing=standing)
    if order is None or order.status != "signed":
        standing, holder = _standing(billing)
        raise Refused(refusals.NOT_ORDERED, holder=holder, standing=standing)
    return due_for(order, attended)


def _standing(billing: Billing) -> tuple[str, str]:
    """Where the session stands, in a sentence, and who must act next."""
    match billing.order, billing.attended.status:
        case (None, _):
            return _OFFERED[billing.offered]
        case (order, _) if order.status == "cancelled":
            return f"Le bon de commande {order.number} est annulé.", FORMIRIS
        case (order, _) if order.status == "signature-refused":
            return f"Formiris n'a pas retenu le bon de commande {order.number} : {_TO_RETURN}.", THE_BODY
        case (order, _) if order.status == "amended":
            return f"L'avenant du bon de commande {order.number} est {_TO_SIGN}.", THE_BODY
        case (order, _) if order.status != "signed":
            return f"Le bon de commande {order.number} est {_TO_SIGN}.", THE_BODY
        case (_, "submitted"):
            return "Elles sont déposées et attendent la décision de Formiris.", FORMIRIS
        case (_, "rejected"):
            return "Formiris les a rejetées : corrigez-les et déposez-les à nouveau.", THE_BODY
        case _:
            return "Elles restent à déposer.", THE_BODY


_TO_SIGN = "à signer, tamponner et renvoyer à Formiris"
_TO_RETURN = "signez-le, tamponnez-le et renvoyez-le à nouveau"
_OFFERED: Mapping[str | None, tuple[str, str]] = {
    "submitted": ("Formiris n'a pas encore décidé de la prestation.", FORMIRIS),
    "rejected": ("Formiris a rejeté la prestation : corrigez-la et soumettez-la à nouveau.", THE_BODY),
    "withdrawn": ("L'organisme de formation a retiré la prestation.", refusals.NOBODY),
    "accepted": ("Formiris n'a pas encore soumis le bon de commande.", FORMIRIS),
    None: ("Formiris n'a pas encore soumis le bon de commande.", FORMIRIS),
}
