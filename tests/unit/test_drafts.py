"""Drafts, purely: what two people type in one form, and in what order it is kept."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime import form_kinds as kinds
from shared.runtime.drafts import Draft, Touched, merged
from shared.runtime.form import Field, Form, Tab
from shared.runtime.refusal import Refused

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 10, tzinfo=UTC)
FORM = Form(
    (Tab("Identité", (Field("siret", "SIRET", kinds.siret, blue=True), Field("town", "Ville", kinds.line))),)
)


def test_only_the_fields_given_are_touched() -> None:
    """Each with its own revision, and who and when; None empties one."""
    first = merged(Draft(), {"siret": "1", "town": "Rennes"}, None, "body:anne", NOW).draft
    second = merged(first, {"town": "Nantes"}, {"town": 1}, "body:hugo", LATER).draft
    assert second.fields == {"siret": "1", "town": "Nantes"}
    assert second.touched == {
        "siret": Touched(1, "body:anne", NOW.isoformat()),
        "town": Touched(2, "body:hugo", LATER.isoformat()),
    }
    third = merged(second, {"town": None}, second.revisions, "body:anne", LATER).draft
    assert (third.fields, third.revisions) == ({"siret": "1"}, {"siret": 1, "town": 3})


def test_the_second_of_two_gets_both_values() -> None:
    """What the first one typed stays, what the second one typed is in the answer, the other fields are kept."""
    read = merged(Draft(), {"siret": "1", "town": "Rennes"}, None, "body:anne", NOW).draft
    first = merged(read, {"town": "Nantes"}, read.revisions, "body:hugo", NOW).draft
    kept = merged(first, {"town": "Brest", "siret": "2"}, read.revisions, "body:anne", LATER)
    assert kept.draft.fields == {"siret": "2", "town": "Nantes"}
    with pytest.raises(Refused) as caught:
        kept.check(FORM, FORM.check(kept.draft.fields, NOW.date()))
    assert caught.value.refusal.code == "draft-conflict"
    assert "« Ville »" in caught.value.detail
    assert caught.value.more["conflicts"] == [
        {
            "field": "town", "label": "Ville", "yours": "Brest", "theirs": "Nantes", "revision": 2,
            "by": "body:hugo", "at": NOW.isoformat(),
        }
    ]  # fmt: skip
    assert [(each.field, each.where) for each in caught.value.missing] == [("town", "Identité")]


def test_the_same_words_are_no_conflict() -> None:
    """Two who typed the same agree; nothing changes, not even a revision."""
    read = Draft()
    first = merged(read, {"town": "Nantes"}, {}, "body:hugo", NOW).draft
    again = merged(first, {"town": "Nantes"}, {}, "body:anne", LATER)
    assert (again.conflicts, again.draft.touched) == ((), first.touched)


def test_without_revisions_the_last_one_wins() -> None:
    """Field by field, for whoever does not follow them."""
    first = merged(Draft(), {"town": "Nantes", "siret": "1"}, None, "body:hugo", NOW).draft
    assert merged(first, {"town": "Brest"}, None, "body:anne", LATER).draft.fields == {
        "town": "Brest",
        "siret": "1",
    }


NAMES = st.sampled_from(["a", "b", "c"])
TYPED = st.dictionaries(NAMES, st.none() | st.integers(0, 3))


@given(TYPED, TYPED, TYPED)
def test_nobodys_words_are_lost_in_silence(
    start: dict[str, int], one: dict[str, int], two: dict[str, int]
) -> None:
    """Two read the same draft and keep theirs: each value is in the draft, or in a conflict, or was the same."""
    read = merged(Draft(), start, None, "anne", NOW).draft
    first = merged(read, one, read.revisions, "hugo", NOW)
    second = merged(first.draft, two, read.revisions, "anne", LATER)
    assert first.conflicts == ()
    told = {each.field: each for each in second.conflicts}
    for name, value in two.items():
        if name in told:
            assert (told[name].yours, told[name].theirs) == (value, first.draft.fields.get(name))
        else:
            assert second.draft.fields.get(name) == value
    for name, value in one.items():
        assert second.draft.fields.get(name) == value or (name in two and read.fields.get(name) == value)
