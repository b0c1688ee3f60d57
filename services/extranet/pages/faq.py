"""The FAQ: the users' own themes, questions and words; each answer also shows what it is about in one's own dossiers.

(R12)
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet import draft
from services.extranet.backend import Problem, Visitor
from services.extranet.french import count
from services.extranet.pages.forms import referencing
from services.extranet.public import hours_of
from services.extranet.render import page
from shared.runtime.faq import OFFERING_FORM
from shared.runtime.faq import page as whole

router = APIRouter()


@router.get("/aide")
async def help_page(request: Request, q: str = "") -> Response:
    """Every question, or those where the words looked for are; nothing found shows whom to ask."""
    told = whole()
    wanted = _plain(q).split()
    themes = [theme | {"questions": _found(theme["questions"], wanted)} for theme in told["themes"]]
    return await page(
        request, "aide.html", told=told, themes=[theme for theme in themes if theme["questions"]], q=q,
        yours=await _yours(request.state.visitor), hours=await hours_of(request),
    )  # fmt: skip


def _found(questions: list[dict[str, Any]], wanted: list[str]) -> list[dict[str, Any]]:
    return [question for question in questions if all(word in _plain(_words(question)) for word in wanted)]


def _words(part: Any) -> str:
    """All the words of a question and its answer."""
    if isinstance(part, dict):
        return " ".join(_words(value) for name, value in part.items() if name not in ("href", "kind"))
    if isinstance(part, list):
        return " ".join(map(_words, part))
    return part if isinstance(part, str) else ""


def _plain(text: str) -> str:
    """Without case and accents, as people type what they look for."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


async def _yours(visitor: Visitor | None) -> dict[str, list[dict[str, Any]]]:
    """The reader's dossiers that an answer is about, by the answer's address; the help never fails for them."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if visitor is None or visitor.session.role != "body":
        return found
    try:
        answer = await visitor.get("notifications", "/dossiers", limit=100)
        for dossier in answer["items"]:
            if dossier.get("faq"):
                found[dossier["faq"]["link"]].append(dossier | await _lacking(visitor, dossier))
        found[OFFERING_FORM.link] += await _drafts(visitor)
    except Problem as problem:
        if problem.status == 401:
            raise
    return found


async def _lacking(visitor: Visitor, dossier: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the reader's own form that are still to be filled in, each with its page."""
    if (
        dossier["kind"] != "referencing"
        or dossier["holder_kind"] != "body"
        or not visitor.session.may("prepare")
    ):
        return {}
    subject = referencing(visitor)
    typed = await draft.read(visitor, subject.place)
    return {
        "lacking": [
            {
                "label": each["label"],
                "link": f"{subject.place.base}/{tab.slug}#f-{each['field'].replace('.', '-')}",
            }
            for tab in typed.tabs
            for each in typed.lacking(tab)
        ]
    }


async def _drafts(visitor: Visitor) -> list[dict[str, Any]]:
    """The offerings that the reader has begun, with how much they lack."""
    if not visitor.session.may("prepare"):
        return []
    return [
        {
            "title": each["title"], "link": f"/prestations/brouillons/{each['id']}",
            "sentence": f"Brouillon : il manque {count(each['missing'], 'champ')}.",
        }
        for each in (await visitor.get("offerings", "/offerings/drafts"))["items"]
        if each["missing"]
    ]  # fmt: skip
