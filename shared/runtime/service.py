"""The composition of one service process: stores, relay, reactions, views and API in one event loop."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_settings import BaseSettings

from shared.ledger import Keyring, Ledger
from shared.messaging import (
    Consumers,
    Handler,
    LedgerFeed,
    MessagingError,
    Relay,
    RestoredBackup,
    Subscription,
    check_not_restored,
    wait_for,
)  # fmt: skip
from shared.runtime import feed, limits, problems
from shared.runtime.auth import Keys, RemoteKeys, authorised
from shared.runtime.commands import Commands
from shared.runtime.documents import Documents
from shared.runtime.http import Correlation
from shared.runtime.openapi import Api
from shared.runtime.refusal import Refused
from shared.runtime.refusals import UNAVAILABLE
from shared.runtime.scanning import Scanner
from shared.runtime.settings import Settings

logger = structlog.get_logger()

KAFKA_PATIENCE = 3.0  # seconds a start waits for Kafka's word
LOOK_AGAIN = 2.0  # seconds, while the ledger waits for `formelie recover`


@dataclass(frozen=True, slots=True)
class Service:
    """What a context owns, publishes and subscribes to: the whole of its `service.py`.

    `views` folds the context's own events; `subscriptions` react to the events of others;
    `extend` adds what only this service has (a key pair, an SMTP client) to the runtime, and closes it.
    """

    context: str
    router: APIRouter
    views: Handler
    subscriptions: Callable[["Runtime"], Sequence[Subscription]] = lambda _: ()
    extend: Callable[["Runtime", AsyncExitStack], Any] | None = None
    root: APIRouter | None = None
    """Routes outside /v1, at addresses that others have fixed."""
    settings: type[BaseSettings] | None = None
    """What only this service is told by its environment: checked before it starts, read by `extend`."""


@dataclass(slots=True)
class Runtime:
    """What a service's routes and reactions are handed; no global holds any of it."""

    service: Service
    settings: Settings
    keys: Keys
    documents: Documents
    scanner: Scanner
    pool: asyncpg.Pool = field(init=False)
    ledger: Ledger = field(init=False)
    keyring: Keyring = field(init=False)
    commands: Commands = field(init=False)
    own: Any = None  # what `extend` gave
    relay: Relay | None = None
    consumers: Consumers | None = None
    feed: LedgerFeed | None = None
    started: bool = False
    reads: frozenset[str] = frozenset()  # contexts whose events this service folds
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the process is told to stop: an answer that would never end must end now."""

    async def wait_for(self, context: str, partition: int, sequence: int, timeout: float) -> bool:
        """Whether this service's views are at or past a position within `timeout` seconds.

        A context that this service does not read has nothing to show here: nothing to wait for.
        """
        return context not in self.reads or await wait_for(self.pool, context, partition, sequence, timeout)

    def health(self) -> dict[str, bool]:
        """What must be up for this process to do its whole work."""
        return {
            "started": self.started,
            "relay": self.relay is not None and self.relay.ready,
            "consumers": self.consumers is None or self.consumers.ready,
            "views": self.feed is not None and self.feed.ready,
        }


def application(service: Service, settings: Settings) -> FastAPI:
    """The ASGI application of a service; its lifespan starts and drains everything."""
    runtime = Runtime(
        service, settings, RemoteKeys(settings.jwks_url),
        Documents(
            settings.documents_url or settings.data_dir / "documents",
            settings.keyring_secret.get_secret_value(),
        ),
        Scanner(settings.clamd),
    )  # fmt: skip
    app = Api(
        title=f"FormElie {service.context}",
        version="1",
        lifespan=_lifespan,
        description="Errors are RFC 9457 problems; commands carry Idempotency-Key and may carry If-Match; "
        "reads may carry Read-After.",
    )
    app.state.runtime = runtime
    problems.install(app)
    app.include_router(_operations)
    for router in (service.router, feed.router):
        app.include_router(router, prefix="/v1", dependencies=[Depends(authorised)])
    if service.root:
        app.include_router(service.root)
    app.add_middleware(limits.BodyLimit)
    app.add_middleware(Correlation)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Answers at once and starts behind: while a store is away, /livez says alive and /v1 says try again."""
    runtime: Runtime = app.state.runtime
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(_start_until_started(runtime, stack), name="start")
        try:
            yield
        finally:
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
            runtime.started = False
            logger.info("draining")


