"""Lists of dossiers whose every filter is an address: shared, kept, counted.  (M1, M2)"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from services.extranet.backend import Visitor
from services.extranet.french import day_of, today

LATE = 14
"""Days after which a dossier that Formiris holds is shown as late."""
AGES = (7, LATE, 30, 90)
HOLDERS: Mapping[str, str] = {
    "tous": "Tous", "office": "Formiris", "body": "L'organisme", "assistance": "L'Assistance", "nobody": "Personne",
}  # fmt: skip
PAGE = 50
ME, NOBODY = "moi", "personne"
FOLLOWED = {ME: "À moi", NOBODY: "À personne"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list is: its address, what it always keeps to, and whose dossiers it shows unless asked otherwise."""

    base: str
    title: str
    kinds: tuple[str, ...] = ()
    holder: str = "tous"
    whole: bool = False
    """Also dossiers that wait for nobody."""
    followed: bool = False
    """Whether its dossiers are shared out among people (M1)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is asked for; `days`: that many or more in their state; `body` and `state` come by links only."""

    place: Place
    kind: str = ""
    holder: str = ""
    days: int = 0
    words: str = ""
    state: str = ""
    body: str = ""
    follower: str = ""
    """Somebody of Formiris, `moi`, or `personne`."""

    @classmethod
    def of(cls, request: Request, place: Place) -> "Filter":
        """From the address; what is not among the choices is left out."""
        given = request.query_params
        kind, holder, days = given.get("etape", ""), given.get("qui", ""), given.get("depuis", "")
        return cls(
            place,
            kind if kind in place.kinds else place.kinds[0] if len(place.kinds) == 1 else "",
            holder if holder in HOLDERS else place.holder,
            int(days) if days in {str(each) for each in AGES} else 0,
            given.get("mots", "").strip()[:100],
            given.get("etat", "")[:40],
            given.get("organisme", "")[:36],
            followed if re.fullmatch(r"[\w.-]{1,60}", followed := given.get("suivi", "")) else "",
        )

    def but(self, **changes: Any) -> "Filter":
        """The same list, asked otherwise."""
        return replace(self, **changes)

    def address(self, after: str = "", base: str = "") -> str:
        """Its address: what differs from the place's own choice."""
        asked = {
            "etape": self.kind if len(self.place.kinds) != 1 else "",
            "qui": self.holder if self.holder != self.place.holder else "",
            "depuis": str(self.days or ""), "mots": self.words, "etat": self.state, "organisme": self.body,
            "suivi": self.follower, "apres": after,
        }  # fmt: skip
        query = urlencode({name: value for name, value in asked.items() if value})
        return (base or self.place.base) + (f"?{query}" if query else "")

    def params(self, reader: str) -> dict[str, str | None]:
        """As notifications is asked by this reader, whatever the kind, the holder and the age."""
        return {
            "open": "all" if self.place.whole or self.holder == "nobody" else "yes",
            "search": self.words or None, "state": self.state or None, "body": self.body or None,
            "follower": {ME: reader, NOBODY: "nobody"}.get(self.follower, self.follower) or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """How many dossiers there are, by kind and holder, and how many of them are older than some days."""

    rows: list[dict[str, Any]]

    def of(self, kinds: tuple[str, ...] = (), holder: str = "tous", *, older: bool = False) -> int:
        """How many a list has."""
        return sum(
            row["older" if older else "count"]
            for row in self.rows
            if (not kinds or row["kind"] in kinds) and holder in ("tous", row["holder"])
        )


@dataclass(frozen=True, slots=True)
class View:
    """A list by its name, with how many dossiers it has."""

    label: str
    address: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, how many dossiers the whole has, and the lists beside it."""

    asked: Filter
    items: list[dict[str, Any]]
    total: int
    views: list[View]
    following: str | None
    counts: Counts


async def listed(visitor: Visitor, asked: Filter, after: str = "") -> Listed:
    """A page of the list, and counts that match it: asked at once."""
    anyones = asked.but(holder="tous", follower="")
    shared = (ME, NOBODY) if asked.place.followed else ()
    told, counts, beside, *their = await asyncio.gather(
        one_page(visitor, asked, after),
        counted(visitor, asked, asked.days or LATE),
        counted(visitor, anyones, LATE),
        *(counted(visitor, anyones.but(follower=each), LATE) for each in shared),
    )
    following = asked.address(told["next"]) if told["next"] else None
    views = _views(asked, beside, dict(zip(shared, their, strict=True)))
    return Listed(asked, told["items"], total(asked, counts), views, following, beside)


async def one_page(visitor: Visitor, asked: Filter, after: str = "", limit: int = PAGE) -> dict[str, Any]:
    """Dossiers with what their rows need: late or not, and where the reader decides."""
    holder = None if asked.holder == "tous" else asked.holder
    kinds = [asked.kind] if asked.kind else list(asked.place.kinds)
    told: dict[str, Any] = await visitor.get(
        "notifications", "/dossiers", kind=kinds, holder=holder, older_than=asked.days or None,
        after=after or None, limit=limit, **asked.params(visitor.session.account),
    )  # fmt: skip
    return {"items": [_row(each) for each in told["items"]], "next": told["next"]}


async def counted(visitor: Visitor, asked: Filter, days: int) -> Counts:
    """Counts of everything that the words of the list leave."""
    told = await visitor.get(
        "notifications", "/dossiers/counts", older_than=days, **asked.params(visitor.session.account)
    )
    return Counts(told["items"])


def _row(dossier: dict[str, Any]) -> dict[str, Any]:
    days = (today() - day_of(dossier["since"])).days
    by_formiris = dossier["holder_kind"] in ("office", "assistance")
    paying = (dossier["kind"], dossier["state"]) == ("invoice", "accepted")
    chip = ("Attend l’organisme", "")
    if paying:
        chip = ("À payer à l’échéance", "")
    elif by_formiris:
        chip = ("En retard", "stop") if days >= LATE else ("Dans le délai", "")
    elif dossier["holder_kind"] == "nobody":
        chip = ("Clos", "")
    return dossier | {"link": link_of(dossier), "chip": chip}


def mine(territory: str | None, dossier: Mapping[str, Any] | None) -> bool:
    """Whether it is this manager's turn: a national manager sees a territory's dossiers, which are its turn first."""
    held = dossier is not None and dossier["holder_kind"] == "office"
    return held and (territory is not None or not (dossier or {}).get("territory"))


def link_of(dossier: Mapping[str, Any]) -> str:
    """Where somebody of Formiris sees a dossier: a body's own pages are at its name for them."""
    link = str(dossier["link"])
    if link in ("/organisme", "/prestations/nouvelle", "/compte") and dossier.get("body"):
        return f"/organismes/{dossier['body']}"
    return link


def total(asked: Filter, counts: Counts) -> int:
    """How many dossiers the whole list has."""
    kinds = (asked.kind,) if asked.kind else asked.place.kinds
    return counts.of(kinds, asked.holder, older=bool(asked.days))


def _views(asked: Filter, counts: Counts, their: Mapping[str, Counts]) -> list[View]:
    """The lists that are asked for most, with the reader's words and kind; `their`: of who follows them."""
    kinds = (asked.kind,) if asked.kind else asked.place.kinds
    plain = asked.but(holder="office", days=0, follower="")
    named = [
        ("À traiter", plain, counts),
        *((FOLLOWED[who], plain.but(follower=who), found) for who, found in their.items()),
        ("En retard", plain.but(days=LATE), counts),
        ("Chez l’organisme", plain.but(holder="body"), counts),
        ("Tous", plain.but(holder="tous"), counts),
    ]
    return [
        View(label, each.address(), found.of(kinds, each.holder, older=bool(each.days)), each == asked)
        for label, each, found in named
    ]
