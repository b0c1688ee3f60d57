"""Who is told of what in the extranet: one line an event and recipient.  (R10)

`{field}` is the event's field in French form (words.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.events import Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import notifications as n
from shared.events import offerings as o
from shared.events import registration as r
from shared.events.notifications import Recipient
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


@dataclass(frozen=True, slots=True)
class Telling:
    """One alert. `link`: where in the extranet the act it calls for is done."""

    to: Callable[[Event], Recipient]
    code: str
    title: str
    text: str
    link: str
    faq: FaqEntry | None = None
    when: Callable[[Event], bool] = lambda _: True


ALERTS: Mapping[type[Event], Sequence[Telling]] = {
    # registration
    r.ReferencingRequested: [Telling(
        the_office, "referencing-requested", "Nouvelle demande de référencement : {body_name}",
        "{body_name} demande à être référencé. Envoyez-lui une proposition d'offre de service.",
        "/referencement/{request_id}", faq.REFERENCING,
    )],
    r.ServiceProposalSent: [Telling(
        the_body, "service-proposal", "Proposition d'offre de service à compléter",
        "Formiris vous a envoyé une proposition d'offre de service : complétez votre demande de référencement, puis "
        "soumettez-la.", "/referencement/{request_id}", faq.REFERENCING_FORM,
    )],
    r.ReferencingSubmitted: [Telling(
        the_office, "referencing-submitted", "Demande de référencement à décider",
        "Une demande de référencement complète attend votre décision.",
        "/referencement/{request_id}", faq.REFERENCING,
    )],
    r.ReferencingAccepted: [Telling(
        the_body, "referencing-accepted", "Votre organisme est référencé",
        "Formiris a accepté votre demande de référencement : vous pouvez proposer vos formations.",
        "/prestations/nouvelle", faq.OFFERING_FORM,
    )],
    r.ReferencingRejected: [Telling(
        the_body, "referencing-rejected", "Demande de référencement rejetée",
        "Formiris a rejeté votre demande de référencement : {reasons} Corrigez-la, puis soumettez-la à nouveau.",
        "/referencement/{request_id}", faq.REFERENCING_FORM,
    )],
    r.TrainingBodySuspended: [Telling(
        the_body, "body-suspended", "Référencement suspendu",
        "Votre référencement est suspendu depuis le {suspended_on} : {reasons} Vous ne pouvez plus soumettre de "
        "prestation.", "/organisme", faq.REFERENCING,
    )],
    r.TrainingBodyReinstated: [Telling(
        the_body, "body-reinstated", "Référencement rétabli",
        "La suspension de votre référencement est levée : vous pouvez à nouveau soumettre vos prestations.",
        "/organisme", faq.OFFERING_FORM,
    )],
    r.AccountLocked: [Telling(
        the_assistance, "account-locked", "Compte bloqué",
        "Un compte est bloqué ({cause}) ; son titulaire peut demander de nouveaux codes.",
        "/assistance/comptes/{account_id}", faq.LOST_CODES,
    )],
    r.AssistanceRequested: [Telling(
        the_assistance, "assistance-requested", "Nouvelle demande d'assistance",
        "Une personne demande de l'aide ({subject}) : vérifiez son identité, puis répondez-lui.",
        "/assistance/{ticket_id}", faq.LOST_CODES,
    )],
    # offerings
    o.OfferingSubmitted: [Telling(
        the_office, "offering-submitted", "Prestation à décider : {title}",
        "{body_name} soumet la prestation {title}.", "/prestations/{offering_id}", faq.OFFERING_FORM,
    )],
    o.OfferingAccepted: [Telling(
        the_body, "offering-accepted", "Prestation acceptée : {title}",
        "Formiris a accepté votre prestation {title}. Le bon de commande vous sera soumis pour signature.",
        "/prestations/{offering_id}",
    )],
    o.OfferingRejected: [Telling(
        the_body, "offering-rejected", "Prestation rejetée : {title}",
        "Formiris a rejeté votre prestation {title} : {reasons} Corrigez-la, puis soumettez-la à nouveau.",
        "/prestations/{offering_id}", faq.OFFERING_FORM,
    )],
    o.SessionRescheduled: [Telling(
        the_body, "session-rescheduled", "Session déplacée",
        "La session {title} a lieu du {starts_on} au {ends_on}, et non du {previous_starts_on} au "
        "{previous_ends_on}.", "/sessions/{session_id}",
    )],
    o.SessionCancelled: [Telling(
        the_body, "session-cancelled", "Session annulée",
        "La session {title} est annulée : {cause}", "/sessions/{session_id}",
    )],
    o.OrderIssued: [Telling(
        the_body, "order-issued", "Bon de commande {number} à signer",
        "Formiris vous soumet le bon de commande de la session {title}, du {starts_on} au {ends_on} : téléchargez-le, "
        "signez-le, tamponnez-le et renvoyez-le à Formiris.", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
    )],
    o.OrderSigned: [Telling(
        the_office, "order-signed", "Bon de commande {number} renvoyé signé",
        "L'organisme de formation a renvoyé le bon de commande {number} signé. Vérifiez la signature et le tampon.",
        "/bons-de-commande/{order_id}", faq.CERTIFICATES,
    )],
    o.OrderSignatureRefused: [Telling(
        the_body, "order-signature-refused", "Bon de commande {number} à renvoyer",
        "Formiris n'a pas retenu le bon de commande {number} : {reasons} Signez-le, tamponnez-le et renvoyez-le à "
        "nouveau.", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
    )],
    o.OrderCancelled: [Telling(
        the_body, "order-cancelled", "Bon de commande {number} annulé",
        "Formiris a annulé le bon de commande {number} : {cause}", "/bons-de-commande/{order_id}", faq.CERTIFICATES,
    )],
    # attendance
    a.CertificatesSubmitted: [Telling(
        the_office, "certificates-submitted", "Attestations de présence à valider",
        "Les attestations de présence de la session {title} sont déposées et attendent votre décision.",
        "/sessions/{session_id}/attestations", faq.CERTIFICATES,
    )],
    a.CertificatesValidated: [Telling(
        the_body, "can-invoice", "Vous pouvez facturer la session {title}",
        "Formiris a validé les attestations de présence de la session {title} : vous pouvez générer ou déposer "
        "votre facture.", "/sessions/{session_id}/facture", faq.INVOICE,
    )],
    a.CertificatesRejected: [Telling(
        the_body, "certificates-rejected", "Attestations de présence à corriger",
        "Formiris a rejeté les attestations de présence de la session {title} : {reasons} Corrigez-les, puis "
        "déposez-les à nouveau.", "/sessions/{session_id}/attestations", faq.CERTIFICATES,
    )],
    # invoicing
    i.InvoiceSubmitted: [
        Telling(
            the_office, "invoice-submitted", "Facture {number} à décider",
            "{body_name} a soumis la {document} {number} de {amount}, pour le bon de commande {order_number}.",
            "/factures/{invoice_id}", faq.INVOICE, lambda event: getattr(event, "kind", None) != "381",
        ),
        Telling(
            the_office, "credit-note-submitted", "Avoir {number} reçu",
            "{body_name} a émis l'avoir {number} de {amount}, pour le bon de commande {order_number}.",
            "/factures/{invoice_id}", faq.INVOICE_CHANGE, lambda event: getattr(event, "kind", None) == "381",
        ),
    ],
    i.InvoiceAccepted: [Telling(
        the_body, "invoice-accepted", "Facture {number} acceptée",
        "Formiris a accepté votre facture {number} de {amount} ; elle sera payée au plus tard le {due_on}.",
        "/factures/{invoice_id}",
    )],
    i.InvoiceRejected: [Telling(
        the_body, "invoice-rejected", "Facture {number} rejetée",
        "Formiris a rejeté votre facture {number} : {reasons} Soumettez une nouvelle facture, sous un autre numéro.",
        "/sessions/{session_id}/facture", faq.INVOICE,
    )],
    i.InvoiceAmendmentRequested: [Telling(
        the_office, "amendment-requested", "Rectification demandée : facture {number}",
        "L'organisme de formation demande à rectifier la facture {number} : {wish}",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE,
    )],
    i.InvoiceAmendmentGranted: [Telling(
        the_body, "amendment-granted", "Rectification accordée : facture {number}",
        "Formiris accorde la rectification de votre facture {number} : soumettez une facture rectificative ou un "
        "avoir.",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE,
    )],
    i.InvoiceAmendmentRefused: [Telling(
        the_body, "amendment-refused", "Rectification refusée : facture {number}",
        "Formiris n'accorde pas la rectification de votre facture {number} : {reasons} La facture reste "
        "comme elle est.",
        "/factures/{invoice_id}", faq.INVOICE_CHANGE,
    )],
    i.InvoicePaid: [Telling(
        the_body, "invoice-paid", "Facture {number} payée",
        "Formiris a payé votre facture {number} : {amount}, le {paid_on}, sous la référence « {reference} ».",
        "/factures/{invoice_id}",
    )],
    # notifications
    n.EmailFailed: [Telling(
        the_assistance, "email-failed", "Un e-mail n'a pas pu être remis",
        "L'e-mail « {template} » a été refusé ({reason}). Vérifiez l'adresse avec l'organisme, puis changez-la.",
        "/emails/{email_id}", faq.LOST_CODES, lambda event: bool(getattr(event, "permanent", False)),
    )],
}  # fmt: skip
