"""Referencing requests over HTTP: ask, propose, fill in, submit, decide.  (R1 to R3)"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.registration import account, referencing, siret
from services.registration.administrators import first_account
from services.registration.api_tokens import check_address, failed
from services.registration.dossiers import CONTEXT, held_by, reasons, reveal, reveal_or_refuse
from services.registration.forms import CHANGEABLE, FORM, as_typed, referencing_form
from services.registration.offices import Route
from services.registration.proposal import TEMPLATE, proposal_page
from services.registration.refusals import ALREADY_ACCEPTED, FORM_INCOMPLETE, NO_PROPOSAL_DOCUMENT
from services.registration.requests import DecisionIn, FormIn, RequestIn
from services.registration.training_body import PROVEN
from services.registration.views import SQL
from shared.events import Clear, Sealed, personals, with_personals
from shared.events.parts import Office
from shared.events.registration import ReferencingRequested, ReferencingSubmitted
from shared.runtime import pdf, receipts
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import Dossier, dossier, first_answer
from shared.runtime.drafts import Draft, Drafts
from shared.runtime.form import Checked, Values
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/referencing-requests", tags=["référencement"])

forms = APIRouter(tags=["référencement"])

Service = Annotated[Runtime, Depends(runtime_of)]
Status = Literal["requested", "proposed", "submitted", "accepted", "rejected"]
RECEIPT = "Demande de référencement"
"""What the receipt of a submission is of."""


@forms.get("/forms/referencing")
async def form() -> dict[str, Any]:
    """The referencing form: tabs, fields, what is mandatory and in which colour, kinds, choices, help.

    `proven`: what changes later only with a document that proves it; `changeable`: what changes at all.
    """
    return FORM.schema() | {"proven": list(PROVEN), "changeable": list(CHANGEABLE)}


@router.post("", status_code=201)
async def ask(body: RequestIn, request: Request, runtime: Service) -> JSONResponse:
    """Asks to be referenced; the answer names the office that will send its proposal (R1)."""
    asked = await asked_by(request, None)
    await check_address(runtime, request)
    await failed(runtime, request)
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
    found = await runtime.pool.fetch(SQL.requests, principal.territories, status, after, limit)
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
    document = await _document(runtime, found.state, about, asked)
    opening = replace(asked.part(1), correlation=found.correlation)
    opened, event = first_account(id), uuid5(opening.command, "0")
    credentials = runtime.own.credentials
    key, code = credentials.login_key(email), credentials.code(event)
    await runtime.pool.execute(SQL.keep_credential, event, opened, key, credentials.digest(code))
    holder = await held_by(runtime, key, opened)
    command = account.OpenAccount(
        opened, id, about.contact_email, about.contact_name,
        runtime.own.new_code(about.contact_email.person, code, asked.now),
        login_held_by=holder,
    )  # fmt: skip
    answers = await runtime.commands.together(
        [
            Part(
                referencing.DECIDER,
                f"referencing-{id}",
                referencing.SendProposal(asked.actor, document),
                asked,
            ),
            Part(account.DECIDER, f"account-{opened}", command, opening),
        ]
    )
    return accepted(CONTEXT, answers[0], {"id": str(id), "account": str(opened)})


async def _document(
    runtime: Runtime, request: referencing.Request, about: ReferencingRequested, asked: Asked
) -> str:
    """The proposal as it goes to the body, kept under its sha256; one that went keeps its document."""
    if request.document:
        return request.document
    office = present(runtime, about.territory, about.office)
    page = proposal_page(about, office, today(asked.now))
    return await runtime.documents.put(await pdf.rendered(TEMPLATE, page, on=today(asked.now)))


@router.get("/{id}/proposal.pdf", response_class=Response)
async def proposal(id: UUID, runtime: Service, principal: Caller) -> Response:
    """The « Proposition d'offre de service » that Formiris sent, as PDF."""
    found, _ = await its(runtime, id, principal)
    if found.state.document is None:
        raise Refused(NO_PROPOSAL_DOCUMENT)
    content = await runtime.documents.get(found.state.document)
    named = {"Content-Disposition": 'inline; filename="proposition-offre-de-service.pdf"'}
    return Response(content, media_type="application/pdf", headers=named)


