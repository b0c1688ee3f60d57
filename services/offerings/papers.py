"""What is printed on an order's paper to know it again: its number, and its amendment.  (R6)

`BC-2026-7K3M-Q9XT-2HVR` is an order, `BC-2026-7K3M-Q9XT-2HVR-A1` its first amendment; in words and as a QR code.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_PRINTED = re.compile(r"(BC-\d{4}(?:-[A-Z2-7]{4}){3})(?:-A(\d{1,4}))?")


class Reference(NamedTuple):
    """An order, or (from 1 on) an amendment of it."""

    number: str
    amendment: int = 0

    def __str__(self) -> str:
        return f"{self.number}-A{self.amendment}" if self.amendment else self.number


def names(references: Iterable[Reference], number: str) -> bool:
    """Whether one of them is this order, amended or not."""
    return any(reference.number == number for reference in references)


def references_in(text: str) -> tuple[Reference, ...]:
    """Every reference that a text names, once each; broken over lines or spaced out, it is still read."""
    found = _PRINTED.findall(text) or _PRINTED.findall(re.sub(r"[\s\u200b]", "", text))
    return tuple(dict.fromkeys(Reference(number, int(amendment or 0)) for number, amendment in found))
