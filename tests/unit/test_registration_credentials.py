"""Who signs in: codes, passwords, tokens, staff.  (R4)"""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr, ValidationError

from services.registration.credentials import Credentials
from services.registration.staff import StaffAccount, members
from services.registration.time_codes import TimeCodes
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


async def test_whoever_left_while_waiting_costs_nothing() -> None:
    """A client that gave up and asks again does not wait behind itself."""

    async def here() -> bool:
        return False

    async def gone() -> bool:
        return True

    with pytest.raises(Refused) as refused:
        async with CREDENTIALS.turn(gone):
            pytest.fail("work for nobody")
    assert refused.value.refusal.code == "temporarily-unavailable"
    async with CREDENTIALS.turn(here):
        assert not await CREDENTIALS.password_is("une phrase à retenir", None)


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


RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
"""Of RFC 6238, appendix B, whose codes have eight digits: ours are the last six."""


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (2000000000, "279037")],
)
def test_time_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B; typed with spaces, of a secret written in groups and small letters."""
    now = datetime.fromtimestamp(seconds, UTC)
    grouped = " ".join(RFC_SECRET[i : i + 4] for i in range(0, 32, 4)).lower()
    for secret in (RFC_SECRET, grouped):
        assert TimeCodes(secret).period_of(f" {code[:3]}\u00a0{code[3:]} ", now) == seconds // 30


@pytest.mark.parametrize(("late", "accepted"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_differ_by_one_period(late: int, *, accepted: bool) -> None:
    """And a code that is none is none, whatever its characters."""
    codes, now = TimeCodes(RFC_SECRET), datetime.fromtimestamp(1111111109, UTC)
    found = codes.period_of("081804", now + timedelta(seconds=late))
    assert found == (1111111109 // 30 if accepted else None)
    assert codes.period_of("٠٨١٨٠٤", now) is codes.period_of("", now) is None


@pytest.mark.parametrize("secret", ["", "JBSWY3DP", "not base32 at all !", "0189" * 8])
def test_a_secret_that_gives_no_codes_is_refused_at_the_start(secret: str) -> None:
    """Too short, or not base32; what was given is not told."""
    with pytest.raises(ValidationError) as refused:
        StaffAccount(login="desk", password=SecretStr("s"), role="manager", totp=SecretStr(secret))
    assert "totp" in str(refused.value)
    assert not secret or secret not in str(refused.value)
