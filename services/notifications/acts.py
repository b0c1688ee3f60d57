"""What alerts call for, and which events do it: an alert closes when its act is done.

`on` is the field that the cause and whatever does the act share: the same order, the same session, the same body. The
read model closes, and no event says so: what is done is already an event, and who folds both in whatever order they
come reaches the same end, where a policy that looks for open alerts would not (docs/adr/0013).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.events import Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import notifications as n
from shared.events import offerings as o
from shared.events import registration as r


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do. `words`: on the link to where it is done."""

    code: str
    words: str
    on: str
    done_by: tuple[type[Event], ...]
    called: str | None = None
    """As whatever does it names what it is done on, where its cause names it otherwise."""

    def subject(self, event: Event) -> str | None:
        """What it is done on, as its cause names it."""
        return self._named(event, self.on)

    def object_of(self, event: Event) -> str | None:
        """The same, as whatever does it names it."""
        return self._named(event, self.called or self.on)

    def _named(self, event: Event, name: str) -> str | None:
        value = getattr(event, name, None)
        return None if value is None else f"{self.on} {value}"


# registration
SEND_PROPOSAL = Act(
    "send-proposal", "Envoyer la proposition d'offre de service", "request_id",
    (r.ServiceProposalSent, r.ReferencingRejected),
)  # fmt: skip
SUBMIT_REFERENCING = Act(
    "submit-referencing", "Compléter et soumettre la demande", "request_id",
    (r.ReferencingSubmitted, r.ReferencingAccepted),
)  # fmt: skip
DECIDE_REFERENCING = Act(
    "decide-referencing", "Accepter ou rejeter la demande", "request_id",
    (r.ReferencingAccepted, r.ReferencingRejected),
)  # fmt: skip
PROPOSE_OFFERING = Act("propose-offering", "Proposer une formation", "body_id", (o.OfferingSubmitted,))
END_SUSPENSION = Act(
    "end-suspension", "Envoyer ce qui manque", "body_id", (r.TrainingBodyReinstated,),
)  # fmt: skip
UNLOCK_ACCOUNT = Act(
    "unlock-account", "Vérifier l'identité et donner de nouveaux codes", "account_id",
    (r.AccountCodesReissued, r.AccountActivated, r.PasswordReset, r.AccountClosed),
)  # fmt: skip
RESOLVE_TICKET = Act("resolve-ticket", "Répondre à la demande", "ticket_id", (r.AssistanceResolved,))
MEND_ADDRESS = Act(
    "mend-address", "Retrouver l'adresse et la changer", "body_id", (r.AccountEmailChanged, r.AccountClosed),
)  # fmt: skip
OPEN_ACCOUNT = Act(
    "open-account", "Joindre l'organisme et chercher son compte", "body_id", (r.AccountOpened,)
)
# offerings
SUBMIT_DRAFT = Act(
    "submit-draft", "Reprendre le brouillon", "offering_id", (o.OfferingSubmitted, o.DraftGivenUp),
)  # fmt: skip
DECIDE_OFFERING = Act(
    "decide-offering", "Accepter ou rejeter la prestation", "offering_id",
    (o.OfferingAccepted, o.OfferingRejected, o.OfferingWithdrawn),
)  # fmt: skip
CORRECT_OFFERING = Act(
    "correct-offering", "Corriger la prestation", "offering_id", (o.OfferingSubmitted, o.OfferingWithdrawn),
)  # fmt: skip
SIGN_ORDER = Act(
    "sign-order", "Télécharger, signer, tamponner et renvoyer", "order_id",
    (o.OrderSigned, o.OrderCancelled),
)  # fmt: skip
CHECK_SIGNATURE = Act(
    "check-signature", "Vérifier la signature et le tampon", "session_id",
    (o.OrderSignatureRefused, o.OrderCancelled, a.CertificatesSubmitted),
)  # fmt: skip
# attendance
DECIDE_CERTIFICATES = Act(
    "decide-certificates", "Valider ou rejeter les attestations", "session_id",
    (a.CertificatesValidated, a.CertificatesRejected),
)  # fmt: skip
CORRECT_CERTIFICATES = Act(
    "correct-certificates", "Corriger et déposer à nouveau", "session_id", (a.CertificatesSubmitted,),
)  # fmt: skip
# invoicing
INVOICE_SESSION = Act(
    "invoice-session", "Facturer la session", "session_id", (i.InvoiceSubmitted,),
)  # fmt: skip
DECIDE_INVOICE = Act(
    "decide-invoice", "Accepter, rejeter ou renvoyer la facture", "invoice_id",
    (i.InvoiceAccepted, i.InvoiceRejected, i.InvoiceReturned, i.InvoiceCorrected, i.InvoiceCredited),
)  # fmt: skip
RESUME_INVOICE = Act(
    "resume-invoice", "Compléter la facture et la renvoyer", "invoice_id",
    (i.InvoiceResumed, i.InvoiceRejected, i.InvoiceCorrected, i.InvoiceCredited),
)  # fmt: skip
DECIDE_AMENDMENT = Act(
    "decide-amendment", "Accorder ou refuser la rectification", "invoice_id",
    (i.InvoiceAmendmentGranted, i.InvoiceAmendmentRefused),
)  # fmt: skip
CARRY_OUT_AMENDMENT = Act(
    "carry-out-amendment", "Déposer la facture rectificative ou l'avoir", "invoice_id",
    (i.InvoiceCorrected, i.InvoiceCredited, i.InvoiceAmendmentRefused),
)  # fmt: skip
# notifications
ANSWER_MESSAGE = Act("answer-message", "Lire et répondre", "message_id", (n.MessagePosted,), "answers")
READ_MESSAGE = Act("read-message", "Lire le message", "message_id", (n.MessageRead,))

ACTS: Mapping[str, Act] = {act.code: act for act in list(vars().values()) if isinstance(act, Act)}


@dataclass(frozen=True, slots=True)
class Done:
    """An act was done, on that, at that moment."""

    act: str
    subject: str
    at: datetime


def done(event: Event, at: datetime) -> list[Done]:
    """The acts that an event does."""
    return [
        Done(act.code, subject, at)
        for act in _DOERS.get(type(event), ())
        if (subject := act.object_of(event))
    ]


_DOERS: Mapping[type[Event], tuple[Act, ...]] = {
    event: tuple(act for act in ACTS.values() if event in act.done_by)
    for event in dict.fromkeys(event for act in ACTS.values() for event in act.done_by)
}
DOING = frozenset(_DOERS)
