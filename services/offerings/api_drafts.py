"""Drafts of offerings over HTTP: kept however incomplete, copied, and the form itself.  (R5, F10)"""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.offerings import daily, draft
from services.offerings.dossiers import draft_of, drafts, keep, offering_of, retyped
from services.offerings.forms import FORM, copied
from services.offerings.refusals import FORM_INCOMPLETE
from services.offerings.requests import DraftIn
from shared.runtime.auth import Caller
from shared.runtime.drafts import Listed
from shared.runtime.http import ReadAfter, asked_by
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["prestations"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.get("/forms/offering")
async def form() -> dict[str, Any]:
    """The offering form: its tabs, and all that is said of each field (R5)."""
    return FORM.schema()


@router.get("/offerings/drafts")
async def list_drafts(runtime: Service, principal: Caller) -> dict[str, Any]:
    """What the body typed and has not submitted, the newest first: its title so far, and how much is missing."""
    found = await drafts(runtime).of(UUID(principal.body))
    return {"items": [_listed(each) for each in found], "next": None}


def _listed(found: Listed) -> dict[str, Any]:
    draft = found.draft
    return {
        "id": str(found.id),
        "title": str(draft.fields.get("title") or ""),
        "missing": len(FORM.check(draft.fields, today()).missing),
        "typed_at": draft.typed_at and draft.typed_at.isoformat(),
    }


@router.get("/offerings/drafts/{id}")
async def show_draft(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """A draft as typed so far, and what is missing; of a rejected offering, the form as it was submitted."""
    draft = await draft_of(runtime, id, principal)
    return {"id": str(id), **draft.told(FORM.check(draft.fields, today()))}


@router.put(
    "/offerings/drafts/{id}",
    responses={409: {"description": "draft-conflict"}, 422: {"description": "offering-form-incomplete"}},
)
async def keep_draft(id: UUID, form: DraftIn, runtime: Service, principal: Caller) -> JSONResponse:
    """Keeps the fields given, whatever is missing, and says what is (R5); nobody's words are lost to another's."""
    kept = await keep(runtime, id, form.fields, form.revisions, principal)
    checked = FORM.check(kept.draft.fields, today())
    kept.check(FORM, checked)
    told = kept.draft.told(checked)
    if checked.missing:
        more = {"revisions": told["revisions"], "draft": told}
        raise Refused(FORM_INCOMPLETE, missing=checked.missing, more=more, draft=id)
    return JSONResponse({"id": str(id), **told})


@router.delete("/offerings/drafts/{id}", status_code=204)
async def drop_draft(id: UUID, request: Request, runtime: Service, principal: Caller) -> None:
    """Gives a draft up; whoever was reminded of it need not be any more (F6)."""
    asked, body = await asked_by(request, principal), UUID(principal.body)
    command = draft.GiveUpDraft(body, asked.actor)
    await runtime.commands.handle(draft.DECIDER, daily.stream(id), command, asked)
    await drafts(runtime).drop(id, body)


@router.post("/offerings/{id}/copy", status_code=201, dependencies=[ReadAfter])
async def copy(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """The same offering as a draft to be given again; its dates and prices are emptied, and listed (F10)."""
    asked = await asked_by(request, principal)
    offered = await offering_of(runtime, id, principal)
    made = uuid5(asked.command, "copy")
    draft = await drafts(runtime).read(made)
    if draft is None:
        fields = copied(await retyped(runtime, offered.form))
        draft = (await keep(runtime, made, fields, None, principal)).draft
    emptied = FORM.check(draft.fields, today(asked.now)).missing
    content = {"id": str(made), "fields": draft.fields, "revisions": draft.revisions}
    return JSONResponse({**content, "emptied": [asdict(each) for each in emptied]}, 201)
