"""What offerings is sent, and how much of it is taken."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.offerings.forms import FORM
from services.offerings.steps import Lack
from shared.events.values import Sha256, TeacherNumber, UnitCode
from shared.runtime.typed import Model, PinnedReason, Text, Typed, Words, example

Reasons = Annotated[list[Words], Field(max_length=50)]


class FormIn(Model):
    """The offering form, as far as it is filled in (R5)."""

    model_config = example({"fields": FORM.example()})
    fields: Typed


class DraftIn(Model):
    """Fields of the form as typed so far; the others stay, null empties one.

    `revisions`: those that were read before, so that nobody's words are lost; without them, the last one wins.
    """

    model_config = example({"fields": {"title": "Lire à voix haute"}, "revisions": {"title": 3}})
    fields: Typed
    revisions: dict[str, int] | None = None


class DecisionIn(Model):
    """Formiris's decision; a rejection carries its reasons, each may be pinned on a field of the form."""

    model_config = example({"decision": "accept", "reasons": []})
    decision: Literal["accept", "reject"]
    reasons: Annotated[list[Words | PinnedReason], Field(max_length=50)] = Field(default_factory=list)


class WithdrawalIn(Model):
    """Why the body takes its offering back, if it says so."""

    model_config = example({"reason": "La formatrice n'est plus disponible."})
    reason: Words | None = None


class RescheduleIn(Model):
    """The new days of a session."""

    model_config = example({"starts_on": "2027-04-08", "ends_on": "2027-04-09"})
    starts_on: date
    ends_on: date
    place: Text | None = None
    reason: Words | None = None


class CancellationIn(Model):
    """Why a session or an order falls out."""

    model_config = example({"reason": "Trop peu d'inscrits."})
    reason: Words


class AssignmentIn(Model):
    """A teacher expected in a teaching unit (R8)."""

    model_config = example({"unit": "1234", "teacher": "123456"})
    unit: UnitCode
    teacher: TeacherNumber


class Signatory(Model):
    """Who signed on paper."""

    name: Text
    capacity: Text


class SignedDocumentIn(Model):
    """The returned order: the sha256 of its scan, deposited before, who signed it and when (R6).

    Without signatory, the one of the return before; without day, today.
    """

    model_config = example(
        {
            "document": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "signatory": {"name": "Anne Le Goff", "capacity": "présidente"},
            "signed_on": "2026-11-23",
        }
    )
    document: Sha256
    signatory: Signatory | None = None
    signed_on: date | None = None


class SignatureRefusalIn(Model):
    """Why the returned order is refused: what is missing on it, and other reasons in words."""

    model_config = example({"missing": ["stamp"], "reasons": ["Le tampon de l'organisme manque en page 2."]})
    missing: Annotated[list[Lack], Field(max_length=10)] = Field(default_factory=list)
    reasons: Reasons = Field(default_factory=list)
