"""The five contexts, in the order of a dossier's life."""

CONTEXTS = ("registration", "offerings", "attendance", "invoicing", "notifications")
