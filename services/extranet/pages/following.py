"""Dossiers shared out among managers: taken on, handed over, replaced while somebody is away.  (M1)"""

import asyncio
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.acting import act, faults_of, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.following import managers
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.pages.manager_batch import AT_MOST, AT_ONCE, back_of, pair
from services.extranet.queue import ME, NOBODY
from services.extranet.roles import only_for

router = APIRouter(route_class=only_for("manager"))

_KEYS = UUID("d0b9f6c4-2f4e-5f8d-9b0d-3c7a5e1f8a26")


@router.post("/suivi")
async def entrust(visitor: SignedIn, form: Sent) -> Response:
    """Takes dossiers on, hands them over with a word to whoever goes on, or lets them go."""
    given = form.text("a")
    to = form.text("vers") if given == "vers" else given
    person = {ME: visitor.session.account, NOBODY: None}.get(to, to or None)
    chosen = [found[1] for found in map(pair, form.texts("d")) if found][:AT_MOST]
    back = back_of(form)
    if not chosen or (given == "vers" and not to):
        return RedirectResponse(_with(back, "suivi-rien"), 303)
    gate = asyncio.Semaphore(AT_ONCE)
    content = {"to": person, "note": form.text("note") or None}

    async def one(id: str) -> None:
        async with gate:
            key = str(uuid5(_KEYS, f"{form.key} {id}"))
            await visitor.act("PUT", "notifications", f"/dossiers/{id}/follower", key, json=content)

    await asyncio.gather(*map(one, chosen))
    return RedirectResponse(_with(back, "confie" if person else "rendu"), 303)


def _with(address: str, done: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}fait={done}"


@router.get("/absences")
async def absences(request: Request, visitor: SignedIn) -> Response:
    """Who is away, who will be, and who stands in."""
    return await _absences(request, visitor)


async def _absences(
    request: Request, visitor: Visitor, problem: Problem | None = None, form: Form | None = None
) -> Response:
    told, people = await asyncio.gather(visitor.get("notifications", "/absences"), managers(visitor))
    names = {each["id"] for each in people}
    typed = {name: form.text(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-absences.html", problem, absences=[each for each in told["items"] if each["person"] in names],
        typed_in=typed, faults=faults_of(problem),
    )  # fmt: skip


@router.post("/absences")
async def declare(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Somebody will be away, or is ill today; said again, the last word counts."""
    person = form.text("person") or visitor.session.account
    content = {
        "starts_on": form.text("starts_on") or None,
        "ends_on": form.text("ends_on") or None,
        "replacement": form.text("replacement") or None,
    }
    return await act(
        visitor, form, "PUT", "notifications", f"/absences/{person}", json=content, then="/absences?fait=absence",
        again=lambda problem: _absences(request, visitor, problem, form),
    )  # fmt: skip
