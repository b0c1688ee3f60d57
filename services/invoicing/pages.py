"""Where in the extranet a person sees what a refusal speaks of."""

from uuid import UUID


def page_of(invoice: UUID) -> str:
    """The page of an invoice."""
    return f"/factures/{invoice}"
