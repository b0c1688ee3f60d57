"""Where a dossier stands, who must act next, since when, what unblocks it: the same for everyone.  (R1, R11)

The table of states, and from the facts of a dossier (facts.py) to its state. Pure: no clock, so that a dossier stands
the same whenever it is read or built again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from services.notifications.facts import Facts, Kind
from services.notifications.words import amount_of
from shared.runtime import faq
from shared.runtime.faq import FaqEntry
from shared.runtime.refusal import ASSISTANCE, HEAD_OFFICE, MANAGEMENT, Contact
from shared.runtime.refusals import FORMIRIS, THE_BODY

Holder = Literal["body", "office", "assistance", "nobody"]
Route = Literal["office", "change", "assistance"]
"""Whom to ask: the office of the dossier (R1), whoever answers for a submitted invoice (R11), Assistance (R4)."""

NOTHING = "Rien n'est attendu."


@dataclass(frozen=True, slots=True)
class State:
    """One line of the table. `{field}` is a word of the dossier; a state with nobody as holder waits for nothing.

    `leads`: whether the dossier is in its holder's queue. A session whose order is to be signed is not: its order is.
    """

    sentence: str
    holder: Holder
    unblocks: str
    faq: FaqEntry
    link: str
    contact: Route = "office"
    leads: bool = True


STATES: Mapping[tuple[Kind, str], State] = {
    # référencement
    ("referencing", "requested"): State(
        "{name} demande à être référencé ; Formiris doit lui envoyer la proposition d'offre de service.", "office",
        "Envoyer la proposition d'offre de service.", faq.REFERENCING, "/referencement/{id}",
    ),
    ("referencing", "proposed"): State(
        "La proposition d'offre de service est envoyée à {name}, qui doit compléter sa demande et la soumettre.",
        "body", "Compléter l'en-tête et les quatre onglets de la demande, puis la soumettre.", faq.REFERENCING_FORM,
        "/referencement/{id}",
    ),
    ("referencing", "submitted"): State(
        "La demande de référencement de {name} est soumise ; Formiris doit l'accepter ou la rejeter.", "office",
        "Accepter la demande, ou la rejeter avec ses motifs.", faq.REFERENCING, "/referencement/{id}",
    ),
    ("referencing", "rejected"): State(
        "Formiris a rejeté la demande de référencement de {name} : {reasons}", "body",
        "Corriger la demande, puis la soumettre à nouveau.", faq.REFERENCING_FORM, "/referencement/{id}",
    ),
    ("referencing", "accepted"): State(
        "{name} est référencé et peut proposer ses formations.", "nobody",
        "Rien n'est attendu ; une formation se propose à la rubrique « Prestations ».", faq.OFFERING_FORM,
        "/prestations/nouvelle",
    ),
    ("referencing", "suspended"): State(
        "Le référencement de {name} est suspendu par Formiris : {reasons}", "office",
        "Lever la suspension, une fois sa cause écartée.", faq.REFERENCING, "/organismes/{id}",
    ),
    ("referencing", "merged"): State(
        "{name} et {merged_into} sont un seul organisme : Formiris a fusionné les deux fiches, et celle de "
        "{merged_into} sert désormais.", "nobody",
        "Rien n'est attendu ; l'organisme continue avec le compte de {merged_into}.", faq.REFERENCING, "/organisme",
    ),
    ("referencing", "qualiopi-expired"): State(
        "Le référencement de {name} est suspendu : son certificat Qualiopi n'est plus valide.", "body",
        "Joindre le nouveau certificat Qualiopi aux informations de l'organisme.", faq.REFERENCING, "/organisme",
    ),
    # prestation
    ("offering", "submitted"): State(
        "La prestation {title} est soumise ; Formiris doit l'accepter ou la rejeter.", "office",
        "Accepter la prestation, ou la rejeter avec ses motifs.", faq.OFFERING_FORM, "/prestations/{id}",
    ),
    ("offering", "rejected"): State(
        "Formiris a rejeté la prestation {title} : {reasons}", "body",
        "Corriger la prestation, puis la soumettre à nouveau.", faq.OFFERING_FORM, "/prestations/{id}",
    ),
    ("offering", "to-order"): State(
        "La prestation {title} est acceptée ; Formiris doit soumettre les bons de commande qui manquent.", "office",
        "Soumettre le bon de commande de chaque session.", faq.CERTIFICATES, "/prestations/{id}",
    ),
    ("offering", "ordered"): State(
        "La prestation {title} est acceptée et commandée ; la suite se lit session par session.", "nobody", NOTHING,
        faq.CERTIFICATES, "/prestations/{id}",
    ),
    ("offering", "cancelled"): State(
        "Toutes les sessions de la prestation {title} sont annulées.", "nobody", NOTHING, faq.OFFERING_FORM,
        "/prestations/{id}",
    ),
    ("offering", "withdrawn"): State(
        "L'organisme de formation a retiré la prestation {title}.", "nobody", NOTHING, faq.OFFERING_FORM,
        "/prestations/{id}",
    ),
    # bon de commande
    ("order", "issued"): State(
        "Le bon de commande {number} est soumis à l'organisme de formation, qui doit le signer, le tamponner et le "
        "renvoyer.", "body", "Télécharger le bon de commande, le signer, le tamponner et le renvoyer à Formiris.",
        faq.CERTIFICATES, "/bons-de-commande/{id}",
    ),
    ("order", "signature-refused"): State(
        "Formiris n'a pas retenu le bon de commande {number} renvoyé : {reasons}", "body",
        "Signer, tamponner et renvoyer à nouveau le bon de commande.", faq.CERTIFICATES, "/bons-de-commande/{id}",
    ),
    ("order", "amended"): State(
        "La session a changé : l'avenant au bon de commande {number} est à signer, à tamponner et à renvoyer.", "body",
        "Télécharger l'avenant, le signer, le tamponner et le renvoyer à Formiris.", faq.CERTIFICATES,
        "/bons-de-commande/{id}",
    ),
    ("order", "signed"): State(
        "Le bon de commande {number} est signé et renvoyé ; la suite se lit dans la session.", "nobody", NOTHING,
        faq.CERTIFICATES, "/sessions/{session_id}",
    ),
    ("order", "cancelled"): State(
        "Le bon de commande {number} est annulé : {cause}", "nobody", NOTHING, faq.CERTIFICATES,
        "/bons-de-commande/{id}",
    ),
    # session, de la commande au paiement
    ("session", "planned"): State(
        "La session {title} n'est pas encore commandée ; Formiris doit soumettre son bon de commande.", "office",
        "Accepter la prestation, puis soumettre le bon de commande de la session.", faq.CERTIFICATES,
        "/prestations/{offering}", leads=False,
    ),
    ("session", "to-sign"): State(
        "Le bon de commande {number} de la session {title} est à signer, à tamponner et à renvoyer par l'organisme de "
        "formation.", "body", "Télécharger le bon de commande, le signer, le tamponner et le renvoyer à Formiris.",
        faq.CERTIFICATES, "/bons-de-commande/{order_id}", leads=False,
    ),
    ("session", "to-sign-again"): State(
        "Formiris n'a pas retenu le bon de commande {number} de la session {title} : {reasons}", "body",
        "Signer, tamponner et renvoyer à nouveau le bon de commande.", faq.CERTIFICATES,
        "/bons-de-commande/{order_id}", leads=False,
    ),
    ("session", "amendment-to-sign"): State(
        "La session {title} a changé : l'avenant au bon de commande {number} est à signer, à tamponner et à renvoyer.",
        "body", "Télécharger l'avenant, le signer, le tamponner et le renvoyer à Formiris.", faq.CERTIFICATES,
        "/bons-de-commande/{order_id}", leads=False,
    ),
    ("session", "to-certify"): State(
        "La session {title} est commandée ; l'organisme de formation doit déposer ses attestations de présence, une "
        "fois la session terminée, le {ends_on}.", "body", "Déposer les attestations de présence de la session.",
        faq.CERTIFICATES, "/sessions/{id}/attestations",
    ),
    ("session", "certificates-submitted"): State(
        "Les attestations de présence de la session {title} sont déposées ; Formiris doit les valider ou les rejeter.",
        "office", "Valider les attestations, ou les rejeter avec leurs motifs.", faq.CERTIFICATES,
        "/sessions/{id}/attestations",
    ),
    ("session", "certificates-rejected"): State(
        "Formiris a rejeté les attestations de présence de la session {title} : {reasons}", "body",
        "Corriger les attestations, puis les déposer à nouveau.", faq.CERTIFICATES, "/sessions/{id}/attestations",
    ),
    ("session", "to-invoice"): State(
        "Les attestations de présence de la session {title} sont validées ; l'organisme de formation peut facturer.",
        "body", "Générer ou déposer la facture de la session.", faq.INVOICE, "/sessions/{id}/facture",
    ),
    ("session", "to-invoice-again"): State(
        "La facture {invoice_number} de la session {title} ne vaut plus ; l'organisme de formation doit en soumettre "
        "une autre.", "body", "Générer ou déposer une nouvelle facture, sous un autre numéro.", faq.INVOICE,
        "/sessions/{id}/facture",
    ),
    ("session", "invoiced"): State(
        "La session {title} est facturée sous le numéro {invoice_number} ; Formiris doit décider de la facture.",
        "office", "Accepter la facture, la rejeter ou la renvoyer avec ses motifs.", faq.INVOICE,
        "/factures/{invoice_id}", leads=False,
    ),
    ("session", "invoice-returned"): State(
        "Formiris a renvoyé la facture {invoice_number} de la session {title}, à compléter : {reasons}", "body",
        "Compléter la facture, puis la renvoyer.", faq.INVOICE, "/factures/{invoice_id}", leads=False,
    ),
    ("session", "amendment-requested"): State(
        "L'organisme de formation demande à rectifier la facture {invoice_number} de la session {title} ; Formiris "
        "doit l'accorder ou le refuser.", "office", "Accorder ou refuser la rectification.", faq.INVOICE_CHANGE,
        "/factures/{invoice_id}", "change", leads=False,
    ),
    ("session", "amendment-granted"): State(
        "Formiris accorde la rectification de la facture {invoice_number} de la session {title} ; l'organisme de "
        "formation doit la faire.", "body", "Déposer la facture rectificative ou l'avoir.", faq.INVOICE_CHANGE,
        "/factures/{invoice_id}", "change", leads=False,
    ),
    ("session", "to-pay"): State(
        "La facture {invoice_number} de la session {title} est acceptée ; Formiris doit la payer.", "office",
        "Payer la facture.", faq.INVOICE, "/factures/{invoice_id}", leads=False,
    ),
    ("session", "paid"): State(
        "La session {title} est facturée et payée : son dossier est clos.", "nobody", NOTHING, faq.INVOICE,
        "/factures/{invoice_id}",
    ),
    ("session", "cancelled"): State(
        "La session {title} est annulée : {cause}", "nobody", NOTHING, faq.CERTIFICATES, "/prestations/{offering}",
    ),
    # facture
    ("invoice", "submitted"): State(
        "La facture {number} de {amount} est soumise ; Formiris doit l'accepter, la rejeter ou la renvoyer.", "office",
        "Accepter la facture, la rejeter ou la renvoyer avec ses motifs.", faq.INVOICE, "/factures/{id}", "change",
    ),
    ("invoice", "to-recycle"): State(
        "Formiris a renvoyé la facture {number}, qui garde son numéro : {reasons}", "body",
        "Déposer à nouveau la même facture.", faq.INVOICE, "/factures/{id}", "change",
    ),
    ("invoice", "suspended"): State(
        "Le traitement de la facture {number} est suspendu : {reasons}", "body",
        "Envoyer la pièce ou la réponse qui manque.", faq.INVOICE, "/factures/{id}", "change",
    ),
    ("invoice", "accepted"): State(
        "La facture {number} de {amount} est acceptée ; Formiris doit la payer au plus tard le {due_on}.", "office",
        "Payer la facture.", faq.INVOICE, "/factures/{id}", "change",
    ),
    ("invoice", "amendment-requested"): State(
        "L'organisme de formation demande à rectifier la facture {number} ; Formiris doit l'accorder ou le refuser.",
        "office", "Accorder ou refuser la rectification.", faq.INVOICE_CHANGE, "/factures/{id}", "change",
    ),
    ("invoice", "amendment-granted"): State(
        "Formiris accorde la rectification de la facture {number} ; l'organisme de formation doit la faire.", "body",
        "Déposer la facture rectificative ou l'avoir.", faq.INVOICE_CHANGE, "/factures/{id}", "change",
    ),
    ("invoice", "rejected"): State(
        "Formiris a rejeté la facture {number} : {reasons}", "nobody",
        "Rien n'est attendu sur cette facture : la session se facture à nouveau, sous un autre numéro.", faq.INVOICE,
        "/sessions/{session_id}/facture", "change",
    ),
    ("invoice", "corrected"): State(
        "La facture {number} est remplacée par la facture rectificative {by_number}.", "nobody", NOTHING,
        faq.INVOICE_CHANGE, "/factures/{id}", "change",
    ),
    ("invoice", "credited"): State(
        "La facture {number} est annulée par l'avoir {by_number}.", "nobody", NOTHING, faq.INVOICE_CHANGE,
        "/factures/{id}", "change",
    ),
    ("invoice", "paid"): State(
        "La facture {number} de {amount} est payée depuis le {paid_on}.", "nobody", NOTHING, faq.INVOICE,
        "/factures/{id}", "change",
    ),
    ("invoice", "credit-note"): State(
        "L'avoir {number} de {amount} est reçu.", "nobody", NOTHING, faq.INVOICE_CHANGE, "/factures/{id}", "change",
    ),
    # assistance
    ("ticket", "requested"): State(
        "La demande d'aide est reçue ; l'Assistance Formiris doit vérifier l'identité de la personne et lui répondre.",
        "assistance", "Vérifier l'identité, puis répondre.", faq.LOST_CODES, "/assistance/{id}", "assistance",
    ),
    ("ticket", "checked"): State(
        "L'Assistance Formiris a vérifié l'identité de la personne ; elle doit lui répondre.", "assistance",
        "Répondre à la demande.", faq.LOST_CODES, "/assistance/{id}", "assistance",
    ),
    ("ticket", "resolved"): State(
        "L'Assistance Formiris a répondu à la demande d'aide.", "nobody", NOTHING, faq.LOST_CODES, "/assistance/{id}",
        "assistance",
    ),
}  # fmt: skip

HOLDERS: Mapping[Holder, str] = {
    "body": THE_BODY,
    "office": FORMIRIS,
    "assistance": ASSISTANCE.name,
    "nobody": "personne : le dossier est clos",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one dossier stands. `body` and `territory`: whose it is (None: no body's, the head office's)."""

    kind: Kind
    state: str
    since: str
    title: str
    words: Mapping[str, str]
    body: str | None
    perimeter: str | None
    territory: str | None
    office: Mapping[str, Any] | None = None

    @property
    def line(self) -> State:
        """Its line of the table."""
        return STATES[self.kind, self.state]

    @property
    def leads(self) -> bool:
        """Whether somebody must act on this very dossier."""
        return self.line.holder != "nobody" and self.line.leads

    def contact(self, office: Contact | None) -> Contact:
        """Whom to ask; `office` is the association of the dossier's territory, where one is known."""
        if self.line.contact == "assistance":
            return ASSISTANCE
        own = (
            Contact(self.office["name"], self.office["email"], self.office.get("phone"))
            if self.office
            else None
        )
        if self.perimeter == "regional":
            return own or office or HEAD_OFFICE
        return MANAGEMENT if self.line.contact == "change" else own or HEAD_OFFICE

    def _holder(self, contact: Contact) -> str:
        if self.line.holder == "office":
            return contact.name if FORMIRIS in contact.name else f"{FORMIRIS} ({contact.name})"
        return HOLDERS[self.line.holder]

    def told(self, id: str, office: Contact | None) -> dict[str, Any]:
        """As the API says it."""
        line, words, contact = self.line, {**self.words, "id": id}, self.contact(office)
        return {
            "id": id,
            "kind": self.kind,
            "title": self.title,
            "state": self.state,
            "sentence": line.sentence.format_map(words),
            "holder": self._holder(contact),
            "holder_kind": line.holder,
            "since": self.since,
            "unblocks": line.unblocks.format_map(words),
            "contact": asdict(contact),
            "faq": {"question": line.faq.question, "link": line.faq.link},
            "link": line.link.format_map(words),
            "open": self.leads,
        }


