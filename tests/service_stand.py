"""One service on databases of its own, asked over HTTP; what other contexts tell it is delivered by hand.

async with service_stand(SERVICE, servers, folder) as stand:
    await stand.deliver(OrderIssued(...))
    answer = await stand.post("/sessions/.../certificates", {...}, as_body(BODY))
"""

import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4, uuid5

import asyncpg
import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pydantic import SecretBytes, SecretStr

from shared.events import Clear, Event, decode, encode, personals, with_personals
from shared.ledger import Keyring, Ledger
from shared.messaging import Delivered, LedgerFeed
from shared.runtime.auth import AUDIENCE, ISSUER
from shared.runtime.commands import Commands
from shared.runtime.rights import ALL_RIGHTS, Right
from shared.runtime.service import Runtime, Service, application
from shared.runtime.settings import Settings
from tests.papers import pdf
from tests.servers import Servers

_KEY = ECKey.generate_key("P-256", {"kid": "tests"})
_SECRET = bytes(range(32))
SCAN = pdf("made up")


class _Keys:
    async def get(self, *, fresh: bool = False) -> KeySet:  # noqa: ARG002 - the protocol's
        return KeySet([_KEY])


def token(role: str, **claims: Any) -> str:
    """A bearer token of one of ours."""
    standard = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"{role}-1",
        "role": role,
        "exp": int(time.time()) + 600,
    }
    return jwt.encode({"alg": "ES256", "kid": _KEY.kid}, standard | claims, _KEY)


def as_body(body: object, *rights: Right) -> dict[str, str]:
    """The headers of a user of that training body, with every right unless some are named."""
    given = sorted(rights or ALL_RIGHTS)
    return {"Authorization": f"Bearer {token('body', body=str(body), rights=given)}"}


def as_manager(territory: str | None = None) -> dict[str, str]:
    """The headers of a manager; national without territory."""
    return {"Authorization": f"Bearer {token('manager', territory=territory)}"}


def as_staff(role: str) -> dict[str, str]:
    """The headers of Assistance, or of an auditor."""
    return {"Authorization": f"Bearer {token(role)}"}


@dataclass(slots=True)
class ServiceStand:
    """A running service without Kafka: its own feed runs, deliveries are made by `deliver`."""

    runtime: Runtime
    http: httpx.AsyncClient
    sequences: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    versions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    delivered: list[Delivered] = field(default_factory=list)

    async def post(
        self, path: str, content: Any, headers: dict[str, str], key: str | None = None, method: str = "POST"
    ) -> httpx.Response:
        """A command, under a key of its own unless given."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {"Idempotency-Key": key or str(uuid4()), "Content-Type": "application/json", **headers}
        return await self.http.request(method, f"/v1{path}", content=body, headers=named)

    async def get(
        self, path: str, headers: dict[str, str], after: httpx.Response | None = None
    ) -> httpx.Response:
        """A read; `after` a command, it sees what that command did."""
        waits = {"Read-After": after.headers["position"]} if after is not None else {}
        return await self.http.get(f"/v1{path}", headers={**headers, **waits})

    async def deposit(self, headers: dict[str, str], content: bytes = SCAN) -> str:
        """The sha256 of a document deposited."""
        answer = await self.http.post("/v1/documents", files={"file": ("x.pdf", content)}, headers=headers)
        return cast("str", answer.raise_for_status().json()["sha256"])

    async def deliver(self, *events: Event) -> list[Delivered]:
        """Other contexts' events, one batch a context, as their consumers get them; clear values get sealed."""
        batches: dict[str, list[Delivered]] = defaultdict(list)
        for event in events:
            each = await self._delivery(event)
            batches[each.context].append(each)
        for context, batch in batches.items():
            await self.deliver_again(context, batch)
        return [each for batch in batches.values() for each in batch]

    async def deliver_again(self, context: str, batch: Sequence[Delivered]) -> None:
        """The same deliveries to the handlers of that context, in one transaction."""
        self.delivered.extend(each for each in batch if each not in self.delivered)
        for subscription in self.runtime.service.subscriptions(self.runtime):
            if subscription.context == context:
                types = subscription.types
                wanted = [each for each in batch if types is None or each.event.type in types]
                async with self.runtime.pool.acquire() as connection, connection.transaction():
                    await subscription.handle(cast("asyncpg.Connection", connection), wanted)

    async def _delivery(self, event: Event) -> Delivered:
        context = event.wire.split(".")[2]
        stream = _stream_of(context, event)
        self.versions[stream] += 1
        self.sequences[context] += 1
        clear = [value for value in personals(event) if isinstance(value, Clear)]
        sealed = await self.runtime.keyring.seal_all(clear)
        record = encode(
            with_personals(event, sealed), id=uuid4(), source=f"/formelie/{context}", stream=stream,
            version=self.versions[stream], time=datetime.now(UTC), correlation=f"correlation-{stream}",
            causation="tests", actor="tester",
        )  # fmt: skip
        return Delivered(context, 0, self.sequences[context], 1, bytes(32), record, decode(record))


def _stream_of(context: str, event: Event) -> str:
    ids = [value for name, value in event if isinstance(value, UUID) and name.endswith("_id")]
    return f"{context}-{uuid5(UUID(int=0), str(ids[:1]))}"


@asynccontextmanager
async def service_stand(service: Service, servers: Servers, folder: Path) -> AsyncIterator[ServiceStand]:
    """The service's application over ASGI, on fresh databases."""
    async with (
        servers.database(service.context) as pool,
        servers.database("keyring") as keyring,
        _started(service, pool, keyring, folder) as stand,
    ):
        yield stand


@asynccontextmanager
async def _started(
    service: Service, pool: asyncpg.Pool, keyring_pool: asyncpg.Pool, folder: Path
) -> AsyncIterator[ServiceStand]:
    settings = Settings(
        postgres_url=SecretStr("unused"), keyring_url=SecretStr("unused"), keyring_secret=SecretBytes(_SECRET),
        kafka="unused", http_port=1, data_dir=folder, jwks_url="unused",
    )  # fmt: skip
    app = application(service, settings)
    runtime: Runtime = app.state.runtime
    runtime.keys = _Keys()
    runtime.pool = pool
    runtime.ledger = await Ledger.open(pool, service.context)
    runtime.keyring = Keyring(keyring_pool, _SECRET)
    runtime.commands = Commands(runtime.ledger, runtime.keyring)
    runtime.feed = LedgerFeed(runtime.ledger, pool, f"{service.context}.views", service.views)
    await runtime.feed.start()
    runtime.reads = frozenset({service.context})
    runtime.started = True
    try:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            yield ServiceStand(runtime, http)
    finally:
        await runtime.feed.stop()
        await runtime.ledger.close()


async def tables_of(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Every row of every view made from events, as text, to compare two builds of them."""
    names = await pool.fetch(
        "select relname from pg_class where relnamespace = 'views'::regnamespace and relkind = 'r'"
        " and coalesce(obj_description(oid, 'pg_class'), '') not like 'not derived%'"
    )
    left_out = await pool.fetch(
        "select attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where c.relnamespace = 'views'::regnamespace and col_description(c.oid, attnum) like 'not derived%'"
    )
    without = [row["attname"] for row in left_out]
    return {
        row["relname"]: sorted(
            each["row"]
            for each in await pool.fetch(
                f'select (to_jsonb(t) - $1::text[])::text as row from views."{row["relname"]}" t',  # noqa: S608 - a name from the catalogue
                without,
            )
        )
        for row in names
    }
