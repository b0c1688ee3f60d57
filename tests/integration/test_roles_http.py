"""Every operation over HTTP by every role, on one's own dossier and on another's: what the table says, no more.

One boot of each service, with the made-up dossier of the examples in it; requests are the examples of its own OpenAPI.
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from shared.events.examples import made_up as cast
from shared.runtime.rights import ALL_RIGHTS, ANYONE, OPERATIONS, RIGHT_NAMES, Permission, Right, Role
from tests.made_up_dossier import PLACES, dossier_of, owner, with_dossier
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, token

NAMED_BY_THE_CALLER = {"PUT /offerings/drafts/{id}", "DELETE /offerings/drafts/{id}"}
"""A new draft gets the id that its writer drew: for an outsider there is nothing missing."""
ENDLESS = {"GET /alerts/stream"}
"""An answer that goes on until the caller leaves: only its refusals are looked at here."""
RIGHTS: tuple[tuple[Right, ...], ...] = ((), *((right,) for right in RIGHT_NAMES), tuple(RIGHT_NAMES))

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table, as it is asked for."""

    context: str
    name: str
    permission: Permission
    document: Mapping[str, Any]

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def about(self) -> UUID | None:
        """The dossier of the examples that it is about."""
        return dossier_of(self.name.partition(" ")[2])

    def path(self, dossier: UUID | None) -> str:
        """Its address, about a dossier."""
        path = self.name.partition(" ")[2]
        return re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], str(dossier)), path)

    def request(self) -> dict[str, Any]:
        """What is sent: the example of the OpenAPI document, a file where one is asked."""
        described = self.document["paths"][f"/v1{self.name.partition(' ')[2]}"][self.method.lower()]
        content = described.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            return {"files": {"file": ("scan.pdf", b"%PDF-1.7 made up")}}
        if "text/csv" in content:
            return {"content": b"unit;teacher\n1234;123456\n", "headers": {"Content-Type": "text/csv"}}
        return {"json": self._example(content)} if content else {}

    def _example(self, content: Mapping[str, Any]) -> Any:
        schema = content["application/json"].get("schema", {})
        for one in (schema, *schema.get("anyOf", ())):
            name = one.get("$ref", "").rpartition("/")[2]
            found = self.document["components"]["schemas"].get(name, one)
            if "examples" in found:
                return found["examples"][0]
        return {}


@dataclass(frozen=True, slots=True)
class Door:
    """A service, and what knocks at it."""

    context: str
    stand: ServiceStand
    operations: tuple[Operation, ...]

    async def ask(self, operation: Operation, dossier: UUID | None, who: Headers) -> httpx.Response:
        """Under a key of its own."""
        sent = operation.request()
        headers = {"Idempotency-Key": secrets.token_hex(8), **who, **sent.pop("headers", {})}
        return await self.stand.http.request(
            operation.method, f"/v1{operation.path(dossier)}", headers=headers, **sent
        )

    @property
    def owner(self) -> UUID:
        return owner(self.context)

    def guarded(self) -> Iterator[Operation]:
        """Those that not everybody may."""
        return (each for each in self.operations if each.permission != ANYONE)


