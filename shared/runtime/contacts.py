"""Whom to ask at Formiris: the three that do not depend on a territory.  (R1, R4, R11)"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask. Hours are words for a person, not data."""

    name: str
    email: str
    phone: str | None = None
    hours: str | None = None


ASSISTANCE = Contact(
    name="Assistance Formiris",
    email="contact.assistance@formiris.org",
    phone="01 58 45 10 20",
    hours="du lundi au vendredi, de 8h30 à 17h00",
)
HEAD_OFFICE = Contact(name="Siège de Formiris", email="prestataires@formiris.org")
MANAGEMENT = Contact(name="Service gestion de Formiris", email="contact.gestion@formiris.org")
