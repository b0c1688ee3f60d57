"""A form's draft as typed, however incomplete, with a revision a field: two people never lose each other's words.

The fields of the form itself are the unit: a list of sessions is one field. What was typed is sealed as one value of
the person whose form it is, so that erasing the person erases it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.events import Clear, Sealed
from shared.ledger import Keyring, PersonErased
from shared.runtime import faq
from shared.runtime.form import Checked, Form, Values
from shared.runtime.paris import today
from shared.runtime.refusal import Missing, Refusal, Refused
from shared.runtime.refusals import NOT_FOUND, PERSON_ERASED, TOO_LARGE, YOU
from shared.runtime.reminders import remind_on
from shared.sql import queries

SQL = queries(__file__, "drafts.sql")
AT_MOST = 1_000_000
"""Characters of a draft."""

CONFLICT = Refusal(
    "draft-conflict", 409, "Saisie modifiée entre-temps",
    "Une autre personne a modifié en même temps que vous : {labels}. Ces champs gardent sa saisie, la vôtre est à "
    "côté : choisissez, puis enregistrez à nouveau. Vos autres champs sont enregistrés.", YOU, faq=faq.HELP,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touched:
    """How often a field was changed, by whom and when the last time."""

    revision: int = 0
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two values for one field; the draft holds `theirs`."""

    field: str
    yours: object
    theirs: object
    last: Touched


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far, and what each field went through."""

    fields: Values = field(default_factory=dict)
    touched: Mapping[str, Touched] = field(default_factory=dict)
    body: UUID | None = None
    typed_at: datetime | None = None

    @property
    def revisions(self) -> dict[str, int]:
        """By field, for whoever will keep it again."""
        return {name: touched.revision for name, touched in self.touched.items()}

    def told(self, checked: Checked) -> dict[str, Any]:
        """The draft as the API says it: fields, revisions, who touched them last, and what is missing."""
        return {
            "fields": self.fields,
            "revisions": self.revisions,
            "changed": {name: {"by": last.by, "at": last.at} for name, last in self.touched.items()},
            "complete": not checked.missing,
            "missing": [asdict(each) for each in checked.missing],
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft after somebody typed, and the fields where somebody else had been quicker."""

    draft: Draft
    conflicts: tuple[Conflict, ...] = ()

    def check(self, form: Form, checked: Checked) -> None:
        """Raises `Refused` with both values of each field that is in conflict, and the draft with the rest kept."""
        if self.conflicts:
            missing = [_missing(each, form) for each in self.conflicts]
            told = [_told(each, label.label) for each, label in zip(self.conflicts, missing, strict=True)]
            labels = ", ".join(f"« {each.label} »" for each in missing)
            more = {"conflicts": told, "draft": self.draft.told(checked)}
            raise Refused(CONFLICT, missing=missing, more=more, labels=labels)


@dataclass(frozen=True, slots=True)
class Listed:
    """A draft of a body."""

    id: UUID
    draft: Draft


@dataclass(frozen=True, slots=True)
class Due:
    """A draft of which somebody is to be reminded."""

    id: UUID
    deadline: date | None


