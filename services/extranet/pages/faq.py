"""The FAQ: the users' own themes, questions and words; each answer also shows what it is about in one's own dossiers.

(R12)
"""

import unicodedata
from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.backend import Problem, Visitor
from services.extranet.render import page
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
        yours=await _yours(request.state.visitor),
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
    if visitor is not None and visitor.session.role == "body":
        try:
            answer = await visitor.get("notifications", "/dossiers", limit=100)
        except Problem as problem:
            if problem.status == 401:
                raise
            return found
        for dossier in answer["items"]:
            if dossier.get("faq"):
                found[dossier["faq"]["link"]].append(dossier)
    return found
