"""Days and hours as a person writes them."""

from datetime import date
from decimal import Decimal


def french(day: date) -> str:
    """`20/11/2026`."""
    return f"{day:%d/%m/%Y}"


def number(hours: Decimal) -> str:
    """`7`, `7,5`, `7,25`."""
    return f"{hours:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def counted(count: int, noun: str) -> str:
    """`1 ligne`, `2 lignes`."""
    return f"{count} {noun}{'s' if count > 1 else ''}"
