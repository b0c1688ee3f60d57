"""A draft as the API shows it: each line beside its plan and its faults, the comparisons, who can help. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.attendance.certificates import Certificates
from services.attendance.checklist import Ready, Step, checklist
from services.attendance.draft import totals, without_line
from services.attendance.lines import Fault, Who
from services.attendance.lines_file import Refusals, refused_told, told
from services.attendance.sessions import Session
from shared.runtime.refusal import Refused


def draft_answer(ready: Ready, refused: Refusals) -> dict[str, Any]:
    """All that a person needs to go on. `refused`: the rows of the last import that were not kept."""
    session, draft, validated = ready.session, ready.draft, ready.certificates.validated
    steps = checklist(ready)
    return {
        "id": str(session.id),
        "version": draft.version,
        "revision": draft.revision,
        "sheet": draft.sheet,
        "sheet_hours": draft.sheet_hours,
        "lines": _lines(ready),
        "validated": [line.model_dump(mode="json") for line in validated.values()],
        "without_line": [
            {"teacher": teacher, "unit": unit, **_beside(session, (teacher, unit))}
            for teacher, unit in without_line(session, ready.certificates, draft.lines)
        ],
        "totals": totals(session, [*ready.lines, *validated.values()]),
        "checklist": [_step(step) for step in steps],
        "can_submit": not any(step.refused and step.needed for step in steps),
        "refused_rows": len(refused.rows),
        "refused": refused_told(refused),
        "fixed_file": to_mend(session.id) if refused.rows else None,
        "help": help_with(session, [fault for _, fault in ready.checked.listed()]),
    }


def help_with(session: Session, faults: Iterable[Fault]) -> dict[str, Any]:
    """Who can help with each kind of fault, said once."""
    return {
        fault.refusal.code: Refused(fault.refusal, contact=fault.contact(session), **fault.words).next_step()
        for fault in faults
    }


def to_mend(session: UUID) -> str:
    """Where the rows that were not kept are downloaded."""
    return f"/v1/sessions/{session}/certificates/refused.csv"


def _lines(ready: Ready) -> list[dict[str, Any]]:
    reasons = _reasons(ready.certificates)
    return [
        {
            "teacher": line.teacher, "unit": line.unit, "hours": line.hours, "from": line.starts_on,
            "to": line.ends_on, **_beside(ready.session, line.who), "rejected_because": reasons[line.who],
            "faults": [told(fault) for fault in ready.checked.faults.get(index, ())],
        }
        for index, line in enumerate(ready.draft.lines)
    ]  # fmt: skip


def _beside(session: Session, line: Who) -> dict[str, Any]:
    """What a person needs to see next to a line: the unit, the plan."""
    planned = session.hours.get(line[1])
    return {"title": session.title_of(line[1]), "planned": None if planned is None else f"{planned:.2f}"}


def _reasons(certificates: Certificates) -> dict[Who, list[str]]:
    """Why lines were rejected, while nothing newer was deposited."""
    reasons: dict[Who, list[str]] = defaultdict(list)
    for each in (certificates.rejected.lines or ()) if certificates.rejected else ():
        reasons[each.teacher_number, each.unit_code].append(each.text)
    return reasons


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "label": step.label,
        "ok": step.refused is None,
        "needed": step.needed,
        "detail": step.detail,
        "missing": [asdict(missing) for missing in step.refused.missing] if step.refused else [],
        **({"code": step.refused.refusal.code, **step.refused.next_step()} if step.refused else {}),
    }
