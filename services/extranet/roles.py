"""Pages that belong to some roles: for anybody else they do not exist, so that an address may be another page."""

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


def only_for(*roles: str) -> type[APIRoute]:
    """The class of the routes of a router whose pages only these roles have; a visitor who signed out is let in.

    Every such page asks for a signed-in reader, and so leads to signing in.
    """

    class OfRoles(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            visitor = scope.get("state", {}).get("visitor")
            if visitor is not None and visitor.session.role not in roles:
                return Match.NONE, {}
            return super().matches(scope)

    return OfRoles
