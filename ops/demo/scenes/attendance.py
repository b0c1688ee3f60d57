"""Attestations de présence: refused before the order is there, refused without assignment, deposited.  (R7, R8)"""

from typing import Any

from ops.demo.play import Play
from ops.demo.scenes.offerings import deposits, session_path

STRANGER = {"teacher": "123456", "unit": "UP1"}  # a teacher who was assigned to nothing


async def come_too_early(play: Play, code: str, when: str) -> None:
    """Before the order is issued, then before it is returned: the refusal says which step is missing (R7)."""
    await play.reads(play.body, "attendance", session_path(play, "/certificates"))
    await play.is_refused(
        play.body, f"deposits attendance certificates {when}", code,
        "attendance", "POST", session_path(play, "/certificates"), f"certificates-{code}", json=await sheet(play),
    )  # fmt: skip


async def before_the_order_is_issued(play: Play) -> None:
    """First step missing (R7)."""
    await come_too_early(play, "order-not-issued", "before the order is issued")


async def before_the_order_is_returned(play: Play) -> None:
    """Second step missing (R7)."""
    await come_too_early(play, "order-not-signed", "before it has returned the order")


async def names_a_stranger(play: Play) -> None:
    """A teacher without assignment: the very sentence of the FAQ (R8)."""
    document = await sheet(play)
    line = {**document["lines"][0], **STRANGER}
    await play.reads(play.body, "attendance", session_path(play, "/certificates"))
    refused = await play.is_refused(
        play.body, "deposits certificates with a teacher whom nobody assigned", "no-assignment",
        "attendance", "POST", session_path(play, "/certificates"), "certificates-stranger",
        json={**document, "lines": [*document["lines"], line]},
    )  # fmt: skip
    sentence = (
        f'Erreur Aucune affectation trouvée pour l\'enseignant "{STRANGER["teacher"]}"'
        f' dans l\'unité pédagogique "{STRANGER["unit"]}"'
    )
    play.check(refused["detail"] == sentence, f"the sentence is exactly {sentence}")


async def deposits_certificates(play: Play) -> None:
    """Lines and the scanned sheet."""
    await play.reads(play.body, "attendance", session_path(play, "/certificates"))
    lines = len(play.plot.given["certificates"])
    await play.does(
        play.body, f"deposits the certificates: {lines} lines and the scanned attendance sheet",
        "attendance", "POST", session_path(play, "/certificates"), "certificates", json=await sheet(play),
    )  # fmt: skip


async def are_rejected_once(play: Play) -> None:
    """One line rejected, the others validated; only that one is deposited again, corrected."""
    first = play.plot.given["certificates"][0]
    text = "La signature de l'après-midi manque."
    await play.reads(play.manager, "attendance", session_path(play, "/certificates"))
    rejected = {"teacher": first["teacher"], "unit": first["unit"], "decision": "rejected", "reason": text}
    await play.does(
        play.manager, f"validates the lines but one, teacher {first['teacher']}, unit {first['unit']}: « {text} »",
        "attendance", "POST", session_path(play, "/certificates/decision"), "certificates-reject",
        json={"lines": [rejected], "others": "validated"},
    )  # fmt: skip
    await play.reads(play.body, "attendance", session_path(play, "/certificates"))
    await play.does(
        play.body, "deposits that line again, corrected, and the sheet",
        "attendance", "POST", session_path(play, "/certificates"), "certificates-corrected",
        json={**await sheet(play), "lines": [first]},
    )  # fmt: skip


async def are_validated(play: Play) -> None:
    """From now on the session can be invoiced (R9)."""
    await play.reads(play.manager, "attendance", session_path(play, "/certificates"))
    await play.does(
        play.manager, "validates the certificates",
        "attendance", "POST", session_path(play, "/certificates/validation"), "certificates-validate",
    )  # fmt: skip


async def sheet(play: Play) -> dict[str, Any]:
    """The lines as the body fills them in, and the sheet's hash."""
    sha256 = await deposits(play, "attendance", play.body, "attendance-sheet.pdf")
    return {"sheet": sha256, "lines": play.plot.given["certificates"]}
