"""What callers send to invoicing; parsed once, with examples for the API's description."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.invoicing.returns import ReturnKind, reason_of
from shared.events.invoicing import VatMention
from shared.events.parts import Reason
from shared.events.values import InvoiceNumber, Line, Sha256

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=14, decimal_places=2),
    AfterValidator(lambda amount: amount.quantize(Decimal("0.01"))),
]
Words = Annotated[Line, StringConstraints(strip_whitespace=True)]


class Asking(BaseModel):
    """Nothing unknown is accepted: a misspelt field is told, not dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class InvoiceGiven(Asking):
    """The amount is not asked: it follows from the order and the validated certificates.

    `due_on`: 30 days after the invoice unless given, 60 at most. `document`: sha256 of a deposited invoice.
    """

    model_config = _example(
        session="0d5f6c1e-3f57-5d0c-9c0e-0b7c1f3f7a01", number="F2026/117", issued_on="2026-11-23"
    )
    session: UUID
    number: InvoiceNumber
    issued_on: Day
    due_on: Day | None = None
    vat_mention: VatMention | None = None
    document: Sha256 | None = None


class ReasonsGiven(Asking):
    """Why, in French, as the body reads it."""

    reasons: Annotated[list[Words], Field(max_length=50)] = []

    def as_reasons(self) -> tuple[Reason, ...]:
        """As they stand in the event."""
        return tuple(Reason(text=text) for text in self.reasons)


class DecisionGiven(ReasonsGiven):
    """A rejection without reasons is refused."""

    model_config = _example(decision="reject", reasons=["Le numéro du bon de commande manque."])
    decision: Literal["accept", "reject"]

    @model_validator(mode="after")
    def _no_rejection_without_reasons(self) -> Self:
        if self.decision == "reject" and not self.reasons:
            raise ValueError("un rejet porte toujours ses motifs (reasons)")
        return self


class MotiveGiven(Asking):
    """A reason of the list (`GET /v1/return-reasons`), and a word more."""

    model_config = _example(code="supporting-document-missing", text="La feuille d'émargement du 2 mars.")
    code: Annotated[str, Field(max_length=80)]
    text: Words | None = None


class ReturnGiven(Asking):
    """To recycle or suspended, the invoice keeps its number; rejected, another one is needed."""

    model_config = _example(
        kind="suspended",
        reasons=[{"code": "supporting-document-missing", "text": "La feuille d'émargement du 2 mars."}],
    )
    kind: ReturnKind
    reasons: Annotated[list[MotiveGiven], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _reasons_of_the_list(self) -> Self:
        self.as_reasons()
        return self

    def as_reasons(self) -> tuple[Reason, ...]:
        """As they stand in the event. Raises ValueError for one that is not of the list."""
        return tuple(reason_of(self.kind, each.code, each.text) for each in self.reasons)


class ResumptionGiven(Asking):
    """What was missing: an answer, the same invoice deposited anew, or a paper beside it (sha256 of documents)."""

    model_config = _example(answer="Voici la feuille d'émargement du 2 mars.", supplement="0" * 64)
    answer: Annotated[Words, Field(max_length=5_000)] | None = None
    document: Sha256 | None = None
    supplement: Sha256 | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.answer or self.document or self.supplement):
            raise ValueError(
                "une réponse (answer), la facture (document) ou une pièce (supplement) est attendue"
            )
        return self


class AmendmentGiven(Asking):
    """What should change, and why."""

    model_config = _example(reason="Une demi-journée a été comptée en trop.")
    reason: Annotated[Words, Field(max_length=500)]


class AmendmentDecisionGiven(ReasonsGiven):
    """`remedy`: what Formiris expects; a refusal carries its reasons."""

    model_config = _example(decision="grant", remedy="corrective-invoice")
    decision: Literal["grant", "refuse"]
    remedy: Literal["corrective-invoice", "credit-note"] = "corrective-invoice"

    @model_validator(mode="after")
    def _no_refusal_without_reasons(self) -> Self:
        if self.decision == "refuse" and not self.reasons:
            raise ValueError("un refus porte toujours ses motifs (reasons)")
        return self


class CreditNoteGiven(Asking):
    """Of the whole invoice."""

    model_config = _example(number="A2026/4", issued_on="2026-11-24")
    number: InvoiceNumber
    issued_on: Day


class CorrectionGiven(CreditNoteGiven):
    """The amount due instead, in euros."""

    model_config = _example(number="F2026/117-R", issued_on="2026-11-24", amount="1080.00")
    amount: Amount


class PaymentGiven(Asking):
    """The reference on the bank statement; it holds the invoice's number."""

    model_config = _example(reference="VIR F2026/117", paid_on="2026-12-15")
    reference: Annotated[Words, Field(max_length=140)]
    paid_on: Day
