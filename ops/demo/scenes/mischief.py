"""Bad input: whatever is sent, a problem with a stable code, and nothing changed."""

from typing import Any
from uuid import UUID

from ops.demo.client import NOBODY, Someone
from ops.demo.play import Play
from ops.demo.scenes.registration import request_path

UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


async def is_answered(play: Play) -> None:
    """Each kind of bad input, to the services of this body's dossier."""
    before = await play.reads(play.manager, "registration", request_path(play))
    await repeats_a_key(play)
    await sends_garbage(play)
    await knocks_at_other_doors(play)
    after = await play.reads(play.manager, "registration", request_path(play))
    play.check(before.body == after.body, "nothing was changed by any of it")


async def repeats_a_key(play: Play) -> None:
    """A key is good for one demand only."""
    await play.is_refused(
        play.body, "repeats an idempotency key with another body", "idempotency-key-reused",
        "registration", "POST", "/referencing-requests", "request", json={**play.plot.request, "name": "Autre"},
    )  # fmt: skip


async def sends_garbage(play: Play) -> None:
    """Unknown field, wrong type, malformed JSON, ten megabytes."""
    path = "/referencing-requests"
    await play.is_refused(
        NOBODY, "sends a field that does not exist", "invalid-request",
        "registration", "POST", path, "unknown-field", json={**play.plot.request, "colour": "red"},
    )  # fmt: skip
    await play.is_refused(
        NOBODY, "sends a number where a text belongs", "invalid-request",
        "registration", "POST", path, "wrong-type", json={**play.plot.request, "name": 7},
    )  # fmt: skip
    await play.is_refused(
        NOBODY, "sends malformed JSON", "malformed-request", "registration", "POST", path, "malformed",
        content=b'{"name": "Institut', headers={"Content-Type": "application/json"},
    )  # fmt: skip
    await play.is_refused(
        NOBODY, "sends 10 MB of garbage", "too-large", "registration", "POST", path, "garbage",
        content=b"\x00\xff" * 5_000_000, headers={"Content-Type": "application/json"},
    )  # fmt: skip


async def knocks_at_other_doors(play: Play) -> None:
    """An unknown dossier, nobody's token, somebody else's task, an outdated version."""
    form: dict[str, Any] = {"json": {"fields": {}}}
    await play.is_refused(
        play.body, "opens a dossier that does not exist", "not-found",
        "registration", "PUT", f"/referencing-requests/{UNKNOWN}/form", "unknown-dossier", **form,
    )  # fmt: skip
    await play.is_refused(
        NOBODY, "changes the form without signing in", "not-signed-in",
        "registration", "PUT", request_path(play, "/form"), "outsider", **form,
    )  # fmt: skip
    await play.is_refused(
        Someone("someone with a forged token", "eyJhbGciOiJub25lIn0.e30."), "changes the form", "not-signed-in",
        "registration", "PUT", request_path(play, "/form"), "forged", **form,
    )  # fmt: skip
    await play.is_refused(
        play.body, "accepts its own request", "not-allowed",
        "registration", "POST", request_path(play, "/decision"), "own-decision",
        json={"decision": "accept", "reasons": []},
    )  # fmt: skip


async def meets_an_outsider(play: Play, other: Play) -> None:
    """Another body cannot even learn that the dossier exists."""
    await play.is_refused(
        other.body, f"changes the form of {play.plot.name}", "not-found",
        "registration", "PUT", request_path(play, "/form"), "other-body", json={"fields": {}},
    )  # fmt: skip
