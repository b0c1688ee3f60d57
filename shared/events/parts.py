"""Pieces that several events carry."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.events.event import Part
from shared.events.values import Code, Email, Line, Phone, Postcode, Prose


class Office(Part):
    """Who at Formiris holds the next step: a territorial association, a proximity site, the head office.

    R1, R11. A function's mailbox and number, so not personal.
    """

    name: Line
    email: Email
    phone: Phone | None = None


class Reason(Part):
    """Why something was refused, in French as the person reads it."""

    text: Prose
    code: Code | None = None
    """Of the catalogue of refusals, when the reason is a known one."""
    field: Line | None = None
    """The form's field it is pinned on."""


Reasons = Annotated[tuple[Reason, ...], Field(min_length=1)]


class Address(Part):
    street: Line
    postcode: Postcode
    town: Line


class QualiopiCertificate(Part):
    valid_until: date
    valid_from: date | None = None
    number: Line | None = None
    certifier: Line | None = None
    categories: tuple[Line, ...] | None = None
