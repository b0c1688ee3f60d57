"""Teachers whom nobody assigned to a unit: the very sentence of the FAQ, and the way to Assistance.  (R8)"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from shared.runtime import faq
from shared.runtime.contacts import ASSISTANCE

LINES_OF_A_TICKET = 20


def unassigned(faults: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The refusal of all of them at once, with the address of the ticket about them; None when nobody is a stranger."""
    found = {
        (each["teacher"], each["unit"]): each["reason"] for each in faults if each["code"] == "no-assignment"
    }
    if not found:
        return None
    pairs = [("ligne", f"{teacher}|{unit}") for teacher, unit in found]
    return {
        "code": "no-assignment",
        "title": _title(len(found)),
        "detail": next(iter(found.values())),
        "missing": [_missing(*who, reason) for who, reason in found.items()] if len(found) > 1 else [],
        "unblocks": "Autrement dit : cet enseignant n'est pas inscrit à cette unité. Vérifiez d'abord les deux "
        "numéros ; s'ils sont justes, demandez à l'Assistance de l'affecter. Les autres lignes sont gardées.",
        "holder": f"l'{ASSISTANCE.name}",
        "contact": asdict(ASSISTANCE),
        "faq": {"question": faq.CERTIFICATES.question, "link": faq.CERTIFICATES.link},
        "query": urlencode(pairs[:LINES_OF_A_TICKET]),
    }


def _title(count: int) -> str:
    return (
        f"{count} lignes ne peuvent pas être déposées" if count > 1 else "Une ligne ne peut pas être déposée"
    )


def _missing(teacher: str, unit: str, reason: str) -> dict[str, str]:
    return {"label": f"Enseignant {teacher}, unité {unit}", "where": "", "reason": reason}
