"""The FAQ of the training bodies: four themes, their questions, their answers; the words are in faq.toml.  (R12)

A refusal points to one of the entries; `page()` is what GET /v1/faq and the help page show.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shared.runtime.contacts import ASSISTANCE

_TOLD: dict[str, Any] = tomllib.loads(Path(__file__).with_name("faq.toml").read_text("utf-8"))
_QUESTIONS = {each["id"]: each["question"] for theme in _TOLD["themes"] for each in theme["questions"]}


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A question of the FAQ, in the users' own words; `id` is its anchor under `/aide`."""

    id: str
    question: str

    @property
    def link(self) -> str:
        """Where the answer is read."""
        return f"/aide#{self.id}"


def _entry(id: str) -> FaqEntry:
    return FaqEntry(id, _QUESTIONS[id])


REFERENCING = _entry("demarche-referencement")
REFERENCING_FORM = _entry("soumettre-referencement")
LOST_CODES = _entry("codes-de-connexion")
OFFERING_FORM = _entry("soumettre-prestation")
CERTIFICATES = _entry("deposer-attestations")
INVOICE = _entry("generer-facture")
INVOICE_CHANGE = _entry("modifier-facture")
HELP = FaqEntry("assistance", "Assistance Formiris")
"""For what the FAQ has no question about (a damaged document, an unreadable request): how to reach Assistance."""


def entries() -> tuple[FaqEntry, ...]:
    """Everything that a refusal may point to."""
    return (*map(_entry, _QUESTIONS), HELP)


def page() -> dict[str, Any]:
    """The whole FAQ as JSON: title, introduction, the way back to the menu, themes, and how to reach Assistance."""
    return {
        "title": _TOLD["title"],
        "introduction": _TOLD["introduction"],
        "back": _TOLD["back"],
        "themes": themes(),
        "assistance": {"id": HELP.id, "link": HELP.link, **asdict(ASSISTANCE)},
    }


def themes() -> list[dict[str, Any]]:
    """The themes as JSON, in the order of the menu: id, title, note, and questions with their answers in blocks.

    A block has a `kind`: heading, paragraph or notice (`text`: runs of text, some with `href`), items (`items`: such
    texts; `ordered`), contact (name, email, phone, hours).
    """
    return [
        {
            "id": theme["id"],
            "title": theme["title"],
            "note": theme.get("note", ""),
            "questions": [_question(each) for each in theme["questions"]],
        }
        for theme in _TOLD["themes"]
    ]


def _question(told: dict[str, str]) -> dict[str, Any]:
    entry = _entry(told["id"])
    answer = [_block(block) for block in told["answer"].strip().split("\n\n")]
    return {"id": entry.id, "question": entry.question, "link": entry.link, "answer": answer}


def _block(text: str) -> dict[str, Any]:
    mark, _, rest = text.partition(" ")
    match mark:
        case "#":
            return {"kind": "heading", "text": _runs(rest)}
        case "!":
            return {"kind": "notice", "text": _runs(rest)}
        case "1." | "-":
            items = [_runs(line.partition(" ")[2]) for line in text.splitlines()]
            return {"kind": "items", "items": items, "ordered": mark == "1."}
        case "{assistance}":
            return {"kind": "contact", **asdict(ASSISTANCE)}
        case _:
            return {"kind": "paragraph", "text": _runs(text)}


def _runs(text: str) -> list[dict[str, str]]:
    return list(_linked(text))


def _linked(text: str) -> Iterator[dict[str, str]]:
    """`before [words](address) after`, in its three parts."""
    for plain, words, address in re.findall(r"([^\[]+)|\[([^\]]+)\]\(([^)]+)\)", text):
        yield {"text": words, "href": address} if address else {"text": plain}
