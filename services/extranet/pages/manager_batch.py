"""Several dossiers decided at once: who is left out and why before, a result a row after.  (M3, M4)"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from services.extranet.acting import screen
from services.extranet.backend import Answer, Problem, Visitor
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.queue import Filter, Place, one_page
from services.extranet.render import page, part
from services.extranet.roles import only_for
from services.extranet.words import KINDS, faster

router = APIRouter(route_class=only_for("manager"))

AT_MOST = 200
AT_ONCE = 4
_KEYS = UUID("5e2c9d1a-7f43-5b1c-9a60-3f0f5c2b7d11")
"""Of the command of each row, made from the key of the form: sent twice, it is done once."""

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a kind of dossier is read."""

    service: str
    path: str

    async def of(self, visitor: Visitor, id: str) -> Answer:
        """The dossier as it is now."""
        return await visitor.read(self.service, self.path.format(id=id))


READINGS: Mapping[str, Reading] = {
    "referencing": Reading("registration", "/referencing-requests/{id}"),
    "offering": Reading("offerings", "/offerings/{id}"),
    "session": Reading("attendance", "/sessions/{id}/certificates"),
    "invoice": Reading("invoicing", "/invoices/{id}"),
    "order": Reading("offerings", "/orders/{id}"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What an act does to a dossier in a state."""

    status: str
    path: str
    content: Content
    """`reasons` are laid over it, where the act has some."""


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done to several dossiers at once; `done` is said of each that it was done to."""

    code: str
    label: str
    done: str
    steps: Mapping[str, Step]
    reasons: bool = False


_DECIDE = "/{id}/decision"
ACTS: Mapping[str, Act] = {
    act.code: act
    for act in (
        Act("accepter", "Accepter", "Accepté", {
            "referencing": Step("submitted", "/referencing-requests" + _DECIDE, {"decision": "accept"}),
            "offering": Step("submitted", "/offerings" + _DECIDE, {"decision": "accept"}),
            "session": Step("submitted", "/sessions/{id}/certificates/validation", {}),
            "invoice": Step("submitted", "/invoices" + _DECIDE, {"decision": "accept"}),
        }),
        Act("rejeter", "Rejeter", "Rejeté", {
            "referencing": Step("submitted", "/referencing-requests" + _DECIDE, {"decision": "reject"}),
            "offering": Step("submitted", "/offerings" + _DECIDE, {"decision": "reject"}),
            "session": Step("submitted", "/sessions/{id}/certificates/rejection", {}),
            "invoice": Step("submitted", "/invoices/{id}/return", {"kind": "rejected"}),
        }, reasons=True),
        Act("proposer", "Envoyer la proposition", "Proposition envoyée", {
            "referencing": Step("requested", "/referencing-requests/{id}/proposal", {}),
        }),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A dossier of the batch: `why_not` when it is left out, or when it failed."""

    id: str
    kind: str
    title: str
    version: int | None = None
    why_not: str | None = None


@router.get("/version/{kind}/{id}")
async def still_the_same(request: Request, kind: str, id: UUID, visitor: SignedIn, lue: int) -> Response:
    """What a decision page asks now and then: nothing while the dossier is as it was read; then, who was faster."""
    if kind not in READINGS:
        raise HTTPException(404)
    answer = await READINGS[kind].of(visitor, str(id))
    if answer.version == lue:
        return Response(status_code=204)
    standing = await visitor.maybe("notifications", f"/dossiers/{id}/standing")
    change = (standing or {}).get("last_change")
    return part(request, "gestion-change.html", change=faster(change) if change else None)


@router.post("/lot")
async def preview(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """What would be done, to which dossiers, and which are left out and why; nothing is decided yet."""
    chosen = ACTS.get(form.text("acte"), ACTS["accepter"])
    ticked, more = await _chosen(visitor, form)
    return await _preview(request, chosen, await _rows(visitor, chosen, ticked), form, more=more)


async def _preview(
    request: Request, act: Act, rows: Sequence[Row], form: Form, fault: str = "", more: str = ""
) -> Response:
    return await screen(
        request, "gestion-lot.html", act=act, included=[row for row in rows if row.why_not is None],
        excluded=[row for row in rows if row.why_not], motif=form.text("motif"), back=back_of(form), kinds=KINDS,
        fault=fault, at_most=AT_MOST, more=more or form.text("suite"), whole=_whole(form),
    )  # fmt: skip


@router.post("/lot/envoi")
async def decide(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Does it, a command a row: one that fails stops none of the others, and stays selected with its cause."""
    act = ACTS.get(form.text("acte"), ACTS["accepter"])
    motif = form.text("motif")
    chosen = [each for each in _ticked(form) if each[0] in act.steps]
    rows = [_sent(*pair, form) for pair in chosen[:AT_MOST]]
    if act.reasons and not motif:
        return await _preview(request, act, rows, form, "Écrivez le motif : l'organisme le lira tel quel.")
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> Row:
        async with gate:
            return await _one(visitor, act, row, motif, form.key)

    results = await asyncio.gather(*(one(row) for row in rows))
    return await page(
        request, "gestion-lot-resultat.html", act=act, results=results, motif=motif, back=back_of(form), kinds=KINDS,
        failed=sum(1 for row in results if row.why_not), more=form.text("suite"), whole=_whole(form),
    )  # fmt: skip


async def _one(visitor: Visitor, act: Act, row: Row, motif: str, key: str) -> Row:
    step = act.steps[row.kind]
    content = {**step.content, **(_reasons(row.kind, motif) if act.reasons else {})}
    try:
        await visitor.act(
            "POST", READINGS[row.kind].service, step.path.format(id=row.id), str(uuid5(_KEYS, f"{key} {row.id}")),
            row.version, json=content or None,
        )  # fmt: skip
    except Problem as problem:
        if problem.status == 401:
            raise
        return Row(row.id, row.kind, row.title, row.version, _cause(problem))
    return row


def _cause(problem: Problem) -> str:
    change = problem.content.get("last_change")
    return (
        faster(change)
        if change
        else f"{problem.content.get('title', '')} : {problem.content.get('detail', '')}"
    )


def _reasons(kind: str, motif: str) -> Content:
    match kind:
        case "session":
            return {"reasons": [{"text": motif}]}
        case "invoice":
            return {"reasons": [{"code": "other", "text": motif}]}
        case _:
            return {"reasons": [motif]}


async def _chosen(visitor: Visitor, form: Form) -> tuple[list[tuple[str, str]], str]:
    """(kind, id) of the dossiers that were ticked, or of those of the whole list from `suite` on; where it goes on."""
    if not form.text("tous"):
        return _ticked(form)[:AT_MOST], ""
    kinds = tuple(each for each in form.text("f.sortes").split() if each in KINDS)
    place = Place("/", "", kinds or tuple(KINDS), whole=bool(form.text("f.tout")))
    asked = Filter(
        place, form.text("f.etape"), form.text("f.qui") or "tous",
        int(form.text("f.depuis")) if form.text("f.depuis").isdigit() else 0, form.text("f.mots"),
        form.text("f.etat"), form.text("f.organisme"), form.text("f.suivi"),
    )  # fmt: skip
    found: list[tuple[str, str]] = []
    after: str | None = form.text("suite")
    while after is not None and len(found) < AT_MOST:
        told = await one_page(visitor, asked, after, limit=100)
        found += [(each["kind"], each["id"]) for each in told["items"]]
        after = told["next"]
    return found, after or ""


def _ticked(form: Form) -> list[tuple[str, str]]:
    return [found for found in map(pair, form.texts("d")) if found]


def _whole(form: Form) -> list[tuple[str, str]]:
    """The list that the whole of is decided, as hidden fields hand it on; nothing when rows were ticked."""
    names = [name for name in form.data if name.startswith("f.")] if form.text("tous") else []
    return [("tous", "1"), *((name, form.text(name)) for name in names)] if names else []


def pair(value: str) -> tuple[str, str] | None:
    """The kind and the id of a row that was ticked; None for what is none."""
    kind, _, named = value.partition(":")
    try:
        return (kind, str(UUID(named))) if kind in KINDS else None
    except ValueError:
        return None


def _sent(kind: str, id: str, form: Form) -> Row:
    """A row as the preview showed it."""
    version = form.text(f"v.{id}")
    return Row(id, kind, form.text(f"t.{id}"), int(version) if version.isdigit() else None)


async def _rows(visitor: Visitor, act: Act, chosen: Sequence[tuple[str, str]]) -> list[Row]:
    gate = asyncio.Semaphore(AT_ONCE * 2)

    async def one(kind: str, id: str) -> Row:
        async with gate:
            return await _looked_at(visitor, act, kind, id)

    return list(await asyncio.gather(*(one(*pair) for pair in chosen)))


async def _looked_at(visitor: Visitor, act: Act, kind: str, id: str) -> Row:
    """A dossier as it is now, and why the act does not concern it, if it does not."""
    if kind not in READINGS:
        return Row(id, kind, id, None, "Ce dossier ne se décide pas par lot : ouvrez-le.")
    try:
        answer = await READINGS[kind].of(visitor, id)
    except Problem as problem:
        if problem.status == 401:
            raise
        return Row(id, kind, id, None, _cause(problem))
    found = answer.content
    title = found.get("title") or found.get("name") or found.get("number") or id
    if kind == "invoice":
        title = f"{found['number']}, {found['body_name']}"
    step = act.steps.get(kind)
    why_not = None
    if step is None:
        why_not = "Cette étape ne se décide pas par lot : ouvrez le dossier."
    elif found["status"] != step.status:
        why_not = f"Rien à décider ici pour l'instant : c'est à {found.get('holder') or 'personne'} d'agir."
    elif kind == "invoice" and (found.get("amendment") or {}).get("status") == "requested":
        why_not = "Une modification est demandée : décidez-en d'abord."
    return Row(id, kind, str(title), answer.version, why_not)


def back_of(form: Form) -> str:
    """The page of ours that the form came from."""
    back = form.text("retour")
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
