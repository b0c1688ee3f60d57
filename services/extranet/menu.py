"""The main menu of each role."""

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
    "auditor": (("Dossiers", "/"), ("Organismes", "/organismes"), ("Envois", "/envois"), ("Aide", "/aide")),
}  # fmt: skip


def menu_of(session: Session, path: str) -> list[Entry]:
    """What a reader may go to, in order."""
    return [
        Entry(label, link, path == link if link == "/" else path == link or path.startswith(f"{link}/"))
        for label, link in _MENUS[session.role]
    ]
