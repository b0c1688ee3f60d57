"""What only this service adds to its runtime."""

from dataclasses import dataclass

from services.notifications.streams import Streams
from services.notifications.switch import Switches


@dataclass(frozen=True, slots=True)
class Own:
    """The open pages, and the links that end e-mails."""

    streams: Streams
    switches: Switches
