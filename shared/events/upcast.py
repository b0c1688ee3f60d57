"""Old versions of events, read as the newest: chains of pure functions, v1 -> v2 -> v3.

To retire a version: keep its class (renamed, same wire name), write the new class, and add the step here.
The step may not look at anything but the old event: the same record always reads the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from shared.events.event import Event

Step = Callable[[Any], Event]
Upcasters = Mapping[type[Event], Step]

UPCASTERS: Upcasters = {}
"""Old class -> the function that gives the next version. No version has been retired yet."""


def newest(event: Event, upcasters: Upcasters) -> Event:
    """The event carried along the chain to the newest version; itself when it is the newest."""
    while step := upcasters.get(type(event)):
        event = step(event)
    return event
