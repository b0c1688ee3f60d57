"""What only invoicing is told by its environment."""

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.invoicing.reference import Buyer, Reference, Wording


class InvoicingSettings(BaseSettings):
    """FORMELIE_BUYER and FORMELIE_VAT_EXEMPTION: JSON lists, an entry a change (docs/operations.md)."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True)

    buyer: tuple[Buyer, ...]
    vat_exemption: tuple[Wording, ...] = ()

    @field_validator("buyer")
    @classmethod
    def _somebody(cls, value: tuple[Buyer, ...]) -> tuple[Buyer, ...]:
        if not value:
            raise ValueError("names nobody")
        return value

    def reference(self) -> Reference:
        """As invoices print it."""
        return Reference(self.buyer, self.vat_exemption)
