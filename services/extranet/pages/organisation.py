"""A body's own details: seen, changed with what proves it, and why it is suspended.  (L4, O6)"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet import draft
from services.extranet.acting import version_of
from services.extranet.backend import Problem, Visitor
from services.extranet.done import done
from services.extranet.draft import Draft, Tab
from services.extranet.files import passed_on, taken_in
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.pages.forms import referencing
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of

TOGETHER = ({"address", "postcode", "town"}, {"vat_regime", "vat_number"})
"""Details of which one never changes without the others being said."""

router = APIRouter(prefix="/organisme", route_class=only_for("body"))
by_name = APIRouter(route_class=only_for("body"))


@by_name.get("/organismes/{id}")
async def own(id: UUID, visitor: SignedIn) -> Response:
    """Where its dossiers say that a body is; it has its own page, and no other's."""
    if str(id) != visitor.session.body:
        raise HTTPException(404)
    return RedirectResponse("/organisme", 303)


@router.get("")
async def details(request: Request, visitor: SignedIn) -> Response:
    """What Formiris knows of the body, tab by tab; a body that is not referenced yet is told where it stands."""
    found, dossier = await asyncio.gather(_known(visitor), standing_of(visitor, str(visitor.session.body)))
    if found is None:
        return await page(request, "organisme-attendu.html", dossier=dossier)
    body, values, tabs, form, version = found
    return await page(
        request, "organisme.html", body=body, values=values, tabs=tabs, form=form, dossier=dossier, version=version,
        words=draft.words, done=done(request),
        labels={each["name"]: each["label"] for tab in tabs for each in tab.fields},
        territories=(await visitor.backend.lasting("registration", "/territories"))["items"],
    )  # fmt: skip


@router.get("/documents/{sha256}")
async def document(sha256: str, visitor: SignedIn) -> Response:
    """A document that the body gave as proof."""
    return await passed_on(
        visitor, "registration", f"/training-bodies/{visitor.session.body}/documents/{sha256}"
    )


@router.get("/modifier/{tab}")
async def edit(request: Request, tab: str, visitor: SignedIn) -> Response:
    """Some of the details, to be changed."""
    return await _editing(request, visitor, tab)


@router.post("/modifier/{tab}")
async def change(request: Request, tab: str, visitor: SignedIn, form: Sent) -> Response:
    """Changes only what was changed; a proof that was received stays when something else is wrong."""
    editable = await _editable(visitor, tab)
    typed = draft.typed_in(editable.fields, form)
    touched = changed_in(editable, typed, form)
    proof = form.text("preuve")
    if path := draft.asks_for_rows(form):
        return await _editing(request, visitor, tab, None, typed, proof, draft.row_of(typed, path))
    try:
        proof = await taken_in(visitor, "registration", form.file("preuve-fichier")) or form.text("preuve")
        if not touched:
            return RedirectResponse("/organisme?fait=rien-a-modifier", 303)
        await visitor.act(
            "PATCH", "registration", f"/training-bodies/{visitor.session.body}", form.key, version_of(form),
            json={"fields": touched, "proof": proof or None},
        )  # fmt: skip
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _editing(request, visitor, tab, problem, typed, proof)
    return RedirectResponse("/organisme?fait=modifie", 303)


def changed_in(tab: Tab, typed: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """What the reader changed, with what never changes alone."""
    names = {
        each["name"]
        for each in tab.fields
        if draft.digest(draft.plain(each, typed[each["name"]]))
        != draft.Mark.of(form.text(f"lu.{each['name']}")).digest
    }
    beside = {name for group in TOGETHER if group & names for name in group if typed.get(name)}
    return {name: typed[name] for name in typed if name in names | beside}


async def _editing(
    request: Request, visitor: Visitor, slug: str,
    problem: Problem | None = None, typed: Mapping[str, Any] | None = None, proof: str = "", row: str = "",
) -> Response:  # fmt: skip
    found, tab = await asyncio.gather(_known(visitor), _editable(visitor, slug))
    if found is None:
        raise HTTPException(404)
    _, values, _, form, version = found
    shown = Draft([tab], {**values, **(typed or {})}, missing=problem.missing if problem else ())
    marks = Draft([tab], values)
    return await page(
        request, "organisme-modifier.html", problem.status if problem else 200, problem=problem, tab=tab, draft=shown,
        marks={each["name"]: marks.mark(each) for each in tab.fields}, proof=proof, version=version, words=draft.words,
        shown=draft.shown, territories=[], row=row,
        proven=[each["label"] for each in tab.fields if each["name"] in form["proven"]],
    )  # fmt: skip


async def _editable(visitor: Visitor, slug: str) -> Tab:
    """A tab of the referencing form, with what a referenced body may change in it."""
    form = await visitor.backend.lasting("registration", "/forms/referencing")
    tabs = await draft.tabs_of(visitor, referencing(visitor).place)
    found = next((tab for tab in tabs if tab.slug == slug), None)
    fields = [each for each in found.fields if each["name"] in form["changeable"]] if found else []
    if found is None or not fields:
        raise HTTPException(404)
    return replace(found, fields=fields)


async def _known(
    visitor: Visitor,
) -> tuple[dict[str, Any], dict[str, Any], list[Tab], Mapping[str, Any], int | None] | None:
    """The body as its API tells it, its form's values of today, and its version; None before it is referenced."""
    subject = referencing(visitor)
    try:
        body, sent, form, tabs = await asyncio.gather(
            visitor.read("registration", f"/training-bodies/{subject.id}"),
            visitor.get("registration", f"{subject.dossier}/submissions"),
            visitor.backend.lasting("registration", "/forms/referencing"),
            draft.tabs_of(visitor, subject.place),
        )
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    values = {**(sent["items"][-1]["fields"] if sent["items"] else {}), **_of_today(body.content)}
    return body.content, values, tabs, form, body.version


def _of_today(body: Mapping[str, Any]) -> dict[str, Any]:
    """What changed since the form was accepted, under the names of its fields."""
    apart = ("address", "contacts", "legal_representative", "qualiopi", "bank", "territory")
    said = {name: value for name, value in body.items() if isinstance(value, str) and name not in apart}
    if place := body.get("address"):
        said |= {"address": place["street"], "postcode": place["postcode"], "town": place["town"]}
    said |= {name: body[name] for name in ("contacts", "legal_representative", "qualiopi") if body.get(name)}
    bank = {name: value for name, value in (body.get("bank") or {}).items() if value}
    return said | bank