@pytest_asyncio.fixture(scope="module", params=OPERATIONS)
async def door(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    """One service with the dossier in it."""
    context: str = request.param
    async with with_dossier(context, servers, tmp_path_factory.mktemp(context)) as stand:
        document = (await stand.http.get("/openapi.json")).json()
        lines = OPERATIONS[context].items()
        yield Door(context, stand, tuple(Operation(context, name, line, document) for name, line in lines))


def callers(owner: UUID) -> Iterator[tuple[Role, frozenset[Right], Headers]]:
    """Everybody who could have to do with the owner's dossier: role, rights, headers."""
    for rights in RIGHTS:
        yield "body", frozenset(rights), _as_body_with(owner, rights)
    for territory in (None, "bretagne"):
        yield "manager", frozenset(), as_manager(territory)
    others: tuple[Role, ...] = ("assistance", "auditor", "subscriber")
    for role in others:
        yield role, frozenset(), as_staff(role)


def _as_body_with(owner: UUID, rights: tuple[Right, ...]) -> Headers:
    """The user of the dossier's account, with no right at all, too."""
    mine = token("body", sub=str(cast.ACCOUNT), body=str(owner), rights=list(rights))
    return {"Authorization": f"Bearer {mine}"}


def outsiders(permission: Permission) -> Iterator[Headers]:
    """Those who may do such a thing, but not there."""
    if "body" in permission.roles:
        yield as_body(uuid4())
    if "manager" in permission.roles:
        yield as_manager("normandie")


async def test_nobody_comes_in_without_signing_in(door: Door) -> None:
    """401, whatever is asked, but for what is open to anyone."""
    wrong = [
        (operation.name, answer.text)
        for operation in door.guarded()
        if (answer := await door.ask(operation, operation.about, {})).status_code != 401
    ]
    assert not wrong


async def test_each_role_is_refused_what_the_table_does_not_give_it(door: Door) -> None:
    """403, on one's own dossier too: not-allowed for a role, right-missing for a user without the right."""
    wrong = []
    for operation in door.guarded():
        for role, rights, headers in callers(door.owner):
            if operation.permission.given_to(role, rights):
                continue
            answer = await door.ask(operation, operation.about, headers)
            code = "right-missing" if role in operation.permission.roles else "not-allowed"
            if (answer.status_code, answer.json()["code"]) != (403, code):
                wrong.append((operation.name, role, sorted(rights), answer.status_code, answer.text[:200]))
    assert not wrong


async def test_an_outsider_cannot_tell_an_existing_dossier_from_a_missing_one(door: Door) -> None:
    """Another body, another territory: the same status, words and headers as for an id that is nobody's."""
    wrong = []
    for operation in door.guarded():
        if operation.about is None or operation.name in NAMED_BY_THE_CALLER:
            continue
        missing = uuid4()
        for headers in outsiders(operation.permission):
            theirs = await door.ask(operation, operation.about, headers)
            nobodys = await door.ask(operation, missing, headers)
            if theirs.status_code not in (403, 404) or _shown(theirs, operation.about) != _shown(
                nobodys, missing
            ):
                wrong.append((operation.name, theirs.status_code, theirs.text[:300], nobodys.text[:300]))
    assert not wrong


async def test_whoever_may_is_answered_and_nothing_breaks(door: Door) -> None:
    """By every role that may, on one's own dossier; by one of them, on a missing one: done or refused, never 5xx."""
    wrong = []
    for operation in door.guarded():
        if operation.name in ENDLESS:
            continue
        allowed = [
            headers
            for role, rights, headers in callers(door.owner)
            if operation.permission.given_to(role, rights) and (role != "body" or rights == ALL_RIGHTS)
        ]
        if operation.about:
            allowed.append(allowed[0])
        for place, headers in enumerate(allowed):
            missing = operation.about is not None and place == len(allowed) - 1
            answer = await door.ask(operation, uuid4() if missing else operation.about, headers)
            closed = answer.status_code in (401, 403) and not missing
            if closed or answer.status_code >= 500:
                wrong.append((operation.name, answer.status_code, answer.text[:300]))
    assert not wrong


async def test_what_is_open_to_anyone_never_breaks(door: Door) -> None:
    """With and without a token."""
    for operation in door.operations:
        if operation.permission == ANYONE:
            for headers in ({}, as_body(door.owner), as_staff("auditor")):
                answer = await door.ask(operation, operation.about, headers)
                assert answer.status_code < 500, (operation.name, answer.text)


def _shown(answer: httpx.Response, dossier: UUID) -> tuple[int, str, list[tuple[str, str]]]:
    """What an outsider sees of an answer, but for the id that was asked."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "x-correlation-id"]
    return answer.status_code, answer.text.replace(str(dossier), "{id}"), headers
