"""Records of any event, with an envelope that does not matter."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events import Event, encode

ABOUT: dict[str, Any] = {
    "id": UUID("6f1c1f5e-0d5b-4f57-9c59-0a5b8e4f2d11"),
    "source": "/formelie/invoicing",
    "stream": "invoice-7",
    "version": 3,
    "time": datetime(2026, 5, 12, 4, 0, tzinfo=UTC),
    "correlation": "dossier-7",
    "causation": "command-7",
    "actor": "system:accounting",
}


def recorded(event: Event) -> bytes:
    return encode(event, **ABOUT)