def standing_of(kind: Kind, facts: Facts) -> Standing | None:
    """Where a dossier stands; None while what founded it was not heard yet."""
    return _STANDINGS[kind](facts)


def _referencing(facts: Facts) -> Standing | None:
    request, suspension = facts.get("request"), facts.get("suspension") or {}
    if not request or "first_at" not in request:
        return None
    name = request.get("name") or request["body_name"]
    if request["status"] == "accepted" and suspension.get("on"):
        state = "qualiopi-expired" if suspension["cause"] == "qualiopi-expired" else "suspended"
        if suspension.get("merged_into"):
            state = "merged"
        return _standing("referencing", state, request | suspension, title=name, name=name)
    since = request
    if request["status"] == "accepted" and suspension:
        since = request | {"at": max(request["at"], suspension["at"])}
    return _standing("referencing", request["status"], since, title=name, name=name)


def _offering(facts: Facts) -> Standing | None:
    offering = facts.get("offering")
    if not offering or "first_at" not in offering:
        return None
    state, since = offering["status"], offering["at"]
    if state == "accepted":
        wanted = set(offering["sessions"]) - set(facts.get("cancelled", ()))
        orders = [each for each in facts.get("orders", {}).values() if "first_at" in each]
        held = {order["session_id"] for order in orders if order["status"] != "cancelled"}
        state = "to-order" if wanted - held else "ordered" if wanted else "cancelled"
        since = max(
            [since, *(order["at" if order["status"] == "cancelled" else "first_at"] for order in orders)]
        )
    return _standing("offering", state, offering | {"at": since})


