"""Who may do what: every operation of every service in one table. `auth.py` enforces it before a route runs.

A role says whose side someone is on; a right says what a body's user was given by its administrators. Which dossiers
are one's own is the other half, and is asked of `Principal.check`: a body sees its own, a manager its territory's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["body", "manager", "assistance", "auditor", "subscriber"]
Right = Literal["prepare", "sign", "invoice", "administer"]
ALL_RIGHTS: frozenset[Right] = frozenset(get_args(Right))

ROLE_NAMES: Mapping[Role, str] = {
    "body": "un organisme de formation",
    "manager": "un gestionnaire de Formiris",
    "assistance": "l'Assistance Formiris",
    "auditor": "un auditeur",
    "subscriber": "un système abonné",
}
RIGHT_NAMES: Mapping[Right, str] = {
    "prepare": "préparer les dossiers",
    "sign": "signer et renvoyer",
    "invoice": "facturer",
    "administer": "administrer les comptes",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """Which roles may; for a body's user, with which right (None: any user of the body)."""

    roles: frozenset[Role]
    right: Right | None = None

    def given_to(self, role: Role, rights: frozenset[Right]) -> bool:
        """Whether somebody with this role and these rights may."""
        return role in self.roles and (role != "body" or self.right is None or self.right in rights)


def _body(right: Right, *others: Role) -> Permission:
    return Permission(frozenset({"body", *others}), right)


ANYONE = Permission(frozenset())
"""No sign-in is asked."""

SIGNED_IN = Permission(frozenset({"body", "manager", "assistance", "auditor"}))
PEOPLE = Permission(frozenset({"body", "manager", "assistance"}))
FORMIRIS = Permission(frozenset({"manager", "assistance", "auditor"}))
MANAGER = Permission(frozenset({"manager"}))
ASSISTANCE = Permission(frozenset({"assistance"}))
OVERSEERS = Permission(frozenset({"assistance", "auditor"}))
AUDITOR = Permission(frozenset({"auditor"}))
MANAGER_OR_AUDITOR = Permission(frozenset({"manager", "auditor"}))
BODY_OR_MANAGER_OR_AUDITOR = Permission(frozenset({"body", "manager", "auditor"}))
BODY_OR_MANAGER = Permission(frozenset({"body", "manager"}))
BODY = Permission(frozenset({"body"}))
PREPARE, SIGN, INVOICE, ADMINISTER = _body("prepare"), _body("sign"), _body("invoice"), _body("administer")
PREPARE_OR_FORMIRIS = _body("prepare", "manager", "assistance")
PREPARE_OR_ALL_FORMIRIS = _body("prepare", "manager", "assistance", "auditor")
ADMINISTER_OR_OVERSEER = _body("administer", "assistance", "auditor")
PREPARE_OR_MANAGER = _body("prepare", "manager")
BODY_OR_HELP = Permission(frozenset({"body", "assistance", "auditor"}))
"""What a body has not sent yet: Formiris's managers have no business with it."""
INVOICE_OR_MANAGER = _body("invoice", "manager")

FEED = Permission(frozenset({"subscriber", "auditor"}))
EVERYWHERE: Mapping[str, Permission] = {
    "GET /feed": FEED,
    "GET /feed/{partition}": FEED,
    "GET /subscribers": OVERSEERS,
}
"""Operations of every service. Which topics a subscriber was granted is asked in feed.py."""

