"""Bearer tokens: whom they name, and every way of not being one of ours."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.runtime.auth import AUDIENCE, ISSUER, Principal, verify
from shared.runtime.refusal import Refused

OURS = ECKey.generate_key("P-256", {"kid": "ours"})
THEIRS = ECKey.generate_key("P-256", {"kid": "theirs"})


class Published:
    """The keys that registration publishes; counts how often they were asked for afresh."""

    def __init__(self) -> None:
        self.fresh = 0

    async def get(self, *, fresh: bool = False) -> KeySet:
        self.fresh += fresh
        return KeySet([OURS])


def token(key: ECKey = OURS, **claims: Any) -> str:
    standard = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a1", "role": "body", "exp": int(time.time()) + 60}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, standard | claims, key)


async def test_a_token_of_ours_names_its_caller() -> None:
    """A valid token gives subject, role, body and territory."""
    caller = await verify(token(body="b1"), Published())
    assert caller == Principal("a1", "body", "b1", None)


@pytest.mark.parametrize(
    "bad",
    [
        token(THEIRS),
        token(exp=int(time.time()) - 1),
        token(iss="someone"),
        token(aud="elsewhere"),
        token(role="root"),
        token()[:-4] + "AAAA",
        "not.a.token",
        "",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhMSJ9.",
    ],
)
async def test_anything_else_is_refused(bad: str) -> None:
    """Another's key, an old token, another issuer, audience or role, an altered or unsigned token: all refused."""
    with pytest.raises(Refused, match="not-signed-in"):
        await verify(bad, Published())


async def test_an_unknown_key_is_asked_for_once_afresh() -> None:
    """A token signed by a key that is not known yet makes the verifier read the published keys again."""
    keys = Published()
    with pytest.raises(Refused):
        await verify(token(THEIRS), keys)
    assert keys.fresh == 1


@pytest.mark.parametrize(
    ("caller", "body", "territory", "sees"),
    [
        (Principal("a", "body", "b1"), "b1", "bretagne", True),
        (Principal("a", "body", "b2"), "b1", "bretagne", False),
        (Principal("a", "manager", None, "bretagne"), "b1", "bretagne", True),
        (Principal("a", "manager", None, "est"), "b1", "bretagne", False),
        (Principal("a", "manager", None, "est"), "b1", None, False),
        (Principal("a", "manager", None, None), "b1", "bretagne", True),
        (Principal("a", "auditor"), "b1", "bretagne", True),
        (Principal("a", "assistance"), "b1", None, True),
    ],
)
def test_who_sees_a_dossier(caller: Principal, body: str, territory: str | None, sees: bool) -> None:
    """A body sees its own, a territory's manager that territory's, the others all."""
    assert caller.sees(body, territory) is sees
