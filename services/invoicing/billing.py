"""What a session is billed on, learnt from offerings and attendance: its order, and its validated certificates."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID

from shared.events.invoicing import AmountBasis
from shared.events.values import CostType, Perimeter

CENT = Decimal("0.01")
PAYMENT_DAYS = 30
PAYMENT_DAYS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Order:
    """The session's purchase order. Amounts in euros; `price` for one unit of the cost type."""

    id: UUID
    number: str
    status: Literal["issued", "signed", "signature-refused", "cancelled"]
    perimeter: Perimeter
    territory: str | None
    cost_type: CostType
    price: Decimal
    ceiling: Decimal
    payment_days: int = PAYMENT_DAYS


@dataclass(frozen=True, slots=True)
class Attended:
    """The session's certificates; trainees and trainee-hours once validated."""

    status: Literal["none", "submitted", "validated", "rejected"] = "none"
    trainees: int = 0
    hours: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Billing:
    """Everything an invoice of a session rests on. `ends_on`: the session's last day."""

    session: UUID
    offering: UUID
    title: str
    body: UUID
    body_name: str
    ends_on: date
    order: Order | None = None
    attended: Attended = Attended()


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for a session, in cents, and how it came about, in words."""

    amount: Decimal
    basis: AmountBasis
    working: tuple[str, ...]


def due_for(order: Order, attended: Attended) -> Due:
    """Price times what was validated, never above the order."""
    quantity, one, several = {
        "per-session": (Decimal("1.00"), "session", "sessions"),
        "per-trainee": (
            Decimal(attended.trainees).quantize(CENT),
            "stagiaire présent",
            "stagiaires présents",
        ),
        "per-trainee-hour": (attended.hours, "heure-stagiaire validée", "heures-stagiaires validées"),
    }[order.cost_type]
    basis = AmountBasis(
        cost_type=order.cost_type, price=order.price, quantity=quantity, amount_ceiling=order.ceiling
    )
    computed, amount = _computed(basis), due_on_basis(basis)
    working = [
        f"{number(quantity)} {several if quantity >= 2 else one} × {euros(order.price)} = {euros(computed)}"
    ]
    if amount < computed:
        working.append(f"Plafond du bon de commande {order.number} : {euros(order.ceiling)}")
    working.append(f"Montant à facturer : {euros(amount)}")
    return Due(amount, basis, tuple(working))


def due_on_basis(basis: AmountBasis) -> Decimal:
    """The most that an invoice on this basis may ask for."""
    return min(_computed(basis), basis.amount_ceiling)


def _computed(basis: AmountBasis) -> Decimal:
    return (basis.price * basis.quantity).quantize(CENT, ROUND_HALF_UP)


def euros(amount: Decimal) -> str:
    """`1 234,50 €`, with the spaces that do not break."""
    return (
        f"{amount:,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",") + "\N{NO-BREAK SPACE}€"
    )


def number(quantity: Decimal) -> str:
    """`7`, `7,5`, `7,25`: a quantity as a person writes it."""
    return f"{quantity:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def french(day: date) -> str:
    """`23/11/2026`."""
    return f"{day:%d/%m/%Y}"
