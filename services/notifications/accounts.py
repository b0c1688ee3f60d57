"""Who is written to: the accounts that registration opens, changes and closes, and Formiris's own people."""

from collections.abc import Sequence
from typing import get_args

import asyncpg

from shared.events.personal import AnyPersonal, Sealed
from shared.events.registration import (
    AccountClosed,
    AccountEmailChanged,
    AccountOpened,
    StaffAddressGiven,
    StaffAddressWithdrawn,
)
from shared.messaging import Delivered
from shared.runtime.projection import Row, fold
from shared.sql import queries

SQL = queries(__file__)
Known = AccountOpened | AccountEmailChanged | AccountClosed | StaffAddressGiven | StaffAddressWithdrawn
KNOWN_BY = frozenset(get_args(Known))


async def learn_accounts(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds the accounts; an account's events come in their order."""
    changes = [(each.event.data.account_id, each) for each in delivered if isinstance(each.event.data, Known)]
    await fold(connection, SQL.load_accounts, SQL.save_accounts, changes, account)


def account(_before: Row, delivered: Delivered) -> Row:
    """An account, and the sealed address that it signs in with."""
    match delivered.event.data:
        case AccountOpened() as event:
            return {
                "role": event.role, "body": event.body_id, "territory": event.territory,
                "login": _sealed(event.login), "open": True, "mended_at": None,
            }  # fmt: skip
        case AccountEmailChanged() as event:
            return {"login": _sealed(event.new_email), "mended_at": delivered.event.time}
        case AccountClosed() | StaffAddressWithdrawn():
            return {"open": False}
        case StaffAddressGiven() as event:
            return {
                "role": event.role, "body": None, "territory": event.territory, "login": _sealed(event.address),
                "open": True, "mended_at": delivered.event.time, "name": event.account,
            }  # fmt: skip
    return {}


def _sealed(value: AnyPersonal) -> Row | None:
    return {"person": value.person, "sealed": value.sealed} if isinstance(value, Sealed) else None
