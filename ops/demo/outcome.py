"""What a story came to: the final business state of a body's dossiers, without ids, names or times."""

from typing import Any

from ops.demo.play import Play
from ops.demo.scenes.offerings import order_path, session_path
from ops.demo.scenes.registration import request_path

Outcome = dict[str, Any]


async def outcome_of(play: Play) -> Outcome:
    """Read over HTTP once everything is done, as the body, its manager and the auditor see it."""
    known, auditor = play.known, play.staff.auditor
    await _everything_is_written(play)
    request = await play.reads(play.body, "registration", request_path(play))
    offering = await play.reads(play.body, "offerings", f"/offerings/{known['offering']}")
    assigned = await play.reads(play.manager, "offerings", session_path(play, "/assignments"))
    order = await play.reads(play.body, "offerings", order_path(play))
    certificates = await play.reads(play.body, "attendance", session_path(play, "/certificates"))
    invoices = await play.reads(play.body, "invoicing", "/invoices", limit=100)
    alerts = await play.reads(play.body, "notifications", "/alerts", limit=100)
    mails = await play.reads(auditor, "mailbox", f"/messages?to={play.plot.email}")
    return {
        "request": request["status"],
        "offering": offering["status"],
        "assignments": len(assigned["items"]),
        "order": [order["status"], order["amount"]],
        "certificates": certificates["status"],
        "invoices": sorted(
            [one["number"], one["kind"], one["status"], one["amount"]] for one in invoices["items"]
        ),
        "alerts": sorted(alert["code"] for alert in alerts["items"]),
        "e-mails": subjects(mails.body, {play.plot.name: play.plot.short_name, order["number"]: "BC"}),
    }


async def _everything_is_written(play: Play) -> None:
    """Waits until no e-mail about the body's dossiers is still to be sent. Raises Unexpected when one stays."""
    dossiers = await play.reads(play.body, "notifications", "/dossiers", open="all", limit=100)
    for dossier in dossiers["items"]:
        await play.finds(
            play.body, "notifications", f"/dossiers/{dossier['id']}/standing", "its e-mails, sent", _written
        )


def _written(standing: Any) -> Any:
    return None if any(each["status"] == "queued" for each in standing["delivery"]) else standing


def subjects(mails: list[dict[str, Any]], names: dict[str, str]) -> list[str]:
    """Of each e-mail once: SMTP knows no exactly once, and a copy is told by its Message-ID.

    What only this story has, its name and its order's number, is replaced by what `names` gives for it.
    """
    distinct = {mail["message_id"]: mail["subject"] for mail in mails}
    return sorted(_replaced(subject, names) for subject in distinct.values())


def _replaced(text: str, names: dict[str, str]) -> str:
    for own, common in names.items():
        text = text.replace(own, common)
    return text


def differences(one: Outcome, other: Outcome) -> list[str]:
    """Where two outcomes are not the same."""
    return [f"{part}: {one[part]} became {other.get(part)}" for part in one if one[part] != other.get(part)]
