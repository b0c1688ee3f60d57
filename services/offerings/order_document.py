"""The purchase order as a PDF to sign: what article D6353-1 of the Code du travail asks for.  (R6)

The same terms give the same bytes, so that a command tried again names the same document.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from fpdf import FPDF

from services.offerings.terms import PAYMENT_DAYS, Terms
from shared.events.offerings import OfferingSubmitted

_PRICES = {
    "per-session": "pour la session",
    "per-trainee": "par stagiaire",
    "per-trainee-hour": "par heure-stagiaire",
}
_MODES = {"on-site": "en présence", "remote": "à distance", "hybrid": "en présence et à distance"}


def order_document(terms: Terms, on: date) -> bytes:
    """The document, A4, as many pages as it takes. A character that Helvetica lacks becomes « ? »."""
    document = FPDF(format="A4")
    document.set_title(f"Bon de commande {terms.number}")
    document.set_lang("fr")
    document.set_creation_date(datetime.combine(on, time(), UTC))
    document.core_fonts_encoding = "windows-1252"
    document.set_font("Helvetica", size=10)
    document.add_page()
    for paragraph in _paragraphs(terms, on):
        _lettered(document, paragraph)
    return bytes(document.output())


def _paragraphs(terms: Terms, on: date) -> Iterator[str]:
    offering, session = terms.offering, terms.session
    yield f"BON DE COMMANDE {terms.number}"
    yield f"Établi par Formiris le {on:%d/%m/%Y}, pour {offering.body_name}."
    yield ""
    yield f"Intitulé : {offering.title}"
    yield f"Objectifs : {offering.objectives or ''}"
    yield f"Contenu : {offering.programme or ''}"
    yield f"Public : {offering.audience or ''}"
    yield f"Prérequis : {offering.prerequisites or ''}"
    yield f"Moyens et méthodes : {offering.methods or ''}"
    yield f"Durée : {offering.total_hours} heures pour chaque stagiaire"
    yield f"Période : du {session.starts_on:%d/%m/%Y} au {session.ends_on:%d/%m/%Y}, {session.place}"
    yield f"Déroulement : {_MODES.get(offering.mode or '', '')}. {session.timetable or ''}"
    yield "Unités pédagogiques :"
    for unit in session.units:
        yield f"- {unit.code} {unit.title} : {unit.hours} heures"
    yield f"Suivi et évaluation : feuilles d'émargement et attestations de présence ; {offering.assessment or ''}"
    yield f"Stagiaires affectés à ce jour : {terms.trainees}"
    yield _price(offering, terms)
    yield f"Règlement : à {PAYMENT_DAYS} jours, sur facture déposée après la validation des attestations de présence."
    yield ""
    yield "Pour l'organisme de formation : nom, qualité, date, signature et tampon"


def _price(offering: OfferingSubmitted, terms: Terms) -> str:
    price = f"{terms.session.price} EUR {_PRICES[offering.cost_type]}"
    return f"Prix : {price} ; montant maximal de la commande : {terms.amount} EUR"


def _lettered(document: FPDF, paragraph: str) -> None:
    text = paragraph.encode("cp1252", "replace").decode("cp1252")  # what the standard fonts have
    document.multi_cell(0, 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
