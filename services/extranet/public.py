"""For whoever is not signed in: forms of a few fields, shown again as typed with what is wrong; what anybody reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from services.extranet.backend import Answer, Problem
from services.extranet.forms import Form
from services.extranet.render import page


@dataclass(frozen=True, slots=True)
class Screen:
    """A form of a few fields: where it goes, its template, and its fields with their labels."""

    path: str
    template: str
    labels: Mapping[str, str]


async def shown(request: Request, screen: Screen, **context: Any) -> Response:
    """The form, empty unless the context says otherwise."""
    fixed: dict[str, Any] = {"typed_in": {}, "faults": {}, "problem": None, "labels": screen.labels}
    return await page(request, screen.template, **(fixed | context))


async def again(request: Request, screen: Screen, form: Form, problem: Problem, **context: Any) -> Response:
    """The same form, as typed, with what is wrong."""
    if problem.status >= 500:
        raise problem
    faults = {str(each["field"]): f"{each.get('reason') or 'à renseigner'}" for each in problem.missing}
    typed_in = {name: form.text(name) for name in screen.labels if name != "password"}
    return await shown(
        request, screen, status=problem.status, typed_in=typed_in, faults=faults, problem=problem, **context
    )


async def sent(request: Request, path: str, key: str, content: Mapping[str, Any]) -> Answer:
    """A command of somebody who is not signed in."""
    backend = request.app.state.backend
    headers = {"Idempotency-Key": key, **backend.on_behalf_of(request.client.host if request.client else "")}
    answer = await backend.send("POST", "registration", path, None, json=content, headers=headers)
    return Answer(answer.json() if answer.content else None, None, answer.headers.get("position"))


async def told(request: Request, service: str, path: str) -> Any:
    """What anybody may read. Raises `Problem`."""
    return (await request.app.state.backend.send("GET", service, path, None)).json()


async def hours_of(request: Request) -> dict[str, Any] | None:
    """When Assistance answers, with the days when it does not; None while nobody can tell."""
    try:
        hours: dict[str, Any] = await told(request, "registration", "/assistance-hours")
    except Problem:
        return None
    return hours
