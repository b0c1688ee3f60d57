"""One example of every event: the life of one made-up training, from the request to the payment."""

from shared.events.event import Event
from shared.events.examples import attendance, invoicing, notifications, offerings, registration
from shared.events.examples.made_up import Example

EXAMPLES: dict[type[Event], Example] = {
    type(example.event): example
    for module in (registration, offerings, attendance, invoicing, notifications)
    for example in module.EXAMPLES
}

__all__ = ["EXAMPLES", "Example"]
