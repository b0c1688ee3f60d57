"""What must be so before certificates are deposited: order, session, sheet and lines, each compared before sending.

Reading the list and depositing run the same checks: what is shown is what would be answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from services.attendance import refusals
from services.attendance.certificates import Certificates, check_lines
from services.attendance.draft import Checked, Draft, check, check_changeable, hours_typed, without_line
from services.attendance.lines import refusal_of
from services.attendance.opening import check_order, check_over
from services.attendance.sessions import Session
from services.attendance.wording import counted, french, number
from shared.events.attendance import CertificateLine
from shared.runtime.refusal import Refused


@dataclass(frozen=True)
class Ready:
    """A draft beside all that it is compared with; its lines are read once."""

    session: Session
    certificates: Certificates
    draft: Draft
    today: date

    @cached_property
    def checked(self) -> Checked:
        """Its lines, read and judged."""
        return check(self.session, self.certificates, self.draft.lines)

    @cached_property
    def lines(self) -> tuple[CertificateLine, ...]:
        """Those that can stand."""
        return tuple(self.checked.good.values())

    @property
    def done(self) -> Decimal:
        """Trainee-hours of the lines and of those validated before."""
        return sum((line.hours for line in [*self.lines, *self.certificates.validated.values()]), Decimal(0))


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison; `refused` when it does not hold. Only what is `needed` holds a deposit back."""

    id: str
    label: str
    detail: str
    refused: Refused | None = None
    needed: bool = True


def checklist(ready: Ready) -> list[Step]:
    """Every comparison, in the order in which a person settles them."""
    steps = [_step(ready, *each) for each in _STEPS]
    absent = without_line(ready.session, ready.certificates, ready.draft.lines)
    detail = (
        f"{counted(len(absent), 'affectation')} sans ligne : ces enseignants ne seront pas comptés présents."
        if absent
        else "Chaque enseignant affecté a sa ligne."
    )
    return [*steps, Step("assignments", "Enseignants affectés", detail, needed=False)]


def to_submit(ready: Ready) -> tuple[CertificateLine, ...]:
    """The lines to deposit. Raises `Refused` for the first comparison that does not hold."""
    for _, _, compare in _STEPS:
        compare(ready)
    return ready.lines


def _step(ready: Ready, id: str, label: str, compare: Callable[[Ready], str]) -> Step:
    try:
        return Step(id, label, compare(ready))
    except Refused as refused:
        return Step(id, label, refused.detail, refused)


def _previous(ready: Ready) -> str:
    check_changeable(ready.session, ready.certificates)
    if validated := ready.certificates.validated:
        return f"Lignes déjà validées : {len(validated)} ; seules les autres sont à redonner."
    if ready.certificates.status == "rejected":
        return "Le dépôt précédent est rejeté : toutes ses lignes sont à redonner."
    return "Premier dépôt pour cette session."


def _order(ready: Ready) -> str:
    return f"Le bon de commande {check_order(ready.session).number} est signé et renvoyé à Formiris."


def _over(ready: Ready) -> str:
    check_over(ready.session, ready.today)
    return f"La session s'est terminée le {french(ready.session.ends_on)}."


def _sheet(ready: Ready) -> str:
    last = ready.certificates.submitted
    if ready.draft.sheet is None:
        raise Refused(refusals.SHEET_MISSING, contact=ready.session.contact)
    if last and last.sheet_hash == ready.draft.sheet:
        return "Feuille d'émargement du dépôt précédent : joignez-en une autre si elle a changé."
    return "La feuille d'émargement signée est jointe."


def _lines(ready: Ready) -> str:
    if faults := ready.checked.listed():
        raise refusal_of(ready.session, faults)
    check_lines(ready.session, ready.certificates, ready.lines)
    return f"{counted(len(ready.lines), 'ligne')}, sans erreur."


def _total(ready: Ready) -> str:
    planned = sum(
        (ready.session.hours.get(unit, Decimal(0)) for _, unit in ready.session.assigned), Decimal(0)
    )
    said, done = ready.draft.sheet_hours, number(ready.done)
    if said and hours_typed(said) != ready.done:
        raise Refused(
            refusals.SHEET_TOTAL_DIFFERS, contact=ready.session.contact, lines=done, sheet=said
        )  # fmt: skip
    compared = ", comme sur la feuille d'émargement" if said else ""
    return f"{done} h faites sur {number(planned)} h prévues{compared}."


_STEPS: tuple[tuple[str, str, Callable[[Ready], str]], ...] = (
    ("previous", "Dépôt précédent", _previous),
    ("order", "Bon de commande", _order),
    ("session", "Session", _over),
    ("sheet", "Feuille d'émargement", _sheet),
    ("lines", "Lignes", _lines),
    ("totals", "Totaux", _total),
)
