"""Référencement of a simulated body: asked, proposed, filled in, decided; codes lost, an address gone.  (R1 to R4)"""

import asyncio
import time
from typing import Any

from ops.demo.scenes.registration import code_in
from ops.simulate.body import Body
from ops.simulate.story import Person, Story, Surprise

REQUESTS = "/referencing-requests"
MAIL_WITHIN = 180.0  # seconds
LOOK_AGAIN = 0.2  # seconds
PASSWORD = "Craie-Tableau-Encrier-7"  # noqa: S105 - of bodies that exist in the simulation only
REJECTION = "Le certificat Qualiopi joint est celui d'une autre entité."
CHECKS = ["rappel au numéro du dossier", "SIRET confirmé"]


async def is_referenced(story: Story, body: Body) -> str | None:
    """The body's id, once it is accepted; None when it gives up. Raises Surprise, Unanswered."""
    made = await asks(story, body, "request")
    await has_an_account(story, body, made)
    await fills_in(story, body, made)
    await submits(story, made, "submission")
    if body.gives_up or body.draw.happens("referencing rejected"):
        await is_rejected(story, made)
        if body.gives_up:
            return None
        if await _status(story, made) == "rejected":
            form = body.form() | {"references": "Certificat Qualiopi de l'organisme lui-même joint."}
            await story.keeps(
                story.user, "registration", "PUT", f"{REQUESTS}/{made}/form", "form", json={"fields": form}
            )
        await submits(story, made, "submission-again")
    await story.does(
        story.manager, "registration", "POST", f"{REQUESTS}/{made}/decision", "accept",
        json={"decision": "accept", "reasons": []},
    )  # fmt: skip
    return made


async def asks(story: Story, body: Body, key: str, local: str = "contact") -> str:
    """The request, and the proposal that answers it (R1)."""
    answer = await story.does(None, "registration", "POST", REQUESTS, key, json=body.request(local))
    made = str(answer["id"])
    await story.does(story.manager, "registration", "POST", f"{REQUESTS}/{made}/proposal", f"{key}-proposal")
    return made


async def has_an_account(story: Story, body: Body, made: str) -> None:
    """Activated with the code of the e-mail; some lose their codes or their address, and ask Assistance (R4)."""
    await activates(story, "activation", 1)
    if body.draw.happens("codes lost"):
        asked = {"email": story.user.login, "kind": "lost-codes", "message": "Je n'ai plus mes codes."}
        await is_helped(story, asked, {"action": "reissue-codes"})
        await activates(story, "activation-again", 2)
    elif body.draw.happens("address no longer valid"):
        new = body.email("direction")
        asked = {"email": new, "kind": "email-changed", "message": "Notre adresse n'est plus valide."}
        await is_helped(story, asked, {"action": "change-email", "email": new, "body": made})
        story.user.login = new
        await activates(story, "activation-again", 1)
    if body.draw.happens("wrong password"):
        await mistypes(story)
    await story.signs_in(story.user)


async def is_helped(story: Story, asked: dict[str, Any], action: dict[str, Any]) -> None:
    """Assistance checks who asks, then acts."""
    ticket = await story.does(None, "registration", "POST", "/assistance-requests", "assistance", json=asked)
    await story.does(
        story.staff.assistance, "registration", "POST", f"/assistance-requests/{ticket['id']}/resolution",
        "resolution", json={**action, "checks": CHECKS},
    )  # fmt: skip


async def activates(story: Story, key: str, which: int) -> None:
    """With the code of the first or second e-mail that holds one; whoever is faster than the system tries again."""
    code = await _code(story, which)
    given = {"login": story.user.login, "code": code, "password": story.user.password}
    for pause in (0.2, 1.0, 3.0):
        try:
            await story.keeps(None, "registration", "POST", "/accounts/activation", key, json=given)
        except Surprise as refused:
            if refused.code != "activation-refused":
                raise
            await asyncio.sleep(pause)
        else:
            return
    await story.keeps(None, "registration", "POST", "/accounts/activation", key, json=given)


async def mistypes(story: Story) -> None:
    """A password that is not the right one."""
    answer = await story.client.sign_in(story.user.login, "pas le bon mot de passe")
    if answer.status != 401:
        raise Surprise(f"{story.name}: a wrong password was answered with {answer.status}")
    story.tally.refused[str(answer["code"])] += 1


