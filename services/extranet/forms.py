"""What a page's form sends: read once, and believed only when it came from a page of this session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from services.extranet.backend import Problem, Visitor

TOKEN, KEY = "jeton", "cle"
MOST_FIELDS, MOST_FILES, LARGEST = 3_000, 5, 21 * 1024 * 1024

_FORGED = {
    "code": "form-not-ours",
    "title": "Formulaire périmé",
    "detail": "Cette page a été ouverte dans une autre session. Rechargez-la, puis recommencez : rien n'a été modifié.",
    "holder": "vous",
}
_NO_COOKIE = _FORGED | {
    "detail": "Cette page était ouverte depuis longtemps, ou votre navigateur refuse les cookies de ce site : "
    "autorisez-les, puis recommencez. Rien n'a été modifié.",
}


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form as typed, its files, and the key under which its command is sent."""

    data: FormData
    key: str

    def text(self, name: str) -> str:
        """A field, trimmed; empty when absent."""
        value = self.data.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value.strip() for value in self.data.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """A chosen file."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def fields(self) -> dict[str, list[str]]:
        """Every field but those of the form itself."""
        return {name: self.texts(name) for name in self.data if name not in (TOKEN, KEY)}


async def signed_in(request: Request) -> Visitor:
    """FastAPI dependency: the visitor. Raises `Problem` 401, which leads to signing in."""
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise Problem(401)
    return visitor


async def form(request: Request) -> Form:
    """FastAPI dependency: the form, once it is known to be ours. Raises `Problem` otherwise."""
    data = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST)
    genuine(request, str(data.get(TOKEN) or ""))
    return Form(data, str(data.get(KEY) or ""))


def genuine(request: Request, token: str = "") -> None:
    """Raises `Problem` unless the request comes from a page of this session: by its token, or by the header's."""
    visitor: Visitor | None = request.state.visitor
    owner = visitor.session.id if visitor else request.state.anonymous
    given = token or request.headers.get("x-jeton", "")
    if not from_our_page(request) or not request.app.state.seal.genuine(owner, given):
        raise Problem(403, _FORGED if visitor else _NO_COOKIE)


def from_our_page(request: Request) -> bool:
    """Whether the browser says that the form came from this site; one that says nothing is judged by its token."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def kept_of(request: Request) -> Mapping[str, Any]:
    """The typed fields of a form whose session has ended, so that nothing is lost.

    Files must be chosen again, passwords typed again.
    """
    data = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST)
    return {name: values for name, values in Form(data, "").fields().items() if name != "password"}


SignedIn = Annotated[Visitor, Depends(signed_in)]
Sent = Annotated[Form, Depends(form)]
