"""The referencing form and the offices: what is missing, by tab; who answers, on the day.  (R1, R3)"""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration.forms import FORM
from services.registration.offices import Offices, Territory, load
from services.registration.sessions import of_today
from shared.events.parts import Office
from shared.runtime.auth import Principal
from shared.runtime.refusal import Missing, Refused
from shared.runtime.territories import TERRITORIES

TODAY = date(2026, 11, 23)


def missing(**changes: object) -> dict[str, Missing]:
    """What is missing in the example once these fields are changed."""
    return {each.field: each for each in FORM.check(FORM.example() | changes, TODAY).missing}


def test_the_example_of_the_api_is_complete() -> None:
    """What the API's description shows is accepted."""
    assert FORM.check(FORM.example(), TODAY).missing == ()


def test_an_empty_form_names_every_mandatory_field_with_its_tab() -> None:
    """Header and four tabs, each field by its French label (R3)."""
    found = FORM.check({}, TODAY).missing
    assert {each.where for each in found} == {
        "En-tête", "Identité", "Informations légales", "Activité", "Contacts",
    }  # fmt: skip
    assert all(each.label and each.reason == "à renseigner" for each in found)


def test_siret_is_mandatory_although_it_is_blue() -> None:
    """The trap of the form is data (R3)."""
    fault = missing(siret="")["siret"]
    assert (fault.label, fault.where, fault.colour) == ("SIRET", "Identité", "blue")
    assert {each.colour for each in FORM.check({}, TODAY).missing if each.field != "siret"} == {"red"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("siret", "73282932000075"),
        ("siret", "00000000000000"),
        ("siret", 73282932000074),
        ("nda", "1175555555"),
        ("iban", "FR7630006000011234567890188"),
        ("bic", "BNPA"),
        ("postcode", "7500"),
        ("phone", "appelez-nous"),
        ("email", "contact chez nous"),
        ("perimeter", "mondial"),
        ("legal_name", "x" * 501),
        ("trainers", -1),
        ("ape", "85"),
        ("vat_number", "FR00"),
        ("domains", "lecture"),
        ("contacts", [1]),
        ("qualiopi", "oui"),
    ],
)
def test_a_wrong_value_is_named(field: str, typed: object) -> None:
    """By its field, with a reason in French."""
    assert missing(**{field: typed})[field].reason


@pytest.mark.parametrize("typed", ["732 829 320 00074", "35600000000048", " 73282932000074 "])
def test_a_siret_may_be_typed_with_spaces_and_may_be_la_postes(typed: str) -> None:
    """Luhn, with La Poste's exception."""
    assert missing(siret=typed) == {}


def test_a_regional_body_names_its_territory() -> None:
    """The field is mandatory then, and red."""
    fault = missing(perimeter="regional")["territory"]
    assert (fault.where, fault.colour) == ("En-tête", "red")


def test_a_body_that_is_not_exempt_has_a_vat_number() -> None:
    """Exempt, or a VAT number."""
    assert missing(vat_regime="liable")["vat_number"].where == "Informations légales"


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"valid_from": "2023-01-01", "valid_until": "2026-11-22"}, "qualiopi.valid_until"),
        ({"valid_from": "2026-11-24", "valid_until": "2029-11-23"}, "qualiopi.valid_from"),
        ({"valid_from": "2026-01-02", "valid_until": "2026-01-01"}, "qualiopi.valid_until"),
    ],
)
def test_qualiopi_is_valid_on_the_day(dates: dict[str, str], field: str) -> None:
    """Expired, not begun, or upside down: named."""
    example: Any = FORM.example()["qualiopi"]
    assert list(missing(qualiopi=example | dates)) == [field]


def test_qualiopi_is_valid_on_its_last_day() -> None:
    """The last day counts."""
    example: Any = FORM.example()["qualiopi"]
    assert missing(qualiopi=example | {"valid_until": "2026-11-23"}) == {}


def test_there_is_a_contact_for_each_purpose() -> None:
    """At least one teaching and one administrative contact."""
    contacts: Any = FORM.example()["contacts"]
    assert "administratif" in missing(contacts=contacts[:1])["contacts"].reason
    assert missing(contacts=[*contacts, {}])["contacts.2.name"].label == "Nom du contact (contact 3)"


