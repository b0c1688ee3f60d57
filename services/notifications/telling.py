"""Who is told of what in the extranet: one line an event and recipient; and what nobody is told of, and why.  (R10)

`{field}` is the event's field in French form (words.py). A decision is e-mailed too, whatever somebody prefers (R2).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.notifications import acts
from services.notifications.acts import Act
from services.notifications.themes import Theme
from shared.events import Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import notifications as n
from shared.events import offerings as o
from shared.events import registration as r
from shared.events.notifications import Recipient, Side
from shared.runtime import faq
from shared.runtime.faq import FaqEntry

NATIONAL = "national"


def the_body(event: Event) -> Recipient:
    """The training body that the event is about; its id is that of its referencing request."""
    return Recipient(kind="body", id=str(getattr(event, "body_id", None) or event.request_id))  # type: ignore[attr-defined]  # one of the two


def the_office(event: Event) -> Recipient:
    """The office that handles the dossier: its territory's, or the national one."""
    routed = getattr(event, "form", event)
    return Recipient(kind="office", id=getattr(routed, "territory", None) or NATIONAL)


def the_assistance(_event: Event) -> Recipient:
    """Assistance Formiris."""
    return Recipient(kind="assistance", id="assistance")


def routed(event: Event) -> bool:
    """Whether the event says which office handles the dossier."""
    return getattr(event, "perimeter", None) is not None


def by_the_body(event: Event) -> bool:
    """Whether the body did it itself, so that its office is to be told; old events do not say which office."""
    by = next(
        (
            getattr(event, name)
            for name in ("rescheduled_by", "cancelled_by", "withdrawn_by")
            if hasattr(event, name)
        ),
        "",
    )
    return routed(event) and by.startswith("body:")


def is_credit_note(event: Event) -> bool:
    """Whether the invoice is a credit note: received, not to be decided."""
    return getattr(event, "kind", None) == "381"


def has_deadline(event: Event) -> bool:
    """Whether a draft says a day by which it must be submitted."""
    return getattr(event, "deadline", None) is not None


def unrecognised(event: Event) -> bool:
    """Whether nothing on a returned order says which one it is: only a person can tell."""
    return getattr(event, "recognised", None) is False


def not_unrecognised(event: Event) -> bool:
    """Whether it was recognised, or returned before anybody looked."""
    return not unrecognised(event)


def from_the(side: Side, *, asks: bool) -> Callable[[Event], bool]:
    """Messages of that side, those that wait for an answer or those that do not."""

    def written(event: Event) -> bool:
        return isinstance(event, n.MessagePosted) and event.side == side and (event.owner is not None) == asks

    return written


@dataclass(frozen=True, slots=True)
class Telling:
    """One alert. `link`: where in the extranet the act it calls for is done."""

    theme: Theme
    to: Callable[[Event], Recipient]
    code: str
    title: str
    text: str
    link: str
    faq: FaqEntry | None = None
    act: Act | None = None
    decision: bool = False
    when: Callable[[Event], bool] = lambda _: True


