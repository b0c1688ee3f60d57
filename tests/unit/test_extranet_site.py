"""What every answer of the site carries, and how it refuses: without the services, which are played here."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import httpx
import pytest

from services.extranet.app import LARGEST_BODY, application
from services.extranet.catalogue import refusals
from services.extranet.pages.signin import CODE_WITHIN
from services.extranet.render import _environment
from services.extranet.session import COOKIE, END, LIFETIME, Session
from services.extranet.settings import Settings
from services.offerings.forms import FORM
from shared.runtime.forwarded import HEADER, believed
from tests.unit.test_extranet_session import _answer

SECRET = "c2VjcmV0IHNoYXJlZCBieSB0d28gc2VydmljZXMgISE="
Answering = Callable[[httpx.Request], httpx.Response]
ALERT = {"id": "a1", "title": "Bon de commande à signer", "open": True, "read_at": None}
RECEIPT = ("0b9d3c52-2f5b-4b67-8a3e-8e2f3f8f9a10", "offerings/3/17", "ab" * 32)
REFUSED = {
    "code": "too-many-attempts", "title": "Trop de tentatives", "detail": "Réessayez à 10 h 15.", "holder": "vous",
    "faq": {"question": "Quels sont mes codes ?", "link": "/aide#codes-de-connexion"}, "missing": [],
}  # fmt: skip


class Site:
    """The site with played services; `asked` are the requests that they got."""

    def __init__(self, answering: Answering, base: str = "http://site") -> None:
        where = "http://services"
        self.app = application(
            Settings(
                http_port=1, extranet_secret=SECRET, forwarding_secret=SECRET, secure_cookies=False,
                registration_url=where, offerings_url=where, attendance_url=where, invoicing_url=where,
                notifications_url=where,
            )
        )  # fmt: skip
        self.asked: list[httpx.Request] = []

        def answered(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return answering(request)

        played = httpx.AsyncClient(transport=httpx.MockTransport(answered))
        self.app.state.backend._http = self.app.state.backend._streams = played
        transport = httpx.ASGITransport(self.app, client=("203.0.113.7", 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=base)

    def signed_in(self, **claims: object) -> Session:
        """As somebody of a body."""
        session = Session.of("marie@example.org", _answer(role="body", body="b1", rights=[], **claims))
        self.http.cookies.set(COOKIE, self.app.state.seal.cookie(session))
        return session

    async def posted(self, path: str, origin: str = "http://site", **fields: str) -> httpx.Response:
        """A form of one of our pages."""
        await self.http.get("/aide")
        cookies = self.http.cookies
        owner = self.app.state.seal.session(cookies.get(COOKIE))
        token = self.app.state.seal.token(owner.id if owner else cookies.get("formelie-visite"))
        return await self.http.post(
            path, data={"jeton": token, "cle": "k", **fields}, headers={"Origin": origin}
        )


def _nothing(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"items": [], "next": None, "unread": 0})


@pytest.mark.parametrize("path", ["/aide", "/connexion", "/rien", "/deconnexion"])
async def test_every_answer_carries_the_rules_of_the_browser(path: str) -> None:
    """No inline script or style, no frame, no sniffing, no keeping; also where there is no page."""
    answer = await Site(_nothing).http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_page_that_breaks_says_so_and_carries_them_too() -> None:
    """A fault of ours is a page with a way on, never a trace."""
    site = Site(lambda _: httpx.Response(200, content=b"not json at all"))
    answer = await site.http.get("/demande")
    assert answer.status_code == 500
    assert "C’est à Formiris d’agir" in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_a_session_is_renewed_after_its_first_hour_and_pages_know_until_when() -> None:
    """No header of registration's is empty: HTTP clients refuse to send one. The cookie that scripts read says when."""

    def renewing(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/tokens":
            return httpx.Response(200, json=_answer(role="body", body="b1", rights=[]))
        return _nothing(request)

    site = Site(renewing)
    session = site.signed_in()
    site.http.cookies.set(COOKIE, site.app.state.seal.cookie(replace(session, ends=0)))
    answer = await site.http.get("/aide")
    (renewal,) = [each for each in site.asked if each.url.path == "/v1/tokens"]
    assert json.loads(renewal.content)["refresh_token"] == session.refresh
    assert all(value == value.strip() != "" for value in renewal.headers.values())
    assert site.app.state.seal.session(answer.cookies[COOKIE]).ends > time.time()
    assert abs(int(answer.cookies[END]) - time.time() - LIFETIME) < 60


def test_h1_every_refusal_is_shown_with_its_four_answers() -> None:
    """What is missing, who must act, whom to ask, the answer in the help; and Assistance is asked with it (H4)."""
    template = _environment().from_string(
        "{% import 'components.html' as c with context %}{{ c.refusal(p) }}"
    )
    asked = ["Ce qui manque", "Qui doit agir", "Qui contacter", "Dans l’aide"]
    for code, refusal in refusals().items():
        shown = template.render(p={**refusal, "code": code}, session=None, path="/factures")
        answers = re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", shown, re.DOTALL)
        assert [name for name, _ in answers] == asked, code
        assert all(re.sub(r"<[^>]+>|\s", "", words) for _, words in answers), code
        linked = f"/assistance?refus={code}&amp;depuis=%2Ffactures&amp;quand=20" in shown
        assert linked is (code != "no-assignment"), code  # R8 has a request of its own


@pytest.mark.parametrize("base", ["http://site", "https://site"])
async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(base: str) -> None:
    """HttpOnly and SameSite always, Secure as soon as the site is served by TLS."""
    answer = await Site(_nothing, base).http.get("/aide")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert ("Secure" in cookie) == base.startswith("https")


async def test_a_form_of_another_site_changes_nothing() -> None:
    """Neither without the page's token, nor with it from elsewhere."""
    site = Site(_nothing)
    site.signed_in()
    forged = await site.http.post("/compte/preferences", data={"orders": "none"})
    elsewhere = await site.posted("/compte/preferences", "http://evil.example", orders="none")
    assert forged.status_code == elsewhere.status_code == 403
    assert "Formulaire périmé" in elsewhere.text
    assert all(request.method == "GET" for request in site.asked)


async def test_f2_a_page_left_open_by_another_session_shows_its_form_again() -> None:
    """Typed in a window whose session was replaced in another one: nothing is lost, and nothing sent by itself (F7)."""
    site = Site(_nothing)
    site.signed_in()
    answer = await site.http.post(
        "/compte/preferences",
        data={"jeton": "of another session", "orders": "none"},
        headers={"Origin": "http://site"},
    )
    assert answer.status_code == 403
    assert "Envoyer ma saisie" in answer.text
    assert 'name="orders" value="none"' in answer.text
    assert all(request.method == "GET" for request in site.asked)


async def test_f2_what_was_typed_is_kept_for_its_owner_and_never_a_password() -> None:
    """Sealed in the page where one signs in again; somebody else who signs in there does not see it."""
    ended = httpx.Response(401, json={"code": "session-over"})
    site = Site(lambda request: ended if request.method == "PUT" else _nothing(request))
    site.signed_in()
    answer = await site.posted("/compte/preferences", orders="none", password="secret")
    assert answer.status_code == 401
    assert "Votre saisie est conservée" in answer.text
    sealed = answer.text.split('name="kept" value="')[1].split('"')[0]
    kept = site.app.state.seal.open(sealed)
    assert kept["fields"] == {"orders": ["none"]}
    assert kept["login"] == "marie@example.org"


async def test_too_many_attempts_are_told_with_what_to_do() -> None:
    """The words of registration, on the page, with what was typed; status 429."""
    site = Site(lambda _: httpx.Response(429, json=REFUSED))
    answer = await site.posted("/connexion", login="marie@example.org", password="faux")
    assert answer.status_code == 429
    assert "Réessayez à 10 h 15." in answer.text
    assert 'value="marie@example.org"' in answer.text
    answer = await site.posted("/mot-de-passe", login="marie@example.org")
    assert answer.status_code == 429
    assert "Trop de tentatives" in answer.text


def _asking_for_a_code(request: httpx.Request) -> httpx.Response:
    """Registration, of an account with a second step whose code is 123456."""
    if request.url.path != "/v1/tokens":
        return _nothing(request)
    given = json.loads(request.content)
    if given["password"] != "une phrase":
        return httpx.Response(401, json=REFUSED | {"code": "sign-in-refused", "title": "Connexion refusée"})
    code = given.get("code", "").replace(" ", "")
    if code != "123456":
        refused = {"code": "code-refused" if code else "code-needed", "detail": "Ce code est incorrect."}
        return httpx.Response(401, json=REFUSED | refused)
    return httpx.Response(200, json=_answer(role="manager", sub="desk"))


def _hidden(page: httpx.Response, name: str) -> str:
    return unescape(page.text.split(f'name="{name}" value="')[1].split('"')[0])


async def test_a_second_step_is_asked_on_a_second_page() -> None:
    """The password is not typed again, nor readable; a wrong code says so; then on to the page that was asked for."""
    site = Site(_asking_for_a_code)
    asked = await site.posted(
        "/connexion", login="desk", password="une phrase", suite="/organismes?mots=lire"
    )
    assert asked.status_code == 200
    assert 'autocomplete="one-time-code"' in asked.text
    assert 'inputmode="numeric"' in asked.text
    assert "une phrase" not in asked.text
    carried = {name: _hidden(asked, name) for name in ("premier", "suite", "kept")}
    for typed, words in ((" ", "Saisissez le code"), ("000 000", "Ce code est incorrect.")):
        again = await site.posted("/connexion/code", code=typed, **carried)
        assert again.status_code == 422
        assert words in again.text
        assert 'aria-invalid="true"' in again.text
        carried = {name: _hidden(again, name) for name in ("premier", "suite", "kept")}
    done = await site.posted("/connexion/code", code="123 456", **carried)
    assert (done.status_code, done.headers["location"]) == (303, "/organismes?mots=lire")
    session = site.app.state.seal.session(done.cookies[COOKIE])
    assert (session.login, session.second_step) == ("desk", True)
    assert session.renewed(_answer(role="manager", sub="desk")).second_step


async def test_a_code_page_left_open_leads_back_to_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does one that is not ours; a password changed meanwhile is told."""
    site = Site(_asking_for_a_code)
    asked = await site.posted("/connexion", login="desk", password="une phrase", suite="/organismes")
    first = _hidden(asked, "premier")
    stale = site.app.state.seal.close({"login": "desk", "password": "une autre", "until": time.time() + 60})
    told = await site.posted("/connexion/code", premier=stale, code="123456")
    assert "Connexion refusée" in told.text
    made_up = await site.posted("/connexion/code", premier="x", code="123456")
    later = time.time() + CODE_WITHIN + 1
    monkeypatch.setattr("services.extranet.pages.signin.time.time", lambda: later)
    late = await site.posted("/connexion/code", premier=first, code="123456", suite="/organismes")
    for answer in (made_up, late):
        assert answer.status_code == 422
        assert 'autocomplete="current-password"' in answer.text
    assert _hidden(late, "suite") == "/organismes"
    assert COOKIE not in site.http.cookies


@pytest.mark.parametrize("role", ["manager", "assistance", "auditor"])
@pytest.mark.parametrize(("second_step", "words"), [(True, "Active"), (False, "Inactive")])
async def test_who_is_of_formiris_sees_how_their_account_signs_in(
    role: str, words: str, *, second_step: bool
) -> None:
    """With a second step or without, and whom to ask."""
    site = Site(_nothing)
    session = replace(Session.of("desk", _answer(role=role, sub="desk")), second_step=second_step)
    site.http.cookies.set(COOKIE, site.app.state.seal.cookie(session))
    answer = await site.http.get("/compte")
    assert f"</svg>{words}<" in answer.text if second_step else f'<span class="chip">{words}<' in answer.text
    assert "prestataires" in answer.text


async def test_registration_is_told_whose_attempt_it_is() -> None:
    """The visitor's address, signed: each visitor has attempts of their own."""
    site = Site(lambda _: httpx.Response(429, json=REFUSED))
    await site.posted("/connexion", login="marie@example.org", password="faux")
    assert believed(SECRET.encode(), site.asked[-1].headers[HEADER]) == "203.0.113.7"


@pytest.mark.parametrize("path", ["/mot-de-passe", "/connexion"])
async def test_what_is_too_large_is_refused_before_it_is_kept(path: str) -> None:
    """26 MB are more than any page of ours sends."""
    site = Site(_nothing)
    answer = await site.http.post(
        path,
        content=b"login=" + b"a" * LARGEST_BODY,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert "20 Mo au plus" in answer.text


async def test_the_address_of_a_form_is_no_dead_end() -> None:
    """Reloaded, it says where to go; its four answers are there."""
    answer = await Site(_nothing).http.get("/deconnexion")
    assert answer.status_code == 405
    for words in ("Ce qui manque", "Qui doit agir", "Qui contacter", "Dans l’aide"):
        assert words in answer.text


async def test_an_address_that_cannot_be_one_is_a_page_that_does_not_exist() -> None:
    """Never a machine's answer; and a fault of ours is found by its tests, not by its readers."""
    site = Site(_nothing)
    site.signed_in()
    answer = await site.http.get("/sessions/pas-un-numero")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Accept": "text/event-stream"}])
async def test_a_part_of_a_page_is_told_that_the_session_is_over(headers: dict[str, str]) -> None:
    """No sign-in page inside a page, and a stream that does not come back."""
    answer = await Site(_nothing).http.get("/alertes", headers=headers)
    assert (answer.status_code, answer.text) == (401, "")


def _streamed(request: httpx.Request) -> httpx.Response:
    if request.url.path != "/v1/alerts/stream":
        return _nothing(request)
    told = (
        "retry: 3000\n\n"
        f"id: 0a1b2c3d-7\nevent: counts\ndata: {json.dumps({'open': 1, 'unread': 1})}\n\n"
        f"id: 0a1b2c3d-8\nevent: alert\ndata: {json.dumps(ALERT)}\n\n"
        ": still here\n\n"
        "id: 0a1b2c3d-9\nevent: refetch\ndata: {}\n\n"
    )
    return httpx.Response(200, text=told, headers={"content-type": "text/event-stream"})


async def test_n1_the_stream_is_that_of_the_service_in_words_of_the_page() -> None:
    """The bell as HTML, the alert as its title, signs of life; resumed where another window was, not compressed."""
    site = Site(_streamed)
    site.signed_in()
    answer = await site.http.get("/alertes/flux?depuis=0a1b2c3d-6", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers.get("content-encoding") != "gzip"
    blocks = answer.text.split("\n\n")
    assert blocks[0] == "retry: 3000"
    assert blocks[1].startswith("id: 0a1b2c3d-7\nevent: nombre\ndata: ")
    assert '<span class="count">1</span>' in blocks[1]
    assert json.loads(blocks[2].split("data: ")[1]) == {"id": "a1", "title": ALERT["title"], "new": True}
    assert blocks[3] == ": still here"
    assert "event: relire" in blocks[4]
    assert site.asked[-1].headers["last-event-id"] == "0a1b2c3d-6"


async def test_n1_a_stream_that_is_refused_is_tried_again_later() -> None:
    """Too many pages open, or the service away: in half a minute."""
    site = Site(lambda _: httpx.Response(429, json={"code": "too-many-streams"}))
    site.signed_in()
    answer = await site.http.get("/alertes/flux")
    assert answer.text == "retry: 30000\n\n"
    assert "last-event-id" not in site.asked[-1].headers


@pytest.mark.parametrize(
    ("verdict", "said"), [("intact", "Oui"), ("changed", "plus intact"), ("unknown", "Non")]
)
async def test_f11_a_receipt_is_verified_without_an_account(verdict: str, said: str) -> None:
    """Its lines as copied from the PDF, with what cannot be seen between them; the service is asked nothing more."""
    kind = (
        {"kind": "Prestation", "at": "2026-11-23T09:41:00Z"}
        if verdict == "intact"
        else {"kind": None, "at": None}
    )
    site = Site(lambda _: httpx.Response(200, json={"verdict": verdict, **kind}))
    lines = {
        "dossier": RECEIPT[0],
        "evenement": " offerings/3/17 ",
        "empreinte": "\u200b".join(["AB" * 16] * 2),
    }
    answer = await site.http.get("/recu", params=lines)
    (asked,) = site.asked
    assert answer.status_code == 200
    assert said in answer.text
    assert ("23\u00a0novembre\u00a02026 à 10\u00a0h\u00a041" in answer.text) == (verdict == "intact")
    assert (asked.url.path, dict(asked.url.params)) == (
        "/v1/receipts/3/17", {"dossier": RECEIPT[0], "hash": "ab" * 32},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("dossier", "12"),
        ("evenement", "notifications/3/17"),
        ("evenement", "offerings/../1"),
        ("empreinte", "zz"),
    ],
)
async def test_f11_a_line_that_is_none_is_named_and_no_service_asked(line: str, typed: str) -> None:
    """The field says so; the others stay as typed."""
    site = Site(_nothing)
    lines = dict(zip(("dossier", "evenement", "empreinte"), RECEIPT, strict=True))
    answer = await site.http.get("/recu", params=lines | {line: typed})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 1
    assert f'href="#f-{line}"' in answer.text
    assert not site.asked


@pytest.mark.parametrize("code", ["document-scan-late", "document-infected"])
@pytest.mark.parametrize("away", [False, True])
async def test_o3_a_late_scan_is_told_to_assistance_once_a_day(code: str, away: bool) -> None:
    """Whoever sends it, and however often; the person hears of it also while registration is away."""

    def answering(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/documents":
            return httpx.Response(409, json=REFUSED | {"code": code})
        if request.url.path == "/v1/assistance-requests":
            return httpx.Response(503 if away else 201, json={"id": "t1"})
        return _nothing(request)

    site = Site(answering)
    session = site.signed_in()
    token = site.app.state.seal.token(session.id)
    for _ in range(2):
        answer = await site.http.post(
            f"/envois/offerings/{RECEIPT[0]}", headers={"X-Jeton": token, "HX-Request": "true"}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    asked = [each for each in site.asked if each.url.path == "/v1/assistance-requests"]
    told = {(each.headers["idempotency-key"], each.content) for each in asked}
    assert len(told) == (code == "document-scan-late")
    for _, content in told:
        assert json.loads(content)["email"] == session.login
        assert json.loads(content)["refusal"] == code


async def test_f2_what_was_typed_is_shown_again_under_its_labels() -> None:
    """Rows by their place, choices by their words; no name of a field, no mark, no button."""
    site = Site(lambda request: httpx.Response(200, json=FORM.schema() | _nothing(request).json()))
    site.signed_in()
    path = f"/prestations/brouillons/{RECEIPT[0]}/session"
    typed = {
        "cost_type": "per-session", "sessions.1.place": "Lycée Sainte-Anne", "sessions.1.units.0.code": "1234",
        "lu.title": "3 abcdef", "enregistrer": "1", "title": "",
    }  # fmt: skip
    answer = await site.http.post(path, data={"jeton": "old", **typed}, headers={"Origin": "http://site"})
    shown = re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", answer.text)
    assert shown == [
        ("Type de coût des sessions", "par session"), ("Lieu (session 2)", "Lycée Sainte-Anne"),
        ("Code de l’unité pédagogique (session 2, unité 1)", "1234"),
    ]  # fmt: skip
    assert all(f'name="{name}"' in answer.text for name in typed)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("motif", "Motif"),
        ("orders", "Autres réponses de la page"),
        ("version", ""),
        ("h|1|2", "Heures faites"),
    ],
)
async def test_f2_other_pages_have_labels_too(name: str, label: str) -> None:
    """What has no label of its own is shown as another answer, what a page adds by itself not at all."""
    site = Site(_nothing)
    site.signed_in()
    answer = await site.http.post(
        "/compte/preferences", data={"jeton": "old", name: "12"}, headers={"Origin": "http://site"}
    )
    shown = re.findall(r"<dt>([^<]+)</dt>", answer.text)
    assert shown == [label] * bool(label)
    assert f'name="{name}" value="12"' in answer.text


async def test_n1_alerts_that_wait_for_an_act_stand_before_those_that_inform() -> None:
    """What was done, or calls for nothing, asks for nothing any more: its button only leads to the dossier."""
    act = {"code": "sign-order", "words": "Signer et renvoyer"}
    told = {
        "posted_at": "2026-11-23T09:41:00Z",
        "read_at": None,
        "text": "",
        "link": "/",
        "version": 1,
        "faq": None,
    }
    alerts = [
        told | {"id": "paid", "title": "Facture payée", "open": True, "act": None},
        told | {"id": "done", "title": "Bon signé", "open": False, "act": act},
        told | {"id": "wait", "title": "Bon à signer", "open": True, "act": act},
    ]
    site = Site(lambda _: httpx.Response(200, json={"items": alerts, "next": None, "unread": 3}))
    site.signed_in()
    answer = await site.http.get("/alertes?vue=toutes")
    to_do, others = answer.text.split('<ul class="alerts"')[1:]
    assert re.findall(r'<li id="alerte-(\w+)"', to_do) == ["wait"]
    assert re.findall(r'<li id="alerte-(\w+)"', others) == ["paid", "done"]
    assert ("Signer et renvoyer" in to_do, "Signer et renvoyer" in others) == (True, False)
