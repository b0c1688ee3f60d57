"""A second person in a body: invited by the first, activated with the code of the e-mail."""

from itertools import count

from ops.demo.client import Someone
from ops.demo.play import Play
from ops.demo.scenes.registration import PASSWORD, code_in

_NUMBERS = count(1)


async def colleague(play: Play, *rights: str, name: tuple[str, str] = ("Anatole", "Cordelion")) -> str:
    """The login of somebody new, whose password is that of the demo."""
    first_name, last_name = name
    email = play.plot.email.replace("contact", f"collegue{next(_NUMBERS)}")
    invitation = {"email": email, "name": last_name, "first_name": first_name, "rights": list(rights)}
    await play.does(
        play.body,
        "invites",
        "registration",
        "POST",
        "/accounts",
        f"invites-{email}",
        status=201,
        json=invitation,
    )
    code = await play.finds(
        play.body, "mailbox", f"/messages?to={email}", "the code of a colleague",
        lambda mails: next((code for mail in mails if (code := code_in(mail))), None),
    )  # fmt: skip
    await play.does(
        Someone("a colleague"), "activates", "registration", "POST", "/accounts/activation", f"activates-{email}",
        json={"login": email, "code": code, "password": PASSWORD},
    )  # fmt: skip
    return email
