"""What may be refused around alerts."""

from shared.runtime.refusal import Refusal

NOT_POSTED = Refusal(
    "alert-unknown", 404, "Alerte introuvable", "Cette alerte n'existe pas.", "vous",
)  # fmt: skip
