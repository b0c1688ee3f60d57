"""Each service's OpenAPI document names, with every operation, its refusals, its key and who may."""

from pathlib import Path
from typing import Any

import pytest

from ops.contexts import CONTEXTS
from ops.proof.readers import idle_runtime, services
from shared.runtime.problems import Document, problem
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.rights import ANYONE, OPERATIONS
from shared.runtime.service import application


def documented(context: str) -> dict[str, Any]:
    """As /openapi.json gives it."""
    service = services()[context]
    return application(service, idle_runtime(service, Path()).settings).openapi()


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_operation_documents_its_refusals_and_who_may(context: str) -> None:
    """Problems for 4XX and 503, a token where the table of rights asks for one, a key with every command."""
    document = documented(context)
    assert {"Problem", "ProblemContact", "ProblemMissing"} <= document["components"]["schemas"].keys()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path.removeprefix('/v1')}"
            errors = [response for status, response in operation["responses"].items() if status >= "4"]
            assert len(errors) >= 2
            assert all(list(response["content"]) == ["application/problem+json"] for response in errors)
            assert ("security" in operation) == (OPERATIONS[context].get(name, ANYONE) != ANYONE), name
            headers = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"]
            assert ("Idempotency-Key" in headers) == (method != "get"), name


def test_a_problem_is_what_is_documented() -> None:
    """The document of a refusal is one of the schema, member for member."""
    sent = problem(Refused(NOT_FOUND, missing=[Missing("id", "Dossier")]), "/v1/orders/1").body
    assert Document.model_validate_json(bytes(sent)).model_dump_json().encode() == bytes(sent)
