"""Which faults of PostgreSQL pass by themselves, told in one place."""

from asyncio import CancelledError, sleep
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import asyncpg
from asyncpg import exceptions as pg

from shared.ledger.errors import StoreUnavailable, WrongLedger

T = TypeVar("T")

PAUSES = (0.0, 0.05, 0.25, 1.0)
"""Seconds before each attempt of a call that fails for a passing reason."""

_TRANSIENT = (
    OSError,  # covers ConnectionError and, in 3.11, TimeoutError
    pg.PostgresConnectionError,
    pg.OperatorInterventionError,  # shut down, crash, not yet started, statement cancelled
    pg.InsufficientResourcesError,  # too many connections, memory, disk
    pg.TransactionRollbackError,  # deadlock, serialisation
    pg.LockNotAvailableError,
    pg.IdleInTransactionSessionTimeoutError,
    pg.ReadOnlySQLTransactionError,  # a standby that is being promoted
    pg.InternalClientError,
)


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later. A command raced by its twin counts: the next call finds its answer."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return error.table_name == "commands"
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error) or "released" in str(error)
    return isinstance(error, _TRANSIENT)


@contextmanager
def translated() -> Iterator[None]:
    """Raises StoreUnavailable for a transient fault, WrongLedger where no ledger is; other errors pass."""
    try:
        yield
    except CancelledError:
        raise
    except (pg.UndefinedTableError, pg.InvalidSchemaNameError) as error:
        raise WrongLedger("no ledger in this database: run the migrations") from error
    except Exception as error:
        if is_transient(error):
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
        raise


async def attempted(act: Callable[[], Awaitable[T]]) -> T:
    """Acts; again, a few times, where PostgreSQL is away or its answer was lost, then raises StoreUnavailable.

    Only for acts that are safe to repeat: appends are, by their command ids.
    """
    last: Exception | None = None
    for pause in PAUSES:
        if pause:
            await sleep(pause)
        try:
            return await act()
        except Exception as error:
            if not is_transient(error):
                raise
            last = error
    raise StoreUnavailable(f"{type(last).__name__}: {last}") from last