def _order(facts: Facts) -> Standing | None:
    (order,) = facts["orders"].values()
    return _standing("order", order["status"], order) if "first_at" in order else None


def _invoice(facts: Facts) -> Standing | None:
    (invoice,) = facts["invoices"].values()
    if "first_at" not in invoice:
        return None
    return _standing("invoice", *_invoice_state(invoice))


def _invoice_state(invoice: Facts) -> tuple[str, Facts]:
    amendment = invoice.get("amendment") or {"status": "refused"}
    if invoice["document"] == "381":
        return "credit-note", invoice
    if invoice["status"] in ("submitted", "accepted", "returned") and amendment["status"] != "refused":
        return f"amendment-{amendment['status']}", invoice | {"at": amendment["at"]}
    return (invoice["returned"] if invoice["status"] == "returned" else invoice["status"]), invoice


def _session(facts: Facts) -> Standing | None:
    plan = facts.get("plan")
    if not plan:
        return None
    plan = plan | facts.get("moved", {})
    if cancelled := facts.get("cancelled"):
        return _standing("session", "cancelled", plan | cancelled)
    order, invoice = _current(facts.get("orders", {})), _current(facts.get("invoices", {}))
    certificates = facts.get("certificates")
    if invoice:
        return _invoiced(plan, *invoice)
    if certificates and order and order[1]["status"] in ("signed", "cancelled"):
        state = _CERTIFIED[certificates["status"]]
        return _standing("session", state, plan | certificates | {"title": plan["title"]})
    if order and order[1]["status"] != "cancelled":
        identified = {"order_id": order[0], "number": order[1]["number"], **_since(order[1])}
        return _standing("session", _ORDERED[order[1]["status"]], plan | identified)
    return _standing("session", "planned", plan)


