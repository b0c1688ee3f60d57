"""What may be refused around invoices, and what unblocks it.  (R9, R11)"""

from shared.runtime import faq
from shared.runtime.refusal import MANAGEMENT, Refusal
from shared.runtime.refusals import FORMIRIS, THE_BODY, YOU

NOBODY = "personne : le dossier est terminé"

CERTIFICATES_NOT_VALIDATED = Refusal(
    "certificates-not-validated", 409, "Attestations de présence pas encore validées",
    "Vous ne pourrez déposer la facture qu'après la validation des attestations de présence par Formiris. {standing} "
    "Vous serez informé par notification dans votre extranet.",
    FORMIRIS, faq=faq.INVOICE,
)  # fmt: skip
SESSION_CANCELLED = Refusal(
    "session-cancelled", 409, "Session annulée",
    "La session « {title} » est annulée : elle ne se facture pas.", NOBODY, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
NOT_ORDERED = Refusal(
    "order-not-signed", 409, "Pas de bon de commande signé",
    "Une session se facture sur un bon de commande signé et renvoyé à Formiris. {standing}",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
ALREADY_INVOICED = Refusal(
    "already-invoiced", 409, "Session déjà facturée",
    "La facture {number} couvre déjà cette session. Pour la modifier, demandez une rectification ; pour l'annuler, "
    "un avoir.",
    THE_BODY, faq=faq.INVOICE_CHANGE,
)  # fmt: skip
NUMBER_TAKEN = Refusal(
    "invoice-number-taken", 409, "Numéro de facture déjà utilisé",
    "Votre organisme a déjà une facture numéro {number}. Un numéro ne sert qu'une fois : donnez-en un autre.",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
SELLER_UNKNOWN = Refusal(
    "seller-details-missing", 409, "Mentions obligatoires introuvables",
    "Une facture nomme votre organisme, son adresse, son SIRET et son numéro de déclaration d'activité. Il manque : "
    "{lacking}. Complétez les renseignements de votre organisme, ou déposez une facture que vous avez établie.",
    THE_BODY, faq=faq.REFERENCING_FORM,
)  # fmt: skip
DEPOSITED_DIFFERS = Refusal(
    "deposited-invoice-differs", 422, "La facture déposée ne correspond pas",
    "Le fichier Factur-X déposé dit autre chose que ce que vous soumettez ou que ce qui est dû : {differences}. "
    "Corrigez la facture dans votre logiciel, puis déposez-la à nouveau.",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
INVOICE_DATE = Refusal(
    "invoice-date", 422, "Date de facture incorrecte",
    "La facture est datée du {issued_on}. Sa date va du {earliest} à aujourd'hui.",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
DUE_DATE = Refusal(
    "invoice-due-date", 422, "Échéance incorrecte",
    "L'échéance du {due_on} ne convient pas : elle va de la date de la facture ({issued_on}) à {days} jours plus tard "
    "({latest}).",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
AMOUNT_ABOVE_DUE = Refusal(
    "amount-above-due", 422, "Montant trop élevé",
    "Le montant de {amount} dépasse ce qui est dû pour cette session ({ceiling}), d'après les heures validées et le "
    "bon de commande.",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
INVOICE_SUBMITTED = Refusal(
    "invoice-submitted", 409, "Une facture soumise ne se modifie pas",
    "La facture {number} a été soumise à Formiris et ne change plus. {whom} Une rectification accordée donne lieu à "
    "une facture rectificative ou à un avoir.",
    FORMIRIS, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
NOT_SUBMITTED = Refusal(
    "invoice-unknown",
    404,
    "Facture introuvable",
    "Cette facture n'a pas été soumise.",
    THE_BODY,
    faq=faq.INVOICE,
)
NOT_LIVE = Refusal(
    "invoice-closed", 409, "Facture close",
    "La facture {number} est {status} : plus rien ne s'y décide.", THE_BODY, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
ALREADY_ACCEPTED = Refusal(
    "invoice-accepted", 409, "Facture déjà acceptée",
    "La facture {number} est déjà acceptée et sera payée à son échéance. Seule une rectification demandée par "
    "l'organisme peut encore la corriger.",
    FORMIRIS, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
NOT_ACCEPTED = Refusal(
    "invoice-not-accepted", 409, "Facture pas encore acceptée",
    "La facture {number} n'est pas acceptée : elle ne peut pas être payée.", FORMIRIS, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
RETURNED = Refusal(
    "invoice-returned", 409, "Facture renvoyée à l'organisme",
    "La facture {number} est {standing} depuis le {since}. {what_to_do}", THE_BODY, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
NOT_RETURNED = Refusal(
    "invoice-not-returned", 409, "Facture qui n'attend rien de vous",
    "La facture {number} n'est ni à recycler ni suspendue : il n'y a rien à renvoyer.",
    FORMIRIS, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
GENERATED = Refusal(
    "invoice-generated", 409, "Facture établie par FormElie",
    "La facture {number} a été établie ici, d'après ce que vous avez soumis : elle ne se dépose pas à nouveau. "
    "Répondez, ou joignez une pièce.",
    THE_BODY, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
NOTHING_TO_CORRECT = Refusal(
    "nothing-to-correct", 409, "Rien à corriger pour l'instant",
    "La facture {number} n'a été ni renvoyée ni rejetée, et aucune rectification n'en est accordée. Pour la "
    "modifier, demandez une rectification.",
    THE_BODY, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
AMENDMENT_OPEN = Refusal(
    "amendment-open", 409, "Rectification en cours",
    "Une rectification de la facture {number} est {standing} : elle doit d'abord aboutir.",
    FORMIRIS, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
NO_AMENDMENT = Refusal(
    "no-amendment-to-decide", 409, "Aucune rectification à décider",
    "Aucune demande de rectification de la facture {number} n'attend de décision.",
    THE_BODY, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
NOT_GRANTED = Refusal(
    "amendment-not-granted", 409, "Rectification pas encore accordée",
    "La facture {number} se corrige par une facture rectificative ou un avoir, une fois la rectification demandée par "
    "l'organisme et accordée par Formiris. {standing}",
    FORMIRIS, MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
VAT_MENTION = Refusal(
    "vat-mention", 422, "Mention de TVA périmée",
    "La mention d'exonération de TVA « {given} » ne convient pas à une facture du {issued_on} ; mention "
    "attendue : « {expected} ».",
    THE_BODY, faq=faq.INVOICE,
)  # fmt: skip
CREDIT_NOTE_FINAL = Refusal(
    "credit-note-final", 409, "Un avoir ne se décide pas",
    "L'avoir {number} prend effet de lui-même : il n'est ni accepté, ni rejeté, ni payé, ni rectifié.",
    "personne", MANAGEMENT, faq.INVOICE_CHANGE,
)  # fmt: skip
PAYMENT_REFERENCE = Refusal(
    "payment-reference", 422, "Référence de paiement incorrecte",
    "La référence « {reference} » ne rappelle pas le numéro de la facture ({number}) : l'organisme ne pourrait pas "
    "rapprocher le virement.",
    FORMIRIS, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
PAYMENT_DATE = Refusal(
    "payment-date", 422, "Date de paiement incorrecte",
    "Le paiement est daté du {paid_on}. Sa date va de celle de la facture ({issued_on}) à aujourd'hui.",
    FORMIRIS, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
NO_DOCUMENT = Refusal(
    "invoice-document-missing", 409, "Document impossible à établir",
    "La facture {number} date d'avant l'enregistrement de toutes ses mentions : son document ne peut pas être établi. "
    "Le service gestion peut vous en remettre une copie.",
    FORMIRIS, MANAGEMENT, faq.INVOICE,
)  # fmt: skip
NO_XML = Refusal(
    "invoice-without-factur-x", 404, "Pas de données Factur-X",
    "La facture {number} a été déposée par l'organisme, sans données Factur-X.", NOBODY, MANAGEMENT, faq.HELP,
)  # fmt: skip
STATEMENT_OF_WHOM = Refusal(
    "statement-body-missing", 422, "Relevé de quel organisme ?",
    "Un relevé mensuel est celui d'un organisme : indiquez lequel (body).", YOU, MANAGEMENT, faq.HELP,
)  # fmt: skip
EXPORT_TOO_LONG = Refusal(
    "export-too-long", 422, "Trop de factures pour un seul fichier",
    "Il y a plus de {limit} factures : restreignez la période (from, to) ou l'état (status).", YOU, MANAGEMENT,
    faq.HELP,
)  # fmt: skip
