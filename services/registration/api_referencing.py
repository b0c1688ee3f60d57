"""Referencing requests over HTTP: ask, propose, fill in, submit, decide.  (R1 to R3)"""

import json
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from services.registration import account, referencing, siret
from services.registration.dossiers import CONTEXT, reasons, reveal, reveal_or_refuse
from services.registration.forms import FORM, referencing_form
from services.registration.refusals import ALREADY_ACCEPTED, FORM_INCOMPLETE
from services.registration.requests import DecisionIn, FormIn, RequestIn
from services.registration.views import SQL
from shared.events import Clear
from shared.events.registration import ReferencingRequested
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import Dossier, dossier, first_answer
from shared.runtime.form import Checked, Values
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/referencing-requests", tags=["référencement"])

Service = Annotated[Runtime, Depends(runtime_of)]
Status = Literal["requested", "proposed", "submitted", "accepted", "rejected"]


@router.post("", status_code=201)
async def ask(body: RequestIn, request: Request, runtime: Service) -> JSONResponse:
    """Asks to be referenced; the answer names the office that will send its proposal (R1)."""
    asked = await asked_by(request, None)
    route = runtime.own.offices.route(body.perimeter, body.territory, today(asked.now))
    made = uuid5(asked.command, "referencing request")
    person = f"contact-{made}"
    command = referencing.RequestReferencing(
        made, body.name, body.kind, body.perimeter, route.territory, route.office,
        Clear(person, body.contact.name), Clear(person, body.contact.email),
    )  # fmt: skip
    appended = await runtime.commands.handle(referencing.DECIDER, f"referencing-{made}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(made), "office": route.office.model_dump()}, 201)


@router.get("", dependencies=[ReadAfter])
async def list_requests(
    runtime: Service,
    principal: Caller,
    status: Status | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Requests of the caller's office, the newest first; `next` is the `after` of the page that follows."""
    found = await runtime.pool.fetch(SQL.requests, principal.territory, status, after, limit)
    items = await described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where a request stands, and who must act next."""
    row = await runtime.pool.fetchval(SQL.request, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(str(id), found["territory"])
    (item,) = await described(runtime, [found])
    return JSONResponse(item, headers=etag(found["version"]))


@router.post("/{id}/proposal")
async def propose(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Sends the « Proposition d'offre de service », and opens the account that will return it."""
    asked = await asked_by(request, principal)
    found, about = await its(runtime, id, principal)
    email = await reveal_or_refuse(runtime, about.contact_email)
    opening = replace(asked.part(1), correlation=found.correlation)
    opened, event = uuid5(id, "account"), uuid5(opening.command, "0")
    credentials = runtime.own.credentials
    key, code = credentials.login_key(email), credentials.code(event)
    await runtime.pool.execute(SQL.keep_credential, event, opened, key, credentials.digest(code))
    holder = await runtime.pool.fetchrow(SQL.account_by_login, key)
    command = account.OpenAccount(
        opened, id, about.contact_email, about.contact_name,
        runtime.own.new_code(about.contact_email.person, code, asked.now),
        login_held_by=holder["id"] if holder and holder["id"] != opened else None,
    )  # fmt: skip
    answers = await runtime.commands.together(
        [
            Part(referencing.DECIDER, f"referencing-{id}", referencing.SendProposal(asked.actor), asked),
            Part(account.DECIDER, f"account-{opened}", command, opening),
        ]
    )
    return accepted(CONTEXT, answers[0], {"id": str(id), "account": str(opened)})


@router.put("/{id}/form", responses={422: {"description": "referencing-form-incomplete"}})
async def keep_form(id: UUID, form: FormIn, runtime: Service, principal: Caller) -> JSONResponse:
    """Keeps the form as typed, whatever is missing, and says what is (R3)."""
    found, about = await its(runtime, id, principal)
    if found.state.status == "accepted":
        raise Refused(ALREADY_ACCEPTED)
    sealed = await runtime.keyring.seal({about.contact_email.person: [json.dumps(form.fields)]})
    (draft,) = sealed[about.contact_email.person]
    typed = {"person": draft.person, "sealed": draft.sealed}
    await runtime.pool.execute(SQL.keep_draft, id, json.dumps(typed))
    checked = check(runtime, form.fields)
    if checked.missing:
        raise Refused(FORM_INCOMPLETE, missing=checked.missing)
    return JSONResponse({"id": str(id), "complete": True, "missing": []})


@router.get("/{id}/form")
async def show_form(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """The form as typed so far, and what is missing."""
    await its(runtime, id, principal)
    fields = await draft_of(runtime, id)
    missing = [
        {
            "field": each.field,
            "label": each.label,
            "where": each.where,
            "reason": each.reason,
            "colour": each.colour,
        }
        for each in check(runtime, fields).missing
    ]
    return {"id": str(id), "fields": fields, "complete": not missing, "missing": missing}


@router.post("/{id}/submission")
async def submit(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits the form that was kept; its SIRET is then held by this request alone."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    found, _ = await its(runtime, id, principal)
    checked = check(runtime, await draft_of(runtime, id))
    if checked.missing:
        raise Refused(FORM_INCOMPLETE, missing=checked.missing)
    route = runtime.own.offices.route(
        checked.values["perimeter"], checked.values.get("territory"), today(asked.now)
    )
    form = referencing_form(checked.values, id, route.territory)
    claiming = replace(asked.part(1), correlation=found.correlation)
    answers = await runtime.commands.together(
        [
            Part(
                referencing.DECIDER, f"referencing-{id}",
                referencing.SubmitReferencing(form, route.office), asked,
            ),
            Part(siret.DECIDER, f"siret-{form.siret}", siret.ClaimSiret(form.siret, id), claiming),
        ]
    )  # fmt: skip
    return accepted(CONTEXT, answers[0], {"id": str(id)})


@router.post("/{id}/decision")
async def decide(
    id: UUID, decision: DecisionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Accepts, or rejects with reasons (R2); a rejected request lets go of its SIRET."""
    asked = await asked_by(request, principal)
    found, _ = await its(runtime, id, principal)
    parts = [Part(referencing.DECIDER, f"referencing-{id}", _decision(decision, asked), asked)]
    if decision.decision == "reject" and found.state.siret:
        releasing = replace(asked.part(1), correlation=found.correlation)
        release = siret.ReleaseSiret(found.state.siret, id)
        parts.append(Part(siret.DECIDER, f"siret-{found.state.siret}", release, releasing))
    answers = await runtime.commands.together(parts)
    return accepted(CONTEXT, answers[0], {"id": str(id)})


def _decision(decision: DecisionIn, asked: Asked) -> referencing.Command:
    if decision.decision == "accept":
        return referencing.AcceptReferencing(asked.actor, today(asked.now))
    return referencing.RejectReferencing(reasons(decision.reasons), asked.actor, today(asked.now))


async def its(
    runtime: Runtime, id: UUID, principal: Principal
) -> tuple[Dossier[referencing.Request], ReferencingRequested]:
    """A request as it is now, if the caller may see it. Raises `Refused` otherwise."""
    found = await dossier(runtime, referencing.DECIDER, f"referencing-{id}")
    if found.state.asked is None:
        raise Refused(NOT_FOUND)
    principal.check(str(id), found.state.territory)
    return found, found.state.asked


def check(runtime: Runtime, typed: Values) -> Checked:
    """What is missing in a form, its territory looked up in the reference data."""
    day = today()
    checked = FORM.check(typed, day)
    perimeter, territory = checked.values.get("perimeter"), checked.values.get("territory")
    if perimeter == "regional" and territory:
        try:
            runtime.own.offices.route(perimeter, territory, day)
        except Refused as unknown:
            return Checked(checked.values, (*checked.missing, *unknown.missing))
    return checked


async def draft_of(runtime: Runtime, id: UUID) -> Values:
    """The form as typed so far; nothing when the person whose it was is erased."""
    kept = await runtime.pool.fetchval(SQL.draft, id)
    (typed,) = await reveal(runtime, json.loads(kept)) if kept else (None,)
    values: Values = json.loads(typed) if typed else {}
    return values


async def described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    """Requests as people read them; the contacts of all are revealed at once."""
    personal = await reveal(
        runtime, *(row[name] for row in rows for name in ("contact_name", "contact_email"))
    )
    return [
        {
            **{name: row[name] for name in _SHOWN},
            **_next_step(row),
            "contact": {"name": personal[2 * place], "email": personal[2 * place + 1]},
        }
        for place, row in enumerate(rows)
    ]


_SHOWN = (
    "id", "status", "name", "kind", "perimeter", "territory", "office", "siret", "revision", "reasons", "version",
    "requested_at",
)  # fmt: skip

_NEXT_STEPS = {
    "requested": "Formiris envoie la « Proposition d'offre de service ».",
    "proposed": "L'organisme complète la demande de référencement et la soumet.",
    "submitted": "Formiris examine la demande et informe l'organisme de sa décision par e-mail.",
    "rejected": "L'organisme corrige sa demande et la soumet à nouveau.",
    "accepted": "L'organisme est référencé : il peut soumettre des prestations.",
}


def _next_step(row: Row) -> Row:
    with_formiris = row["status"] in ("requested", "submitted")
    return {
        "holder": row["office"]["name"] if with_formiris else THE_BODY,
        "next_step": _NEXT_STEPS[row["status"]],
    }
