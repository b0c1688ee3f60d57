"""What registration refuses, and what unblocks it.  (R1 to R4)"""

from shared.runtime import faq
from shared.runtime.refusal import HEAD_OFFICE, Refusal
from shared.runtime.refusals import FORMIRIS, THE_BODY, YOU

ASSISTANCE = "l'Assistance Formiris"

TERRITORY_MISSING = Refusal(
    "territory-missing", 422, "Association territoriale à préciser",
    "Pour un périmètre régional, indiquez l'association territoriale dont dépend l'organisme.", YOU,
    HEAD_OFFICE, faq.REFERENCING,
)  # fmt: skip
TERRITORY_UNKNOWN = Refusal(
    "territory-unknown", 422, "Association territoriale inconnue",
    "« {given} » n'est pas une association territoriale connue.", YOU, HEAD_OFFICE, faq.REFERENCING,
)  # fmt: skip
FORM_INCOMPLETE = Refusal(
    "referencing-form-incomplete", 422, "Demande de référencement incomplète",
    "Des champs obligatoires ne sont pas renseignés ou ne conviennent pas : vérifiez l'en-tête et les onglets "
    "Identité, Informations légales, Activité et Contacts. Le champ « SIRET » est obligatoire bien qu'il soit en bleu. "
    "Votre saisie est conservée.", YOU, faq=faq.REFERENCING_FORM,
)  # fmt: skip
PROPOSAL_NOT_SENT = Refusal(
    "proposal-not-sent", 409, "Proposition d'offre de service attendue",
    "Formiris doit d'abord vous envoyer la « Proposition d'offre de service » ; vous pourrez ensuite soumettre votre "
    "demande. Votre saisie est conservée.", FORMIRIS, faq=faq.REFERENCING,
)  # fmt: skip
UNDER_REVIEW = Refusal(
    "referencing-under-review", 409, "Demande déjà soumise",
    "Votre demande est déjà soumise : Formiris l'examine et vous informera de sa décision par e-mail.", FORMIRIS,
    faq=faq.REFERENCING,
)  # fmt: skip
ALREADY_ACCEPTED = Refusal(
    "referencing-already-accepted", 409, "Organisme déjà référencé",
    "La demande a déjà été acceptée.", "personne : le dossier est clos", faq=faq.REFERENCING,
)  # fmt: skip
NOT_SUBMITTED = Refusal(
    "referencing-not-submitted", 409, "Demande non soumise",
    "L'organisme n'a pas encore soumis sa demande de référencement : il n'y a rien à décider.", THE_BODY,
    faq=faq.REFERENCING,
)  # fmt: skip
REJECTED_OTHERWISE = Refusal(
    "referencing-already-rejected", 409, "Demande déjà rejetée",
    "La demande a déjà été rejetée, avec d'autres motifs ; l'organisme doit la corriger et la soumettre à nouveau.",
    THE_BODY, faq=faq.REFERENCING,
)  # fmt: skip
REASONS_MISSING = Refusal(
    "reasons-missing", 422, "Motifs à préciser",
    "Un rejet ou une suspension indique toujours ses motifs.", YOU, faq=faq.REFERENCING,
)  # fmt: skip
SIRET_TAKEN = Refusal(
    "siret-already-referenced", 409, "SIRET déjà utilisé",
    "Le SIRET {siret} est déjà celui d'un autre organisme ou d'une autre demande. Vérifiez-le dans l'onglet Identité ; "
    "s'il est bien le vôtre, l'Assistance Formiris retrouvera le dossier. Votre saisie est conservée.", YOU,
    faq=faq.REFERENCING_FORM,
)  # fmt: skip
NOT_REFERENCED = Refusal(
    "body-not-referenced", 409, "Organisme non référencé",
    "Cet organisme n'est pas référencé : il n'y a rien à suspendre, à rétablir ou à modifier.", FORMIRIS,
    faq=faq.REFERENCING,
)  # fmt: skip
LOGIN_TAKEN = Refusal(
    "login-taken", 409, "Adresse e-mail déjà utilisée",
    "L'adresse e-mail est déjà l'identifiant d'un autre compte FormElie : il en faut une autre pour celui-ci.", YOU,
    faq=faq.LOST_CODES,
)  # fmt: skip
SIGN_IN_REFUSED = Refusal(
    "sign-in-refused", 401, "Connexion refusée",
    "L'identifiant ou le mot de passe est incorrect, ou le compte n'est pas encore activé.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
CODE_NEEDED = Refusal(
    "code-needed", 401, "Code à saisir",
    "Ce compte demande une seconde vérification : saisissez le code à six chiffres qu'affiche votre application "
    "d'authentification.", YOU, HEAD_OFFICE, faq.HELP,
)  # fmt: skip
CODE_REFUSED = Refusal(
    "code-refused", 401, "Code refusé",
    "Ce code est incorrect, trop ancien, ou a déjà servi : saisissez celui que votre application affiche maintenant "
    "et vérifiez que l'heure de l'appareil est juste.", YOU, HEAD_OFFICE, faq.HELP,
)  # fmt: skip
ACTIVATION_REFUSED = Refusal(
    "activation-refused", 422, "Activation refusée",
    "L'identifiant ou le code d'activation est incorrect, ou le code a déjà servi.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
CODE_EXPIRED = Refusal(
    "activation-code-expired", 422, "Code d'activation périmé",
    "Votre code d'activation n'est plus valable : l'Assistance Formiris vous en donnera un autre.", ASSISTANCE,
    faq=faq.LOST_CODES,
)  # fmt: skip
ACCOUNT_LOCKED = Refusal(
    "account-locked", 403, "Connexion bloquée",
    "Trop de tentatives incorrectes : la connexion avec cet identifiant est bloquée {until}. L'Assistance Formiris "
    "peut vous donner de nouveaux codes avant.", ASSISTANCE, faq=faq.LOST_CODES,
)  # fmt: skip
ACCOUNT_UNKNOWN = Refusal(
    "account-unknown", 409, "Compte introuvable",
    "Aucun compte ne correspond à cette demande : indiquez l'organisme dont c'est le compte.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
CHECKS_MISSING = Refusal(
    "checks-missing", 422, "Vérifications à préciser",
    "Indiquez comment l'identité de la personne a été vérifiée avant de changer une adresse ou de donner des codes.",
    YOU, faq=faq.LOST_CODES,
)  # fmt: skip
EMAIL_MISSING = Refusal(
    "email-missing", 422, "Nouvelle adresse à préciser",
    "Indiquez la nouvelle adresse e-mail du compte.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
ALREADY_RESOLVED = Refusal(
    "assistance-already-resolved", 409, "Demande déjà traitée",
    "Cette demande d'assistance a déjà été traitée.", "personne : la demande est close", faq=faq.LOST_CODES,
)  # fmt: skip
DETAILS_INCORRECT = Refusal(
    "details-incorrect", 422, "Informations incorrectes",
    "Certaines informations ne conviennent pas, ou ne se modifient pas ici. Rien n'a été modifié.", YOU,
    faq=faq.REFERENCING_FORM,
)  # fmt: skip
TOO_MANY_ATTEMPTS = Refusal(
    "too-many-attempts", 429, "Trop de tentatives",
    "Trop de tentatives depuis votre adresse réseau : rien n'est perdu, réessayez à {until}.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
SESSION_OVER = Refusal(
    "session-over", 401, "Session terminée",
    "Votre session est terminée : connectez-vous à nouveau.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
CLIENT_REFUSED = Refusal(
    "client-refused", 401, "Système non reconnu",
    "L'identifiant ou le secret de ce système abonné est incorrect.", YOU, HEAD_OFFICE, faq.HELP,
)  # fmt: skip
RESET_REFUSED = Refusal(
    "password-reset-refused", 422, "Mot de passe inchangé",
    "Le code est incorrect, a déjà servi, ou une autre demande l'a remplacé. Demandez-en un nouveau.", YOU,
    faq=faq.LOST_CODES,
)  # fmt: skip
RESET_EXPIRED = Refusal(
    "password-reset-expired", 422, "Code périmé",
    "Ce code n'est plus valable : demandez-en un nouveau.", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
UNDO_REFUSED = Refusal(
    "email-undo-refused", 422, "Changement d'adresse maintenu",
    "Le code est incorrect, a déjà servi ou n'est plus valable. Si vous n'êtes pas à l'origine du changement, appelez "
    "l'Assistance Formiris.", ASSISTANCE, faq=faq.LOST_CODES,
)  # fmt: skip
LAST_ADMINISTRATOR = Refusal(
    "last-administrator", 409, "Dernier administrateur",
    "Votre organisme garde toujours au moins un administrateur : donnez d'abord ce droit à un autre compte, une fois "
    "celui-ci activé.", "un administrateur de votre organisme", faq=faq.HELP,
)  # fmt: skip
NO_LONGER_ADMINISTRATOR = Refusal(
    "no-longer-administrator", 403, "Droit retiré",
    "Votre compte n'administre plus les comptes de votre organisme.", "un administrateur de votre organisme",
    faq=faq.HELP,
)  # fmt: skip
PROOF_MISSING = Refusal(
    "proof-missing", 422, "Justificatif à joindre",
    "Ces informations ne changent qu'avec un justificatif : déposez-le, puis joignez-le à la demande. Rien n'a été "
    "modifié.", YOU, faq=faq.REFERENCING_FORM,
)  # fmt: skip
CERTIFICATE_EXPIRED = Refusal(
    "qualiopi-expired", 409, "Certificat Qualiopi attendu",
    "Aucun certificat Qualiopi valable n'est connu pour cet organisme : il doit d'abord déposer le nouveau.", THE_BODY,
    faq=faq.REFERENCING,
)  # fmt: skip
MERGER_IMPOSSIBLE = Refusal(
    "merger-impossible", 409, "Fusion impossible",
    "Une fiche se fusionne avec celle d'un autre organisme, référencé et non suspendu. Rien n'a été modifié.", YOU,
    faq=faq.REFERENCING,
)  # fmt: skip
ANSWER_MISSING = Refusal(
    "answer-missing", 422, "Réponse à rédiger",
    "Écrivez la réponse qui sera envoyée à la personne.", YOU, faq=faq.HELP,
)  # fmt: skip
NO_PROPOSAL_DOCUMENT = Refusal(
    "proposal-document-missing", 404, "Proposition non disponible",
    "Formiris n'a pas encore envoyé la « Proposition d'offre de service ».", FORMIRIS, faq=faq.REFERENCING,
)  # fmt: skip
