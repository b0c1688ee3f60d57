"""What the purchase order says on paper: what article D6353-1 of the Code du travail asks for.  (R6)

Its list: title, objective and content; means; duration and period; conduct, follow-up and assessment; price and
payment terms. The same terms on the same day give the same document.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.offerings.forms import KINDS, MODES
from services.offerings.terms import PAYMENT_DAYS, Terms
from shared.events.offerings import OrderIssued

TEMPLATE = Path(__file__).with_name("documents") / "order.typ"

_PRICES = {
    "per-session": "pour la session",
    "per-trainee": "par stagiaire",
    "per-trainee-hour": "par heure et par stagiaire",
}
_OF_THE_OFFERING = (
    "title", "objectives", "programme", "audience", "prerequisites", "methods", "assessment", "accessibility",
    "total_hours", "body_name",
)  # fmt: skip


def order_page(terms: Terms) -> Mapping[str, Any]:
    """The data of the template `documents/order.typ`."""
    offering, session = terms.offering, terms.session
    return {
        **{name: getattr(offering, name) for name in _OF_THE_OFFERING},
        "number": terms.number,
        "reference": str(terms.reference),
        "amendment": terms.amendment,
        "before": _moved(terms.before) if terms.before else None,
        "kind": KINDS[offering.kind],
        "mode": MODES.get(offering.mode or ""),
        "starts_on": session.starts_on,
        "ends_on": session.ends_on,
        "place": session.place,
        "timetable": session.timetable,
        "units": [unit.model_dump(mode="json") for unit in session.units],
        "price": session.price,
        "price_of": _PRICES[offering.cost_type],
        "trainees": terms.trainees,
        "amount": terms.amount,
        "payment_days": PAYMENT_DAYS,
    }


def _moved(order: OrderIssued) -> Mapping[str, Any]:
    return {"starts_on": order.starts_on, "ends_on": order.ends_on, "place": order.place}
