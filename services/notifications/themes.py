"""What e-mails are about, as people choose how often they get them; decisions are always sent.  (R2)"""

from collections.abc import Mapping
from typing import Literal, get_args

from shared.events.notifications import Frequency

Theme = Literal["referencing", "offerings", "orders", "certificates", "invoices", "messages", "assistance"]

LABELS: Mapping[Theme, str] = {
    "referencing": "Référencement de votre organisme",
    "offerings": "Prestations",
    "orders": "Bons de commande et sessions",
    "certificates": "Attestations de présence",
    "invoices": "Factures et paiements",
    "messages": "Messages sur vos dossiers",
    "assistance": "Assistance",
}
FREQUENCIES: Mapping[Frequency, str] = {
    "at-once": "aussitôt",
    "daily": "un résumé par jour",
    "none": "jamais",
}
UNLESS_SAID: Frequency = "daily"
ALWAYS = (
    "Les décisions de Formiris vous sont toujours envoyées aussitôt : votre organisme doit pouvoir y répondre à "
    "temps."
)


def known(theme: str) -> Theme | None:
    """The theme of that code, when there is one."""
    return next((each for each in get_args(Theme) if each == theme), None)