def test_an_unknown_field_is_named() -> None:
    """Nothing that was typed is dropped in silence."""
    assert missing(sirret="x")["sirret"].reason == "champ inconnu"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@for_all(st.dictionaries(st.sampled_from([*FORM.example(), "?"]), ANYTHING))
def test_whatever_is_typed_gets_an_answer(typed: dict[str, object]) -> None:
    """The form never falls over what a person types."""
    FORM.check(typed, TODAY)


OFFICES = load(TERRITORIES)


def test_a_national_perimeter_goes_to_the_head_office() -> None:
    """R1."""
    assert OFFICES.route("national", None, TODAY).office.email == "prestataires@formiris.org"
    assert OFFICES.route("national", "bretagne", TODAY).territory is None


def test_a_regional_perimeter_goes_to_the_territory() -> None:
    """R1: each of the thirteen has its contact."""
    assert len(OFFICES.known(TODAY)) == 13
    for territory in OFFICES.known(TODAY):
        route = OFFICES.route("regional", territory.code, TODAY)
        assert route.office.email == f"contact.{territory.code}@formiris.org"
        assert route.territory == territory.code


@pytest.mark.parametrize(("given", "code"), [(None, "territory-missing"), ("atlantide", "territory-unknown")])
def test_a_missing_or_unknown_territory_is_refused_naming_the_known_ones(
    given: str | None, code: str
) -> None:
    """No dead end: the choice is in the answer."""
    with pytest.raises(Refused) as caught:
        OFFICES.route("regional", given, TODAY)
    assert caught.value.refusal.code == code
    assert "bretagne" in caught.value.missing[0].reason


def office(name: str) -> Office:
    return Office(name=name, email=f"{name}@formiris.example")


MERGER = date(2027, 1, 1)
REORGANISED = Offices(
    office("siege"),
    [
        Territory("nord", office("nord"), until=MERGER, successor="hauts"),
        Territory("picardie", office("picardie"), until=MERGER, successor="hauts"),
        Territory("hauts", office("hauts"), since=MERGER, until=date(2030, 1, 1), successor="nord-est"),
        Territory("nord-est", office("nord-est"), since=date(2030, 1, 1)),
        Territory("perdue", office("perdue"), until=MERGER),
    ],
)


@pytest.mark.parametrize(
    ("day", "answers"),
    [(date(2026, 12, 31), "nord"), (MERGER, "hauts"), (date(2031, 5, 1), "nord-est")],
)
def test_a_dissolved_territory_is_followed_to_its_successor(day: date, answers: str) -> None:
    """On the day, through as many successors as there are."""
    assert REORGANISED.route("regional", "nord", day).territory == answers


def test_the_managers_of_a_successor_have_the_dossiers_of_those_it_came_after() -> None:
    """From the day of the merger; before, each has its own."""
    assert REORGANISED.inherited("hauts", MERGER) == {"nord", "picardie"}
    assert REORGANISED.inherited("nord-est", date(2031, 5, 1)) == {"nord", "picardie", "hauts"}
    assert REORGANISED.inherited("nord", date(2026, 12, 31)) == frozenset()
    manager = Principal("desk", "manager", territory="nord")
    before, after = (of_today(manager, REORGANISED, day) for day in (date(2026, 12, 31), MERGER))
    assert (before.territories, after.territories) == (["nord"], ["hauts", "nord", "picardie"])
    assert after.sees("any body", "picardie")
    assert not before.sees("any body", "picardie")


def test_a_manager_whose_territory_has_no_successor_does_not_become_national() -> None:
    """Its dossiers are the head office's; the account keeps what it had."""
    manager = of_today(Principal("desk", "manager", territory="perdue"), REORGANISED, MERGER)
    assert manager.territories == ["perdue"]
    assert REORGANISED.heir("perdue", MERGER).territory is None


def test_a_territory_dissolved_without_successor_is_refused() -> None:
    """Those that answer on the day are named, and no others."""
    with pytest.raises(Refused) as caught:
        REORGANISED.route("regional", "perdue", MERGER)
    assert caught.value.missing[0].reason == "à choisir parmi : hauts"


@pytest.mark.parametrize("successor", ["a", "nulle-part"])
def test_successors_that_lead_nowhere_stop_the_service(successor: str) -> None:
    """A circle or an unknown one is found when the data is loaded."""
    with pytest.raises(ValueError, match="successors"):
        Offices(office("siege"), [Territory("a", office("a"), until=MERGER, successor=successor)])
