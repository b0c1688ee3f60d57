"""People at the API: each request with a key of its own, each answer's position remembered for the next."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from stdnum import luhn

from ops.stack import Stack
from services.registration.credentials import Credentials
from services.registration.forms import FORM

PASSWORD = "une phrase à retenir"


@dataclass(slots=True)
class Caller:
    """Somebody at one service's API, signed in or not."""

    http: httpx.AsyncClient
    urls: Mapping[str, str]
    token: str | None = None
    seen: list[str] = field(default_factory=list)
    """Positions that what it reads next must be past; shared by those who work together."""

    async def __call__(self, method: str, address: str, json: Any = None, **more: Any) -> httpx.Response:
        """`address` is `registration/tokens`, without /v1; `key` repeats a command."""
        context, _, path = address.partition("/")
        headers = {"Idempotency-Key": more.pop("key", None) or uuid4().hex, **more.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.seen:
            headers["Read-After"] = ",".join(self.seen[-4:])
        url = f"{self.urls[context]}/v1/{path}"
        if json is not None:
            more["json"] = json
        answer = await self.http.request(method, url, headers=headers, **more)
        if "position" in answer.headers:
            self.seen.append(answer.headers["position"])
        return answer

    async def done(self, method: str, address: str, json: Any = None, **more: Any) -> dict[str, Any]:
        """The content of an answer that must be a success."""
        answer = await self(method, address, json, **more)
        assert answer.is_success, answer.text
        content: dict[str, Any] = answer.json()
        return content

    async def refused(
        self, code: str, method: str, address: str, json: Any = None, **more: Any
    ) -> dict[str, Any]:
        """The problem of an answer that must be a refusal with this code, complete for a person."""
        answer = await self(method, address, json, **more)
        assert not answer.is_success, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        assert problem["code"] == code, problem
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["detail"]
        assert problem["holder"]
        assert problem["contact"]["email"]
        return problem


@dataclass(slots=True)
class Scene:
    """A running pair of services and the people of Formiris."""

    stack: Stack
    http: httpx.AsyncClient
    staff: dict[str, str]
    """Login -> token."""

    def someone(self, token: str | None = None, seen: list[str] | None = None) -> Caller:
        """A caller of all services."""
        return Caller(self.http, self.stack.endpoints.http, token, [] if seen is None else seen)

    def desk(self, login: str = "gestionnaire", seen: list[str] | None = None) -> Caller:
        """Someone of Formiris."""
        return self.someone(self.staff[login], seen)

    async def code_of(self, account: str) -> str:
        """The activation code last e-mailed for an account: the one of its last event that carries one."""
        return self.code(await self.event_with(account, "activation_code"))

    def code(self, event: UUID) -> str:
        """The code that goes with an event."""
        return Credentials(base64.b64decode(self.stack.secrets.keyring)).code(event)

    async def event_with(self, account: str, field: str) -> UUID:
        """The id of the last event of an account that carries this field."""
        connection = await asyncpg.connect(self.stack.endpoints.postgres["registration"])
        try:
            event = await connection.fetchval(
                "select event_id from ledger.readable where stream = $1 and record->'data' ? $2"
                " order by version desc limit 1",
                f"account-{account}",
                field,
            )
        finally:
            await connection.close()
        assert event, f"account {account} has no event with {field}"
        return UUID(str(event))

    async def correlations(self, streams: Mapping[str, Sequence[str]]) -> set[str]:
        """The correlation ids of all events of these streams, by context; each stream must have some."""
        found: set[str] = set()
        for context, names in streams.items():
            connection = await asyncpg.connect(self.stack.endpoints.postgres[context])
            for name in names:
                query = (
                    "select distinct record->>'correlationid' as id from ledger.readable where stream = $1"
                )
                rows = await connection.fetch(query, name)
                assert rows, name
                found |= {row["id"] for row in rows}
            await connection.close()
        return found

    async def newcomer(self, **form: Any) -> "Newcomer":
        """A body with an account and the proposal, its form not filled in yet."""
        seen: list[str] = []
        public, desk = self.someone(seen=seen), self.desk(seen=seen)
        email = f"{secrets.token_hex(8)}@lire.example"
        fields = FORM.example() | {"siret": new_siret()} | form
        asked = {name: fields[name] for name in ("name", "kind", "perimeter")} | {
            "territory": fields.get("territory")
        }
        contact = {"name": "Anne Le Goff", "email": email}
        request = await public.done("POST", "registration/referencing-requests", asked | {"contact": contact})
        opened = await desk.done("POST", f"registration/referencing-requests/{request['id']}/proposal")
        newcomer = Newcomer(
            self, request["id"], opened["account"], email, fields, self.someone(seen=seen), desk
        )
        await newcomer.activate()
        return newcomer

    async def referenced(self, **form: Any) -> "Newcomer":
        """A body that Formiris accepted."""
        newcomer = await self.newcomer(**form)
        await newcomer.submit()
        await newcomer.desk.done("POST", f"{newcomer.request}/decision", {"decision": "accept"})
        return newcomer


@dataclass(slots=True)
class Newcomer:
    """A training body, from its request on."""

    scene: Scene
    id: str
    account: str
    email: str
    fields: dict[str, Any]
    user: Caller
    desk: Caller

    @property
    def request(self) -> str:
        """The address of its request."""
        return f"registration/referencing-requests/{self.id}"

    async def activate(self, password: str = PASSWORD) -> None:
        """Uses the last code that was sent, and signs in."""
        code = await self.scene.code_of(self.account)
        given = {"login": self.email, "code": code, "password": password}
        await self.user.done("POST", "registration/accounts/activation", given)
        self.user.token = await self.sign_in(password)

    async def sign_in(self, password: str = PASSWORD) -> str:
        """A token."""
        public = self.scene.someone(seen=self.user.seen)
        given = {"login": self.email, "password": password}
        token: str = (await public.done("POST", "registration/tokens", given))["access_token"]
        return token

    async def submit(self) -> None:
        """The complete form, kept and submitted."""
        await self.user.done("PUT", f"{self.request}/form", {"fields": self.fields})
        await self.user.done("POST", f"{self.request}/submission")


def new_siret() -> str:
    """A valid one that nobody has."""
    siren = "".join(secrets.choice("123456789") for _ in range(8))
    siren += luhn.calc_check_digit(siren)
    establishment = siren + "0001"
    return establishment + luhn.calc_check_digit(establishment)
