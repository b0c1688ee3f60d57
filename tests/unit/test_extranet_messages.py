"""What the page of messages makes of its address, and how a delay is said to each side.  (H5)"""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.extranet.pages.messages import pin_of
from services.extranet.render import _environment


@pytest.mark.parametrize(
    ("given", "pin"),
    [
        ({}, None),
        ({"champ": "place", "libelle": "Lieu"}, ("field", "place", "Lieu")),
        ({"champ": "place"}, ("field", "place", "place")),
        ({"ligne": "1234:123456"}, ("line", "1234:123456", "Enseignant 123456, unité 1234")),
        ({"ligne": "1234"}, None),
        ({"champ": "x" * 300}, ("field", "x" * 200, "x" * 200)),
    ],
)
def test_what_a_message_is_about_is_in_its_link(
    given: dict[str, str], pin: tuple[str, str, str] | None
) -> None:
    """A field with its label, a line by its unit and teacher; anything else is the whole dossier."""
    assert pin_of(given) == (pin and dict(zip(("kind", "name", "label"), pin, strict=True)))


def said(role: str, owner: str, days: int) -> str:
    """As the template says it to somebody, in plain spaces."""
    template = _environment().from_string("{% import 'components.html' as c with context %}{{ c.due(w) }}")
    wait: dict[str, Any] = {"owner": owner, "answer_by": (date(2026, 1, 5) + timedelta(days)).isoformat()}
    wait["late"] = days < 0
    words = template.render(w=wait, session=SimpleNamespace(role=role), path="/")
    return re.sub(r"<[^>]+>", "", words).replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def test_a_delay_is_said_to_each_side_as_its_own() -> None:
    """Whose turn it is, until when, or late since when; for whoever only helps or reads it is nobody's turn."""
    assert said("body", "formiris", 0).startswith("Formiris répond d'ici le 5 janvier")
    assert said("body", "body", 0).startswith("À vous de répondre, d'ici le 5 janvier")
    assert said("manager", "formiris", 0).startswith("À vous de répondre, d'ici le 5 janvier")
    assert said("manager", "body", 0).startswith("L'organisme répond d'ici le 5 janvier")
    assert said("auditor", "formiris", 0).startswith("Formiris répond d'ici le 5 janvier")
    assert said("body", "formiris", -1).startswith("Réponse de Formiris en retard depuis le 4 janvier")
    assert said("body", "body", -1).startswith("À vous de répondre, en retard depuis le 4 janvier")
    assert said("manager", "body", -1).startswith("Réponse de l'organisme en retard depuis le 4 janvier")
