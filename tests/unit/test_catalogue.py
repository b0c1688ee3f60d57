"""The catalogue of refusals: nobody who is refused is left without the reason, the holder, the contact, the answer."""

import ast

import pytest

from ops.refusals_page import FOLDERS, page
from shared.runtime import faq
from shared.runtime.catalogue import ROOT, Entry, every, lacks, made_elsewhere, strays, wordless
from shared.runtime.refusal import Refusal


def test_every_refusal_is_complete() -> None:
    """Code, French title and detail, who acts next, whom to ask, which FAQ answer; the list is of what is missing."""
    assert lacks(every(*FOLDERS)) == []


def test_no_refusal_is_made_outside_the_catalogue() -> None:
    """Each is a constant of its module: what is raised can only be one of them."""
    assert strays(*FOLDERS, ROOT / "ops") == []


def test_a_code_that_two_contexts_give_means_the_same() -> None:
    """The same status and the same question of the FAQ; the words are each context's own."""
    meanings: dict[str, set[int]] = {}
    for entry in every(*FOLDERS):
        meanings.setdefault(entry.refusal.code, set()).add(entry.refusal.status)
    assert {code: statuses for code, statuses in meanings.items() if len(statuses) > 1} == {}


def test_the_page_names_every_refusal() -> None:
    """docs/refusals.md is made from the same catalogue."""
    written = page()
    assert all(f"`{entry.refusal.code}`" in written for entry in every(*FOLDERS))


@pytest.mark.parametrize(
    ("refusal", "lack"),
    [
        (Refusal("Not A Code", 409, "Titre", "Une phrase assez longue.", "vous", faq=faq.HELP), "dashes"),
        (Refusal("code", 200, "Titre", "Une phrase assez longue.", "vous", faq=faq.HELP), "status"),
        (Refusal("code", 409, "Titre.", "Une phrase assez longue.", "vous", faq=faq.HELP), "title"),
        (Refusal("code", 409, "Titre", "Non.", "vous", faq=faq.HELP), "detail"),
        (Refusal("code", 409, "Titre", "Une phrase assez longue.", "", faq=faq.HELP), "holder"),
        (Refusal("code", 409, "Titre", "Une phrase assez longue.", "vous"), "FAQ"),
        (
            Refusal("code", 409, "Titre", "Une phrase «assez» longue.", "vous", faq=faq.HELP),
            "typographically",
        ),
    ],
)
def test_what_a_refusal_lacks_is_said(refusal: Refusal, lack: str) -> None:
    """By its constant, so that whoever added it knows what to add."""
    (first, *_) = lacks([Entry("services.registration.refusals", "IT", refusal)])
    assert first.startswith("services.registration.refusals.IT: ")
    assert lack in first


def test_a_refusal_made_on_the_way_is_found() -> None:
    """In a function, in a call, under another name of the module."""
    source = "A = Refusal(1)\ndef f():\n    raise Refused(Refusal(2))\nB = [refusal.Refusal(3)]\n"
    assert made_elsewhere(ast.parse(source)) == [3, 4]


def test_every_refusal_that_is_raised_is_given_its_words() -> None:
    """A detail's braces are filled in wherever the refusal is raised by its name."""
    assert wordless(*FOLDERS) == []
