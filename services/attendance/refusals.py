"""What may be refused around attendance certificates, and what unblocks it.  (R7, R8)"""

from shared.runtime import faq
from shared.runtime.refusal import Refusal
from shared.runtime.refusals import FORMIRIS, THE_BODY

ORDER_NOT_ISSUED = Refusal(
    "order-not-issued", 409, "Bon de commande pas encore émis",
    "Les attestations de présence se déposent une fois le bon de commande signé et renvoyé à Formiris. Il manque la "
    "première étape : Formiris n'a pas encore soumis le bon de commande de cette session.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_NOT_SIGNED = Refusal(
    "order-not-signed", 409, "Bon de commande pas encore renvoyé signé",
    "Les attestations de présence se déposent une fois le bon de commande signé et renvoyé à Formiris. Il manque la "
    "seconde étape : téléchargez le bon de commande {number}, signez-le, tamponnez-le et renvoyez-le à Formiris.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_SIGNATURE_REFUSED = Refusal(
    "order-signature-refused", 409, "Bon de commande à renvoyer",
    "Formiris n'a pas retenu le bon de commande {number} que vous avez renvoyé : {reasons}. Signez-le, tamponnez-le "
    "et renvoyez-le à nouveau ; les attestations de présence se déposent ensuite.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_AMENDED = Refusal(
    "order-amended", 409, "Avenant du bon de commande à renvoyer signé",
    "La session a été déplacée, et le bon de commande {number} a un avenant. Il manque la seconde étape : téléchargez "
    "l'avenant, signez-le, tamponnez-le et renvoyez-le à Formiris ; les attestations de présence se déposent ensuite.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
ORDER_CANCELLED = Refusal(
    "order-cancelled", 409, "Bon de commande annulé",
    "Le bon de commande {number} est annulé ({cause}) : cette session n'a plus de bon de commande signé et renvoyé. "
    "Il manque la première étape : que Formiris en soumette un nouveau.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
SESSION_CANCELLED = Refusal(
    "session-cancelled", 409, "Session annulée",
    "Cette session est annulée ({cause}) : elle n'a pas d'attestations de présence.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
SESSION_NOT_OVER = Refusal(
    "session-not-over", 409, "Session pas encore terminée",
    "La session se termine le {ends_on} : les attestations de présence se déposent à partir de ce jour.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
NO_ASSIGNMENT = Refusal(
    "no-assignment", 422, "Affectation introuvable",
    "Erreur Aucune affectation trouvée pour l'enseignant \"{teacher}\" dans l'unité pédagogique \"{unit}\"",
    "Assistance Formiris", faq=faq.CERTIFICATES,
)  # fmt: skip
HOURS_EXCEED_PLAN = Refusal(
    "hours-exceed-plan", 422, "Plus d'heures faites que prévues",
    "L'enseignant \"{teacher}\" a {hours} h dans l'unité pédagogique \"{unit}\", qui en prévoit {planned}. "
    "Corrigez la ligne et déposez à nouveau.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
DATES_OUTSIDE_SESSION = Refusal(
    "dates-outside-session", 422, "Dates en dehors de la session",
    "L'enseignant \"{teacher}\" a suivi l'unité pédagogique \"{unit}\" du {starts_on} au {ends_on}, en dehors de la "
    "session (du {session_starts_on} au {session_ends_on}). Corrigez la ligne et déposez à nouveau.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
DUPLICATE_LINE = Refusal(
    "duplicate-line", 422, "Ligne en double",
    "L'enseignant \"{teacher}\" figure plusieurs fois pour l'unité pédagogique \"{unit}\". Gardez une seule ligne, "
    "avec le total de ses heures.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
HOURS_NOT_QUARTER = Refusal(
    "hours-not-quarter", 422, "Heures à arrondir au quart d'heure",
    "L'enseignant \"{teacher}\" a {hours} h dans l'unité pédagogique \"{unit}\" : les heures se comptent au quart "
    "d'heure (0,25 h).",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
OTHER_SESSION = Refusal(
    "other-session", 422, "Ligne d'une autre session",
    "Cette ligne est celle d'une autre session ({session}) : importez-la dans la sienne.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
LINE_INCOMPLETE = Refusal(
    "line-incomplete", 422, "Ligne incomplète",
    "La colonne « {column} » est vide{advice}.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
CELL_UNREADABLE = Refusal(
    "cell-unreadable", 422, "Valeur illisible",
    "Dans la colonne « {column} », « {value} » ne se lit pas : attendu, {expected}.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
LINE_ALREADY_VALIDATED = Refusal(
    "line-already-validated", 409, "Ligne déjà validée",
    "La ligne de l'enseignant \"{teacher}\" dans l'unité pédagogique \"{unit}\" est validée par Formiris : elle ne "
    "change plus. Retirez-la de votre envoi, ou laissez-la telle qu'elle est.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
REJECTED_LINE_MISSING = Refusal(
    "rejected-line-missing", 422, "Lignes rejetées à redonner",
    "Chaque ligne rejetée doit être redonnée, corrigée ; avec 0 heure si l'enseignant était absent.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
TOO_MANY_LINES = Refusal(
    "too-many-lines", 422, "Trop de lignes",
    "Une session a au plus {limit} lignes d'attestation ; il y en aurait {count}. Rien n'a été modifié.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
SHEET_MISSING = Refusal(
    "sheet-missing", 422, "Feuille d'émargement à joindre",
    "La feuille d'émargement signée n'est pas jointe : numérisez-la en PDF ou prenez-la en photo, puis joignez-la.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
SHEET_TOTAL_DIFFERS = Refusal(
    "sheet-total-differs", 422, "Total différent de celui de la feuille",
    "Les lignes totalisent {lines} h, la feuille d'émargement {sheet} h d'après vous. Corrigez les lignes, ou le total "
    "que vous avez indiqué.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
NO_HOURS = Refusal(
    "no-hours", 422, "Aucune heure de présence",
    "Aucune ligne ne porte d'heure de présence : il n'y a rien à attester.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
AWAITING_VALIDATION = Refusal(
    "certificates-awaiting-validation", 409, "Attestations déjà déposées",
    "Les attestations de cette session sont déposées et attendent la décision de Formiris ; elles pourront être "
    "corrigées si Formiris les rejette.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
ALREADY_VALIDATED = Refusal(
    "certificates-already-validated", 409, "Attestations déjà validées",
    "Les attestations de cette session sont validées : elles ne changent plus, et la session peut être facturée.",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
NOTHING_TO_DECIDE = Refusal(
    "no-certificates-to-decide", 409, "Aucune attestation à décider",
    "Aucune attestation de cette session n'attend de décision : c'est à l'organisme de formation d'en déposer.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
UNKNOWN_LINE = Refusal(
    "unknown-line", 422, "Ligne inconnue",
    "Les attestations déposées n'ont pas de ligne pour l'enseignant \"{teacher}\" dans l'unité pédagogique \"{unit}\".",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
LINES_UNDECIDED = Refusal(
    "lines-undecided", 422, "Lignes à décider",
    "Chaque ligne déposée attend une décision : validez ou rejetez aussi celles qui restent.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
CERTIFICATE_NOT_READY = Refusal(
    "certificate-not-ready", 409, "Attestation pas encore disponible",
    "L'attestation de présence s'obtient une fois les lignes de la session validées par Formiris.",
    FORMIRIS, faq=faq.CERTIFICATES,
)  # fmt: skip
NOTHING_ATTESTED = Refusal(
    "nothing-attested", 404, "Aucune heure attestée",
    "Aucune heure de présence n'est validée pour l'enseignant \"{teacher}\" dans cette session.",
    THE_BODY, faq=faq.CERTIFICATES,
)  # fmt: skip
