"""The refusals that every service shares: bad requests, rights, concurrency, and a store that is away."""

from shared.runtime import faq
from shared.runtime.refusal import Refusal

YOU = "vous"
THE_BODY = "l'organisme de formation"
FORMIRIS = "Formiris"

MALFORMED = Refusal(
    "malformed-request", 400, "Demande illisible",
    "Le contenu envoyé n'est pas du JSON valide : {reason}. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
INVALID = Refusal(
    "invalid-request", 422, "Demande incorrecte",
    "Certaines valeurs manquent ou ne conviennent pas. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
TOO_LARGE = Refusal(
    "too-large", 413, "Envoi trop volumineux",
    "L'envoi dépasse la taille permise ({limit}). Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
WRONG_MEDIA_TYPE = Refusal(
    "wrong-media-type", 415, "Format non accepté",
    "Le format « {given} » n'est pas accepté ici ; attendu : {expected}.", YOU, faq=faq.HELP,
)  # fmt: skip
KEY_MISSING = Refusal(
    "idempotency-key-missing", 400, "Clé d'idempotence absente",
    "L'en-tête Idempotency-Key (de 8 à 200 caractères, différent pour chaque demande) est nécessaire : il permet "
    "de répéter une demande sans l'exécuter deux fois.", YOU, faq=faq.HELP,
)  # fmt: skip
KEY_REUSED = Refusal(
    "idempotency-key-reused", 422, "Clé déjà utilisée",
    "Cette clé d'idempotence a déjà servi pour une autre demande. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
VERSION_MISMATCH = Refusal(
    "version-mismatch", 412, "Le dossier a changé entre-temps",
    "Vous avez lu la version {expected}, le dossier en est à la version {actual}. Relisez-le, puis recommencez.",
    YOU, faq=faq.HELP,
)  # fmt: skip
BUSY = Refusal(
    "concurrent-changes", 409, "Dossier très sollicité",
    "Trop de personnes modifient ce dossier en même temps. Réessayez avec la même clé d'idempotence.",
    YOU, faq=faq.HELP,
)  # fmt: skip
NOT_SIGNED_IN = Refusal(
    "not-signed-in", 401, "Connexion nécessaire",
    "Connectez-vous pour continuer : le jeton d'accès est absent, périmé ou incorrect.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
NOT_ALLOWED = Refusal(
    "not-allowed", 403, "Action réservée",
    "Votre compte ne permet pas cette action ; elle revient à : {roles}.", "une personne habilitée", faq=faq.HELP,
)  # fmt: skip
RIGHT_MISSING = Refusal(
    "right-missing", 403, "Droit non accordé",
    "Votre compte n'a pas le droit de {right} dans votre organisme : un de ses administrateurs peut vous le donner.",
    "un administrateur de votre organisme", faq=faq.HELP,
)  # fmt: skip
TOPIC_NOT_GRANTED = Refusal(
    "topic-not-granted", 403, "Flux non accordé",
    "Votre système n'est pas abonné à « {topic} » : Formiris accorde chaque flux à la demande.", FORMIRIS,
    faq=faq.HELP,
)  # fmt: skip
NOT_FOUND = Refusal(
    "not-found", 404, "Dossier introuvable",
    "Aucun dossier à cette adresse ne vous est accessible.", YOU, faq=faq.HELP,
)  # fmt: skip
NO_SUCH_PAGE = Refusal(
    "no-such-page",
    404,
    "Adresse inconnue",
    "Cette adresse n'existe pas : revenez à l'accueil.",
    YOU,
    faq=faq.HELP,
)
METHOD_NOT_ALLOWED = Refusal(
    "method-not-allowed",
    405,
    "Opération non prévue",
    "Cette opération n'est pas prévue à cette adresse.",
    YOU,
    faq=faq.HELP,
)
PERSON_ERASED = Refusal(
    "person-erased", 410, "Personne effacée",
    "Les données de cette personne ont été effacées à sa demande : plus rien n'est enregistré pour elle.",
    YOU, faq=faq.HELP,
)  # fmt: skip
NOT_YET_VISIBLE = Refusal(
    "not-yet-visible", 503, "Mise à jour en cours",
    "Votre action est enregistrée, son affichage n'est pas encore à jour. Réessayez dans un instant.",
    FORMIRIS, faq=faq.HELP,
)  # fmt: skip
UNAVAILABLE = Refusal(
    "temporarily-unavailable", 503, "Service momentanément indisponible",
    "Rien n'est perdu : réessayez dans un instant, avec la même clé d'idempotence.", FORMIRIS, faq=faq.HELP,
)  # fmt: skip
INTERNAL = Refusal(
    "internal-error", 500, "Erreur de notre côté",
    "L'erreur est enregistrée sous le numéro {incident}. Réessayez avec la même clé d'idempotence.",
    FORMIRIS, faq=faq.HELP,
)  # fmt: skip
