"""Lists that are addresses, what a colleague did in words, what changed in a form, what an auditor reads: pure."""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.routing import Match

from services.extranet import verifier
from services.extranet.pages import ROUTERS
from services.extranet.pages.audit import changes, facts_of, on_behalf_of
from services.extranet.pages.console import lines
from services.extranet.pages.manager import QUEUE
from services.extranet.pages.manager_forms import differences
from services.extranet.queue import Counts, Filter, Place, link_of, mine
from services.extranet.session import COOKIE, Session
from services.extranet.words import EMAILS, EVENTS, event_words, faster, who
from services.notifications.letters import TEMPLATES
from services.notifications.standing import STATES
from services.notifications.telling import ALERTS
from shared.events import CATALOGUE
from tests.unit.test_extranet_session import _answer
from tests.unit.test_extranet_site import Site

HELD: dict[str, Any] = {"holder_kind": "office", "territory": "bretagne"}


def asked(query: str, place: Place = QUEUE) -> Filter:
    """The list of an address."""
    return Filter.of(Request({"type": "http", "query_string": query.encode(), "headers": []}), place)


def test_a_list_s_address_says_what_differs_from_the_place_s_own_choice() -> None:
    """An address gives the list that gave it; the plain address is the plain queue."""
    query = "etape=invoice&qui=body&depuis=30&mots=val+tilleul"
    assert asked(query).address() == f"/?{query}"
    assert asked("").address() == "/"
    assert asked("qui=office").address() == "/"


def test_what_is_not_among_the_choices_is_left_out() -> None:
    """A hand-made address gives a list, never an error."""
    found = asked("etape=nothing&qui=me&depuis=-3&mots=" + "a" * 500)
    assert (found.kind, found.holder, found.days, len(found.words)) == ("", "office", 0, 100)


def test_counts_are_those_of_the_rows() -> None:
    """By kind, by holder, and by age."""
    counts = Counts(
        [
            {"kind": "invoice", "holder": "office", "count": 5, "older": 2},
            {"kind": "invoice", "holder": "body", "count": 3, "older": 1},
            {"kind": "offering", "holder": "office", "count": 4, "older": 0},
        ]
    )
    assert counts.of() == 12
    assert counts.of(("invoice",)) == 8
    assert counts.of(("invoice",), "office", older=True) == 2


def test_it_is_a_manager_s_turn_in_its_own_perimeter() -> None:
    """A national manager sees a territory's dossiers; their turn is the territory's."""
    assert mine("bretagne", HELD)
    assert not mine(None, HELD)
    assert mine(None, {**HELD, "territory": None})
    assert not mine("bretagne", {**HELD, "holder_kind": "body"})
    assert not mine("bretagne", None)


def test_a_body_s_own_pages_are_at_its_name_for_formiris() -> None:
    """« /organisme » is the reader's own; for Formiris it is that of the dossier's body."""
    assert link_of({"link": "/organisme", "body": "b"}) == "/organismes/b"
    assert link_of({"link": "/factures/i", "body": "b"}) == "/factures/i"


def test_every_event_has_its_words() -> None:
    """But e-mails, alerts and preferences, which are shown apart."""
    apart = {"AlertPosted", "AlertRead", "EmailSent", "EmailFailed", "PreferencesChanged"}
    assert {event.__name__ for event in CATALOGUE.events.values()} - apart == EVENTS.keys()
    assert event_words("org.formiris.offerings.OrderSigned.v1") == EVENTS["OrderSigned"]


def test_a_colleague_who_was_faster_is_named_with_the_hour() -> None:
    """M4: who, what, when."""
    change = {"event": "InvoiceAccepted", "by": "manager:isaure", "at": "2026-03-02T09:02:00+00:00"}
    assert (
        faster(change) == "Facture acceptée par isaure (Formiris), le 2\u00a0mars à\u00a010\u00a0h\u00a002."
    )


def test_whoever_acted_is_said_without_a_name_of_a_body() -> None:
    """Accounts of a body, systems and visitors."""
    assert who("body:0123456789ab") == "une personne de l’organisme (compte 01234567)"
    assert who("policy:qualiopi-expiry") == "FormElie, de lui-même (qualiopi-expiry)"
    assert who("anonymous") == who(None) == "une personne non connectée"


def test_what_changed_since_the_last_submission_is_told_by_field() -> None:
    """A first submission changed nothing; a field that was emptied changed."""
    assert differences(None, {"name": "A"}) == set()
    assert differences({"name": "A", "phone": "1"}, {"name": "A", "email": "x"}) == {"phone", "email"}


def test_an_event_s_personal_data_stay_sealed() -> None:
    """Whatever they are nested in."""
    data = {"form": {"iban": {"person": "p", "sealed": "c2VjcmV0"}}, "reasons": [{"text": "Échu."}], "n": 3}
    assert facts_of(data) == [("form", "iban : donnée personnelle scellée"), ("reasons", "Échu."), ("n", "3")]