@router.put("/{id}/form", responses={422: {"description": "referencing-form-incomplete"}})
async def keep_form(id: UUID, form: FormIn, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Keeps the fields given, whatever is missing, and says what is (R3), or what somebody else changed meanwhile."""
    found, about = await its(runtime, id, principal)
    if found.state.status == "accepted":
        raise Refused(ALREADY_ACCEPTED)
    begun = await drafts(runtime).read(id) is not None
    kept = await drafts(runtime).keep(
        id, about.contact_email.person, form.fields if begun else {**_asked(about), **form.fields}, form.revisions,
        f"{principal.role}:{principal.subject}", datetime.now(UTC),
    )  # fmt: skip
    checked = check(runtime, kept.draft.fields)
    kept.check(FORM, checked)
    if checked.missing:
        raise Refused(FORM_INCOMPLETE, missing=checked.missing, more={"draft": kept.draft.told(checked)})
    return {"id": str(id), **kept.draft.told(checked)}


@router.get("/{id}/form")
async def show_form(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """The form as typed so far, field by field with its revision, and what is missing."""
    _, about = await its(runtime, id, principal)
    draft = await drafts(runtime).read(id) or Draft(_asked(about))
    return {"id": str(id), **draft.told(check(runtime, draft.fields))}


def _asked(about: ReferencingRequested) -> Values:
    """What the request said already: nobody types it twice."""
    said = {
        "name": about.body_name, "kind": about.body_kind, "perimeter": about.perimeter, "territory": about.territory,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


@router.get("/{id}/submissions")
async def list_submissions(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """The form each time it was submitted, the first one first: what a decision is about, and what was corrected.

    Each with its receipt: position and hash of the event, and who sent it.
    """
    submitted = await _submitted(runtime, id, principal)
    sealed = [each for _, _, event in submitted for each in personals(event) if isinstance(each, Sealed)]
    clear = await runtime.keyring.reveal(sealed)
    items = [
        {"revision": event.revision, "at": at, "fields": as_typed(with_personals(event, clear).form)}
        | receipts.receipt(CONTEXT, row)
        for row, at, event in submitted
    ]
    return {"items": items, "next": None}


@router.get("/{id}/submissions/{revision}/receipt.pdf", response_class=Response)
async def show_receipt(id: UUID, revision: int, runtime: Service, principal: Caller) -> Response:
    """What proves that the form was received, as PDF (F11)."""
    sent = await _submitted(runtime, id, principal)
    return await receipts.on_paper(CONTEXT, RECEIPT, sent, revision, lambda event: event.form.name)


async def _submitted(runtime: Runtime, id: UUID, principal: Principal) -> receipts.Sent[ReferencingSubmitted]:
    await its(runtime, id, principal)
    return receipts.sent(await runtime.ledger.stream(f"referencing-{id}"), ReferencingSubmitted)


@router.post("/{id}/submission")
async def submit(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits the form that was kept; its SIRET is then held by this request alone."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    found, about = await its(runtime, id, principal)
    draft = await drafts(runtime).read(id) or Draft(_asked(about))
    checked = check(runtime, draft.fields)
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
    route = runtime.own.offices.heir(found.state.territory, today(asked.now))
    parts = [Part(referencing.DECIDER, f"referencing-{id}", _decision(decision, asked, route), asked)]
    if decision.decision == "reject" and found.state.siret:
        releasing = replace(asked.part(1), correlation=found.correlation)
        release = siret.ReleaseSiret(found.state.siret, id)
        parts.append(Part(siret.DECIDER, f"siret-{found.state.siret}", release, releasing))
    answers = await runtime.commands.together(parts)
    return accepted(CONTEXT, answers[0], {"id": str(id)})


def _decision(decision: DecisionIn, asked: Asked, route: Route) -> referencing.Command:
    """`route`: the office of the day, in case the one that was asked ended since."""
    if decision.decision == "accept":
        return referencing.AcceptReferencing(asked.actor, today(asked.now), route.office, route.territory)
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


def drafts(runtime: Runtime) -> Drafts:
    """The forms as typed."""
    return Drafts(runtime.pool, runtime.keyring)


async def described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    """Requests as people read them; the contacts of all are revealed at once."""
    personal = await reveal(
        runtime, *(row[name] for row in rows for name in ("contact_name", "contact_email"))
    )
    return [
        {
            **{name: row[name] for name in _SHOWN},
            "office": present(runtime, row["territory"], Office(**row["office"])).model_dump(),
            **_next_step(runtime, row),
            "contact": {"name": personal[2 * place], "email": personal[2 * place + 1]},
        }
        for place, row in enumerate(rows)
    ]


_SHOWN = (
    "id", "status", "name", "kind", "perimeter", "territory", "siret", "revision", "reasons", "version",
    "requested_at",
)  # fmt: skip

_NEXT_STEPS = {
    "requested": "Formiris envoie la « Proposition d'offre de service ».",
    "proposed": "L'organisme complète la demande de référencement et la soumet.",
    "submitted": "Formiris examine la demande et informe l'organisme de sa décision par e-mail.",
    "rejected": "L'organisme corrige sa demande et la soumet à nouveau.",
    "accepted": "L'organisme est référencé : il peut soumettre des prestations.",
}


def present(runtime: Runtime, territory: str | None, office: Office) -> Office:
    """Who answers today for a dossier of this territory: another office, once the territory ended."""
    if territory is None:
        return office
    route: Route = runtime.own.offices.heir(territory, today())
    return office if route.territory == territory else route.office


def _next_step(runtime: Runtime, row: Row) -> Row:
    with_formiris = row["status"] in ("requested", "submitted")
    office = present(runtime, row["territory"], Office(**row["office"]))
    return {
        "holder": office.name if with_formiris else THE_BODY,
        "next_step": _NEXT_STEPS[row["status"]],
    }
