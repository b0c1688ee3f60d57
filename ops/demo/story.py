"""The life of a training, from référencement to payment, as a body and Formiris live it: the order of the scenes."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ops.demo.play import Play, Unexpected
from ops.demo.scenes import attendance, invoicing, mischief, offerings, registration

Scene = Callable[[Play], Awaitable[None]]
Act = tuple[str, tuple[Scene, ...]]

REGIONAL: tuple[Act, ...] = (
    ("Référencement", (
        registration.asks, registration.activates, registration.completes_the_form,
        registration.is_rejected_once, registration.is_accepted,
    )),
    ("Prestation et affectations", (offerings.proposes, offerings.assigns_teachers)),
    ("Bon de commande", (
        attendance.before_the_order_is_issued, offerings.is_ordered, attendance.before_the_order_is_returned,
        offerings.returns_it_unstamped_first, offerings.returns_the_order,
    )),
    ("Attestations de présence", (
        attendance.names_a_stranger, attendance.deposits_certificates, invoicing.comes_too_early,
        attendance.are_validated,
    )),
    ("Facture", (
        invoicing.may_be_sent, invoicing.is_sent, invoicing.cannot_be_changed, invoicing.is_suspended_once,
        invoicing.is_corrected, invoicing.is_paid,
    )),
    ("Bad input", (mischief.is_answered,)),
)  # fmt: skip
NATIONAL: tuple[Act, ...] = (
    ("Référencement", (
        registration.asks, registration.activates, registration.completes_the_form, registration.is_accepted,
    )),
    ("Prestation et affectations", (offerings.proposes, offerings.assigns_teachers)),
    ("Bon de commande", (
        attendance.before_the_order_is_issued, offerings.is_ordered, attendance.before_the_order_is_returned,
        offerings.returns_the_order,
    )),
    ("Attestations de présence", (
        attendance.names_a_stranger, attendance.deposits_certificates, invoicing.comes_too_early,
        attendance.are_rejected_once, attendance.are_validated,
    )),
    ("Facture", (
        invoicing.may_be_sent, invoicing.is_sent, invoicing.cannot_be_changed, invoicing.is_credited, invoicing.is_paid,
    )),
)  # fmt: skip
ACTS: Mapping[str, tuple[Act, ...]] = {"regional": REGIONAL, "national": NATIONAL}


@dataclass(slots=True)
class Times:
    """Seconds by part, for the report."""

    spent: dict[str, float] = field(default_factory=dict)

    def add(self, part: str, began: float) -> None:
        """Adds what passed since `began`, a reading of the monotonic clock."""
        self.spent[part] = self.spent.get(part, 0.0) + time.monotonic() - began


async def live(play: Play, times: Times) -> None:
    """Plays one body's whole story. Raises Unexpected, or Unanswered."""
    for title, scenes in ACTS[play.plot.kind]:
        began = time.monotonic()
        play.tell.scene(f"{title} : {play.plot.name}")
        for scene in scenes:
            try:
                await scene(play)
            except KeyError as error:
                raise Unexpected(f"{play.plot.name}, {scene.__name__}: the answer has no {error}") from error
        times.add(title, began)