def test_M1_a_list_is_also_that_of_whoever_follows_it() -> None:
    """« À moi » is an address that is each reader's own; a colleague's name is one that can be sent."""
    assert asked("suivi=moi").address() == "/?suivi=moi"
    assert asked("suivi=moi").params("isaure")["follower"] == "isaure"
    assert asked("suivi=thomas").params("isaure")["follower"] == "thomas"
    assert asked("suivi=personne").params("isaure")["follower"] == "nobody"
    assert asked("suivi=%3Cb%3E").follower == ""


def test_U1_what_changed_since_the_last_time_is_told_value_by_value() -> None:
    """Within a form too; what is sealed stays so."""
    before = {"form": {"name": "A", "iban": {"person": "p", "sealed": "x"}}, "revision": 1}
    after = {"form": {"name": "B", "iban": {"person": "p", "sealed": "y"}, "city": "Rennes"}, "revision": 1}
    assert changes(before, after) == [("form.name", "A", "B"), ("form.city", "rien", "Rennes")]


def test_U1_on_behalf_of_whom_is_said() -> None:
    """A body's people act for their body, Formiris's for Formiris, FormElie for nobody."""
    assert on_behalf_of("body:1", {"body_name": "Institut"}) == "pour le compte de Institut"
    assert on_behalf_of("manager:isaure", None) == "pour Formiris"
    assert on_behalf_of("policy:alerts", None) == ""


def sealed_extract() -> dict[str, Any]:
    """Two events that follow each other, and their seal."""
    first = extracted("registration", 1, bytes(32), json.dumps({"data": {"number": "1" * 90}}))
    second = extracted("registration", 2, bytes.fromhex(first["hash"]), json.dumps({"data": {"é": "ï" * 90}}))
    events = [first, second]
    record = json.dumps({"data": {"digest": verifier.digest(events)}})
    return {"events": events, "seal": extracted("notifications", 7, bytes(32), record)}


def extracted(context: str, sequence: int, previous: bytes, record: str) -> dict[str, Any]:
    """An event of an extract."""
    digest = sha256(previous + sequence.to_bytes(8, "big") + record.encode()).hexdigest()
    return {
        "context": context, "partition": 3, "sequence": sequence, "previous": previous.hex(), "hash": digest,
        "record": record, "blocks": verifier.blocks(record.encode()),
    }  # fmt: skip


def test_U2_an_extract_is_verified_and_a_changed_byte_is_pointed_at() -> None:
    """Its event, and where in it."""
    extract = sealed_extract()
    assert verifier.faults(extract) == []
    record = extract["events"][0]["record"]
    extract["events"][0]["record"] = record[:70] + "2" + record[71:]
    (fault,) = verifier.faults(extract)
    assert fault.startswith("registration/3/1 : un octet a changé entre le 64 et le 128")
    assert "1112111" in fault


def test_U2_nothing_is_taken_out_or_put_in() -> None:
    """The seal holds the digest of the whole; the hashes hold each other."""
    short = sealed_extract()
    del short["events"][1]
    assert "ôté" in verifier.faults(short)[-1]
    swapped = sealed_extract()
    swapped["events"][1] = extracted("registration", 2, bytes(32), "{}")
    assert any("ne suit pas" in fault for fault in verifier.faults(swapped))


def test_N3_every_link_of_an_alert_and_of_a_dossier_leads_to_a_page() -> None:
    """Of whoever it is for."""
    links = {(telling.to.__name__, telling.link) for tellings in ALERTS.values() for telling in tellings}
    links |= {(kind if kind == "ticket" else state.holder, state.link) for (kind, _), state in STATES.items()}
    roles = dict.fromkeys(("the_assistance", "assistance", "ticket"), "assistance")
    roles |= dict.fromkeys(("the_body", "body", "nobody"), "body")
    lost = [link for to, link in links if not led_to(link, roles.get(to, "manager"))]
    assert lost == []


def led_to(link: str, role: str) -> bool:
    """Whether somebody of this role has a page there."""
    visitor = SimpleNamespace(session=SimpleNamespace(role=role))
    path = re.sub(r"\{\w+\}", "5f0c9c0e-9f5c-4c39-8f0d-5d0c3f4f7f10", link).partition("?")[0]
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "state": {"visitor": visitor}}
    return any(route.matches(scope)[0] is Match.FULL for router in ROUTERS for route in router.routes)


