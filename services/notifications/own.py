"""What only this service adds to its runtime."""

from dataclasses import dataclass, field

from services.notifications.streams import Streams
from services.notifications.switch import Switches


@dataclass(frozen=True, slots=True)
class Own:
    """The open pages, the links that end e-mails, and which readings are already kept."""

    streams: Streams
    switches: Switches
    readings: dict[str, None] = field(default_factory=dict)
