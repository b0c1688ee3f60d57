"""What the routes of registration share: personal values in clear, and reasons."""

from typing import Any

from shared.events import Erased, Sealed
from shared.events.parts import Reason
from shared.runtime.refusal import Refused
from shared.runtime.refusals import PERSON_ERASED
from shared.runtime.service import Runtime

CONTEXT = "registration"


async def reveal(runtime: Runtime, *values: Any) -> list[str | None]:
    """Personal values in clear, None for those of an erased person; `values` as events or views hold them."""
    sealed = [Sealed(**value) if isinstance(value, dict) else value for value in values]
    clear = await runtime.keyring.reveal([value for value in sealed if isinstance(value, Sealed)])
    return [getattr(clear.get(value), "value", None) for value in sealed]


async def reveal_or_refuse(runtime: Runtime, value: Sealed | Any) -> str:
    """One personal value in clear. Raises `Refused` when its person was erased."""
    (found,) = await reveal(runtime, value)
    if found is None or isinstance(value, Erased):
        raise Refused(PERSON_ERASED)
    return found


def reasons(words: list[str]) -> tuple[Reason, ...]:
    """Reasons as events carry them."""
    return tuple(Reason(text=each) for each in words)
