"""Who signs in: codes, passwords, tokens, staff.  (R4)"""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from services.registration.credentials import Credentials
from services.registration.staff import StaffAccount, members
from services.registration.tokens import Tokens
from shared.runtime.auth import Principal, verify
from shared.runtime.refusal import Refused

CREDENTIALS = Credentials(bytes(range(32)))


def pem(curve: ec.EllipticCurve | None = None) -> str:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def test_a_code_is_told_apart_whatever_its_case_and_dashes() -> None:
    """People retype it."""
    code = CREDENTIALS.code(uuid4())
    digest = CREDENTIALS.digest(code)
    assert CREDENTIALS.code_is(code.lower().replace("-", " "), digest)
    assert not CREDENTIALS.code_is(CREDENTIALS.code(uuid4()), digest)
    assert not CREDENTIALS.code_is("", None)
    assert code not in digest


def test_a_command_tried_again_gives_the_same_code() -> None:
    """And another secret gives another one."""
    event = uuid4()
    assert CREDENTIALS.code(event) == CREDENTIALS.code(event)
    assert CREDENTIALS.code(event) != Credentials(bytes(32)).code(event)


def test_an_address_is_looked_up_by_a_keyed_hash() -> None:
    """Case does not count; without the secret nobody can recompute it."""
    assert CREDENTIALS.login_key("Anne@Lire.example ") == CREDENTIALS.login_key("anne@lire.example")
    assert CREDENTIALS.login_key("anne@lire.example") != Credentials(bytes(32)).login_key("anne@lire.example")


async def test_a_password_is_kept_as_argon2id() -> None:
    """The right one passes, a wrong one and a missing account do not."""
    hashed = await CREDENTIALS.hash("une phrase à retenir")
    assert hashed.startswith("$argon2id$")
    assert await CREDENTIALS.password_is("une phrase à retenir", hashed)
    assert not await CREDENTIALS.password_is("une autre phrase", hashed)
    assert not await CREDENTIALS.password_is("une phrase à retenir", None)


@pytest.mark.parametrize(
    "principal",
    [
        Principal("account-1", "body", body="b1"),
        Principal("desk", "manager", territory="bretagne"),
        Principal("desk", "manager"),
        Principal("eye", "auditor"),
    ],
)
async def test_a_token_names_its_caller(principal: Principal) -> None:
    """Any service reads back what registration signed, with the published key."""
    tokens = Tokens(pem())
    assert await verify(tokens.issue(principal), tokens) == principal
    (key,) = tokens.published()["keys"]
    assert key["kid"]
    assert "d" not in key


async def test_a_token_of_another_key_is_refused() -> None:
    """The signature decides."""
    with pytest.raises(Refused):
        await verify(Tokens(pem()).issue(Principal("x", "auditor")), Tokens(pem()))


def test_a_signing_key_on_another_curve_is_refused() -> None:
    """ES256 is on P-256."""
    with pytest.raises(ValueError, match="P-256"):
        Tokens(pem(ec.SECP384R1()))


async def test_staff_sign_in_under_a_name_that_is_no_address() -> None:
    """The history says who acted, never an e-mail address."""
    accounts = tuple(
        StaffAccount(login=login, password=SecretStr("secret"), role="manager", territory=None)
        for login in ("desk.bretagne", "anne@formiris.example")
    )
    found = await members(accounts, CREDENTIALS)
    assert found[CREDENTIALS.login_key("DESK.bretagne")].principal.subject == "desk.bretagne"
    assert found[CREDENTIALS.login_key("anne@formiris.example")].principal.subject.startswith("staff-")
