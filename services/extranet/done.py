"""What came of a training body's last act, told on the page that follows: `?fait=...`."""

from collections.abc import Mapping

from fastapi import Request

DONE: Mapping[str, tuple[str, str]] = {
    "brouillon-abandonne": ("Le brouillon est abandonné.", ""),
    "retiree": ("La prestation est retirée.", "Formiris est prévenu."),
    "deplacee": ("La session est déplacée.", "Rien n'est à signer : elle n'avait pas de bon de commande."),
    "avenant": ("La session est déplacée.", "Son avenant est à signer, à tamponner et à renvoyer : le voici."),
    "annulee": ("La session est annulée.", "Formiris est prévenu ; rien n'est plus à signer."),
    "renvoye": ("Formiris a reçu le bon de commande.", "Les attestations de présence peuvent être déposées."),
    "modifie": ("Vos informations sont modifiées.", "Les anciennes valeurs restent dans l'historique."),
    "rien-a-modifier": ("Rien n'a été modifié.", "Aucune valeur n'a changé."),
    "invite": ("L'invitation est envoyée.", "Votre collègue reçoit un code par e-mail et choisit son mot de passe."),
    "droits": ("Les droits sont changés.", "Ils valent à la prochaine connexion, et au plus tard dans une heure."),
    "ferme": ("Le compte est fermé.", "Ses dossiers restent ceux de votre organisme."),
    "mot-de-passe": ("Un code vient de vous être envoyé.", "Il est valable une heure : suivez le lien de l'e-mail."),
}  # fmt: skip


def done(request: Request) -> tuple[str, str] | None:
    """The words of the last act, if there was one."""
    return DONE.get(request.query_params.get("fait", ""))
