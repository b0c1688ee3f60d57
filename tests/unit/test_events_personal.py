"""Personal fields: found wherever they are, replaced without touching the rest."""

from shared.events import Clear, Erased, Sealed, personals, with_personals
from shared.events.examples import EXAMPLES
from shared.events.offerings import TeacherAssigned
from shared.events.registration import Contact, ReferencingForm, ReferencingSubmitted

SUBMITTED = EXAMPLES[ReferencingSubmitted].event


def test_personal_fields_are_found_in_nested_models_and_tuples() -> None:
    """The form's representative, bank account and every contact: nothing is forgotten."""
    assert isinstance(SUBMITTED, ReferencingSubmitted)
    form = SUBMITTED.form
    assert form.legal_representative
    assert form.contacts
    first = form.contacts[0]
    found = personals(SUBMITTED)
    assert len(found) == 10
    assert {form.iban, form.legal_representative.name, first.email, first.phone} <= set(found)


def test_replacing_personal_fields_changes_nothing_else() -> None:
    """Seal, reveal, seal: the event is the same again."""
    clear = {
        value: Clear(value.person, f"value {n}")
        for n, value in enumerate(dict.fromkeys(personals(SUBMITTED)))
    }
    revealed = with_personals(SUBMITTED, clear)
    assert all(isinstance(value, Clear) for value in personals(revealed))
    assert with_personals(revealed, {new: old for old, new in clear.items()}) == SUBMITTED


def test_a_value_that_is_not_mapped_stays() -> None:
    """Erasing one person leaves the others as they are."""
    contact = Contact(
        purpose="teaching", name=Sealed("a-1", "x"), first_name=Sealed("a-1", "y"), email=Sealed("b-2", "z")
    )
    erased = with_personals(contact, {contact.name: Erased("a-1")})
    assert erased.name == Erased("a-1")
    assert (erased.first_name, erased.email) == (contact.first_name, contact.email)


def test_an_event_without_personal_fields_has_none() -> None:
    """A teacher's number is a pseudonym, kept from those who need not see it; it is not sealed."""
    assert personals(EXAMPLES[TeacherAssigned].event) == []


def test_a_clear_value_does_not_show_in_a_log() -> None:
    """repr and str of an event hide what a person typed."""
    form = ReferencingForm(
        name="Institut", perimeter="national", kind="public", siret="73282932000074", legal_name="Institut",
        iban=Clear("body-1", "FR76 3000"),
    )  # fmt: skip
    assert "FR76" not in f"{form!r} {form}"
