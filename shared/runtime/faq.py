"""The questions of Formiris's FAQ, by the address that a refusal points to.  (R12)"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A question of the FAQ, in the users' own words; `id` is its anchor under `/aide`."""

    id: str
    question: str

    @property
    def link(self) -> str:
        """Where the answer is read."""
        return f"/aide#{self.id}"


REFERENCING = FaqEntry(
    "demarche-referencement", "Quelle est la démarche à suivre pour se faire référencer chez Formiris ?"
)
REFERENCING_FORM = FaqEntry(
    "soumettre-referencement", "Je ne peux pas sauvegarder ou soumettre ma demande de référencement."
)
LOST_CODES = FaqEntry(
    "codes-de-connexion",
    "Je n'ai plus mes codes de connexion et/ou l'adresse mail enregistrée n'est plus valide",
)
OFFERING_FORM = FaqEntry("soumettre-prestation", "Je ne peux pas sauvegarder ou soumettre ma prestation.")
CERTIFICATES = FaqEntry(
    "deposer-attestations",
    "Je n'arrive pas à déposer les attestations de présence pour une session de ma prestation",
)
INVOICE = FaqEntry("generer-facture", "Je n'arrive pas à générer une facture pour une de mes prestations ?")
INVOICE_CHANGE = FaqEntry(
    "modifier-facture", "Comment modifier une facture que j'ai déjà soumise à Formiris ?"
)
