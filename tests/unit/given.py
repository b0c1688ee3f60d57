"""Given these events, when this command, then those events or that refusal: the form of an aggregate's tests.

given = specification(DECIDER)
given(OrderIssued(...)).when(SignOrder(...)).then(OrderSigned(...))
given(OrderIssued(...)).when(SignOrder(...)).then()                          # nothing happens
given().when(SignOrder(...)).refused("order-not-issued").missing             # the Refused itself, to look at
given(OrderIssued(...)).when(SignOrder(...)).changes_nothing_twice()
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from shared.events import Event
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


class When:
    """One command, decided on one history."""

    def __init__(self, decider: Decider[Any, Any], history: Sequence[Event], command: object) -> None:
        self._decider, self._history, self._command = decider, history, command

    def events(self) -> list[Event]:
        """What is decided; raises `Refused` as decide does."""
        return list(self._decider.decide(self._decider.fold(self._history), self._command))

    def state(self) -> Any:
        """The state once what was decided has happened."""
        return self._decider.fold([*self._history, *self.events()])

    def then(self, *expected: Event) -> None:
        """Exactly these events; none: nothing happens."""
        assert self.events() == list(expected)

    def refused(self, code: str) -> Refused:
        """Refused with this code of the catalogue; gives the refusal."""
        with pytest.raises(Refused) as caught:
            self.events()
        assert caught.value.refusal.code == code
        return caught.value

    def changes_nothing_twice(self) -> None:
        """The same command again decides nothing, or is refused: in no case does anything happen twice."""
        once = [*self._history, *self.events()]
        try:
            again = list(self._decider.decide(self._decider.fold(once), self._command))
        except Refused:
            return
        assert again == []


class Given:
    """A history."""

    def __init__(self, decider: Decider[Any, Any], history: Sequence[Event]) -> None:
        self._decider, self._history = decider, history

    def when(self, command: object) -> When:
        """The command to decide."""
        return When(self._decider, self._history, command)


def specification(decider: Decider[Any, Any]) -> Callable[..., Given]:
    """The `given` of one aggregate."""

    def given(*history: Event) -> Given:
        return Given(decider, history)

    return given
