"""Who of Formiris may follow a dossier, and who does.  (M1)"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.extranet.backend import Problem, Visitor


async def managers(visitor: Visitor) -> Sequence[Mapping[str, Any]]:
    """The reader's colleagues, the reader included; none when they cannot be told: a page is shown without."""
    try:
        told = await visitor.lasting("registration", "/managers", visitor.session.territory or "")
    except Problem as problem:
        if problem.status == 401:
            raise
        return ()
    items: list[Mapping[str, Any]] = told["items"]
    return items