async def fills_in(story: Story, body: Body, made: str) -> None:
    """Some save it with fields missing: kept, and told which (R3). Not again once it was decided."""
    path = f"{REQUESTS}/{made}/form"
    if await _status(story, made) != "proposed":
        return
    if body.draw.happens("referencing form incomplete"):
        await story.is_refused(
            "referencing-form-incomplete", story.user, "registration", "PUT", path, "form",
            json={"fields": body.incomplete_form()},
        )  # fmt: skip
    await story.keeps(story.user, "registration", "PUT", path, "form", json={"fields": body.form()})


async def submits(story: Story, made: str, key: str) -> None:
    """The form goes to Formiris."""
    await story.does(story.user, "registration", "POST", f"{REQUESTS}/{made}/submission", key)


async def is_rejected(story: Story, made: str) -> None:
    """With its reasons (R2); some managers forget them first."""
    path = f"{REQUESTS}/{made}/decision"
    await story.is_refused(
        "reasons-missing", story.manager, "registration", "POST", path, "reject",
        json={"decision": "reject", "reasons": []},
    )  # fmt: skip
    await story.does(
        story.manager, "registration", "POST", path, "reject", json={"decision": "reject", "reasons": [REJECTION]}
    )  # fmt: skip


async def changes_details(story: Story, made: str) -> None:
    """A new telephone."""
    fields = {"phone": "01 99 00 12 34"}
    await story.does(
        story.user, "registration", "PATCH", f"/training-bodies/{made}", "details", json={"fields": fields}
    )


async def asks_twice(story: Story, body: Body) -> None:
    """A colleague asks for a body that is referenced already: two never share a SIRET."""
    mine, story.user = story.user, Person(f"{body.name}, direction", body.email("accueil"), PASSWORD)
    made = await asks(story, body, "request-twice", "accueil")
    await activates(story, "activation-twice", 1)
    await story.signs_in(story.user)
    path = f"{REQUESTS}/{made}"
    await story.keeps(
        story.user, "registration", "PUT", f"{path}/form", "form-twice", json={"fields": body.form()}
    )
    await story.is_refused(
        "siret-already-referenced",
        story.user,
        "registration",
        "POST",
        f"{path}/submission",
        "submission-twice",
    )
    story.user = mine


async def is_suspended(story: Story, made: str) -> None:
    """Its Qualiopi certificate ended."""
    reason = {"reason": "Certificat Qualiopi échu.", "cause": "qualiopi-expired"}
    await story.does(
        story.manager,
        "registration",
        "POST",
        f"/training-bodies/{made}/suspension",
        "suspension",
        json=reason,
    )


async def has_status(story: Story, made: str, status: str) -> bool:
    """Whether the body does now: what was played before is past."""
    page = await story.reads(story.user, "registration", f"/training-bodies/{made}")
    return bool(page["status"] == status)


async def is_reinstated(story: Story, body: Body, made: str) -> None:
    """Renewed for three years."""
    renewed = {"reason": "Certificat renouvelé.", "qualiopi_valid_until": f"{body.begins + 4}-08-31"}
    await story.does(
        story.manager,
        "registration",
        "POST",
        f"/training-bodies/{made}/reinstatement",
        "reinstatement",
        json=renewed,
    )


async def _status(story: Story, made: str) -> str:
    page = await story.reads(story.user, "registration", f"{REQUESTS}/{made}")
    return str(page["status"])


async def _code(story: Story, which: int) -> str:
    """The code of the mailbox, the `which`-th that was sent to the login. Raises Surprise when it does not come."""
    began = time.monotonic()
    while time.monotonic() - began < MAIL_WITHIN:
        mails = (await story.client.read("mailbox", f"/messages?to={story.user.login}")).body
        codes = {mail["message_id"]: code for mail in mails if (code := code_in(mail))}
        if len(codes) >= which:
            return list(codes.values())[which - 1]
        await asyncio.sleep(LOOK_AGAIN)
    raise Surprise(f"{story.name}: no code by e-mail within {MAIL_WITHIN:.0f} s")
