"""How a page shows what came of a decision: done, refused, or already taken by a colleague who was faster (M4)."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.following import managers
from services.extranet.forms import Form
from services.extranet.queue import mine
from services.extranet.render import page
from services.extranet.words import faster

DONE: Mapping[str, tuple[str, str]] = {
    "proposition": (
        "La proposition d'offre de service est envoyée.",
        "C'est à l'organisme d'agir : il complète sa demande et la soumet.",
    ),
    "accepte": ("Accepté.", "L'organisme est prévenu par e-mail."),
    "rejete": ("Rejeté.", "L'organisme reçoit vos motifs par e-mail, tels que vous les avez écrits."),
    "commande": (
        "Le bon de commande est soumis à l'organisme.",
        "C'est à lui de le signer, de le tamponner et de le renvoyer.",
    ),
    "affecte": ("Affectation enregistrée.", ""),
    "retire": ("Affectation retirée.", ""),
    "deplace": ("La session est déplacée.", "S'il y a un bon de commande, son avenant est à signer par l'organisme."),
    "annule": ("Annulé.", "L'organisme est prévenu."),
    "refuse": ("Le renvoi est refusé.", "L'organisme lit ce qui manque, et renvoie le bon de commande."),
    "valide": ("Attestations validées.", "L'organisme est prévenu qu'il peut facturer."),
    "lignes": ("Décision enregistrée, ligne par ligne.", "L'organisme ne refait que les lignes rejetées."),
    "renvoye": ("La facture est renvoyée.", "L'organisme lit ce qu'il doit faire, et si son numéro reste."),
    "paye": ("Paiement enregistré.", "L'organisme le voit avec sa référence."),
    "accorde": ("Modification accordée.", "C'est à l'organisme de la faire."),
    "decline": ("Modification refusée.", "L'organisme lit vos motifs."),
    "repris": ("La facture reprend son cours.", ""),
    "confie": ("Le suivi est enregistré.", "Il se voit dans la file de chacun, et dans celle de qui remplace."),
    "rendu": ("Ce dossier n'est plus suivi par personne.", "Il reste dans la file de tous."),
    "suivi-rien": ("Rien n'a changé.", "Cochez au moins un dossier et choisissez à qui le confier."),
    "absence": ("L'absence est enregistrée.", "Ce que cette personne suit est aussi dans la file de qui la remplace."),
    "suspendu": ("Référencement suspendu.", "L'organisme ne peut plus soumettre de prestation."),
    "fusionne": (
        "Les deux fiches sont fusionnées.",
        "L'organisme est prévenu ; ses dossiers restent où ils sont. Rétablir cette fiche les sépare à nouveau.",
    ),
    "retabli": ("Référencement rétabli.", "L'organisme peut de nouveau soumettre des prestations."),
    "verifie": ("Vérification enregistrée.", ""),
    "codes": ("Nouveaux codes envoyés.", "Les sessions ouvertes avec les anciens sont fermées."),
    "adresse": ("Adresse changée.", "L'ancienne est prévenue et peut revenir en arrière pendant trois jours."),
    "repondu": ("Réponse envoyée.", ""),
    "non-prouve": ("Demande close : identité non prouvée.", ""),
}  # fmt: skip


LISTED = "formelie-liste"
"""The cookie of the list that its reader came from, with its filters (M2)."""


async def screen(request: Request, template: str, problem: Problem | None = None, **context: Any) -> Response:
    """A page that says what came of the reader's last act; `problem` is that of an act that was refused."""
    change = problem.content.get("last_change") if problem else None
    session = request.state.visitor.session
    manages = session.role == "manager"
    return await page(
        request, template, problem.status if problem else 200, problem=problem,
        last_list=_last_list(request), people=await managers(request.state.visitor) if manages else (),
        mine=lambda dossier: manages and mine(session.territory, dossier),
        stale=faster(change) if change else None, done=DONE.get(request.query_params.get("fait", "")), **context,
    )  # fmt: skip


def _last_list(request: Request) -> str:
    """Its address; the queue itself, when it is none of ours."""
    given = unquote(request.cookies.get(LISTED, ""))
    return given if re.fullmatch(r"/[a-z]*(\?[^\s\\]{0,500})?", given) else "/"


async def act(
    visitor: Visitor, form: Form, method: str, service: str, path: str,
    *, then: str, again: Callable[[Problem], Awaitable[Response]], **options: Any,
) -> Response:  # fmt: skip
    """A command of a page's form, on the version that its reader saw. Refused, the page comes back as it was typed."""
    try:
        await visitor.act(method, service, path, form.key, version_of(form), **options)
    except Problem as problem:
        if problem.status == 401:
            raise
        return await again(problem)
    return RedirectResponse(then, 303)


def faults_of(problem: Problem | None) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    return {str(each["field"]): str(each["reason"]) for each in problem.missing} if problem else {}


def version_of(form: Form) -> int | None:
    """The version of the dossier that the page showed."""
    given = form.text("version")
    return int(given) if given.isdigit() and len(given) < 10 else None


def lines_of(text: str) -> list[str]:
    """Reasons as typed: one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