_ORDERED = {
    "issued": "to-sign",
    "signature-refused": "to-sign-again",
    "amended": "amendment-to-sign",
    "signed": "to-certify",
}
_CERTIFIED = {
    "submitted": "certificates-submitted",
    "validated": "to-invoice",
    "rejected": "certificates-rejected",
}
_INVOICED = {
    "submitted": "invoiced",
    "accepted": "to-pay",
    "to-recycle": "invoice-returned",
    "suspended": "invoice-returned",
    "amendment-requested": "amendment-requested",
    "amendment-granted": "amendment-granted",
    "rejected": "to-invoice-again",
    "credited": "to-invoice-again",
    "paid": "paid",
}


def _current(parts: Mapping[str, Facts]) -> tuple[str, Facts] | None:
    """The last one that was founded: of orders, one in force before one that is cancelled; no credit note, no invoice
    that was corrected."""
    known = [
        (of, each)
        for of, each in parts.items()
        if "first_at" in each and each.get("document") != "381" and each["status"] != "corrected"
    ]
    return max(
        known, key=lambda part: (part[1]["status"] != "cancelled", part[1]["first_at"], part[0]), default=None
    )


def _invoiced(plan: Facts, id: str, invoice: Facts) -> Standing:
    state, since = _invoice_state(invoice)
    words = {"invoice_id": id, "invoice_number": invoice["number"], **_since(since)}
    return _standing("session", _INVOICED[state], plan | words)


