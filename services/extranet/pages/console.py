"""Who reads the history of each context, how far behind, and what last went wrong, in words.  (N4)"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.acting import screen
from services.extranet.catalogue import refusals
from services.extranet.forms import SignedIn
from services.extranet.french import count, moment
from services.extranet.roles import only_for
from services.extranet.words import event_words

router = APIRouter(route_class=only_for("auditor", "assistance"))

CONTEXTS: Mapping[str, str] = {
    "registration": "Référencement et comptes", "offerings": "Prestations et commandes", "attendance": "Attestations",
    "invoicing": "Facturation", "notifications": "Notifications",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """A line of the console. `state`: ok, warn or stop; the rest is words."""

    name: str
    reads: str
    outside: bool
    state: str
    lag: str
    last: str
    failure: str


@router.get("/abonnes")
async def subscribers(request: Request, visitor: SignedIn) -> Response:
    """Subscribers' systems first, then our own services."""
    told = await visitor.several(*((context, "/subscribers") for context in CONTEXTS))
    found = sorted(
        lines(told), key=lambda each: (not each.outside, each.state == "ok", each.name, each.reads)
    )
    return await screen(
        request, "audit-abonnes.html", outside=[each for each in found if each.outside],
        inside=[each for each in found if not each.outside],
    )  # fmt: skip


def lines(told: Sequence[Mapping[str, Any]]) -> Iterator[Reader]:
    """From what each service says of its readers."""
    heads = {each["context"]: each["heads"] for each in told}
    for each in told:
        for reader in each["readers"]:
            of = reader["context"] or each["context"]
            behind = sum(max(0, head - reader["reached"].get(place, 0)) for place, head in heads[of].items())
            yield _line(reader, of, behind)


def _line(reader: Mapping[str, Any], of: str, behind: int) -> Reader:
    state = "stop" if reader["parked"] else "warn" if behind or reader["failure"] else "ok"
    lag = f"{count(behind, 'événement')} de retard" if behind else "À jour"
    last = f"Dernière lecture {moment(at)}." if (at := reader["read_at"]) else ""
    own, _, what = str(reader["name"]).partition(".")
    name = CONTEXTS.get(own, reader["name"]) + (", ses écrans" if what == "views" else "")
    outside = reader["context"] is None
    return Reader(
        str(reader["name"]) if outside else name,
        CONTEXTS.get(of, of),
        outside,
        state,
        lag,
        last,
        _failure(reader),
    )


def _failure(reader: Mapping[str, Any]) -> str:
    """What last went wrong, when, and who mends it."""
    if not reader["failed_at"]:
        return "Aucun échec."
    when = moment(reader["failed_at"])
    if reader["parked"]:
        kind = str(reader["failure"] or "").rpartition(".")[2] or "erreur"
        what = event_words(str(reader["event"] or "un événement"))
        parked = count(reader["parked"], "événement mis de côté", "événements mis de côté")
        return (
            f"{parked}, le premier {when} : « {what} » n'a pas pu être traité ({kind}). L'exploitation le corrige, "
            "puis le rejoue ; rien n'est perdu."
        )
    refusal = refusals().get(str(reader["failure"]), {})
    title = refusal.get("title", reader["failure"])
    return f"{title}, {when}. {refusal.get('holder', 'Formiris')} doit agir."
