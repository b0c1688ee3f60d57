"""What registration is sent, and how much of it is taken."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.registration.forms import FORM
from shared.events.values import BodyKind, Perimeter
from shared.runtime.typed import Model, Text, Typed, Words, example

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
    """The referencing form, as far as it is filled in (R3)."""

    model_config = example({"fields": FORM.example()})
    fields: Typed


class DetailsIn(Model):
    """Fields of the referencing form that changed since; the others stay."""

    model_config = example(
        {"fields": {"phone": "02 99 11 22 33", "web_site": "https://lire-et-dire.example"}}
    )
    fields: Annotated[Typed, Field(min_length=1)]


class DecisionIn(Model):
    """Formiris's decision; a rejection carries its reasons (R2)."""

    model_config = example({"decision": "reject", "reasons": ["Le certificat Qualiopi joint est illisible."]})
    decision: Literal["accept", "reject"]
    reasons: Annotated[list[Words], Field(max_length=50, default_factory=list)]


class SuspensionIn(Model):
    """Why a body is suspended."""

    model_config = example({"reason": "Certificat Qualiopi échu le 14 janvier.", "cause": "qualiopi-expired"})
    reason: Words
    cause: Literal["qualiopi-expired", "decision"] = "decision"


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


class SignInIn(Model):
    """Who signs in."""

    model_config = example({"login": "anne.le-goff@lire-et-dire.example", "password": "une phrase à retenir"})
    login: Text
    password: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_NUL)]


class AssistanceIn(Model):
    """Someone stuck (R4)."""

    model_config = example(
        {
            "email": "anne.le-goff@lire-et-dire.example",
            "kind": "lost-codes",
            "message": "Je n'ai plus mes codes.",
        }
    )
    email: Address
    kind: Literal["lost-codes", "email-changed"]
    message: Words


class ResolutionIn(Model):
    """What Assistance does, once it has checked who asks; `body` says whose account, when the ticket does not."""

    model_config = example(
        {
            "action": "change-email",
            "checks": ["rappel au numéro du dossier", "SIRET confirmé"],
            "email": "a.le-goff@lire-et-dire.example",
        }
    )
    action: Literal["reissue-codes", "change-email"]
    checks: Annotated[list[Text], Field(max_length=20, default_factory=list)]
    email: Address | None = None
    body: UUID | None = None
