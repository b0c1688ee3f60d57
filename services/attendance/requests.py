"""What callers send to attendance; parsed once, with examples for the API's description."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.attendance.draft import AT_MOST, Typed
from shared.events.attendance import CertificateLine, LineReason, LineRef
from shared.events.parts import Reason
from shared.events.values import Line, Sha256, TeacherNumber, UnitCode

REASONS_AT_MOST = 400_000
"""Bytes of all reasons of a decision: they travel in one event."""

HoursDone = Annotated[
    Decimal,
    Field(ge=0, le=10_000, max_digits=7, decimal_places=2),
    AfterValidator(lambda hours: hours.quantize(Decimal("0.01"))),
]


class Asking(BaseModel):
    """Nothing unknown is accepted: a misspelt field is told, not dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LineGiven(Asking):
    """What one teacher did of one teaching unit; `hours` done, days included."""

    teacher: TeacherNumber
    unit: UnitCode
    hours: HoursDone
    starts_on: date = Field(alias="from")
    ends_on: date = Field(alias="to")

    def line(self) -> CertificateLine:
        """As it stands in the event."""
        return CertificateLine(
            teacher_number=self.teacher, unit_code=self.unit, hours=self.hours,
            starts_on=self.starts_on, ends_on=self.ends_on,
        )  # fmt: skip


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Deposit(Asking):
    """Certificates of a session. `sheet`: sha256 given by POST /documents for the signed attendance sheet."""

    model_config = _example(
        sheet="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        lines=[
            {"teacher": "123456", "unit": "1234", "hours": "6.50", "from": "2026-11-16", "to": "2026-11-17"}
        ],
    )
    sheet: Sha256
    lines: Annotated[list[LineGiven], Field(min_length=1, max_length=AT_MOST)]


Cell = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00]*$"),
    BeforeValidator(
        lambda raw: str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else raw
    ),
]
"""As typed, or as a spreadsheet has it; whether it can be read is said later, beside the line."""


class LineTyped(Asking):
    """A line of a draft, right or not yet; `from` and `to` are days, in any usual form."""

    teacher: Cell = ""
    unit: Cell = ""
    hours: Cell = ""
    starts_on: Cell = Field("", alias="from")
    ends_on: Cell = Field("", alias="to")

    def typed(self) -> Typed:
        """As the draft keeps it."""
        return Typed(self.teacher, self.unit, self.hours, self.starts_on, self.ends_on)


class DraftGiven(Asking):
    """What replaces that part of the draft; what is not given stays. `sheet_hours`: the total read on the sheet."""

    model_config = _example(
        sheet="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", sheet_hours="143,5",
        lines=[{"teacher": "123456", "unit": "1234", "hours": "6,5", "from": "16/11/2026", "to": "17/11/2026"}],
    )  # fmt: skip
    lines: Annotated[list[LineTyped], Field(max_length=AT_MOST)] = Field(default_factory=list)
    sheet: Sha256 | None = None
    sheet_hours: Cell = ""


class LineDecision(Asking):
    """Of one line; a rejection says why."""

    teacher: TeacherNumber
    unit: UnitCode
    decision: Literal["validated", "rejected"]
    reason: Annotated[Line, Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _a_rejection_says_why(self) -> Self:
        if self.decision == "rejected" and not (self.reason and self.reason.strip()):
            raise ValueError("indiquez le motif (reason) du rejet")
        return self


class Decision(Asking):
    """Of every line that waits; `others` decides those that are not named."""

    model_config = _example(
        lines=[
            {"teacher": "123456", "unit": "1234", "decision": "rejected", "reason": "Absent l'après-midi."}
        ],
        others="validated",
    )
    lines: Annotated[list[LineDecision], Field(max_length=AT_MOST)]
    others: Literal["validated"] | None = None

    @model_validator(mode="after")
    def _each_line_once(self) -> Self:
        if len({(line.teacher, line.unit) for line in self.lines}) < len(self.lines):
            raise ValueError("une ligne est décidée deux fois")
        if sum(len((line.reason or "").encode()) for line in self.lines) > REASONS_AT_MOST:
            raise ValueError("les motifs sont trop longs tous ensemble : abrégez-les")
        return self

    def validated(self) -> tuple[LineRef, ...]:
        """The lines found right."""
        return tuple(
            LineRef(teacher_number=line.teacher, unit_code=line.unit)
            for line in self.lines
            if line.decision == "validated"
        )

    def rejected(self) -> tuple[LineReason, ...]:
        """The others, with their reasons."""
        return tuple(
            LineReason(teacher_number=line.teacher, unit_code=line.unit, text=line.reason)
            for line in self.lines
            if line.decision == "rejected" and line.reason
        )


class Validation(Asking):
    """Nothing to say: what was deposited is validated as it is."""


class ReasonGiven(Asking):
    """Why, for a line (teacher and unit), for a unit, or for the whole."""

    teacher: TeacherNumber | None = None
    unit: UnitCode | None = None
    text: Annotated[Line, Field(max_length=500)]

    @model_validator(mode="after")
    def _a_line_has_both(self) -> Self:
        if self.teacher and not self.unit:
            raise ValueError("indiquez aussi l'unité pédagogique (unit) de cet enseignant")
        return self


class Rejection(Asking):
    """At least one reason: a body is never told no without why."""

    model_config = _example(
        reasons=[{"teacher": "123456", "unit": "1234", "text": "La feuille d'émargement indique 6 h."}]
    )
    reasons: Annotated[list[ReasonGiven], Field(min_length=1, max_length=200)]

    def of_lines(self) -> tuple[LineReason, ...]:
        """The reasons pinned on lines."""
        return tuple(
            LineReason(teacher_number=reason.teacher, unit_code=reason.unit, text=reason.text)
            for reason in self.reasons
            if reason.teacher and reason.unit
        )

    def of_the_whole(self) -> tuple[Reason, ...]:
        """The others; when there is none, a sentence that says where to look."""
        others = [reason for reason in self.reasons if not reason.teacher]
        given = tuple(Reason(text=r.text, field=f"unit {r.unit}" if r.unit else None) for r in others)
        return given or (Reason(text="Des lignes sont à corriger : voyez le motif de chacune."),)