class Drafts:
    """The drafts of one context; `deadline`: the one that a draft says itself."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        keyring: Keyring,
        deadline: Callable[[Values], date | None] = lambda _: None,
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._deadline = deadline

    async def keep(
        self,
        id: UUID,
        person: str,
        fields: Values,
        revisions: Mapping[str, int] | None,
        by: str,
        now: datetime,
        *,
        body: UUID | None = None,
    ) -> Kept:
        """Keeps the fields given and leaves the others; None empties one.

        With `revisions`, those that were read before, a field that changed since is left as it is and told as a
        conflict; a field that is not among them counts as never read. Without, the last one to keep wins.
        Raises `Refused`: the draft is another body's, its person was erased, or it would be too large.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL.made, id, body, await self._sealed(person, {}), now)
            before = await self._opened(await connection.fetchrow(SQL.held, id))
            if before.body != body:
                raise Refused(NOT_FOUND)
            kept = merged(before, fields, revisions, by, now)
            typed = await self._sealed(person, kept.draft.fields)
            touched = {name: asdict(each) for name, each in kept.draft.touched.items()}
            deadline = self._deadline(kept.draft.fields)
            remind = remind_on(today(now), deadline)
            await connection.execute(SQL.kept, id, typed, json.dumps(touched), now, deadline, remind)
        return kept

    async def read(self, id: UUID) -> Draft | None:
        """A draft, if there is one; without its fields once the person whose it is was erased."""
        row = await self._pool.fetchrow(SQL.read, id)
        return await self._opened(row) if row else None

    async def of(self, body: UUID, at_most: int = 100) -> Sequence[Listed]:
        """What a body typed and has not submitted, the newest first."""
        rows = await self._pool.fetch(SQL.listed, body, at_most)
        clear = await self._keyring.reveal([_sealed(row) for row in rows])
        return [Listed(row["id"], _draft(row, clear[_sealed(row)])) for row in rows]

    async def due(self, day: date, at_most: int = 200) -> Sequence[Due]:
        """Those of which somebody is to be reminded on that day, or was to be before (F6)."""
        return [Due(row["id"], row["deadline"]) for row in await self._pool.fetch(SQL.due, day, at_most)]

    async def reminded(self, id: UUID, day: date) -> None:
        """Its reminder is over."""
        await self._pool.execute(SQL.reminded, id, day)

    async def drop(self, id: UUID, body: UUID | None = None) -> None:
        """Forgets a draft: it was submitted, or given up."""
        await self._pool.execute(SQL.dropped, id, body)

    async def _opened(self, row: Any) -> Draft:
        sealed = _sealed(row)
        return _draft(row, (await self._keyring.reveal([sealed]))[sealed])

    async def _sealed(self, person: str, fields: Values) -> str:
        typed = json.dumps(fields, ensure_ascii=False)
        if len(typed) > AT_MOST:
            raise Refused(TOO_LARGE, limit="un million de caractères")
        try:
            (sealed,) = (await self._keyring.seal({person: [typed]}))[person]
        except PersonErased as error:
            raise Refused(PERSON_ERASED) from error
        return json.dumps(asdict(sealed))


def _sealed(row: Any) -> Sealed:
    return Sealed(**json.loads(row["typed"]))


def _draft(row: Any, clear: object) -> Draft:
    fields = json.loads(clear.value) if isinstance(clear, Clear) else {}
    last = {name: Touched(**each) for name, each in json.loads(row["revisions"]).items()}
    touched = {name: Touched() for name in fields} | last
    return Draft(fields, touched, row["body"], row["typed_at"])


def merged(
    before: Draft, fields: Values, revisions: Mapping[str, int] | None, by: str, now: datetime
) -> Kept:
    """What a draft becomes when somebody keeps some of its fields. Pure."""
    after, touched, conflicts = dict(before.fields), dict(before.touched), []
    for name, yours in fields.items():
        theirs, last = before.fields.get(name), before.touched.get(name, Touched())
        if yours == theirs:
            continue
        if revisions is not None and revisions.get(name, 0) != last.revision:
            conflicts.append(Conflict(name, yours, theirs, last))
            continue
        touched[name] = Touched(last.revision + 1, by, now.isoformat())
        after[name] = yours
    typed = {name: value for name, value in after.items() if value is not None}
    return Kept(Draft(typed, touched, before.body, now), tuple(conflicts))


def _missing(conflict: Conflict, form: Form) -> Missing:
    for tab in form.tabs:
        for each in tab.fields:
            if each.name == conflict.field:
                return each.fault("modifié entre-temps", tab.label)
    return Missing(conflict.field, conflict.field, "", "modifié entre-temps")


def _told(conflict: Conflict, label: str) -> dict[str, Any]:
    return {
        "field": conflict.field,
        "label": label,
        "yours": conflict.yours,
        "theirs": conflict.theirs,
        **asdict(conflict.last),
    }
