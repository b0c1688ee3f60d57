"""The five services as a reader of the site sees them: their answers, and their problems as `Problem`."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx

from services.extranet.session import Session
from services.extranet.settings import Settings
from shared.runtime import forwarded

TIMEOUT = httpx.Timeout(15, connect=3)
_NOTHING_KEPT = httpx.Limits(max_connections=None, max_keepalive_connections=0)


@dataclass(slots=True)
class Problem(Exception):
    """A refusal (RFC 9457) of a service, with its four answers; `content` is the whole of it."""

    status: int
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.content.get("code", ""))

    @property
    def missing(self) -> list[dict[str, Any]]:
        """Each field, step or paper: field, label, where, reason, colour."""
        return list(self.content.get("missing") or [])


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer: its JSON, its version for If-Match, and the position a later read can wait for."""

    content: Any
    version: int | None
    position: str | None


class Backend:
    """One client for all visitors; `For` is one visitor's."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = settings.addresses()
        trusted = httpx.create_ssl_context(trust_env=False)
        pools = {address: _pool(trusted) for address in self._addresses.values()}
        self._http = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=trusted, mounts=pools)
        self._streams = httpx.AsyncClient(limits=_NOTHING_KEPT, trust_env=False, verify=trusted)
        self._lasting: dict[tuple[str, str, str], tuple[Any, float]] = {}
        secret = settings.forwarding_secret
        self._forwarding = secret.get_secret_value().encode() if secret else None

    async def close(self) -> None:
        await self._http.aclose()
        await self._streams.aclose()

    async def lasting(self, service: str, path: str, token: str | None = None, whose: str = "") -> Any:
        """What only a release changes, for anybody or for those of `whose`: asked again after five minutes."""
        kept = (service, path, whose)
        content, until = self._lasting.get(kept, (None, 0.0))
        if time.monotonic() > until:
            content = (await self.send("GET", service, path, token)).json()
            self._lasting[kept] = content, time.monotonic() + 300
        return content

    def url(self, service: str, path: str) -> str:
        return f"{self._addresses[service]}/v1{path}"

    def on_behalf_of(self, address: str) -> dict[str, str]:
        """The header by which registration counts the attempts of each visitor apart; none when nobody is known."""
        if self._forwarding is None or not address:
            return {}
        return {forwarded.HEADER: forwarded.signed(self._forwarding, address)}

    async def send(
        self, method: str, service: str, path: str, token: str | None, **options: Any
    ) -> httpx.Response:
        """One request. Raises `Problem`, a 503 when the service does not answer."""
        headers = {name: value for name, value in (options.pop("headers", None) or {}).items() if value}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            answer = await self._http.request(method, self.url(service, path), headers=headers, **options)
        except httpx.HTTPError as error:
            raise Problem(503, _AWAY) from error
        if answer.status_code >= 400:
            raise Problem(answer.status_code, _problem(answer))
        return answer

    def stream(self, service: str, path: str, token: str, headers: Mapping[str, str]) -> Any:
        """An open-ended answer, as httpx gives it."""
        return self._streams.stream(
            "GET", self.url(service, path), headers={**headers, "Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(None, connect=3),
        )  # fmt: skip

    async def tokens(self, login: str, password: str, address: str, code: str = "") -> dict[str, Any]:
        """Signs in. Raises `Problem` for a wrong pair, too many tries, or an account that has a second step."""
        return await self._tokens(
            {"login": login, "password": password, **({"code": code} if code else {})}, address
        )

    async def renewed(self, refresh: str) -> dict[str, Any]:
        """New tokens. Raises `Problem` when the session was ended."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh})

    async def _tokens(self, asked: dict[str, str], address: str = "") -> dict[str, Any]:
        headers = self.on_behalf_of(address)
        answer = await self.send("POST", "registration", "/tokens", None, json=asked, headers=headers)
        content: dict[str, Any] = answer.json()
        return content


def _pool(trusted: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    """Of one service, with few idle connections, because each request looks at all of its pool.

    Measured: 3.6 ms of a core a request when a hundred were kept for all services, 1.8 ms so.
    """
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=10)
    return httpx.AsyncHTTPTransport(verify=trusted, limits=limits, trust_env=False)


_AWAY = {
    "code": "temporarily-unavailable",
    "title": "Service momentanément indisponible",
    "detail": "Rien n'est perdu : réessayez dans un instant.",
    "holder": "Formiris",
}


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        content = None
    return content if isinstance(content, dict) else _AWAY


@dataclass(slots=True)
class Visitor:
    """A signed-in reader and what it may ask of the services. `positions` are those of its last commands."""

    backend: Backend
    session: Session
    read_after: str = ""
    renewed: bool = False
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """What a GET answers."""
        return (await self.read(service, path, **params)).content

    async def read(self, service: str, path: str, **params: Any) -> Answer:
        """The same, with its version."""
        given = {name: value for name, value in params.items() if value is not None}
        answer = await self._send("GET", service, path, params=given, headers={"Read-After": self.read_after})
        return _answer(answer)

    async def lasting(self, service: str, path: str, whose: str) -> Any:
        """The same as `get`, kept for a while for all of `whose`."""
        return await self.backend.lasting(service, path, await self.token(), whose)

    async def several(self, *asked: tuple[str, str]) -> list[Any]:
        """Several GETs at once, in order. Raises the first `Problem`."""
        return await asyncio.gather(*(self.get(service, path) for service, path in asked))

    async def maybe(self, service: str, path: str, **params: Any) -> Any:
        """The same as `get`, None where there is nothing to see."""
        try:
            return await self.get(service, path, **params)
        except Problem as problem:
            if problem.status == 404:
                return None
            raise

    async def download(self, service: str, path: str, **params: Any) -> httpx.Response:
        """A file as it came."""
        return await self._send("GET", service, path, params=params)

    async def act(
        self, method: str, service: str, path: str, key: str = "", version: int | None = None, **options: Any
    ) -> Answer:
        """A command under an idempotency key (that of the form, so that a second click is the first one's answer)."""
        own: dict[str, str] = options.pop("headers", {})
        headers = {**own, "Idempotency-Key": key or str(uuid4()), "Read-After": self.read_after}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = _answer(await self._send(method, service, path, headers=headers, **options))
        if answer.position:
            self.read_after = ",".join(filter(None, [*self.read_after.split(",")[-3:], answer.position]))
        return answer

    async def token(self) -> str:
        """An access token with some time left."""
        async with self._renewing:
            if self.session.late and self.session.refresh:
                self.session = self.session.renewed(await self.backend.renewed(self.session.refresh))
                self.renewed = True
        return self.session.access

    async def prolong(self) -> None:
        """Goes on for as long as a new session lasts. Raises `Problem` when it was ended."""
        self.session = replace(self.session, ends=0)
        await self.token()

    async def _send(self, method: str, service: str, path: str, **options: Any) -> httpx.Response:
        return await self.backend.send(method, service, path, await self.token(), **options)


def _answer(answer: httpx.Response) -> Answer:
    kind = answer.headers.get("content-type", "")
    content = answer.json() if "json" in kind and answer.content else answer.text
    version = answer.headers.get("etag", "").strip('"')
    return Answer(content, int(version) if version.isdigit() else None, answer.headers.get("position"))