def test_N4_each_reader_s_lag_and_last_failure_are_said_in_words() -> None:
    """Of a subscriber that is behind, of a service that set an event aside, of one that is up to date."""
    nothing = {"read_at": None, "failure": None, "event": None, "failed_at": None, "parked": 0}
    at = "2026-03-02T09:02:00+00:00"
    failed = {
        "failure": "builtins.KeyError",
        "event": "org.formiris.offerings.OrderSigned.v1",
        "failed_at": at,
    }
    told = [
        {"context": "offerings", "heads": {"0": 7, "1": 3}, "readers": [
            {**nothing, "name": "paie", "context": None, "reached": {"0": 5}, "read_at": at},
            {**nothing, "name": "intrus", "context": None, "reached": {"0": 7, "1": 3}, "failure": "topic-not-granted",
             "failed_at": at},
        ]},
        {"context": "attendance", "heads": {"0": 1}, "readers": [
            {**nothing, "name": "attendance.views", "context": "attendance", "reached": {"0": 1}},
            {**nothing, **failed, "name": "attendance.offerings", "context": "offerings",
             "reached": {"0": 7, "1": 3}, "parked": 2},
        ]},
    ]  # fmt: skip
    behind, refused, current, parked = lines(told)
    assert (behind.state, behind.outside) == ("warn", True)
    assert behind.lag == "5\u00a0événements de retard"
    assert behind.last.startswith("Dernière lecture le ")
    assert refused.failure.startswith("Flux non accordé, ")
    assert (current.state, current.lag, current.failure) == ("ok", "À jour", "Aucun échec.")
    assert (current.name, parked.name) == ("Attestations, ses écrans", "Attestations")
    assert parked.state == "stop"
    assert "« Bon de commande renvoyé signé » n'a pas pu être traité (KeyError)" in parked.failure


def test_every_e_mail_has_a_name_and_every_name_an_e_mail() -> None:
    """So no list shows the name of a file."""
    assert EMAILS.keys() == {template.stem for template in TEMPLATES.glob("*.txt")}


def answering(known: Mapping[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """The services: what is known at an address, else an empty list; no dossier has a standing."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1")
        if path.endswith("/standing"):
            return httpx.Response(404, json={"code": "not-found"})
        return httpx.Response(200, json=known.get(path, {"items": [], "next": None, "unread": 0}))

    return answer


async def as_a_manager(path: str, known: Mapping[str, Any]) -> httpx.Response:
    """A page of a national manager."""
    site = Site(answering(known))
    session = Session.of("desk", _answer(role="manager", sub="desk"))
    site.http.cookies.set(COOKIE, site.app.state.seal.cookie(session))
    return await site.http.get(path)


@pytest.mark.parametrize(("recognised", "warned"), [(False, True), (True, False), (None, False)])
async def test_O4_a_return_that_names_no_order_says_to_compare_it(
    recognised: bool | None, *, warned: bool
) -> None:
    """Only when somebody looked and found nothing: earlier returns were not looked at."""
    order, at = "/orders/5f0c9c0e-9f5c-4c39-8f0d-5d0c3f4f7f10", "2026-03-02T09:02:00+00:00"
    paper = {"kind": "returned", "amendment": 0, "sha256": "a" * 64, "size": 9_000, "at": at, "by": "body:b1"}
    found = {
        "id": order.removeprefix("/orders/"), "number": "BC-2026-0001", "title": "Lire", "amount": 100,
        "status": "signed", "steps": [], "reasons": [],
    }  # fmt: skip
    known = {order: found, f"{order}/documents": {"items": [paper | {"recognised": recognised}]}}
    shown = await as_a_manager(order.replace("orders", "bons-de-commande"), known)
    assert shown.status_code == 200
    assert ("comparez-le avant d’accepter" in shown.text) is warned


async def test_L4_a_request_says_which_body_it_may_be_a_second_one_of() -> None:
    """With why; a link where the reader may go, and who follows it otherwise."""
    request = "/referencing-requests/5f0c9c0e-9f5c-4c39-8f0d-5d0c3f4f7f10"
    dossier = {"id": request[22:], "status": "proposed", "name": "Lire", "reasons": [], "revision": 0}
    other = {"name": "Lire & Dire", "siret": "73282932000074", "status": "accepted", "office": "Bretagne"}
    alike = [
        other | {"id": "b1", "why": ["siren", "name"], "yours": True},
        other | {"id": "b2", "why": ["email"], "yours": False, "status": "rejected"},
    ]
    known = {request: dossier, "/forms/referencing": {"tabs": []}, f"{request}/alike": {"items": alike}}
    shown = await as_a_manager(f"/referencement/{request[22:]}", known)
    assert shown.status_code == 200
    said = " ".join(re.sub("<[^>]+>", " ", shown.text).replace("\xa0", " ").split())
    assert (
        "Peut-être le même organisme que Lire &amp; Dire Même SIREN, nom semblable. Organisme référencé"
        in said
    )
    assert "Même adresse e-mail. Demande rejetée" in said
    assert 'href="/referencement/b1"' in shown.text
    assert 'href="/referencement/b2"' not in shown.text
    alone = known | {f"{request}/alike": {"items": []}}
    assert "doublon" not in (await as_a_manager(f"/referencement/{request[22:]}", alone)).text
