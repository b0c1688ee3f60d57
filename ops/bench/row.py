"""One line of `formelie bench`: a figure, what stands beside it, and the target."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """`figure` says what was measured, `peer` what `peer_value` was measured on, in the same run and `unit`.

    `at_least` bounds the ratio from below; `at_most` bounds the value itself from above; neither: it is only shown.
    `note` says why a target is missed, or under which conditions the figure holds.
    """

    figure: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure over its peer."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the targets are met; None without a target, or when a ratio lacks its peer."""
        if self.at_least is not None and self.ratio is None:
            return None
        if self.at_least is None and self.at_most is None:
            return None
        above = self.at_least is None or (self.ratio is not None and self.ratio >= self.at_least)
        return above and (self.at_most is None or self.value <= self.at_most)

    def as_json(self) -> dict[str, Any]:
        """Every field, with `ratio` and `met`."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}