OPERATIONS: Mapping[str, Mapping[str, Permission]] = {
    "registration": {
        "GET /territories": ANYONE,
        "GET /offices/{territory}": ANYONE,
        "GET /assistance-hours": ANYONE,
        "GET /forms/referencing": ANYONE,
        "POST /referencing-requests": ANYONE,
        "GET /referencing-requests": FORMIRIS,
        "GET /referencing-requests/{id}": SIGNED_IN,
        "POST /referencing-requests/{id}/proposal": MANAGER,
        "GET /referencing-requests/{id}/proposal.pdf": SIGNED_IN,
        "GET /referencing-requests/{id}/form": SIGNED_IN,
        "PUT /referencing-requests/{id}/form": PREPARE,
        "GET /referencing-requests/{id}/alike": FORMIRIS,
        "GET /referencing-requests/{id}/submissions": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /referencing-requests/{id}/submissions/{revision}/receipt.pdf": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /receipts/{partition}/{sequence}": ANYONE,
        "POST /referencing-requests/{id}/submission": SIGN,
        "POST /referencing-requests/{id}/decision": MANAGER,
        "GET /training-bodies": FORMIRIS,
        "GET /training-bodies/{id}": SIGNED_IN,
        "GET /training-bodies/{id}/documents/{sha256}": SIGNED_IN,
        "POST /documents": ADMINISTER,
        "PUT /documents/parts/{upload}": ADMINISTER,
        "GET /documents/parts/{upload}": ADMINISTER,
        "PATCH /training-bodies/{id}": ADMINISTER,
        "POST /training-bodies/{id}/suspension": MANAGER,
        "POST /training-bodies/{id}/reinstatement": MANAGER,
        "POST /accounts/activation": ANYONE,
        "GET /accounts": ADMINISTER_OR_OVERSEER,
        "GET /colleagues": BODY,
        "GET /managers": MANAGER_OR_AUDITOR,
        "POST /accounts": ADMINISTER,
        "PATCH /accounts/{id}": ADMINISTER,
        "DELETE /accounts/{id}": ADMINISTER,
        "POST /accounts/{id}/email-undo": ANYONE,
        "POST /tokens": ANYONE,
        "POST /sessions/end": SIGNED_IN,
        "POST /password-resets": ANYONE,
        "POST /password-resets/{id}/completion": ANYONE,
        "POST /assistance-requests": ANYONE,
        "GET /assistance-requests": OVERSEERS,
        "GET /assistance-requests/{id}": OVERSEERS,
        "GET /assistance-requests/{id}/progress": ANYONE,
        "POST /assistance-requests/{id}/checks": ASSISTANCE,
        "POST /assistance-requests/{id}/resolution": ASSISTANCE,
        "GET /dossiers/{id}/history": AUDITOR,
    },
    "offerings": {
        "GET /offerings": SIGNED_IN,
        "GET /offerings/{id}": SIGNED_IN,
        "POST /offerings": SIGN,
        "GET /offerings/{id}/submissions": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /offerings/{id}/submissions/{revision}/receipt.pdf": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /receipts/{partition}/{sequence}": ANYONE,
        "POST /offerings/{id}/submission": SIGN,
        "GET /offerings/drafts": PREPARE,
        "GET /offerings/drafts/{id}": PREPARE,
        "PUT /offerings/drafts/{id}": PREPARE,
        "DELETE /offerings/drafts/{id}": PREPARE,
        "POST /offerings/drafts/{id}/submission": SIGN,
        "POST /offerings/{id}/copy": PREPARE,
        "GET /forms/offering": ANYONE,
        "POST /offerings/{id}/decision": MANAGER,
        "POST /offerings/{id}/withdrawal": SIGN,
        "POST /sessions/{id}/reschedule": PREPARE_OR_MANAGER,
        "POST /sessions/{id}/cancellation": PREPARE_OR_MANAGER,
        "GET /sessions/{id}/assignments": SIGNED_IN,
        "POST /sessions/{id}/assignments": MANAGER,
        "PUT /sessions/{id}/assignments.csv": MANAGER,
        "DELETE /sessions/{id}/assignments/{unit}/{teacher}": MANAGER,
        "POST /sessions/{id}/order": MANAGER,
        "GET /orders": SIGNED_IN,
        "GET /orders/{id}": SIGNED_IN,
        "GET /orders/{id}/document": SIGNED_IN,
        "GET /orders/{id}/documents": SIGNED_IN,
        "GET /orders/{id}/documents/{sha256}": SIGNED_IN,
        "POST /orders/{id}/signed-document": SIGN,
        "POST /orders/{id}/signature-refusal": MANAGER,
        "POST /orders/{id}/cancellation": MANAGER,
        "POST /documents": BODY_OR_MANAGER,
        "PUT /documents/parts/{upload}": BODY_OR_MANAGER,
        "GET /documents/parts/{upload}": BODY_OR_MANAGER,
        "GET /dossiers/{id}/history": AUDITOR,
    },
    "attendance": {
        "POST /documents": PREPARE,
        "PUT /documents/parts/{upload}": PREPARE,
        "GET /documents/parts/{upload}": PREPARE,
        "GET /certificates": MANAGER_OR_AUDITOR,
        "GET /sessions": SIGNED_IN,
        "GET /sessions/{session}/certificates": SIGNED_IN,
        "POST /sessions/{session}/certificates": PREPARE,
        "POST /sessions/{session}/certificates/validation": MANAGER,
        "POST /sessions/{session}/certificates/rejection": MANAGER,
        "POST /sessions/{session}/certificates/decision": MANAGER,
        "GET /sessions/{session}/certificates/draft": BODY_OR_HELP,
        "PUT /sessions/{session}/certificates/draft": PREPARE,
        "POST /sessions/{session}/certificates/draft/everyone-present": PREPARE,
        "POST /sessions/{session}/certificates/draft/deposit": PREPARE,
        "POST /sessions/{session}/certificates/import": PREPARE,
        "GET /sessions/{session}/certificates/template.csv": BODY_OR_HELP,
        "GET /sessions/{session}/certificates/template.xlsx": BODY_OR_HELP,
        "GET /sessions/{session}/certificates/refused.csv": BODY_OR_HELP,
        "GET /sessions/{session}/certificates/sheets": SIGNED_IN,
        "GET /sessions/{session}/certificates/sheets/{sha256}": SIGNED_IN,
        "GET /sessions/{session}/certificates/certificate.pdf": SIGNED_IN,
        "GET /sessions/{session}/certificates/submissions": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /sessions/{session}/certificates/submissions/{revision}/receipt.pdf": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /receipts/{partition}/{sequence}": ANYONE,
        "GET /dossiers/{id}/history": AUDITOR,
    },
    "invoicing": {
        "POST /documents": INVOICE,
        "PUT /documents/parts/{upload}": INVOICE,
        "GET /documents/parts/{upload}": INVOICE,
        "GET /sessions": SIGNED_IN,
        "GET /sessions/{session}/invoicing": SIGNED_IN,
        "GET /invoices": SIGNED_IN,
        "GET /invoices/{id}": SIGNED_IN,
        "GET /invoices/{id}/submissions": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /invoices/{id}/submissions/{revision}/receipt.pdf": BODY_OR_MANAGER_OR_AUDITOR,
        "GET /receipts/{partition}/{sequence}": ANYONE,
        "POST /invoices": INVOICE,
        "POST /invoices/preview": INVOICE,
        "PUT /invoices/{id}": INVOICE,
        "POST /invoices/{id}/decision": MANAGER,
        "POST /invoices/{id}/amendment-requests": INVOICE,
        "POST /invoices/{id}/amendment-decision": MANAGER,
        "POST /invoices/{id}/correction": INVOICE,
        "POST /invoices/{id}/credit-note": INVOICE,
        "POST /invoices/{id}/payment": MANAGER,
        "GET /invoices.csv": SIGNED_IN,
        "GET /invoices.xlsx": SIGNED_IN,
        "GET /invoices/{id}/document": SIGNED_IN,
        "GET /invoices/{id}/factur-x.xml": SIGNED_IN,
        "GET /invoices/{id}/documents/{sha256}": SIGNED_IN,
        "GET /return-reasons": SIGNED_IN,
        "POST /invoices/{id}/return": MANAGER,
        "POST /invoices/{id}/resumption": INVOICE_OR_MANAGER,
        "GET /invoices/{id}/correction": INVOICE,
        "GET /statements/{month}": SIGNED_IN,
        "GET /statements/{month}/pdf": SIGNED_IN,
        "GET /dossiers/{id}/history": AUDITOR,
    },
    "notifications": {
        "GET /alerts": SIGNED_IN,
        "GET /alerts/stream": SIGNED_IN,
        "GET /alerts/summary": SIGNED_IN,
        "POST /alerts/{id}/read": PEOPLE,
        "GET /banners": SIGNED_IN,
        "GET /emails": OVERSEERS,
        "GET /emails/{id}": OVERSEERS,
        "GET /preferences": SIGNED_IN,
        "PUT /preferences": PEOPLE,
        "GET /preferences/switch/{token}": ANYONE,
        "POST /preferences/switch/{token}": ANYONE,
        "GET /dossiers": SIGNED_IN,
        "GET /dossiers/counts": SIGNED_IN,
        "GET /dossiers/{id}/standing": SIGNED_IN,
        "GET /dossiers/{id}/history": AUDITOR,
        "GET /dossiers/{id}/messages": PREPARE_OR_ALL_FORMIRIS,
        "POST /dossiers/{id}/messages": PREPARE_OR_FORMIRIS,
        "PUT /dossiers/{id}/follower": MANAGER,
        "POST /dossiers/{id}/extracts": AUDITOR,
        "GET /absences": MANAGER_OR_AUDITOR,
        "PUT /absences/{person}": MANAGER,
        "POST /exports": MANAGER,
        "GET /exports": AUDITOR,
        "GET /faq": ANYONE,
    },
}
