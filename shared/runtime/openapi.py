"""The OpenAPI document of a service: FastAPI's own, and what holds for every operation: who may, how it is refused."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from shared.runtime.problems import CONTENT, schemas
from shared.runtime.rights import ANYONE, OPERATIONS, Permission

BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From POST /v1/tokens."}
REFUSED = {
    "description": "Refused: nothing was changed, and the problem says what unblocks it.",
    "content": CONTENT,
}
AWAY = {"description": "Try again in a moment, with the same Idempotency-Key.", "content": CONTENT}
KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Of every command, its own: repeated with it, a command gets its first answer.",
}  # fmt: skip


class Api(FastAPI):
    """The application of a service, whose document names problems, keys and rights with each operation."""

    def openapi(self) -> dict[str, Any]:
        """Made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            components["schemas"] = components.get("schemas", {}) | schemas()
            components["securitySchemes"] = {"bearer": BEARER}
            for name, operation in _operations(document):
                _complete(name, operation, _permission(self, name))
        return self.openapi_schema or {}


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """`POST /orders/{id}/cancellation`, as the table of rights names it, and its description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/v1')}", operation


def _permission(api: FastAPI, name: str) -> Permission:
    context = api.state.runtime.service.context
    return OPERATIONS[context].get(name, ANYONE)


def _complete(name: str, operation: dict[str, Any], permission: Permission) -> None:
    responses = operation["responses"]
    for status, response in responses.items():
        if status >= "400":
            response["content"] = CONTENT  # FastAPI's own words for a body that it cannot read are never sent
    responses |= {"4XX": REFUSED, "503": AWAY}
    if not name.startswith("GET "):
        operation["parameters"] = [*operation.get("parameters", ()), KEY]
    if permission != ANYONE:
        operation["security"] = [{"bearer": []}]
        operation["description"] = f"{operation.get('description', '')}\n\n{_allowed(permission)}".strip()


def _allowed(permission: Permission) -> str:
    right = f" with the right to {permission.right}" if permission.right else ""
    roles = [f"body{right}" if role == "body" else role for role in sorted(permission.roles)]
    return f"Allowed: {', '.join(roles)}."
