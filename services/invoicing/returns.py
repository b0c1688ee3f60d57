"""Invoices sent back: three kinds, each with what to do and whether the number stays; reasons from a list.

The kinds are those that suppliers know from Chorus Pro.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.events.parts import Reason

ReturnKind = Literal["to-recycle", "suspended", "rejected"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`number_stays`: the invoice comes back under its number; otherwise another one is needed."""

    title: str
    number_stays: bool
    what_to_do: str


KINDS: Mapping[ReturnKind, Kind] = {
    "to-recycle": Kind(
        "À recycler", True,
        "La facture n'est pas en cause, son envoi est à refaire : renvoyez-la sous le même numéro.",
    ),
    "suspended": Kind(
        "Suspendue", True,
        "Il manque une pièce ou une précision : apportez-la. La facture garde son numéro et reprend son cours.",
    ),
    "rejected": Kind(
        "Rejetée", False,
        "La facture ne sera pas payée : établissez-en une autre, sous un autre numéro. Le numéro rejeté reste pris.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Motive:
    """A reason to choose from the list; a text may be added, and must be where `says_more`."""

    code: str
    label: str
    kinds: frozenset[ReturnKind]
    says_more: bool = False


def _motive(code: str, label: str, *kinds: ReturnKind, says_more: bool = False) -> Motive:
    return Motive(code, label, frozenset(kinds), says_more)


MOTIVES: Mapping[str, Motive] = {
    motive.code: motive
    for motive in (
        _motive("document-illegible", "Le document déposé est illisible ou incomplet.", "to-recycle"),
        _motive("document-other", "Le document déposé n'est pas cette facture.", "to-recycle"),
        _motive(
            "supporting-document-missing", "Une pièce justificative manque.", "suspended", says_more=True
        ),
        _motive("hours-under-check", "Les heures validées sont en cours de vérification.", "suspended"),
        _motive("bank-details-to-confirm", "Les coordonnées bancaires sont à confirmer.", "suspended"),
        _motive("duplicate", "La facture en répète une autre.", "rejected"),
        _motive("mention-missing", "Une mention obligatoire manque.", "rejected", says_more=True),
        _motive("amount-wrong", "Le montant ne correspond pas à ce qui est dû.", "rejected"),
        _motive("order-number-wrong", "Le numéro du bon de commande manque ou n'est pas le bon.", "rejected"),
        _motive("recipient-wrong", "La facture n'est pas adressée à Formiris.", "rejected"),
        _motive("other", "Autre motif.", "to-recycle", "suspended", "rejected", says_more=True),
    )
}


def motives_of(kind: ReturnKind) -> Sequence[Motive]:
    """What may be chosen for a kind, in the order it is shown."""
    return [motive for motive in MOTIVES.values() if kind in motive.kinds]


def reason_of(kind: ReturnKind, code: str, text: str | None) -> Reason:
    """The reason as the body reads it. Raises ValueError, with what may be chosen."""
    motive = MOTIVES.get(code)
    if motive is None or kind not in motive.kinds:
        allowed = ", ".join(each.code for each in motives_of(kind))
        raise ValueError(f"motif « {code} » hors de la liste de ce retour ({allowed})")
    if motive.says_more and not text:
        raise ValueError(f"le motif « {code} » demande une précision (text)")
    label = "" if code == "other" else motive.label
    return Reason(text=" ".join(filter(None, (label, text))), code=code)
