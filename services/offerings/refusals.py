"""What offerings refuses, and what unblocks it.  (R5, R6)"""

from shared.runtime import faq
from shared.runtime.refusal import Refusal
from shared.runtime.refusals import FORMIRIS, THE_BODY, YOU

NOBODY = "personne : le dossier est clos"

FORM_INCOMPLETE = Refusal(
    "offering-form-incomplete", 422, "Prestation incomplète",
    "Des champs obligatoires ne sont pas renseignés ou ne conviennent pas : vérifiez l'en-tête et les onglets "
    "Pédagogie, Inscription, Synthèse, Description et Session. Le champ « Type de coût des sessions » est obligatoire "
    "bien qu'il soit en bleu. Votre saisie est conservée (brouillon {draft}).", YOU, faq=faq.OFFERING_FORM,
)  # fmt: skip
BODY_NOT_ACCEPTED = Refusal(
    "body-not-accepted", 409, "Organisme non référencé",
    "Votre organisme n'est pas encore référencé par Formiris : il ne peut pas soumettre de prestation.", FORMIRIS,
    faq=faq.REFERENCING,
)  # fmt: skip
BODY_SUSPENDED = Refusal(
    "body-suspended", 409, "Référencement suspendu",
    "Le référencement de votre organisme est suspendu : il ne peut pas soumettre de prestation tant que Formiris "
    "ne l'a pas rétabli.", FORMIRIS, faq=faq.REFERENCING,
)  # fmt: skip
OTHER_TERRITORY = Refusal(
    "offering-territory", 422, "Association territoriale de la prestation",
    "Une prestation de périmètre régional relève de l'association territoriale dont dépend l'organisme ({own}), et non "
    "de « {given} ». Choisissez la vôtre, ou le périmètre national. Votre saisie est conservée (brouillon {draft}).",
    YOU, faq=faq.REFERENCING,
)  # fmt: skip
UNDER_REVIEW = Refusal(
    "offering-under-review", 409, "Prestation déjà soumise",
    "Cette prestation est déjà soumise : Formiris l'examine.", FORMIRIS, faq=faq.OFFERING_FORM,
)  # fmt: skip
ALREADY_ACCEPTED = Refusal(
    "offering-already-accepted", 409, "Prestation déjà acceptée",
    "Cette prestation a déjà été acceptée par Formiris.", NOBODY, faq=faq.OFFERING_FORM,
)  # fmt: skip
ALREADY_REJECTED = Refusal(
    "offering-already-rejected", 409, "Prestation déjà rejetée",
    "Cette prestation a déjà été rejetée : l'organisme doit la corriger et la soumettre à nouveau.", THE_BODY,
    faq=faq.OFFERING_FORM,
)  # fmt: skip
WITHDRAWN = Refusal(
    "offering-withdrawn", 409, "Prestation retirée", "Cette prestation a été retirée par l'organisme.", NOBODY,
    faq=faq.OFFERING_FORM,
)  # fmt: skip
NOT_ACCEPTED = Refusal(
    "offering-not-accepted", 409, "Prestation non acceptée",
    "Seule une prestation acceptée par Formiris peut être commandée ou recevoir des affectations.", FORMIRIS,
    faq=faq.OFFERING_FORM,
)  # fmt: skip
ORDERED = Refusal(
    "offering-ordered", 409, "Prestation commandée",
    "Un bon de commande est en cours pour une session de cette prestation : Formiris doit d'abord l'annuler.", FORMIRIS,
    faq=faq.CERTIFICATES,
)  # fmt: skip
REASONS_MISSING = Refusal(
    "reasons-missing",
    422,
    "Motifs à préciser",
    "Un refus, un rejet ou une annulation indique toujours ses motifs.",
    YOU,
    faq=faq.HELP,
)
DATES_OUT_OF_ORDER = Refusal(
    "dates-out-of-order",
    422,
    "Dates incorrectes",
    "La session finit avant de commencer.",
    YOU,
    faq=faq.OFFERING_FORM,
)
SESSION_CANCELLED = Refusal(
    "session-cancelled", 409, "Session annulée", "Cette session a été annulée.", NOBODY, faq=faq.OFFERING_FORM
)
SESSION_ATTENDED = Refusal(
    "session-attended", 409, "Attestations déjà déposées",
    "Les attestations de présence de cette session sont déposées : elle a eu lieu, elle ne peut plus être déplacée ni "
    "annulée. Si ses dates sont fausses, Formiris doit d'abord rejeter les attestations.", FORMIRIS,
    faq=faq.CERTIFICATES,
)  # fmt: skip
UNIT_UNKNOWN = Refusal(
    "unit-unknown", 422, "Unité pédagogique inconnue",
    "L'unité pédagogique « {unit} » n'est pas dans cette session ; ses unités : {units}.", YOU, faq=faq.CERTIFICATES,
)  # fmt: skip
CELL_EMPTY = Refusal(
    "assignment-cell-empty", 422, "Cellule vide", "La colonne « {column} » n'est pas remplie.", YOU,
    faq=faq.CERTIFICATES,
)  # fmt: skip
TEACHER_INCORRECT = Refusal(
    "teacher-number-incorrect", 422, "Numéro d'enseignant incorrect",
    "« {given} » n'est pas un numéro d'enseignant : 20 lettres, chiffres ou tirets au plus.", YOU,
    faq=faq.CERTIFICATES,
)  # fmt: skip
NO_TRAINEE = Refusal(
    "no-trainee-assigned", 409, "Aucune affectation",
    "Le prix de cette prestation dépend du nombre de stagiaires : affectez-les d'abord à la session.", YOU,
    faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_NOT_ISSUED = Refusal(
    "order-not-issued", 409, "Bon de commande non soumis",
    "Formiris n'a pas encore soumis de bon de commande pour cette session.", FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_ALREADY_SIGNED = Refusal(
    "order-already-signed", 409, "Bon de commande déjà renvoyé",
    "Le bon de commande a déjà été renvoyé signé, avec un autre document. S'il faut le remplacer, Formiris doit "
    "d'abord refuser le premier.", FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_NOT_SIGNED = Refusal(
    "order-not-signed", 409, "Bon de commande non renvoyé",
    "L'organisme n'a pas encore renvoyé le bon de commande signé et tamponné.", THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_CANCELLED = Refusal(
    "order-cancelled",
    409,
    "Bon de commande annulé",
    "Ce bon de commande a été annulé.",
    FORMIRIS,
    faq=faq.CERTIFICATES,
)
DOCUMENT_OTHER = Refusal(
    "order-document-other", 409, "Document d'une autre commande",
    "Le document renvoyé porte le numéro {other} ; le bon de commande attendu est le {number}. Rien n'a été modifié : "
    "renvoyez le bon document, ou renvoyez celui-ci depuis le bon de commande {other}.", YOU, faq=faq.CERTIFICATES,
)  # fmt: skip
DOCUMENT_SUPERSEDED = Refusal(
    "order-document-superseded", 409, "Document remplacé",
    "Le document renvoyé est une version remplacée du bon de commande {number} : sa session a été déplacée depuis. "
    "Téléchargez l'avenant n° {amendment}, signez-le, tamponnez-le et renvoyez-le.", YOU, faq=faq.CERTIFICATES,
)  # fmt: skip
DOCUMENT_UNSIGNED = Refusal(
    "order-document-unsigned", 409, "Document ni signé ni tamponné",
    "Le document renvoyé est le bon de commande {number} tel que Formiris l'a établi, sans signature ni tampon. "
    "Imprimez-le, signez-le, tamponnez-le, puis renvoyez-en une copie numérisée ou une photo.", YOU,
    faq=faq.CERTIFICATES,
)  # fmt: skip
SIGNATORY_MISSING = Refusal(
    "signatory-missing", 422, "Signataire à préciser",
    "Indiquez le nom et la qualité de la personne qui a signé le bon de commande.", YOU, faq=faq.CERTIFICATES,
)  # fmt: skip
SIGNED_IN_THE_FUTURE = Refusal(
    "order-signed-in-the-future", 422, "Date de signature incorrecte",
    "La date de signature du bon de commande ne peut pas être dans le futur.", YOU, faq=faq.CERTIFICATES,
)  # fmt: skip
