"""How a page is made: Jinja2 with autoescape, the filters of `french.py`, and what stands around every content."""

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from jinja2.utils import missing

from services.extranet import french
from services.extranet.backend import Problem, Visitor
from services.extranet.menu import menu_of

HERE = Path(__file__).parent
STATIC = HERE / "static"


class _Absent(ChainableUndefined):
    """What a service left out is shown as nothing; a name that a template was not given is a fault of ours."""

    __slots__ = ()

    def __str__(self) -> str:
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return ""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=_Absent, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "day": french.day, "full_day": french.full_day, "hour": french.hour, "age": french.age,
        "since": french.since, "number": french.number, "euros": french.euros, "typed": french.typed,
    }  # fmt: skip
    made.globals |= {
        "static": static,
        "count": french.count,
        "period": french.period,
        "new_key": lambda: str(uuid4()),
        "today": french.today,
        "now": lambda: datetime.now(UTC),
    }
    return made


@cache
def static(name: str) -> str:
    """The address of a static file; it changes with the content, so that browsers keep it for ever."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"


_FRAME = {"session", "jeton", "menu", "unread"}
"""Names that every page's frame reads: a page that took one would show somebody else's."""


async def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page, for whoever asks; signed in or not."""
    visitor: Visitor | None = request.state.visitor
    around = await _around(request, visitor)
    if taken := context.keys() & _FRAME:
        raise TypeError(f"{template}: {taken} are the frame's names")
    text = _environment().get_template(template).render(around | context)
    return HTMLResponse(text, status)


def part(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A piece of a page that htmx puts in its place."""
    return HTMLResponse(text_of(request, template, **context), status)


def text_of(request: Request, template: str, **context: Any) -> str:
    """A template with what every page knows."""
    visitor: Visitor | None = request.state.visitor
    return _environment().get_template(template).render(_known(request, visitor) | context)


def _known(request: Request, visitor: Visitor | None) -> dict[str, Any]:
    session = visitor.session if visitor else None
    return {
        "session": session,
        "path": request.url.path,
        "jeton": request.app.state.seal.token(session.id if session else request.state.anonymous),
    }


async def _around(request: Request, visitor: Visitor | None) -> dict[str, Any]:
    """The menu, and how many alerts wait; a page is shown without the number when it cannot be told."""
    known = _known(request, visitor) | {"menu": (), "unread": None, "banner": None}
    if visitor is None:
        return known
    known["menu"] = menu_of(visitor.session, request.url.path)
    try:
        summary = await visitor.get("notifications", "/alerts/summary")
    except Problem as problem:
        if problem.status == 401:
            raise
        summary = {}
    return known | {
        "unread": summary.get("unread"),
        "banner": summary.get("banner"),
        "who": summary.get("who"),
    }
