"""Référencement: the request, the proposal, the account, the form, the decision.  (R1, R2, R3)"""

import re
from typing import Any

from ops.demo.client import Someone
from ops.demo.play import Play

LATER = (
    "siret",
    "iban",
)  # fields that the body leaves out the first time; the first is mandatory though blue
PASSWORD = "Craie-Tableau-Encrier-7"  # noqa: S105 - of a body that exists in the demo only


async def asks(play: Play) -> None:
    """The request goes to the office that its perimeter says (R1), which answers with a proposal."""
    answer = await play.client.command(
        "registration", "POST", "/referencing-requests", play.body, "request", json=play.plot.request
    )
    play.check(answer.status == 201, f"the request is taken, and not {answer.body}")
    play.known["body"] = answer["id"]
    office = answer["office"]
    if play.plot.kind == "national":
        play.check(
            office["email"] == "prestataires@formiris.org", "a national request goes to the head office"
        )
    play.tell.step(
        play.body.name, f"asks to be referenced; its request goes to « {office['name']} », {office['email']}"
    )
    await play.reads(play.manager, "registration", request_path(play))
    await play.does(
        play.manager, "sends the « Proposition d'offre de service »",
        "registration", "POST", request_path(play, "/proposal"), "proposal",
    )  # fmt: skip


async def activates(play: Play) -> None:
    """The activation code comes by e-mail; the body chooses its password and signs in."""
    mail = await receives(play, "the activation code", lambda mail: code_in(mail) is not None)
    login = {"login": play.plot.email, "code": code_in(mail), "password": PASSWORD}
    await play.does(
        play.body, f"receives « {mail['subject']} » and activates its account with the code",
        "registration", "POST", "/accounts/activation", "activation", json=login,
    )  # fmt: skip
    token = await play.client.sign_in(play.plot.email, PASSWORD)
    play.check(token.status == 200, f"the body can sign in, and not {token.body}")
    play.body = Someone(play.plot.short_name, token["access_token"])


async def completes_the_form(play: Play) -> None:
    """Saved with fields missing: kept, and told which (R3). Then completed and submitted."""
    whole = play.plot.form
    partly = {name: value for name, value in whole.items() if name not in LATER}
    path = request_path(play, "/form")
    refused = await play.is_refused(
        play.body, "saves the form with fields missing", "referencing-form-incomplete",
        "registration", "PUT", path, "form-partly", json={"fields": partly},
    )  # fmt: skip
    named = {item["field"]: item for item in refused["missing"]}
    play.check(set(LATER) <= named.keys(), f"the error names {LATER}")
    kept = await play.reads(play.body, "registration", path)
    play.check(kept["fields"].get("name") == whole["name"], "what was typed is kept")
    await play.does(
        play.body, "completes it, SIRET included: what was typed before was kept",
        "registration", "PUT", path, "form-whole", json={"fields": whole},
    )  # fmt: skip
    await submits(play, "submission")


async def submits(play: Play, key: str, what: str = "submits the form") -> None:
    """The form goes to Formiris as it stands."""
    await play.reads(play.body, "registration", request_path(play, "/form"))
    await play.does(play.body, what, "registration", "POST", request_path(play, "/submission"), key)


async def is_rejected_once(play: Play) -> None:
    """A rejection must carry its reasons, which the body reads in an e-mail (R2); it corrects and submits again."""
    path = request_path(play, "/decision")
    await play.reads(play.manager, "registration", request_path(play))
    await play.is_refused(
        play.manager, "rejects without a reason", "reasons-missing",
        "registration", "POST", path, "reject-without-reason", json={"decision": "reject", "reasons": []},
    )  # fmt: skip
    reason = "Le certificat Qualiopi joint est celui d'une autre entité."
    await play.does(
        play.manager, f"rejects: « {reason} »",
        "registration", "POST", path, "reject", json={"decision": "reject", "reasons": [reason]},
    )  # fmt: skip
    mail = await receives(play, "the rejection with its reasons", lambda mail: reason in text_of(mail))
    play.tell.step(play.body.name, f"reads in the e-mail « {mail['subject']} » why")
    await play.does(
        play.body, "corrects the form", "registration", "PUT", request_path(play, "/form"), "form-corrected",
        json={"fields": {**play.plot.form, "references": "Certificat Qualiopi de l'organisme lui-même joint."}},
    )  # fmt: skip
    await submits(play, "submission-corrected", "submits it again")


async def is_accepted(play: Play) -> None:
    """The decision goes by e-mail (R2)."""
    await play.reads(play.manager, "registration", request_path(play))
    await play.does(
        play.manager, "accepts the referencing",
        "registration", "POST", request_path(play, "/decision"), "accept", json={"decision": "accept", "reasons": []},
    )  # fmt: skip
    mail = await receives(play, "the decision", lambda mail: "accept" in text_of(mail).lower())
    play.tell.step(play.body.name, f"reads the decision in the e-mail « {mail['subject']} »")


def request_path(play: Play, rest: str = "") -> str:
    return f"/referencing-requests/{play.known['body']}{rest}"


async def receives(play: Play, what: str, is_it: Any) -> dict[str, Any]:
    """An e-mail in the body's mailbox. Raises Unexpected when it does not come."""

    def wanted(mails: Any) -> dict[str, Any] | None:
        return next((mail for mail in mails if is_it(mail)), None)

    found: dict[str, Any] = await play.finds(
        play.body, "mailbox", f"/messages?to={play.plot.email}", what, wanted
    )
    return found


def text_of(mail: dict[str, Any]) -> str:
    return f"{mail['subject']}\n{mail['text']}"


def code_in(mail: dict[str, Any]) -> str | None:
    """The activation code of an e-mail."""
    found = re.search(r"[Cc]ode[^:\n]*: *([0-9A-Za-z-]{6,})", mail["text"])
    return found[1] if found else None