ALERTS: Mapping[type[Event], Sequence[Telling]] = {
    # registration
    r.ReferencingRequested: [Telling(
        "referencing", the_office, "referencing-requested", "Nouvelle demande de référencement : {body_name}",
        "{body_name} demande à être référencé. Envoyez-lui une proposition d'offre de service.",
        "/referencement/{request_id}", faq.REFERENCING, acts.SEND_PROPOSAL,
    )],
    r.ServiceProposalSent: [Telling(
        "referencing", the_body, "service-proposal", "Proposition d'offre de service à compléter",
        "Formiris vous a envoyé une proposition d'offre de service : complétez votre demande de référencement, puis "
        "soumettez-la.", "/referencement/{request_id}", faq.REFERENCING_FORM, acts.SUBMIT_REFERENCING,
    )],
    r.DraftReminded: [Telling(
        "referencing", the_body, "referencing-draft", "Votre demande de référencement est encore un brouillon",
        "Formiris ne l'a pas reçue, et rien n'y a changé depuis deux semaines. Complétez-la, puis soumettez-la. Ce "
        "rappel est le seul.", "/referencement/{request_id}", faq.REFERENCING_FORM, acts.SUBMIT_REFERENCING,
    )],
    r.ReferencingSubmitted: [Telling(
        "referencing", the_office, "referencing-submitted", "Demande de référencement à décider",
        "Une demande de référencement complète attend votre décision.",
        "/referencement/{request_id}", faq.REFERENCING, acts.DECIDE_REFERENCING,
    )],
    r.ReferencingAccepted: [Telling(  # e-mailed as a letter of its own: mailing.py
        "referencing", the_body, "referencing-accepted", "Votre organisme est référencé",
        "Formiris a accepté votre demande de référencement : vous pouvez proposer vos formations.",
        "/prestations/nouvelle", faq.OFFERING_FORM, acts.PROPOSE_OFFERING,
    )],
    r.ReferencingRejected: [Telling(  # likewise
        "referencing", the_body, "referencing-rejected", "Demande de référencement rejetée",
        "Formiris a rejeté votre demande de référencement : {reasons} Corrigez-la, puis soumettez-la à nouveau.",
        "/referencement/{request_id}", faq.REFERENCING_FORM, acts.SUBMIT_REFERENCING,
    )],
    r.TrainingBodyDetailsChanged: [Telling(
        "referencing", the_office, "details-changed", "Informations modifiées : {body_name}",
        "{body_name} a modifié ses informations et joint un justificatif : prenez-en connaissance.",
        "/organismes/{body_id}", faq.REFERENCING, when=lambda event: getattr(event, "proof_hash", None) is not None,
    )],
    r.TrainingBodyBankDetailsChanged: [
        Telling(
            "referencing", the_body, "bank-details-changed", "Coordonnées bancaires modifiées",
            "Vos factures seront désormais payées sur le compte qui se termine par {iban_ends_with}. Vous n'en savez "
            "rien ? Prévenez l'Assistance Formiris sans attendre.", "/organisme", faq.LOST_CODES,
        ),
        Telling(
            "referencing", the_office, "bank-details-to-check", "Coordonnées bancaires modifiées : {body_name}",
            "{body_name} a changé le compte sur lequel ses factures sont payées : vérifiez le justificatif.",
            "/organismes/{body_id}", faq.REFERENCING,
        ),
    ],
    r.TrainingBodySuspended: [Telling(
        "referencing", the_body, "body-suspended", "Référencement suspendu",
        "Votre référencement est suspendu depuis le {suspended_on} : {reasons} Vous ne pouvez plus soumettre de "
        "prestation.", "/organisme", faq.REFERENCING, acts.END_SUSPENSION, decision=True,
    )],
    r.TrainingBodyReinstated: [Telling(
        "referencing", the_body, "body-reinstated", "Référencement rétabli",
        "La suspension de votre référencement est levée : vous pouvez à nouveau soumettre vos prestations.",
        "/organisme", faq.OFFERING_FORM, decision=True,
    )],
    r.AccountLocked: [Telling(
        "assistance", the_assistance, "account-locked", "Compte bloqué",
        "Un compte est bloqué ({cause}) ; son titulaire peut demander de nouveaux codes.",
        "/assistance/comptes/{account_id}", faq.LOST_CODES, acts.UNLOCK_ACCOUNT,
    )],
    r.AssistanceRequested: [Telling(
        "assistance", the_assistance, "assistance-requested", "Nouvelle demande d'assistance",
        "Une personne demande de l'aide ({subject}) : vérifiez son identité, puis répondez-lui.",
        "/assistance/{ticket_id}", faq.LOST_CODES, acts.RESOLVE_TICKET,
    )],
    # offerings
    o.OfferingSubmitted: [Telling(
        "offerings", the_office, "offering-submitted", "Prestation à décider : {title}",
        "{body_name} soumet la prestation {title}.", "/prestations/{offering_id}", faq.OFFERING_FORM,
        acts.DECIDE_OFFERING,
    )],
    o.DraftReminded: [
        Telling(
            "offerings", the_body, "offering-draft-due", "Votre prestation {title} est encore un brouillon",
            "Formiris ne l'a pas reçue, et la première date que vous y donnez est le {deadline}. Complétez-la, puis "
            "soumettez-la, ou abandonnez le brouillon. Ce rappel est le seul.",
            "/prestations/brouillons/{offering_id}", faq.OFFERING_FORM, acts.SUBMIT_DRAFT, when=has_deadline,
        ),
        Telling(
            "offerings", the_body, "offering-draft-left", "Votre prestation {title} est encore un brouillon",
            "Formiris ne l'a pas reçue, et rien n'y a changé depuis deux semaines. Complétez-la, puis soumettez-la, "
            "ou abandonnez le brouillon. Ce rappel est le seul.",
            "/prestations/brouillons/{offering_id}", faq.OFFERING_FORM, acts.SUBMIT_DRAFT,
            when=lambda event: not has_deadline(event),
        ),
    ],
    o.OfferingAccepted: [Telling(
        "offerings", the_body, "offering-accepted", "Prestation acceptée : {title}",
        "Formiris a accepté votre prestation {title}. Le bon de commande vous sera soumis pour signature.",
        "/prestations/{offering_id}", faq.CERTIFICATES, decision=True,
    )],
    o.OfferingRejected: [Telling(
        "offerings", the_body, "offering-rejected", "Prestation rejetée : {title}",
        "Formiris a rejeté votre prestation {title} : {reasons} Corrigez-la, puis soumettez-la à nouveau.",
        "/prestations/{offering_id}", faq.OFFERING_FORM, acts.CORRECT_OFFERING, decision=True,
    )],
    o.OfferingWithdrawn: [Telling(
        "offerings", the_office, "offering-withdrawn", "Prestation retirée : {title}",
        "L'organisme de formation retire sa prestation {title} : il n'y a plus rien à décider.",
        "/prestations/{offering_id}", faq.OFFERING_FORM, when=routed,
    )],
    o.SessionRescheduled: [
        Telling(
            "orders", the_body, "session-rescheduled", "Session déplacée",
            "La session {title} a lieu du {starts_on} au {ends_on}, et non du {previous_starts_on} au "
            "{previous_ends_on}.", "/sessions/{session_id}", faq.CERTIFICATES,
        ),
        Telling(
            "orders", the_office, "session-rescheduled-by-body", "Session déplacée par l'organisme",
            "L'organisme de formation déplace la session {title} : du {starts_on} au {ends_on}, et non du "
            "{previous_starts_on} au {previous_ends_on}.", "/sessions/{session_id}", faq.CERTIFICATES,
            when=by_the_body,
        ),
    ],
    o.SessionCancelled: [
        Telling(
            "orders", the_body, "session-cancelled", "Session annulée",
            "La session {title} est annulée : {cause}", "/sessions/{session_id}", faq.CERTIFICATES,
        ),
        Telling(
            "orders", the_office, "session-cancelled-by-body", "Session annulée par l'organisme",
            "L'organisme de formation annule la session {title} : {cause}", "/sessions/{session_id}",
            faq.CERTIFICATES, when=by_the_body,
        ),
    ],
    o.OrderIssued: [Telling(
        "orders", the_body, "order-issued", "Bon de commande {number} à signer",
        "Formiris vous soumet le bon de commande de la session {title}, du {starts_on} au {ends_on} : téléchargez-le, "
        "signez-le, tamponnez-le et renvoyez-le à Formiris.", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
        acts.SIGN_ORDER,
    )],
    o.OrderSigned: [
        Telling(
            "orders", the_office, "order-signed", "Bon de commande {number} renvoyé signé",
            "L'organisme de formation a renvoyé le bon de commande {number} signé. Vérifiez la signature et le tampon.",
            "/bons-de-commande/{order_id}", faq.CERTIFICATES, acts.CHECK_SIGNATURE, when=not_unrecognised,
        ),
        Telling(
            "orders", the_office, "order-signed-unrecognised", "Bon de commande {number} renvoyé, référence non lue",
            "L'organisme de formation a renvoyé le bon de commande {number}. Ni son numéro ni son code QR n'ont pu "
            "être lus sur le document : vérifiez que c'est bien ce bon de commande, puis la signature et le tampon.",
            "/bons-de-commande/{order_id}", faq.CERTIFICATES, acts.CHECK_SIGNATURE, when=unrecognised,
        ),
    ],
    o.OrderSignatureRefused: [Telling(
        "orders", the_body, "order-signature-refused", "Bon de commande {number} à renvoyer",
        "Formiris n'a pas retenu le bon de commande {number} : {reasons} Signez-le, tamponnez-le et renvoyez-le à "
        "nouveau.", "/bons-de-commande/{order_id}", faq.CERTIFICATES, acts.SIGN_ORDER, decision=True,
    )],
    o.OrderAmended: [Telling(
        "orders", the_body, "order-amended", "Avenant au bon de commande {number} à signer",
        "La session {title} a lieu du {starts_on} au {ends_on} : téléchargez l'avenant au bon de commande {number}, "
        "signez-le, tamponnez-le et renvoyez-le à Formiris.", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
        acts.SIGN_ORDER,
    )],
    o.OrderCancelled: [Telling(
        "orders", the_body, "order-cancelled", "Bon de commande {number} annulé",
        "Formiris a annulé le bon de commande {number} : {cause}", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
        decision=True,
    )],
    # attendance
    a.CertificatesSubmitted: [Telling(
        "certificates", the_office, "certificates-submitted", "Attestations de présence à valider",
        "Les attestations de présence de la session {title} sont déposées et attendent votre décision.",
        "/sessions/{session_id}/attestations", faq.CERTIFICATES, acts.DECIDE_CERTIFICATES,
    )],
    a.CertificatesValidated: [Telling(
        "certificates", the_body, "can-invoice", "Vous pouvez facturer la session {title}",
        "Formiris a validé les attestations de présence de la session {title} : vous pouvez générer ou déposer "
        "votre facture.", "/sessions/{session_id}/facture", faq.INVOICE, acts.INVOICE_SESSION, decision=True,
    )],
    a.CertificatesRejected: [Telling(
        "certificates", the_body, "certificates-rejected", "Attestations de présence à corriger",
        "Formiris a rejeté les attestations de présence de la session {title} : {reasons} Corrigez-les, puis "
        "déposez-les à nouveau.", "/sessions/{session_id}/attestations", faq.CERTIFICATES,
        acts.CORRECT_CERTIFICATES, decision=True,
    )],
    # invoicing
    i.InvoiceSubmitted: [
        Telling(
            "invoices", the_office, "invoice-submitted", "Facture {number} à décider",
            "{body_name} a soumis la {document} {number} de {amount}, pour le bon de commande {order_number}.",
            "/factures/{invoice_id}", faq.INVOICE, acts.DECIDE_INVOICE, when=lambda event: not is_credit_note(event),
        ),
        Telling(
            "invoices", the_office, "credit-note-submitted", "Avoir {number} reçu",
            "{body_name} a émis l'avoir {number} de {amount}, pour le bon de commande {order_number}.",
            "/factures/{invoice_id}", faq.INVOICE_CHANGE, when=is_credit_note,
        ),
    ],
    i.InvoiceAccepted: [Telling(
        "invoices", the_body, "invoice-accepted", "Facture {number} acceptée",
        "Formiris a accepté votre facture {number} de {amount} ; elle sera payée au plus tard le {due_on}.",
        "/factures/{invoice_id}", faq.INVOICE, decision=True,
    )],
    i.InvoiceRejected: [Telling(
        "invoices", the_body, "invoice-rejected", "Facture {number} rejetée",
        "Formiris a rejeté votre facture {number} : {reasons} Soumettez une nouvelle facture, sous un autre numéro.",
        "/sessions/{session_id}/facture", faq.INVOICE, acts.INVOICE_SESSION, decision=True,
    )],
    i.InvoiceReturned: [Telling(
        "invoices", the_body, "invoice-returned", "Facture {number} à compléter",
        "Formiris vous renvoie votre facture {number} : {reasons} Elle garde son numéro : complétez-la, puis "
        "renvoyez-la.", "/factures/{invoice_id}", faq.INVOICE, acts.RESUME_INVOICE, decision=True,
    )],
    i.InvoiceResumed: [Telling(
        "invoices", the_office, "invoice-resumed", "Facture {number} à décider, complétée",
        "L'organisme de formation a complété la facture {number} : elle attend à nouveau votre décision.",
        "/factures/{invoice_id}", faq.INVOICE, acts.DECIDE_INVOICE, when=routed,
    )],
    i.InvoiceAmendmentRequested: [Telling(
        "invoices", the_office, "amendment-requested", "Rectification demandée : facture {number}",
        "L'organisme de formation demande à rectifier la facture {number} : {wish}",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE, acts.DECIDE_AMENDMENT,
    )],
    i.InvoiceAmendmentGranted: [Telling(
        "invoices", the_body, "amendment-granted", "Rectification accordée : facture {number}",
        "Formiris accorde la rectification de votre facture {number} : soumettez une facture rectificative ou un "
        "avoir.",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE, acts.CARRY_OUT_AMENDMENT, decision=True,
    )],
    i.InvoiceAmendmentRefused: [Telling(
        "invoices", the_body, "amendment-refused", "Rectification refusée : facture {number}",
        "Formiris n'accorde pas la rectification de votre facture {number} : {reasons} La facture reste "
        "comme elle est.",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE, decision=True,
    )],
    i.InvoicePaid: [Telling(
        "invoices", the_body, "invoice-paid", "Facture {number} payée",
        "Formiris a payé votre facture {number} : {amount}, le {paid_on}, sous la référence « {reference} ».",
        "/factures/{invoice_id}", faq.INVOICE,
    )],
    # notifications
    n.DecisionUnheard: [
        Telling(
            "assistance", the_assistance, "decision-unheard", "Décision sans destinataire : {body_name}",
            "La décision {title}, du {since}, n'a pu être envoyée à personne : {body_name} n'a aucun compte ouvert. "
            "Dites-lui la décision, puis cherchez son compte ; s'il en a un, prévenez l'équipe technique. L'e-mail "
            "partira de lui-même dès qu'un compte sera connu.",
            "/organismes/{body_id}", faq.LOST_CODES, acts.OPEN_ACCOUNT,
        ),
        Telling(
            "referencing", the_office, "decision-unheard-in-office", "Décision non reçue : {body_name}",
            "La décision {title}, du {since}, n'a pu être envoyée à personne : {body_name} n'a aucun compte ouvert. "
            "L'Assistance est prévenue ; joignez l'organisme par ses contacts si la décision presse.",
            "/organismes/{body_id}", faq.LOST_CODES, acts.OPEN_ACCOUNT,
        ),
    ],
    n.EmailFailed: [Telling(
        "assistance", the_assistance, "email-failed", "Un e-mail n'a pas pu être remis",
        "L'e-mail « {template} » a été refusé ({reason}). Vérifiez l'adresse avec son titulaire, puis changez-la.",
        "/emails/{email_id}", faq.LOST_CODES, acts.MEND_ADDRESS,
        when=lambda event: bool(getattr(event, "permanent", False)),
    )],
    n.MessagePosted: [
        Telling(
            "messages", the_office, "question-from-body", "Message à répondre : {title}",
            "{body_name} vous a écrit au sujet du dossier {title} et attend une réponse, au plus tard le {answer_by}.",
            "/dossiers/{dossier_id}/messages", faq.HELP, acts.ANSWER_MESSAGE, when=from_the("body", asks=True),
        ),
        Telling(
            "messages", the_office, "message-from-body", "Message : {title}",
            "{body_name} vous a écrit au sujet du dossier {title}, sans attendre de réponse.",
            "/dossiers/{dossier_id}/messages", faq.HELP, acts.READ_MESSAGE, when=from_the("body", asks=False),
        ),
        Telling(
            "messages", the_body, "question-from-formiris", "Message à répondre : {title}",
            "Formiris vous a écrit au sujet du dossier {title} et attend votre réponse, au plus tard le {answer_by}.",
            "/dossiers/{dossier_id}/messages", faq.HELP, acts.ANSWER_MESSAGE, when=from_the("formiris", asks=True),
        ),
        Telling(
            "messages", the_body, "message-from-formiris", "Message : {title}",
            "Formiris vous a écrit au sujet du dossier {title}, sans attendre de réponse.",
            "/dossiers/{dossier_id}/messages", faq.HELP, acts.READ_MESSAGE, when=from_the("formiris", asks=False),
        ),
    ],
}  # fmt: skip

