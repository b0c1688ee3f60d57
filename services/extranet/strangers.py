"""Teachers whom nobody assigned to a unit: the very sentence of the FAQ, and the way to Assistance.  (R8)"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

LINES_OF_A_TICKET = 20


def unassigned(faults: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> dict[str, Any] | None:
    """The refusal of all of them at once, with the address of the ticket about them; None when nobody is a stranger.

    `told` is the draft or the import that says who can help.
    """
    found = {
        (each["teacher"], each["unit"]): each["reason"] for each in faults if each["code"] == "no-assignment"
    }
    if not found:
        return None
    (sentence, *others), pairs = list(found.values()), list(found)[:LINES_OF_A_TICKET]
    return {
        "code": "no-assignment",
        "title": f"{len(found)} lignes ne peuvent pas être déposées"
        if others
        else "Une ligne ne peut pas être déposée",
        "detail": sentence,
        "missing": [
            {"label": f"Enseignant {teacher}, unité {unit}", "where": "", "reason": reason}
            for (teacher, unit), reason in found.items()
        ]
        if others
        else [],
        "unblocks": "Autrement dit : cet enseignant n'est pas inscrit à cette unité. Vérifiez d'abord les deux "
        "numéros ; s'ils sont justes, demandez à l'Assistance de l'affecter. Les autres lignes sont gardées.",
        "query": urlencode([("ligne", f"{teacher}|{unit}") for teacher, unit in pairs]),
        **{
            name: value for name, value in (told["help"].get("no-assignment") or {}).items() if name != "link"
        },
    }
