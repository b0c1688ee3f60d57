"""The auditor reads: every dossier, who did what, when, on what, with its proof; changes nothing.  (U1, U2)"""

import asyncio
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet import verifier
from services.extranet.acting import screen
from services.extranet.backend import Visitor
from services.extranet.forms import SignedIn
from services.extranet.french import day_of
from services.extranet.lives import life_of
from services.extranet.queue import AGES, HOLDERS, Filter, Place, listed
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS, KINDS, event_words, who

router = APIRouter(route_class=only_for("auditor"))

PLACE = Place("/", "Dossiers", tuple(KINDS), whole=True)
CONTEXTS = ("registration", "offerings", "attendance", "invoicing", "notifications")
SHOWN = 50
READ_AT_MOST = 2_000
"""Events of a dossier in one context; a session of a thousand teachers has as many assignments."""


@router.get("/")
async def dossiers(request: Request, visitor: SignedIn) -> Response:
    """Every dossier, the oldest first."""
    asked = Filter.of(request, PLACE)
    found = await listed(visitor, asked, request.query_params.get("apres", ""))
    return await screen(
        request, "gestion-file.html", found=found, asked=asked, kinds=KINDS, holders=HOLDERS, ages=AGES, acts=None,
        selected=set(), export=None, dossier_base="/dossiers/",
    )  # fmt: skip


@router.get("/dossiers/{id}")
async def dossier(
    request: Request, id: UUID, visitor: SignedIn, au: str = "", rang: int = 0, lectures: str = ""
) -> Response:
    """Where a dossier stands, its history and its proof; `au`: as it was at the end of a day.

    `lectures`: also who read it, which is most of what happens to a dossier.
    """
    standing, events = await asyncio.gather(
        visitor.maybe("notifications", f"/dossiers/{id}/standing"), _history(visitor, id)
    )
    until = _day(au)
    told = [each for each in events if lectures or not is_reading(each)]
    seen = [each for each in told if until is None or day_of(each["time"]) <= until]
    start = max(0, min(rang, len(seen)))
    shown = seen[start : start + SHOWN]
    days = [(day, list(group)) for day, group in groupby(shown, key=lambda each: day_of(each["time"]))]
    before = len(seen) > start + SHOWN
    kept = {"au": au if until else "", "lectures": "oui" if lectures else ""}
    following = urlencode({**kept, "rang": start + SHOWN}) if before else None
    return await screen(
        request, "audit-dossier.html", id=id, standing=standing, days=days, seen=len(seen), total=len(events),
        intact=all(each["intact"] for each in events) and _whole(events), until=until, following=following,
        life=life_of(standing) if standing and standing["kind"] in ("offering", "session") else None,
        kinds=KINDS, emails=EMAILS, email_states=EMAIL_STATES, named=event_words, who=who, start=start,
        later=told[: len(told) - len(seen)], readings=sum(map(is_reading, events)), lectures=lectures,
        behalf=lambda actor: on_behalf_of(actor, standing),
    )  # fmt: skip


@router.get("/dossiers/{id}/extrait.zip")
async def extract(id: UUID, visitor: SignedIn) -> Response:
    """The events to the byte, sealed in the ledger, and a small program that verifies them without us (U2)."""
    events = [
        _extracted(each)
        for each in sorted(
            await _history(visitor, id),
            key=lambda each: (each["context"], each["partition"], each["sequence"]),
        )
    ]
    sealed = await visitor.act(
        "POST", "notifications", f"/dossiers/{id}/extracts", json={"digest": verifier.digest(events)}
    )
    readings = await _of(visitor, "notifications", id)
    seal = next(each for each in readings if each["hash"] == sealed.content["hash"])
    content = {"dossier": str(id), "how": HOW, "events": events, "seal": _extracted(seal)}
    headers = {"Content-Disposition": f'attachment; filename="extrait-{id}.zip"'}
    return Response(_zipped(content), media_type="application/zip", headers=headers)


HOW = (
    "hash = sha256(previous || sequence as 8 bytes big-endian || record as UTF-8), hexadecimal here; "
    "the seal is the event of our ledger that holds the digest of this extract"
)
README = """Extrait vérifiable d'un dossier de FormElie.

  python3 verifier.py extrait.json

refait chaque empreinte à partir des octets de l'extrait, sans FormElie et sans réseau, et montre où un octet a changé.
Le programme est court : lisez-le. Le scellé est lui-même un événement de l'historique, à la place qu'il indique ;
quiconque lit le flux de FormElie y retrouve la même empreinte.
"""


