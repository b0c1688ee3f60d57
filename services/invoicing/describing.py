"""An invoice as the API shows it: what was submitted, what became of it, and who must act next."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from services.invoicing.pages import page_of
from services.invoicing.paying import reference_for
from services.invoicing.reference import Reference
from services.invoicing.refusals import NOBODY
from services.invoicing.returns import KINDS
from shared.events.invoicing import InvoiceSubmitted
from shared.events.parts import Office
from shared.runtime.refusals import FORMIRIS, THE_BODY

HOLDERS: Mapping[str, str] = {
    "submitted": FORMIRIS, "returned": THE_BODY, "accepted": FORMIRIS, "rejected": THE_BODY, "corrected": NOBODY,
    "credited": NOBODY, "paid": NOBODY,
}  # fmt: skip


def described(row: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """From a row of the query `invoice`; the account of the seller stays sealed and is left out."""
    amendment, outcome = parsed(row["amendment"]), parsed(row["outcome"])
    submitted = parsed(row["submitted"])
    submitted.get("seller", {}).pop("iban", None)
    return {
        **submitted,
        "id": str(row["invoice_id"]),
        "version": row["version"],
        "status": row["status"],
        "submitted_at": row["submitted_at"].isoformat(),
        "outcome": outcome,
        "return": _return(row["status"], outcome),
        "amendment": amendment,
        "holder": holder_of(row, amendment),
        "link": page_of(row["invoice_id"]),
        "document": row["document"],
        "supplements": parsed(row["supplements"]),
        "payment_reference": reference_for(row["number"], submitted["order_number"]),
        "change_contact": office.model_dump(mode="json"),
    }


def previewed(invoice: InvoiceSubmitted, reference: Reference) -> dict[str, Any]:
    """What would be submitted, as its person checks it."""
    share = invoice.vat
    return {
        "number": invoice.number, "issued_on": str(invoice.issued_on), "due_on": str(invoice.due_on),
        "amount": str(invoice.amount), "origin": invoice.origin,
        "vat": share and {"rate": str(share.rate), "net": str(share.net), "vat": str(share.vat)},
        "vat_words": None if share else reference.words_of(invoice.vat_mention, invoice.issued_on),
    }  # fmt: skip


def _return(status: str, outcome: dict[str, Any] | None) -> dict[str, Any] | None:
    """Why an invoice came back, what to do, and whether its number stays; None for one that did not."""
    if outcome is None or status not in ("returned", "rejected"):
        return None
    kind = KINDS["rejected" if status == "rejected" else outcome["kind"]]
    return {
        "kind": outcome.get("kind", "rejected"), "title": kind.title, "number_stays": kind.number_stays,
        "what_to_do": kind.what_to_do, "reasons": outcome["reasons"],
    }  # fmt: skip


def holder_of(row: Mapping[str, Any], amendment: dict[str, Any] | None) -> str:
    """Who must act next on an invoice."""
    if row["kind"] == "381":
        return NOBODY
    live = row["status"] in ("submitted", "returned", "accepted")
    if live and amendment and amendment["status"] == "granted":
        return THE_BODY
    return HOLDERS[row["status"]]


def amendment_of(row: Mapping[str, Any]) -> UUID | None:
    """The last request for a change, whatever became of it."""
    amendment = parsed(row["amendment"])
    return UUID(amendment["amendment_id"]) if amendment else None


def parsed(text: str | None) -> Any:
    """The content of a jsonb column."""
    return None if text is None else orjson.loads(text)
