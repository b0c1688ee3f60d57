"""A form's pages: what comes back from a page is what it showed, and only what was changed is sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from services.extranet import draft
from services.extranet.forms import Form
from services.extranet.pages.organisation import changed_in
from services.offerings.forms import FORM as OFFERING
from services.registration.forms import FORM as REFERENCING

FORMS = (REFERENCING, OFFERING)


def fields_of(form: Any) -> list[Any]:
    """All fields of a form as its API tells them."""
    return [field for tab in form.schema()["tabs"] for field in tab["fields"]]


def sent(fields: list[Any], values: dict[str, Any]) -> Form:
    """What a browser sends from a page that shows these values."""
    given: list[tuple[str, str | UploadFile]] = []

    def show(told: Any, path: str, value: Any) -> None:
        match told["kind"]:
            case "record":
                for each in told["fields"]:
                    show(each, f"{path}.{each['name']}", (value or {}).get(each["name"]))
            case "rows":
                for place, row in enumerate(value or [{}]):
                    show({**told, "kind": "record"}, f"{path}.{place}", row)
            case _:
                given.append((path, draft.shown(told, value).replace("\n", "\r\n")))

    for each in fields:
        show(each, each["name"], values.get(each["name"]))
    return Form(FormData(given), "")


@pytest.mark.parametrize("form", FORMS, ids=["referencing", "offering"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "empty"])
def test_a_page_that_nobody_touched_is_what_it_showed(form: Any, whole: bool) -> None:
    """Numbers, dates, lists, rows in rows: the digest of what comes back is that of what was shown."""
    fields, values = fields_of(form), form.example() if whole else {}
    typed = draft.typed_in(fields, sent(fields, values))
    for told in fields:
        name = told["name"]
        assert draft.digest(draft.plain(told, typed[name])) == draft.digest(
            draft.plain(told, values.get(name))
        ), name


@pytest.mark.parametrize("form", FORMS, ids=["referencing", "offering"])
@given(data=st.data())
def test_a_change_is_seen_wherever_it_is(form: Any, data: st.DataObject) -> None:
    """Whichever control of the page is typed in, its field and no other is another one."""
    fields, values = fields_of(form), form.example()
    names = list(sent(fields, values).data)
    changed = data.draw(st.sampled_from(names))
    word = data.draw(st.sampled_from(["Bœuf", "12", "3,5", "« à voir »"]))
    page = {name: str(value) for name, value in sent(fields, values).data.items()} | {changed: word}
    typed = draft.typed_in(fields, Form(FormData(page), ""))
    touched = {
        told["name"]
        for told in fields
        if draft.plain(told, typed[told["name"]]) != draft.plain(told, values.get(told["name"]))
    }
    assert touched == {changed.partition(".")[0]}


def test_a_button_adds_a_row_and_another_takes_it_away() -> None:
    """Even when nothing is typed in any of them."""
    fields = [each for each in fields_of(REFERENCING) if each["name"] == "contacts"]
    page = sent(fields, {})
    more = Form(FormData([*page.data.multi_items(), ("plus.contacts", "1")]), "")
    assert draft.typed_in(fields, more) == {"contacts": [{}, {}]}
    assert draft.asks_for_rows(more) == "contacts"
    two = sent(fields, {"contacts": [{"name": "Riou"}, {"name": "Le Goff"}]})
    less = Form(FormData([*two.data.multi_items(), ("moins.contacts.0", "1")]), "")
    assert draft.typed_in(fields, less) == {"contacts": [{"name": "Le Goff"}]}


def test_what_is_read_again_is_said_in_french() -> None:
    """A choice by its label, a day as it is written, an account number masked, lists on one line."""
    told = {each["name"]: each for each in fields_of(REFERENCING)}
    assert draft.words(told["perimeter"], "regional") == "Régional"
    assert draft.words(told["iban"], "FR7630006000011234567890189") == "FR76 •••• 0189"
    assert draft.words(told["domains"], ["lecture", "écriture"]) == "lecture, écriture"
    day = {each["name"]: each for each in told["qualiopi"]["fields"]}["valid_until"]
    assert draft.shown(day, "2028-01-14") == "14/01/2028"
    assert draft.shown(day, "bientôt") == "bientôt"


@pytest.mark.parametrize(
    ("typed", "sent_on"),
    [
        ({}, set()),
        ({"phone": "01 44 00 00 00"}, {"phone"}),
        ({"town": "Rennes"}, {"address", "postcode", "town"}),
        ({"acronym": "ILD", "postcode": "35000"}, {"acronym", "address", "postcode", "town"}),
    ],
)
def test_details_that_never_change_alone_go_together(typed: dict[str, str], sent_on: set[str]) -> None:
    """An address is changed whole; everything else by itself."""
    tab = next(tab for tab in REFERENCING.schema()["tabs"] if tab["label"] == "Identité")
    fields, values = tab["fields"], REFERENCING.example()
    marks = {f"lu.{each['name']}": str(draft.Draft((), values).mark(each)) for each in fields}
    page = {name: str(value) for name, value in sent(fields, values).data.items()}
    form = Form(FormData(marks | page | typed), "")
    assert (
        set(changed_in(draft.Tab("identite", "Identité", fields), draft.typed_in(fields, form), form))
        == sent_on
    )
