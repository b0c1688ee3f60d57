"""What the « Proposition d'offre de service » says on paper: who answers, what to complete, how it goes on.  (R1)

It names no person: the letter is to the body. The same request on the same day gives the same document.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from services.registration.forms import FORM
from shared.events.parts import Office
from shared.events.registration import ReferencingRequested
from shared.runtime.form import Field, Record, Rows

TEMPLATE = Path(__file__).with_name("documents") / "proposal.typ"

_KINDS = {"private": "privé", "public": "public"}
_PERIMETERS = {"regional": "régional", "national": "national"}


def proposal_page(asked: ReferencingRequested, office: Office, day: date) -> Mapping[str, Any]:
    """The data of the template `documents/proposal.typ`."""
    return {
        "body_name": asked.body_name,
        "kind": _KINDS[asked.body_kind],
        "perimeter": _PERIMETERS[asked.perimeter],
        "office": office.model_dump(),
        "reference": str(asked.request_id)[:8].upper(),
        "day": day,
        "tabs": [{"label": tab.label, "fields": _lines(tab.fields)} for tab in FORM.tabs],
    }


def _lines(fields: tuple[Field, ...]) -> list[Mapping[str, Any]]:
    """A line for each field that a person fills in, those of a group one by one."""
    lines: list[Mapping[str, Any]] = []
    for field in fields:
        if isinstance(field.kind, Record | Rows):
            lines += _lines(field.kind.fields)
        else:
            lines.append({"label": field.label, "mandatory": field.mandatory})
    return lines