SILENT: Mapping[type[Event], str] = {
    # registration
    r.SiretClaimed: "goes with the submission, which is told",
    r.SiretReleased: "goes with the rejection, which is told",
    r.AccountOpened: "its person gets a letter (mailing.py)",
    r.AccountActivated: "its person has just done it",
    r.AccountCodesReissued: "its person gets a letter (mailing.py)",
    r.AccountEmailChanged: "both addresses get a letter (mailing.py)",
    r.AccountRightsChanged: "seen by its person at the next page; what they miss is said by each refusal",
    r.AccountClosed: "its person gets a letter (mailing.py)",
    r.AccountSessionsEnded: "its person is asked to sign in again",
    r.StaffAddressGiven: "the person's own office said so",
    r.StaffAddressWithdrawn: "likewise",
    r.PasswordResetRequested: "its person gets a letter (mailing.py)",
    r.PasswordReset: "its person gets a letter (mailing.py)",
    r.AdministratorNamed: "goes with the account's rights",
    r.AdministratorRemoved: "goes with the account's rights",
    r.PersonErased: "the person wants to hear no more; who asked for it gets the receipt",
    r.AssistanceIdentityChecked: "Assistance has just done it",
    r.AssistanceResolved: "its person gets a letter (mailing.py)",
    # offerings
    o.DraftGivenUp: "its person has just done it",
    o.TeacherAssigned: "thousands of lines; seen in the session, and missed by a refusal that says so (R8)",
    o.TeacherUnassigned: "likewise",
    # invoicing
    i.InvoiceNumberClaimed: "goes with the submission, which is told",
    i.SessionInvoicingClaimed: "goes with the submission, which is told",
    i.SessionInvoicingReleased: "goes with the rejection or the credit note, which are told",
    i.InvoiceCorrected: "the corrective invoice is told",
    i.InvoiceCredited: "the credit note is told",
    # notifications
    n.AlertPosted: "it is the telling",
    n.AlertRead: "its person has just done it",
    n.EmailSent: "it is the telling",
    n.PreferencesChanged: "its person has just done it",
    n.DossierEntrusted: "shown in the queue of whoever follows it",
    n.AbsenceDeclared: "shown beside what that person follows",
    n.MessageRead: "its reader has just done it; its author sees when",
    n.DossierRead: "kept for auditors",
    n.ListExported: "kept for auditors",
}