async def _start_until_started(runtime: Runtime, stack: AsyncExitStack) -> None:
    began, delay = time.monotonic(), 0.2
    while True:
        attempt = AsyncExitStack()
        try:
            await _start(runtime, attempt)
        except problems.AWAY as error:
            logger.warning("waiting to start", error=type(error).__name__, reason=str(error)[:200])
            await attempt.aclose()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
        except asyncio.CancelledError:
            await attempt.aclose()
            raise
        except Exception:
            logger.exception("cannot start")
            await attempt.aclose()
            signal.raise_signal(signal.SIGTERM)  # whoever supervises the process tries again, visibly
            raise
        else:
            stack.push_async_exit(attempt)
            runtime.started = True
            logger.info("started", seconds=round(time.monotonic() - began, 2))
            return


async def _start(runtime: Runtime, stack: AsyncExitStack) -> None:
    settings, context = runtime.settings, runtime.service.context
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    runtime.pool = await _pool(stack, settings.postgres_url.get_secret_value(), 20)
    keyring_pool = await _pool(stack, settings.keyring_url.get_secret_value(), 4)
    runtime.ledger = await Ledger.open(runtime.pool, context)
    runtime.keyring = Keyring(keyring_pool, settings.keyring_secret.get_secret_value())
    runtime.commands = Commands(runtime.ledger, runtime.keyring)
    await _not_restored(runtime.ledger, settings.kafka)
    if runtime.service.extend:
        runtime.own = await runtime.service.extend(runtime, stack)
    runtime.relay = Relay(runtime.ledger, runtime.pool, settings.kafka)
    await runtime.relay.start()
    stack.push_async_callback(runtime.relay.stop)
    runtime.feed = LedgerFeed(runtime.ledger, runtime.pool, f"{context}.views", runtime.service.views)
    await runtime.feed.start()
    stack.push_async_callback(runtime.feed.stop)
    subscriptions = runtime.service.subscriptions(runtime)
    runtime.reads = frozenset({context, *(subscription.context for subscription in subscriptions)})
    if subscriptions:
        runtime.consumers = Consumers(
            runtime.pool, settings.kafka, subscriptions, settings.data_dir / "faust"
        )
        await runtime.consumers.start()
        stack.push_async_callback(runtime.consumers.stop)


async def _not_restored(ledger: Ledger, kafka: str) -> None:
    """Waits while the ledger lacks what Kafka holds; says once what is to be done. Kafka away is no reason to wait."""
    told = False
    while True:
        try:
            async with asyncio.timeout(KAFKA_PATIENCE):
                return await check_not_restored(ledger, kafka)
        except RestoredBackup as refusal:
            if not told:
                logger.critical("refusing to start", message=str(refusal))
            told = True
        except (KafkaError, OSError, MessagingError) as error:
            logger.warning("starting without a look at Kafka", error=type(error).__name__)
            return None
        await asyncio.sleep(LOOK_AGAIN)


async def _pool(stack: AsyncExitStack, dsn: str, size: int) -> asyncpg.Pool:
    pool = await asyncpg.create_pool(
        dsn, min_size=1, max_size=size, timeout=5, command_timeout=30,
        server_settings={"idle_in_transaction_session_timeout": "3000"}, reset=_nothing_to_reset,
    )  # fmt: skip
    stack.push_async_callback(_close, pool)
    return pool


async def _nothing_to_reset(_connection: object) -> None:
    """No setting, lock or LISTEN outlives its transaction here; asyncpg's RESET costs a round trip a query."""


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 5)
    except TimeoutError:
        pool.terminate()


_operations = APIRouter(include_in_schema=False)


@_operations.get("/livez")
async def livez() -> dict[str, str]:
    """The process turns."""
    return {"status": "alive"}


@_operations.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, bool]:
    """200 when everything that this process does can be done now; which part is not, otherwise."""
    health: dict[str, bool] = request.app.state.runtime.health()
    response.status_code = 200 if all(health.values()) else 503
    return health


@_operations.get("/metrics")
async def metrics() -> Response:
    """Prometheus's text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def runtime_of(request: Request) -> Runtime:
    """FastAPI dependency: the runtime, once it has started."""
    runtime: Runtime = request.app.state.runtime
    if not runtime.started:
        raise Refused(UNAVAILABLE)
    return runtime
