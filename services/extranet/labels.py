"""What was typed on any page, shown to be sent again: under the labels of its fields, never under their names."""

from collections.abc import Iterable, Mapping, Sequence

from fastapi import Request

from services.extranet.draft import Field, words
from services.extranet.grid import CELL, FROM, TO

_SCHEMAS = (
    ("/referencement/formulaire/", "registration", "/forms/referencing"),
    ("/prestations/brouillons/", "offerings", "/forms/offering"),
)
_LABELS: Mapping[str, str] = {
    "answer": "Réponse", "autre": "Autre vérification", "capacity": "Qualité", "cause": "Cause", "code": "Code",
    "contact.email": "Votre adresse e-mail", "contact.name": "Votre nom", "date": "Date", "debut": "Premier jour",
    "echeance": "Échéance", "email": "Adresse e-mail", "ends_on": "Dernier jour", "fin": "Dernier jour",
    "first_name": "Prénom", "kind": "Nature", "lieu": "Lieu", "login": "Adresse e-mail", "message": "Message",
    "montant": "Montant", "mot": "Précision", "motif": "Motif", "motifs": "Motifs", "name": "Nom", "note": "Note",
    "numero": "Numéro de facture", "paid_on": "Date du paiement", "perimeter": "Périmètre",
    "person": "Qui est absent", "place": "Lieu", "plus.enseignant": "Enseignant ajouté",
    "plus.heures": "Heures de l'enseignant ajouté", "plus.unite": "Unité de l'enseignant ajouté",
    "qualiopi_valid_until": "Certificat Qualiopi valable jusqu'au", "raison": "Pourquoi", "reason": "Pourquoi",
    "reference": "Référence du relevé bancaire", "replacement": "Remplacé par", "reponse": "Réponse",
    "signed_on": "Signé le", "souhait": "Ce qui doit changer", "starts_on": "Premier jour",
    "territory": "Association territoriale",
}  # fmt: skip
OTHERS = "Autres réponses de la page"
_UNTYPED = frozenset({"version", "retour", "suite", "kept", "acte", "contenu", "page.suivante", "a", "d"})
"""What a page adds by itself."""
_GRID = ((CELL, "Heures faites"), (FROM, "Premier jour"), (TO, "Dernier jour"))

Labelled = dict[str, list[str]]


async def labelled(request: Request, path: str, fields: Mapping[str, Sequence[str]]) -> Labelled:
    """Label -> what was typed there, in the order of the page; what is blank is left out."""
    form = await _form(request, path)
    found: Labelled = {}
    for name, values in fields.items():
        label, told = _in_form(form, name) if form else (_elsewhere(name), None)
        typed = [words(told, value) if told else value for value in values if value]
        if label and typed:
            found.setdefault(label, []).extend(typed)
    return found


async def _form(request: Request, path: str) -> list[Field]:
    """The fields of the form that a page belongs to; none for a page of its own."""
    for begins, service, schema in _SCHEMAS:
        if path.startswith(begins):
            told = await request.app.state.backend.lasting(service, schema)
            return [field for tab in told["tabs"] for field in tab["fields"]]
    return []


def _in_form(fields: Iterable[Field], name: str, rows: tuple[str, ...] = ()) -> tuple[str, Field | None]:
    """`sessions.1.units.0.code`: « Code (session 2, unité 1) »; no label for a mark or a button."""
    first, _, rest = name.partition(".")
    found = next((each for each in fields if each["name"] == first), None)
    if found is None:
        return "", None
    if not rest:
        return found["label"] + (f" ({', '.join(rows)})" if rows else ""), found
    place, _, inner = rest.partition(".")
    match found["kind"]:
        case "record":
            return _in_form(found["fields"], rest, rows)
        case "rows" if place.isdigit():
            return _in_form(found["fields"], inner, (*rows, f"{found['noun']} {int(place) + 1}"))
        case _:
            return "", None


def _elsewhere(name: str) -> str:
    if name in _UNTYPED:
        return ""
    of_the_grid = (label for prefix, label in _GRID if name.startswith(prefix))
    return _LABELS.get(name) or next(of_the_grid, OTHERS)
