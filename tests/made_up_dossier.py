"""One service with a made-up dossier in it: the life of the examples, as its own ledger and the other contexts tell it.

async with with_dossier("invoicing", servers, folder) as stand:
    await stand.get(f"/invoices/{cast.INVOICE}", as_body(owner("invoicing")))
"""

import importlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ops.example import BUYER
from shared.events import (
    Clear,
    Event,
    Sealed,
    attendance,
    encode,
    invoicing,
    notifications,
    offerings,
    personals,
    registration,
    with_personals,
)
from shared.events.examples import EXAMPLES
from shared.events.examples import made_up as cast
from shared.ledger import Append, NewEvent
from tests.servers import Servers
from tests.service_stand import ServiceStand, service_stand

HISTORY: Mapping[str, tuple[type[Event], ...]] = {
    "registration": (
        registration.ReferencingRequested, registration.ReferencingSubmitted, registration.ReferencingAccepted,
        registration.AccountOpened, registration.AccountActivated, registration.AssistanceRequested,
    ),
    "offerings": (offerings.OfferingSubmitted, offerings.OfferingAccepted, offerings.TeacherAssigned,
                  offerings.OrderIssued, offerings.OrderSigned),
    "attendance": (attendance.CertificatesSubmitted, attendance.CertificatesValidated),
    "invoicing": (invoicing.InvoiceSubmitted,),
    "notifications": (notifications.AlertPosted,),
}  # fmt: skip
"""What happened so far, by context; to the others it is delivered."""

DOSSIERS = {
    "referencing-requests": cast.REQUEST, "training-bodies": cast.REQUEST, "accounts": cast.ACCOUNT,
    "assistance-requests": cast.TICKET, "offerings": cast.OFFERING, "sessions": cast.SESSION, "orders": cast.ORDER,
    "invoices": cast.INVOICE, "alerts": cast.ALERT, "dossiers": cast.INVOICE,
}  # fmt: skip
"""The dossier that an address is about, by its first part."""
PLACES = {
    "unit": "1234", "teacher": "123456", "sha256": cast.some_hash("order"), "territory": "bretagne", "month": "2026-03",
    "revision": "1",
}  # fmt: skip
"""What else an address may name."""


def owner(context: str) -> UUID:
    """The body whose dossier it is, as that context knows it."""
    return cast.REQUEST if context == "registration" else cast.BODY


def dossier_of(path: str) -> UUID | None:
    """The dossier that an address of the table of rights is about."""
    return DOSSIERS.get(path.split("/")[1]) if re.search(r"\{(id|session)\}", path) else None


@asynccontextmanager
async def with_dossier(context: str, servers: Servers, folder: Path) -> AsyncIterator[ServiceStand]:
    """The service, with all that its composition adds; tokens are those of the tests."""
    service = importlib.import_module(f"services.{context}.service").SERVICE
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FORMELIE_SIGNING_KEY", _signing_key())
        environment.setenv("FORMELIE_BUYER", BUYER)
        environment.setenv("FORMELIE_SMTP", "127.0.0.1:1")
        async with service_stand(service, servers, folder) as stand, AsyncExitStack() as stack:
            keys = stand.runtime.keys
            if service.extend:
                stand.runtime.own = await service.extend(stand.runtime, stack)
            stand.runtime.keys = keys
            await _happened(stand, context)
            yield stand


def _signing_key() -> str:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # fmt: skip


def _readable(event: Event) -> Event:
    """No key opens what the examples have sealed: other words stand in."""
    others = {
        sealed: Clear(sealed.person, f"{sealed.sealed[:8]}@made-up.example")
        for sealed in personals(event)
        if isinstance(sealed, Sealed)
    }
    return with_personals(event, others)


async def _happened(stand: ServiceStand, context: str) -> None:
    """Own events are appended, the others' delivered; returns once they are in the views."""
    for other, events in HISTORY.items():
        if other != context:
            await stand.deliver(*(_readable(EXAMPLES[event].event) for event in events))
            continue
        for event in events:
            example = EXAMPLES[event]
            version = len(await stand.runtime.ledger.stream(example.stream))
            clear = _readable(example.event)
            sealed = await stand.runtime.keyring.seal_all(
                [each for each in personals(clear) if isinstance(each, Clear)]
            )
            record = encode(
                with_personals(clear, sealed), id=uuid4(), source=f"/formelie/{context}", stream=example.stream,
                version=version + 1, time=example.time, correlation="c", causation="tests", actor=example.actor,
            )  # fmt: skip
            append = Append(example.stream, version, (NewEvent(uuid4(), record),), uuid4(), bytes(32))
            done = await stand.runtime.ledger.append(append)
            assert await stand.runtime.wait_for(context, done.partition, done.sequence, 10)
