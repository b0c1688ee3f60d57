"""Who did something, as the reader knows them: oneself, a colleague by name, somebody of Formiris."""

from collections.abc import Mapping

from services.extranet.backend import Problem, Visitor

_SIDES = {
    "manager": "Formiris",
    "assistance": "l’Assistance Formiris",
    "system": "FormElie",
    "policy": "FormElie",
}


async def colleagues(visitor: Visitor) -> Mapping[str, str]:
    """The people of the reader's body: account -> name. Without them a page says « un collègue »: it never fails."""
    try:
        told = await visitor.get("registration", "/colleagues")
    except Problem as problem:
        if problem.status == 401:
            raise
        return {}
    named = {each["id"]: f"{each['first_name'] or ''} {each['name'] or ''}".strip() for each in told["items"]}
    return {account: name for account, name in named.items() if name}


def who(actor: str | None, reader: str, names: Mapping[str, str]) -> str:
    """`vous`, `Anne Le Goff`, `Formiris`."""
    role, _, account = (actor or "").rpartition(":")
    if account and account == reader:
        return "vous"
    return names.get(account) or _SIDES.get(role, "une personne de votre organisme")
