"""The life of a training as six steps, from the state of its dossier: what is done, where it is, what follows."""

from collections.abc import Mapping
from typing import Any

STEPS = ("Référencement", "Prestation", "Commande", "Attestations", "Facture", "Paiement")
_AT: Mapping[tuple[str, str], tuple[int, str, str]] = {
    ("offering", "submitted"): (1, "En examen", "now"),
    ("offering", "rejected"): (1, "Rejetée", "held"),
    ("offering", "to-order"): (2, "À venir", "now"),
    ("offering", "ordered"): (2, "Commandée", "now"),
    ("session", "planned"): (2, "À venir", "now"),
    ("session", "to-sign"): (2, "À signer", "now"),
    ("session", "to-sign-again"): (2, "Renvoi refusé", "held"),
    ("session", "amendment-to-sign"): (2, "Avenant à signer", "now"),
    ("session", "to-certify"): (3, "À déposer", "now"),
    ("session", "certificates-submitted"): (3, "En examen", "now"),
    ("session", "certificates-rejected"): (3, "À corriger", "held"),
    ("session", "to-invoice"): (4, "À déposer", "now"),
    ("session", "to-invoice-again"): (4, "À déposer à nouveau", "held"),
    ("session", "invoiced"): (4, "En examen", "now"),
    ("session", "invoice-returned"): (4, "À corriger", "held"),
    ("session", "amendment-requested"): (4, "Modification demandée", "now"),
    ("session", "amendment-granted"): (4, "À rectifier", "now"),
    ("session", "to-pay"): (5, "En cours", "now"),
    ("session", "paid"): (6, "Payée", "done"),
}
_DONE = ("Accepté", "Acceptée", "Renvoyée", "Validées", "Acceptée", "Payée")


def life_of(dossier: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, words, done | now | held | next) a step; a state that is not in the table shows no step as current."""
    at, words, state = _AT.get((dossier["kind"], dossier["state"]), (-1, "", "next"))
    return [
        (name, done, "done")
        if place < at
        else (name, words, state)
        if place == at
        else (name, "Pas encore", "next")
        for place, (name, done) in enumerate(zip(STEPS, _DONE, strict=True))
    ]
