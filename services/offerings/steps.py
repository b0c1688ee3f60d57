"""An order's two steps as people see them: signed, returned; what was right stays when a return is refused.  (R6)"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from shared.events.parts import Reason
from shared.runtime.refusals import THE_BODY

Row = Mapping[str, Any]
"""An order as its view says it."""

Lack = Literal["signature", "stamp", "signatory", "pages", "legibility"]

LACKS: dict[Lack, Reason] = {
    "signature": Reason(text="La signature manque.", code="order-not-hand-signed"),
    "stamp": Reason(text="Le tampon de l'organisme manque.", code="order-not-stamped"),
    "signatory": Reason(text="Le nom ou la qualité du signataire manque.", code="order-signatory-not-named"),
    "pages": Reason(text="Une ou plusieurs pages manquent.", code="order-pages-missing"),
    "legibility": Reason(text="Le document n'est pas lisible.", code="order-not-legible"),
}
"""What Formiris finds missing on a returned order, and how the body reads it."""

_OF_THE_RETURN = {LACKS["pages"].code, LACKS["legibility"].code}
"""The paper itself is in order: only its copy is to be sent again."""


def reasons_of(missing: Collection[Lack], words: Sequence[str]) -> tuple[Reason, ...]:
    """Why a return is refused, as its event says it."""
    named = tuple(reason for lack, reason in LACKS.items() if lack in missing)
    return named + tuple(Reason(text=each) for each in words)


def steps(order: Row, signatory: str | None) -> list[dict[str, Any]]:
    """Each step: whether it is done, when and by whom; `again` says why it must be done once more."""
    papers = [
        paper
        for paper in order["documents"]
        if paper["kind"] == "returned" and paper["amendment"] == order["amendment"]
    ]
    last = papers[-1] if papers else None
    kept = last is not None and (order["status"] == "signed" or _paper_is_right(order))
    again = _again(order["status"], order["amendment"], texts(order))
    return [
        {
            "step": "signed",
            "label": "Signé et tamponné",
            "done": kept,
            "at": last["signed_on"] if last and kept else None,
            "by": signatory if kept else None,
            "again": None if kept else again,
        },
        {
            "step": "returned",
            "label": "Renvoyé à Formiris",
            "done": order["status"] == "signed",
            "at": last["at"] if last and order["status"] == "signed" else None,
            "by": last["by"] if last and order["status"] == "signed" else None,
            "again": again,
        },
    ]


def texts(order: Row) -> list[str]:
    """The reasons of the last refused return, as people read them."""
    return [reason["text"] for reason in order["reasons"]]


def to_sign_again(
    status: str, amendment: int, reasons: Sequence[str], document: str
) -> dict[str, Any] | None:
    """What must be signed once more, by whom and why; None when nothing is. `reasons`: of a refused return."""
    again = _again(status, amendment, reasons)
    if again is None:
        return None
    return {"document": document, "amendment": amendment, "by": THE_BODY, "why": again}


def _paper_is_right(order: Row) -> bool:
    codes = {reason.get("code") for reason in order["reasons"]}
    return order["status"] == "signature-refused" and codes <= _OF_THE_RETURN


def _again(status: str, amendment: int, reasons: Sequence[str]) -> str | None:
    if status in ("signed", "cancelled"):
        return None
    if reasons:
        return "Formiris a refusé le document renvoyé : " + " ".join(reasons)
    if amendment:
        return (
            f"La session a été déplacée : l'avenant n° {amendment} remplace ce qui était à signer ou signé."
        )
    return None