def _extracted(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of an extract; `blocks` point at a changed byte."""
    names = ("context", "partition", "sequence", "previous", "hash", "record")
    return {name: event[name] for name in names} | {"blocks": verifier.blocks(event["record"].encode())}


def _zipped(content: Mapping[str, Any]) -> bytes:
    into = io.BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        archive.writestr("extrait.json", json.dumps(content, ensure_ascii=False, indent=1))
        archive.write(verifier.__file__, "verifier.py")
        archive.writestr("LISEZ-MOI.txt", README)
    return into.getvalue()


def is_reading(event: Mapping[str, Any]) -> bool:
    """Whether somebody read, and changed nothing."""
    return ".DossierRead." in str(event["type"])


def on_behalf_of(actor: str, standing: Mapping[str, Any] | None) -> str:
    """For whom somebody acted (U1)."""
    match actor.partition(":")[0]:
        case "body":
            return f"pour le compte de {(standing or {}).get('body_name') or 'son organisme'}"
        case "manager" | "assistance":
            return "pour Formiris"
        case _:
            return ""


async def _history(visitor: Visitor, id: UUID) -> list[dict[str, Any]]:
    """Every event of the dossier, in whatever context, the newest first."""
    found = await asyncio.gather(*(_of(visitor, context, id) for context in CONTEXTS))
    events = [each for events in found for each in events]
    _compare(events)
    return sorted(
        events, key=lambda each: (datetime.fromisoformat(each["time"]), each["version"]), reverse=True
    )


async def _of(visitor: Visitor, context: str, id: UUID) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    after: str | None = None
    while after is not None or not events:
        told = await visitor.get(context, f"/dossiers/{id}/history", after=after, limit=500)
        events += [each | {"context": context, "facts": facts_of(each["data"])} for each in told["items"]]
        after = told["next"]
        if after is None or len(events) >= READ_AT_MOST:
            break
    return events


def _compare(events: Sequence[dict[str, Any]]) -> None:
    """Beside each event, what changed since the last of its kind in its stream."""
    last: dict[tuple[str, str], Mapping[str, Any]] = {}
    for each in sorted(events, key=lambda each: int(each["version"])):
        kind = (str(each["stream"]), str(each["type"]))
        each["changes"] = changes(last[kind], each["data"]) if kind in last else []
        last[kind] = each["data"]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is not as it was, as (name, before, after)."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return [
        (name, old.get(name, "rien"), new.get(name, "rien"))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _leaves(data: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        place = f"{within}{name}"
        if isinstance(value, dict) and "sealed" not in value and "text" not in value:
            yield from _leaves(value, f"{place}.")
        else:
            yield place, _said(value)


def facts_of(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an event says, as (name, words); what belongs to a person stays sealed."""
    return [(name, _said(value)) for name, value in data.items()]


def _said(value: Any) -> str:
    match value:
        case {"person": str(), "sealed": str()}:
            return "donnée personnelle scellée"
        case dict() if "text" in value:
            return str(value["text"])
        case dict():
            return ", ".join(f"{name} : {_said(inner)}" for name, inner in value.items())
        case list():
            return " ; ".join(_said(inner) for inner in value)
        case bool():
            return "oui" if value else "non"
        case _:
            return str(value)


def _whole(events: list[dict[str, Any]]) -> bool:
    """Whether each stream is there from its first event on, without a gap."""
    streams: dict[str, list[int]] = {}
    for each in events:
        streams.setdefault(f"{each['context']} {each['stream']}", []).append(each["version"])
    return all(sorted(versions) == list(range(1, len(versions) + 1)) for versions in streams.values())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.get("/envois")
async def emails(request: Request, visitor: SignedIn, apres: str | None = None) -> Response:
    """E-mails that were sent, or could not be; never to which address."""
    told = await visitor.get("notifications", "/emails", after=apres, limit=50)
    following = told["next"] and f"/envois?{urlencode({'apres': told['next']})}"
    return await screen(
        request, "audit-envois.html", sent=told["items"], following=following, emails=EMAILS, states=EMAIL_STATES,
        named=event_words,
    )  # fmt: skip


@router.get("/exports")
async def exports(request: Request, visitor: SignedIn, apres: str | None = None) -> Response:
    """Lists that were taken away as files: which, how long, by whom (M6)."""
    told = await visitor.get("notifications", "/exports", after=apres, limit=50)
    following = told["next"] and f"/exports?{urlencode({'apres': told['next']})}"
    shown = [each | {"list": list_of(each["address"])} for each in told["items"]]
    return await screen(request, "audit-exports.html", exports=shown, following=following, who=who)


def list_of(address: str) -> str:
    """A list with its filters, in words: `Factures, qui : office, mots : tilleul`."""
    place, _, query = address.partition("?")
    name = {"/": "À traiter"}.get(place, place.strip("/").capitalize())
    return ", ".join([name, *(f"{key} : {value}" for key, value in parse_qsl(query))])


@router.get("/referencement/{id}")
@router.get("/prestations/{id}")
@router.get("/bons-de-commande/{id}")
@router.get("/factures/{id}")
@router.get("/sessions/{id}")
@router.get("/sessions/{id}/attestations")
@router.get("/sessions/{id}/facture")
@router.get("/assistance/{id}")
async def elsewhere(id: UUID, _visitor: SignedIn) -> Response:
    """The pages that others act on: an auditor reads the dossier."""
    return RedirectResponse(f"/dossiers/{id}", 303)
