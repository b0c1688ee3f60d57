"""Who plays: Formiris's people signed in, and pairs of bodies, each pair a whole story of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from ops.demo.client import Client, Someone, Traffic
from ops.demo.play import Play, Staff, Unexpected
from ops.demo.plot import Kind, plot
from ops.demo.tell import Teller
from ops.stack.endpoints import Endpoints

PAIR: tuple[Kind, Kind] = ("regional", "national")


@dataclass(slots=True)
class Troupe:
    """Makes plays on one running system. Bodies are numbered; two troupes never share a number."""

    http: httpx.AsyncClient
    bases: Mapping[str, str]
    staff: Staff
    traffic: Traffic
    run: int = field(default_factory=lambda: secrets.randbelow(90_000) + 10_000)
    played: int = 0

    def pair(self, tell: Teller) -> tuple[Play, Play]:
        """A regional body and a national one that nobody has seen before."""
        regional, national = (self.play(kind, tell) for kind in PAIR)
        return regional, national

    def play(self, kind: Kind, tell: Teller) -> Play:
        """A body that nobody has seen before."""
        number = self.run * 100 + self.played
        self.played += 1
        return Play(
            Client(self.http, self.bases, f"demo-{number}", self.traffic),
            plot(kind, number),
            self.staff,
            tell,
        )


async def gather(endpoints: Endpoints, http: httpx.AsyncClient) -> Troupe:
    """Signs Formiris's people in, but those who have a second step. Raises Unexpected, or Unanswered."""
    traffic = Traffic()
    visitor = Client(http, endpoints.http, "demo-staff", traffic)
    people: dict[tuple[str, str | None], Someone] = {}
    for account in (each for each in endpoints.accounts if not each.totp):
        answer = await visitor.sign_in(account.login, account.password)
        if answer.status != 200:
            raise Unexpected(f"{account.login} cannot sign in: {answer.body}")
        people[account.role, account.territory] = Someone(
            _name(account.role, account.territory), answer["access_token"]
        )
    managers = {territory: someone for (role, territory), someone in people.items() if role == "manager"}
    staff = Staff(managers, people["assistance", None], people["auditor", None])
    return Troupe(http, endpoints.http, staff, traffic)


def _name(role: str, territory: str | None) -> str:
    if role == "manager":
        return f"Formiris ({territory or 'siège'})"
    return {"assistance": "Assistance Formiris", "auditor": "the auditor"}.get(role, role)
