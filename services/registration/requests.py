"""What registration is sent, and how much of it is taken."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.registration.forms import FORM
from shared.events.values import BodyKind, Code, Perimeter, Sha256
from shared.runtime.rights import Right
from shared.runtime.typed import Model, PinnedReason, Text, Typed, Words, example

_NO_NUL = r"^[^\x00]*$"
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
]
Password = Annotated[str, StringConstraints(min_length=12, max_length=200, pattern=_NO_NUL)]


class ContactIn(Model):
    """Whom Formiris answers."""

    name: Text
    email: Address


class RequestIn(Model):
    """A referencing request (R1)."""

    model_config = example(
        {
            "name": "Institut Lire et Dire",
            "kind": "private",
            "perimeter": "regional",
            "territory": "bretagne",
            "contact": {"name": "Anne Le Goff", "email": "anne.le-goff@lire-et-dire.example"},
        }
    )
    name: Text
    kind: BodyKind
    perimeter: Perimeter
    territory: Text | None = None
    contact: ContactIn


class FormIn(Model):
    """The referencing form, as far as it is filled in (R3): the fields given, null to empty one.

    `revisions` are those that were read: a field that somebody changed since is told, and not overwritten.
    """

    model_config = example({"fields": FORM.example()})
    fields: Typed
    revisions: dict[str, Annotated[int, Field(ge=0)]] | None = None


class DetailsIn(Model):
    """Fields of the referencing form that changed since; the others stay. `proof`: sha256 of a document deposited."""

    model_config = example(
        {"fields": {"phone": "02 99 11 22 33", "web_site": "https://lire-et-dire.example"}}
    )
    fields: Annotated[Typed, Field(min_length=1)]
    proof: Sha256 | None = None


class DecisionIn(Model):
    """Formiris's decision; a rejection carries its reasons (R2), each may be pinned on a field of the form."""

    model_config = example({"decision": "reject", "reasons": ["Le certificat Qualiopi joint est illisible."]})
    decision: Literal["accept", "reject"]
    reasons: Annotated[list[Words | PinnedReason], Field(max_length=50, default_factory=list)]


class SuspensionIn(Model):
    """Why a body is suspended; `merged_into`: because it is a second record of that body, which is used instead."""

    model_config = example({"reason": "Certificat Qualiopi échu le 14 janvier.", "cause": "qualiopi-expired"})
    reason: Words
    cause: Literal["qualiopi-expired", "decision"] = "decision"
    merged_into: UUID | None = None


class ReinstatementIn(Model):
    """Why the suspension ends, and until when the new certificate is valid."""

    model_config = example({"reason": "Certificat renouvelé.", "qualiopi_valid_until": "2029-01-14"})
    reason: Words
    qualiopi_valid_until: date | None = None


class ActivationIn(Model):
    """The code that was e-mailed, and the password that the person chooses."""

    model_config = example(
        {
            "login": "anne.le-goff@lire-et-dire.example",
            "code": "K7QM-2XHV-9D4T",
            "password": "une phrase à retenir",
        }
    )
    login: Text
    code: Text
    password: Password


Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_NUL)]


class TokenIn(Model):
    """Who signs in (`password`), goes on (`refresh_token`), or which system it is (`client_credentials`)."""

    model_config = example({"login": "anne.le-goff@lire-et-dire.example", "password": "une phrase à retenir"})
    grant_type: Literal["password", "refresh_token", "client_credentials"] = "password"
    login: Text | None = None
    password: Secret | None = None
    code: Text | None = None
    """Of the authenticator application, for who has a second step: asked for by `code-needed`."""
    refresh_token: Secret | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None


class EndIn(Model):
    """One session alone: that of this refresh token."""

    model_config = example({"refresh_token": "qD3r-8x2"})
    refresh_token: Secret


class InvitationIn(Model):
    """A colleague who gets an account of the body."""

    model_config = example(
        {
            "email": "hugo.petit@lire-et-dire.example",
            "name": "Petit",
            "first_name": "Hugo",
            "rights": ["invoice"],
        }
    )
    email: Address
    name: Text
    first_name: Text
    rights: Annotated[frozenset[Right], Field(default_factory=frozenset)]


class RightsIn(Model):
    """All the rights that the account has from now on."""

    model_config = example({"rights": ["prepare", "sign"]})
    rights: frozenset[Right]


class ResetIn(Model):
    """Who forgot the password."""

    model_config = example({"login": "anne.le-goff@lire-et-dire.example"})
    login: Text


class NewPasswordIn(Model):
    """The code that was e-mailed, and the new password."""

    model_config = example({"code": "K7QM-2XHV-9D4T", "password": "une autre phrase à retenir"})
    code: Text
    password: Password


class UndoIn(Model):
    """The code that was e-mailed to the old address."""

    model_config = example({"code": "K7QM-2XHV-9D4T"})
    code: Text


class CheckIn(Model):
    """One way in which Assistance checked who asks."""

    model_config = example({"check": "rappel au numéro du dossier", "passed": True})
    check: Text
    passed: bool


class AssistanceIn(Model):
    """Someone stuck (R4): on which page, refused with which code, and when, as far as it is known."""

    model_config = example(
        {
            "email": "anne.le-goff@lire-et-dire.example",
            "kind": "lost-codes",
            "message": "Je n'ai plus mes codes.",
        }
    )
    email: Address
    kind: Literal["lost-codes", "email-changed", "no-assignment", "other"]
    message: Words
    dossier: Text | None = None
    refusal: Code | None = None
    happened_at: AwareDatetime | None = None


class ResolutionIn(Model):
    """What Assistance does, once it has checked who asks; `account` or `body` when the ticket does not say whose."""

    model_config = example(
        {
            "action": "change-email",
            "checks": ["rappel au numéro du dossier", "SIRET confirmé"],
            "email": "a.le-goff@lire-et-dire.example",
        }
    )
    action: Literal["reissue-codes", "change-email", "answer", "identity-not-proven"]
    checks: Annotated[list[Text], Field(max_length=20, default_factory=list)]
    email: Address | None = None
    answer: Words | None = None
    account: UUID | None = None
    body: UUID | None = None