def _since(part: Facts) -> Facts:
    return {"at": part["at"], "reasons": part.get("reasons", [])}


def _ticket(facts: Facts) -> Standing | None:
    ticket = facts.get("ticket")
    if not ticket or "first_at" not in ticket:
        return None
    return _standing("ticket", ticket["status"], ticket, title="Demande d'aide")


_STANDINGS = {
    "referencing": _referencing, "offering": _offering, "session": _session, "order": _order, "invoice": _invoice,
    "ticket": _ticket,
}  # fmt: skip


def _standing(kind: Kind, state: str, facts: Facts, title: str | None = None, **words: str) -> Standing:
    return Standing(
        kind, state, facts["at"], title or _title(kind, facts), {**_words(facts), **words},
        facts.get("body"), facts.get("perimeter"), facts.get("territory"), facts.get("office"),
    )  # fmt: skip


def _title(kind: Kind, facts: Facts) -> str:
    match kind:
        case "order":
            return f"Bon de commande {facts['number']}"
        case "invoice":
            return f"{'Avoir' if facts['document'] == '381' else 'Facture'} {facts['number']}"
        case _:
            return str(facts["title"])


def _words(facts: Facts) -> dict[str, str]:
    words = {name: _word(name, value) for name, value in facts.items() if isinstance(value, str)}
    if "title" in words:
        words["title"] = f"« {words['title']} »"
    return words | {
        "reasons": _sentence(facts.get("reasons", ())),
        "cause": _sentence([facts.get("cause", "")]),
    }


def _word(name: str, value: str) -> str:
    if name.endswith("_on"):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return amount_of(Decimal(value)) if name == "amount" else value


def _sentence(reasons: Sequence[str]) -> str:
    text = " ; ".join(reason.rstrip(" .") for reason in reasons if reason)
    return text if text.endswith(("!", "?")) else f"{text}."


def moment(since: str) -> datetime:
    """The moment since which a dossier stands as it does."""
    return datetime.fromisoformat(since)
