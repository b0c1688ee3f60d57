"""The cast of the examples: made-up ids, people and hashes, the same at every run."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.events.envelope import encode
from shared.events.event import Event
from shared.events.parts import Office
from shared.events.personal import Sealed


def some_id(what: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"formelie:example:{what}")


def some_hash(what: str) -> str:
    return sha256(what.encode()).hexdigest()


def sealed(person: str, value: str) -> Sealed:
    """Of the right length for `value`; the bytes are drawn from a hash, no key opens them."""
    length = 12 + len(value.encode()) + 16
    noise = b"".join(sha256(f"{person} {value} {n}".encode()).digest() for n in range(length // 32 + 1))
    return Sealed(person, b64encode(noise[:length]).decode())


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ANNE = f"contact-{some_id('anne')}"
BODY = some_id("body")
REQUEST = some_id("request")
OFFERING = some_id("offering")
SESSION = some_id("session")
ORDER = some_id("order")
INVOICE = some_id("invoice")
AMENDMENT = some_id("amendment")
CREDIT_NOTE = some_id("credit note")
CORRECTIVE = some_id("corrective invoice")
ACCOUNT = some_id("account")
TICKET = some_id("ticket")
ALERT = some_id("alert")

BODY_NAME = "Institut Kervallon"
BODY_USER = f"training-body:{ACCOUNT}"
DESK = f"manager:{some_id('manager')}"
HELP = f"assistance:{some_id('assistance agent')}"
BRETAGNE = Office(name="Formiris Bretagne", email="bretagne@formiris.example", phone="02 99 00 00 00")


@dataclass(frozen=True, slots=True)
class Example:
    """An event in its place: what a golden file is made from."""

    event: Event
    stream: str
    version: int
    time: datetime
    actor: str

    def record(self) -> bytes:
        wire = self.event.wire
        return encode(
            self.event,
            id=some_id(f"event {wire}"),
            source=f"/formelie/{wire.split('.')[2]}",
            stream=self.stream,
            version=self.version,
            time=self.time,
            correlation=str(REQUEST),
            causation=str(some_id(f"command {wire}")),
            actor=self.actor,
        )
