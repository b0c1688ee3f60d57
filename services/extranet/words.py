"""What happened and who did it, in the words of the screens: events, actors, kinds of dossiers, e-mails."""

from collections.abc import Mapping
from typing import Any

from services.extranet.french import moment

KINDS: Mapping[str, str] = {
    "referencing": "Référencement", "offering": "Prestation", "order": "Bon de commande", "session": "Session",
    "invoice": "Facture", "ticket": "Demande d'aide",
}  # fmt: skip

EVENTS: Mapping[str, str] = {
    # référencement
    "ReferencingRequested": "Demande de référencement reçue",
    "ServiceProposalSent": "Proposition d'offre de service envoyée",
    "ReferencingSubmitted": "Demande de référencement soumise",
    "ReferencingAccepted": "Référencement accepté",
    "ReferencingRejected": "Référencement rejeté",
    "SiretClaimed": "SIRET réservé à cette demande",
    "SiretReleased": "SIRET libéré",
    "TrainingBodyDetailsChanged": "Informations de l'organisme modifiées",
    "TrainingBodyBankDetailsChanged": "Coordonnées bancaires modifiées",
    "TrainingBodySuspended": "Référencement suspendu",
    "TrainingBodyReinstated": "Référencement rétabli",
    # comptes
    "AccountOpened": "Compte ouvert",
    "AccountActivated": "Compte activé",
    "AccountCodesReissued": "Nouveaux codes envoyés",
    "AccountEmailChanged": "Adresse e-mail changée",
    "AccountLocked": "Connexion bloquée après trop de tentatives",
    "AccountRightsChanged": "Droits du compte changés",
    "AccountClosed": "Compte fermé",
    "AccountSessionsEnded": "Sessions de connexion fermées",
    "PasswordResetRequested": "Nouveau mot de passe demandé",
    "PasswordReset": "Mot de passe changé",
    "AdministratorNamed": "Administrateur désigné",
    "AdministratorRemoved": "Administrateur retiré",
    "StaffAddressGiven": "Adresse d'une personne de Formiris",
    "StaffAddressWithdrawn": "Adresse d'une personne de Formiris retirée",
    "PersonErased": "Données d'une personne effacées",
    "AssistanceRequested": "Aide demandée à l'Assistance",
    "AssistanceIdentityChecked": "Vérification d'identité faite",
    "AssistanceResolved": "Demande d'aide traitée",
    # prestations, commandes
    "OfferingSubmitted": "Prestation soumise",
    "OfferingAccepted": "Prestation acceptée",
    "OfferingRejected": "Prestation rejetée",
    "OfferingWithdrawn": "Prestation retirée",
    "DraftReminded": "Brouillon non soumis rappelé, une fois",
    "DraftGivenUp": "Brouillon abandonné",
    "SessionRescheduled": "Session déplacée",
    "SessionCancelled": "Session annulée",
    "TeacherAssigned": "Enseignant affecté",
    "TeacherUnassigned": "Affectation retirée",
    "OrderIssued": "Bon de commande soumis à l'organisme",
    "OrderSigned": "Bon de commande renvoyé signé",
    "OrderSignatureRefused": "Renvoi du bon de commande refusé",
    "OrderAmended": "Avenant au bon de commande soumis",
    "OrderCancelled": "Bon de commande annulé",
    # attestations
    "CertificatesSubmitted": "Attestations déposées",
    "CertificatesValidated": "Attestations validées",
    "CertificatesRejected": "Attestations rejetées",
    # factures
    "InvoiceSubmitted": "Facture soumise",
    "InvoiceNumberClaimed": "Numéro de facture pris",
    "SessionInvoicingClaimed": "Session facturée",
    "SessionInvoicingReleased": "Session de nouveau facturable",
    "InvoiceAccepted": "Facture acceptée",
    "InvoiceRejected": "Facture rejetée",
    "InvoiceReturned": "Facture renvoyée",
    "InvoiceResumed": "Facture reprise",
    "InvoiceAmendmentRequested": "Modification de la facture demandée",
    "InvoiceAmendmentGranted": "Modification accordée",
    "InvoiceAmendmentRefused": "Modification refusée",
    "InvoiceCorrected": "Facture rectifiée",
    "InvoiceCredited": "Facture annulée par un avoir",
    "InvoicePaid": "Facture payée",
    # autour des dossiers
    "DossierEntrusted": "Suivi confié",
    "DossierRead": "Dossier lu",
    "AbsenceDeclared": "Absence déclarée",
    "ListExported": "Liste exportée",
    "DecisionUnheard": "Décision sans destinataire",
    "MessagePosted": "Message envoyé",
    "MessageRead": "Message lu",
}

EMAILS: Mapping[str, str] = {
    "service-proposal": "Proposition d'offre de service", "account-opened": "Code d'activation du compte",
    "referencing-accepted": "Référencement accepté", "referencing-rejected": "Référencement rejeté",
    "codes-reissued": "Nouveaux codes", "email-changed": "Changement d'adresse, à la nouvelle",
    "email-replaced": "Changement d'adresse, à l'ancienne", "account-closed": "Compte fermé", "alert": "Alerte",
    "assistance-answer": "Réponse de l'Assistance", "bank-details-changed": "Coordonnées bancaires modifiées",
    "daily": "Résumé du jour", "password-changed": "Mot de passe changé", "password-forgotten": "Mot de passe oublié",
}  # fmt: skip
EMAIL_STATES: Mapping[str, tuple[str, str]] = {
    "sent": ("Remis au serveur du destinataire", "ok"),
    "failed": ("Non remis", "stop"),
    "queued": ("À envoyer", ""),
}

_ROLES: Mapping[str, str] = {
    "manager": "Formiris", "assistance": "Assistance Formiris", "auditor": "audit", "subscriber": "système abonné",
}  # fmt: skip


def who(actor: str | None) -> str:
    """`gestionnaire.bretagne (Formiris)`; a body's people are known by their account, never by name."""
    role, _, name = (actor or "").partition(":")
    if not actor or role == "anonymous":
        return "une personne non connectée"
    if role == "body":
        return f"une personne de l’organisme (compte {name[:8]})"
    if role in ("policy", "system", "e-mail"):
        return f"FormElie, de lui-même ({name})"
    return f"{name} ({_ROLES[role]})" if role in _ROLES else actor


def event_words(wire: str) -> str:
    """From `ReferencingAccepted`, or its name on the wire."""
    name = wire.split(".")[-2] if wire.startswith("org.formiris.") else wire
    return EVENTS.get(name, name)


def faster(change: Mapping[str, Any]) -> str:
    """« Référencement accepté par gestionnaire.bretagne (Formiris), aujourd'hui à 10 h 02. »"""
    return f"{event_words(change['event'])} par {who(change['by'])}, {moment(change['at'])}."


LIKENESS = {"siren": "Même SIREN", "email": "Même adresse e-mail", "name": "Nom semblable"}
"""Why two bodies may be one."""
