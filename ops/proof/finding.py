"""What a part of the proof found: how much was looked at, and everything that differs."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Finding:
    """One line of the proof. It holds when nothing differs."""

    what: str
    counted: str = ""
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.differences

    def differs(self, how: str) -> None:
        self.differences.append(how)
