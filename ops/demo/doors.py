"""What is said at the end: where the extranet is, and with which logins it opens on what."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops.demo.plot import Plot
from ops.demo.scenes.registration import PASSWORD
from ops.stack.endpoints import Endpoints

STAFF = {
    "manager": "Formiris, whole country", "assistance": "Assistance", "auditor": "reads everything",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """A login, its password, and what it opens on."""

    login: str
    password: str
    shown: str


def door_of(plot: Plot, shown: str) -> Door:
    """That of a body of the demo."""
    return Door(plot.email, PASSWORD, f"{plot.short_name}: {shown}")


def doors(endpoints: Endpoints, bodies: Iterable[Door]) -> str:
    """For people: the address, then one line a login."""
    staff = [
        Door(each.login, each.password, f"Formiris, {each.territory}" if each.territory else STAFF[each.role])
        for each in endpoints.accounts
    ]
    found = [*bodies, *staff]
    widths = max(len(door.login) for door in found), max(len(door.password) for door in found)
    lines = [f"  {door.login:<{widths[0]}}  {door.password:<{widths[1]}}  {door.shown}" for door in found]
    return "\n".join(["", f"The extranet: {endpoints.http['extranet']}", *lines])
