"""Lists that are addresses, what a colleague did in words, what changed in a form, what an auditor reads: pure."""

from typing import Any

from starlette.requests import Request

from services.extranet.pages.audit import facts_of
from services.extranet.pages.manager import QUEUE
from services.extranet.pages.manager_forms import differences
from services.extranet.queue import Counts, Filter, Place, link_of, mine
from services.extranet.words import EVENTS, event_words, faster, who
from shared.events import CATALOGUE

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
    """But those of notifications, which are e-mails and alerts, shown apart."""
    told = {event.__name__ for wire, event in CATALOGUE.events.items() if ".notifications." not in wire}
    assert told <= EVENTS.keys()
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
