"""What a deployment says and an invoice prints: who buys, and the words of the VAT exemption; both dated.

An invoice is printed as of its own date, so that it reads the same whenever its document is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from stdnum.fr import siren, siret, tva

from services.invoicing.vat import words_of
from shared.events.invoicing import VatMention

ALWAYS = date(1900, 1, 1)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


def _checked(register: Any, what: str) -> AfterValidator:
    """By its key and its length; all zeros is nobody's."""

    def check(value: str) -> str:
        compact: str = register.compact(value)
        if not register.is_valid(compact) or not compact.strip("0"):
            raise ValueError(f"is not a {what}")
        return f"FR{compact}" if register is tva else compact

    return AfterValidator(check)


Siren = Annotated[str, _checked(siren, "SIREN")]
Siret = Annotated[str, _checked(siret, "SIRET")]
VatNumber = Annotated[str, _checked(tva, "French VAT number")]


class _Dated(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    since: date = ALWAYS


class Buyer(_Dated):
    """Formiris, as its suppliers' invoices must name it from a day on."""

    name: Text
    siren: Siren
    siret: Siret | None = None
    vat_number: VatNumber | None = None
    street: Text
    postcode: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    town: Text

    @model_validator(mode="after")
    def _one_company(self) -> Self:
        if self.siret and not self.siret.startswith(self.siren):
            raise ValueError("siret is not of this siren")
        if self.vat_number and not self.vat_number.endswith(self.siren):
            raise ValueError("vat_number is not of this siren")
        return self


class Wording(_Dated):
    """The mention of the exemption with its article of the CIBS, from a day on."""

    words: Text


Entry = TypeVar("Entry", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Reference:
    """`buyers`: one at least."""

    buyers: tuple[Buyer, ...]
    exemption: tuple[Wording, ...] = ()

    def buyer_on(self, day: date) -> Buyer:
        """The buyer of an invoice of that day; the first one known, for one from before."""
        return _on(self.buyers, day) or min(self.buyers, key=lambda each: each.since)

    def words_of(self, code: VatMention, day: date) -> str:
        """What an invoice of that day prints for a VAT mention."""
        said = _on(self.exemption, day) if code == "cibs" else None
        return said.words if said else words_of(code)


def _on(entries: Sequence[Entry], day: date) -> Entry | None:
    return max((each for each in entries if each.since <= day), key=lambda each: each.since, default=None)
