"""What registration is sent, and how much of it is taken."""

import math
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.registration.forms import FORM
from shared.events.values import BodyKind, Perimeter

_NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_NO_NUL)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000, pattern=_NO_NUL)
]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
]
Password = Annotated[str, StringConstraints(min_length=12, max_length=200, pattern=_NO_NUL)]


def storable(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, if it can be kept: no character or number that PostgreSQL refuses, and no deep nesting."""
    _check(typed, 8)
    return typed


def _check(value: object, depth: int) -> None:
    match value:
        case str() if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("caractère non accepté")
        case float() if not math.isfinite(value):
            raise ValueError("nombre non accepté")
        case dict() | list() if depth == 0:
            raise ValueError("trop de niveaux imbriqués")
        case dict():
            for key, inner in value.items():
                _check(key, depth)
                _check(inner, depth - 1)
        case list():
            for inner in value:
                _check(inner, depth - 1)


Typed = Annotated[dict[str, Any], AfterValidator(storable)]


class Model(BaseModel):
    """A request's body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def example(value: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that shows an example."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [value]})


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


class DecisionIn(Model):
    """Formiris's decision; a rejection carries its reasons (R2)."""

    model_config = example({"decision": "reject", "reasons": ["Le certificat Qualiopi joint est illisible."]})
    decision: Literal["accept", "reject"]
    reasons: Annotated[list[Words], Field(max_length=50)] = []


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
    checks: Annotated[list[Text], Field(max_length=20)] = []
    email: Address | None = None
    body: UUID | None = None
