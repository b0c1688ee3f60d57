"""What each service answers is what its OpenAPI document says, whatever is asked; and never an error of its own.

Schemathesis draws requests from the document, right and wrong ones, about a dossier that exists and about any other.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.contexts import CONTEXTS
from tests.made_up_dossier import PLACES, dossier_of, owner, with_dossier
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = 3
"""Requests of each kind, for each operation: the whole takes less than a minute."""
ENDLESS = "/v1/alerts/stream"
SETTINGS = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """Sends what is drawn, from the thread that draws to the loop that serves."""

    context: str
    stand: ServiceStand
    loop: asyncio.AbstractEventLoop

    def people(self) -> list[dict[str, str]]:
        """Who may ask."""
        return [as_body(owner(self.context)), as_manager(), as_staff("assistance"), as_staff("auditor")]

    def send(self, case: Case[Any], who: Mapping[str, str]) -> httpx.Response:
        """Under a key of its own."""
        drawn = requests.Request(**case.as_transport_kwargs(base_url="http://service")).prepare()
        content: Any = drawn.body.encode() if isinstance(drawn.body, str) else drawn.body
        headers: dict[str, Any] = {**drawn.headers, **who, "Idempotency-Key": secrets.token_hex(8)}
        asked = self.stand.http.request(str(drawn.method), str(drawn.url), headers=headers, content=content)
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result(30)


@pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module"
)  # it is the service that does, beside the draws
@pytest.mark.parametrize("context", CONTEXTS)
async def test_every_answer_is_as_the_document_says(context: str, servers: Servers, tmp_path: Path) -> None:
    """No 5xx, no undocumented status, media type or shape, for each operation with a token of each role."""
    async with with_dossier(context, servers, tmp_path) as stand:
        document = (await stand.http.get("/openapi.json")).json()
        asking = Asking(context, stand, asyncio.get_running_loop())
        faults = await asyncio.to_thread(lambda: list(found(asking, document)))
    assert not faults, "\n".join(faults)


def found(asking: Asking, document: dict[str, Any]) -> Iterator[str]:
    """What is not as it should be, operation by operation."""
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        if isinstance(result, Err):
            yield str(result.err())
        elif result.ok().path != ENDLESS:
            for mode, path_parameters in _ways(result.ok().path):
                yield from _tried(asking, result.ok(), mode, path_parameters)


def _ways(path: str) -> Iterator[tuple[GenerationMode, dict[str, str]]]:
    """Right and wrong requests, about any dossier and about the one that exists."""
    dossier = dossier_of(path.removeprefix("/v1"))
    known = {**PLACES, **dict.fromkeys(("id", "session"), str(dossier))} if dossier else PLACES
    existing = {name: value for name, value in known.items() if f"{{{name}}}" in path}
    for mode in GenerationMode:
        yield mode, {}
        if existing:
            yield mode, existing


def _tried(
    asking: Asking, operation: Any, mode: GenerationMode, path_parameters: dict[str, str]
) -> Iterator[str]:
    faults: dict[str, str] = {}
    more = {"path_parameters": path_parameters} if path_parameters else {}

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode, **more), who=st.sampled_from(asking.people()))
    def ask(case: Case[Any], who: dict[str, str]) -> None:
        answer = asking.send(case, who)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            what = sorted(str(each.title) for each in getattr(failure, "exceptions", [failure]))
            faults.setdefault(
                f"{operation.label}: {', '.join(what)}", f"{answer.status_code} {answer.text[:300]}"
            )

    try:
        ask()
    except Unsatisfiable:
        if (
            mode is GenerationMode.POSITIVE
        ):  # there is a wrong request to draw only where something is asked for
            yield f"{operation.label}: no request fits its description"
    yield from (f"{what}\n    {answer}" for what, answer in faults.items())
