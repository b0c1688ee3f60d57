"""The main menu of each role."""

import re
from dataclasses import dataclass

from services.extranet.session import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; `current` where the reader is."""

    label: str
    link: str
    current: bool


_MENUS = {
    "body": (
        ("Accueil", "/"), ("Référencement", "/referencement"), ("Prestations", "/prestations"),
        ("Attestations", "/attestations"), ("Factures", "/factures"), ("Aide", "/aide"),
    ),
    "manager": (
        ("À traiter", "/"), ("Organismes", "/organismes"), ("Prestations", "/prestations"),
        ("Attestations", "/attestations"), ("Factures", "/factures"), ("Aide", "/aide"),
    ),
    "assistance": (("Demandes", "/"), ("Organismes", "/organismes"), ("Comptes", "/comptes"), ("Aide", "/aide")),
    "auditor": (("Dossiers", "/"), ("Organismes", "/organismes"), ("Envois", "/envois"), ("Exports", "/exports"),
                ("Abonnés", "/abonnes"), ("Aide", "/aide")),
}  # fmt: skip

_SECTIONS = (
    (r"/sessions/[^/]+/attestations", "/attestations"),
    (r"/sessions/[^/]+/facture", "/factures"),
    (r"/bons-de-commande/|/sessions/", "/prestations"),
)
"""Pages whose address does not begin with that of their menu."""


def menu_of(session: Session, path: str) -> list[Entry]:
    """What a reader may go to, in order."""
    section = next((menu for pages, menu in _SECTIONS if re.match(pages, path)), path)
    return [
        Entry(
            label, link, section == link if link == "/" else section == link or section.startswith(f"{link}/")
        )
        for label, link in _MENUS[session.role]
    ]
