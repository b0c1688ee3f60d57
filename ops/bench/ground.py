"""What a part of the bench is measured on."""

from dataclasses import dataclass

from ops.simulate.play import Stage
from ops.stack import Stack


@dataclass(frozen=True, slots=True)
class Ground:
    """A fresh stack, and the year that was played in it for those that need one (year.py); `quick`: fewer events."""

    stack: Stack
    quick: bool
    year: Stage | None = None

    @property
    def stage(self) -> Stage:
        """The year. Raises LookupError for a part that asked for none."""
        if self.year is None:
            raise LookupError("no year was played for this part")
        return self.year
