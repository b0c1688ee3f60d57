"""The sealed cookie: unreadable, unforgeable, and the tokens of forms that die with it."""

import base64
import json
import os

from services.extranet.session import Seal, Session


def _answer(**claims: object) -> dict[str, object]:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {"access_token": f"h.{payload}.s", "refresh_token": "r1", "expires_in": 3600}


def test_a_session_comes_back_as_it_was_sealed() -> None:
    """Role, body, rights and tokens, from registration's answer through the cookie and back."""
    seal = Seal(os.urandom(32))
    session = Session.of("marie@example.org", _answer(role="body", body="b1", rights=["prepare", "sign"]))
    assert seal.session(seal.cookie(session)) == session
    assert session.may("sign")
    assert not session.may("invoice")


def test_a_cookie_that_is_not_ours_opens_nothing() -> None:
    """Altered, truncated, sealed with another secret, or not base64 at all."""
    seal = Seal(os.urandom(32))
    good = seal.cookie(Session.of("x", _answer(role="manager")))
    altered = good[:-8] + ("A" if good[-8] != "A" else "B") + good[-7:]
    for text in (
        altered,
        good[:20],
        "%%%",
        "",
        Seal(os.urandom(32)).cookie(Session.of("x", _answer(role="manager"))),
    ):
        assert seal.session(text) is None


def test_nothing_of_the_session_is_readable_in_the_cookie() -> None:
    """Not even the login."""
    cookie = Seal(os.urandom(32)).cookie(Session.of("marie@example.org", _answer(role="auditor")))
    assert b"marie" not in base64.urlsafe_b64decode(cookie)


def test_a_forms_token_is_its_sessions_alone() -> None:
    """Another session's token, or none, is refused."""
    seal = Seal(os.urandom(32))
    assert seal.genuine("s1", seal.token("s1"))
    assert not seal.genuine("s1", seal.token("s2"))
    assert not seal.genuine("s1", "")


def test_renewing_keeps_the_session_and_its_forms() -> None:
    """New tokens, the same id: a form that was open still sends."""
    session = Session.of("x", _answer(role="auditor"))
    renewed = session.renewed({**_answer(role="auditor"), "refresh_token": None})
    assert (renewed.id, renewed.refresh) == (session.id, session.refresh)
