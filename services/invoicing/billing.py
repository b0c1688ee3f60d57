"""What a session is billed on, learnt from offerings and attendance: its order, and its validated certificates."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID

from shared.events.invoicing import AmountBasis, Seller
from shared.events.values import CostType, Perimeter
from shared.runtime.refusal import Missing

CENT = Decimal("0.01")
PAYMENT_DAYS = 30
PAYMENT_DAYS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Order:
    """The session's purchase order. Amounts in euros; `price` for one unit of the cost type."""

    id: UUID
    number: str
    status: Literal["issued", "signed", "signature-refused", "amended", "cancelled"]
    perimeter: Perimeter
    territory: str | None
    cost_type: CostType
    price: Decimal
    ceiling: Decimal
    payment_days: int = PAYMENT_DAYS


@dataclass(frozen=True, slots=True)
class Attended:
    """The session's certificates; trainees and trainee-hours as deposited, then as validated."""

    status: Literal["none", "submitted", "validated", "rejected"] = "none"
    trainees: int = 0
    hours: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Billing:
    """Everything an invoice of a session rests on. `ends_on`: the session's last day.

    `offered`: what became of the offering; None while only the order or the certificates are known here.
    `seller`: the body as its invoice names it; None until registration has told all that must be printed.
    """

    session: UUID
    offering: UUID
    title: str
    body: UUID
    body_name: str
    ends_on: date | None
    order: Order | None = None
    attended: Attended = Attended()
    starts_on: date | None = None
    offered: Literal["submitted", "accepted", "rejected", "withdrawn"] | None = None
    cancelled: bool = False
    seller: Seller | None = None
    lacking: tuple[Missing, ...] = ()
    """What must be printed of the body, and is not known here."""
    liable: bool = False
    """Whether the body is liable to VAT; exempt otherwise."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the working, as a person checks it: quantity × unit price = amount."""

    label: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None

    def __str__(self) -> str:
        if self.quantity is None or self.unit_price is None:
            return f"{self.label} : {euros(self.amount)}"
        return f"{number(self.quantity)} {self.label} × {euros(self.unit_price)} = {euros(self.amount)}"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for a session, in cents, and how it came about."""

    amount: Decimal
    basis: AmountBasis
    lines: tuple[Line, ...]

    @property
    def working(self) -> tuple[str, ...]:
        """The lines in words, the amount last."""
        return (*map(str, self.lines), f"Montant à facturer : {euros(self.amount)}")


UNITS: dict[CostType, tuple[str, str]] = {
    "per-session": ("session", "sessions"),
    "per-trainee": ("stagiaire présent", "stagiaires présents"),
    "per-trainee-hour": ("heure-stagiaire validée", "heures-stagiaires validées"),
}


def due_for(order: Order, attended: Attended) -> Due:
    """Price times what was validated, never above the order."""
    basis = AmountBasis(
        cost_type=order.cost_type, price=order.price, quantity=_quantity(order.cost_type, attended),
        amount_ceiling=order.ceiling,
    )  # fmt: skip
    computed, amount = computed_on(basis), due_on_basis(basis)
    lines = [Line(unit_of(basis), computed, basis.quantity, basis.price)]
    if amount < computed:
        lines.append(Line(f"Plafond du bon de commande {order.number}", order.ceiling))
    return Due(amount, basis, tuple(lines))


def _quantity(cost_type: CostType, attended: Attended) -> Decimal:
    match cost_type:
        case "per-session":
            return Decimal("1.00")
        case "per-trainee":
            return Decimal(attended.trainees).quantize(CENT)
        case "per-trainee-hour":
            return attended.hours


def unit_of(basis: AmountBasis) -> str:
    """What is counted, in the number that the quantity asks for."""
    one, several = UNITS[basis.cost_type]
    return several if basis.quantity >= 2 else one


def due_on_basis(basis: AmountBasis) -> Decimal:
    """The most that an invoice on this basis may ask for."""
    return min(computed_on(basis), basis.amount_ceiling)


def computed_on(basis: AmountBasis) -> Decimal:
    """Price times quantity, rounded to the cent, whatever the order's ceiling."""
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
