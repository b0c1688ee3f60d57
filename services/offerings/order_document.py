"""The purchase order as a PDF to sign: what article D6353-1 of the Code du travail asks for.  (R6)

The same terms give the same bytes, so that a command tried again names the same document.
"""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date

from services.offerings.terms import PAYMENT_DAYS, Terms
from shared.events.offerings import OfferingSubmitted

_LINES_A_PAGE = 54
_WIDTH = 92
_PRICES = {
    "per-session": "pour la session",
    "per-trainee": "par stagiaire",
    "per-trainee-hour": "par heure-stagiaire",
}
_MODES = {"on-site": "en présence", "remote": "à distance", "hybrid": "en présence et à distance"}


def order_document(terms: Terms, on: date) -> bytes:
    """The document, A4, as many pages as it takes."""
    lines = [line for paragraph in _paragraphs(terms, on) for line in _wrapped(paragraph)]
    return pdf([lines[start : start + _LINES_A_PAGE] for start in range(0, len(lines), _LINES_A_PAGE)])


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


def _wrapped(paragraph: str) -> Sequence[str]:
    return [line for part in paragraph.split("\n") for line in textwrap.wrap(part, _WIDTH) or [""]]


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A plain PDF 1.4 of lines of text in Helvetica; a character that its encoding lacks becomes « ? »."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        objects += [_page(5 + 2 * number), _stream(lines)]
    return _file(objects)


def _page(content: int) -> bytes:
    fonts = "/Resources << /Font << /F1 3 0 R >> >>"
    return f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} /Contents {content} 0 R >>".encode()


def _stream(lines: Sequence[str]) -> bytes:
    text = b"".join(b"(" + _escaped(line) + b") '\n" for line in lines)
    content = b"BT /F1 10 Tf 13.5 TL 50 790 Td\n" + text + b"ET"
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)


def _escaped(line: str) -> bytes:
    encoded = line.encode("cp1252", "replace")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
