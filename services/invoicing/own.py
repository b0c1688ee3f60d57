"""What only invoicing has: the territories' offices, and what invoices print besides what they hold."""

from dataclasses import dataclass

from services.invoicing.reference import Reference
from shared.runtime.territories import Territories


@dataclass(frozen=True, slots=True)
class Own:
    """Reference data, read at the start."""

    territories: Territories
    reference: Reference
