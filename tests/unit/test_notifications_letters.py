"""What e-mails say and to whom: text and HTML from one template, links, the switch, the daily one.  (R2)"""

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from uuid import UUID

import pytest

from services.notifications import audience
from services.notifications.letters import TEMPLATES, letter, parsed
from services.notifications.mailing import EMAILS
from services.notifications.outbox import Waiting
from services.notifications.preferences import DECIDER, ChoosePreferences
from services.notifications.sender import Address, compose
from services.notifications.switch import Switch, Switches
from services.notifications.telling import ALERTS
from services.notifications.themes import ALWAYS, LABELS
from shared.events import Sealed
from shared.runtime.refusal import Refused
from tests.unit.given import specification

given = specification(DECIDER)

SWITCHES = Switches(bytes(range(32)))
ADDRESS = Address("https://site.example", SWITCHES)
ANNE = UUID(int=1)
SITE = {"site": "https://site.example"}
ALERT = {
    "title": "Bon de commande BC-1 à signer", "text": "Téléchargez-le, signez-le.", "act": "Signer", "link": "/bons/1",
}  # fmt: skip


def waiting(theme: str | None, account: UUID | None = ANNE) -> Waiting:
    """An e-mail about an alert, ready to be composed."""
    return Waiting(
        UUID(int=2), "order-issued", Sealed("contact-1", "c2VhbGVk"), ALERT, {}, UUID(int=3), "x", "c", None, 1,
        account, None, theme,
    )  # fmt: skip


class Page(HTMLParser):
    """An HTML e-mail as an assistive technology walks it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: dict[str, str] = {}
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what matters."""
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "html":
            self.lang = dict(attrs).get("lang") or ""
        if tag == "a":
            self.links[dict(attrs).get("href") or ""] = ""

    def handle_endtag(self, tag: str) -> None:
        """Everything is closed in its order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """The words of a link."""
        if self.open and self.open[-1] == "a":
            self.links[list(self.links)[-1]] += data


def test_an_e_mail_is_text_and_html() -> None:
    """multipart/alternative, text first; both say the same, with the same links."""
    message = compose(waiting("orders"), "anne@organisme.example", {}, ADDRESS)
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "Signer : https://site.example/bons/1" in text
    assert Page(html).links["https://site.example/bons/1"] == "Signer"


def test_html_can_be_heard_and_zoomed() -> None:
    """A language, a title, one heading, links with words, nothing that needs sight or a network."""
    page = Page(letter("order-issued", ALERT | SITE).html)
    assert page.lang == "fr"
    assert page.open == []
    assert page.seen.count("h1") == page.seen.count("title") == page.seen.count("main") == 1
    assert not {"img", "table", "script", "link", "font"} & set(page.seen)
    assert all(words.strip() for words in page.links.values())


def test_what_people_typed_is_text() -> None:
    """No tag, no link and no header is made of it."""
    typed = "<b>Gras</b>\n\n=> Cliquez : https://piege.example"
    written = letter("order-issued", ALERT | SITE | {"text": typed})
    assert "<b>" not in written.html
    assert list(Page(written.html).links) == ["https://site.example/bons/1"]


def test_blocks() -> None:
    """Paragraphs, lists, steps and links, in both forms."""
    blocks = parsed(
        "Bonjour,\nvous.\n\n- un\n- deux\n\n1. ouvrir\n2. lire\n\n=> Voir : https://x.example/a\n"
    )
    assert [block.kind for block in blocks] == ["paragraph", "list", "steps", "link"]
    assert [block.text() for block in blocks] == [
        "Bonjour,\nvous.", "- un\n- deux", "1. ouvrir\n2. lire", "Voir : https://x.example/a",
    ]  # fmt: skip


def test_a_letter_of_its_own_is_not_taken_for_an_alert() -> None:
    """An alert that is announced has no template of its name: it would need words that it has not."""
    announced = {
        telling.code for event, tellings in ALERTS.items() if event not in EMAILS for telling in tellings
    }
    assert not announced & {path.stem for path in TEMPLATES.glob("*.txt")}
    letters = {mailing.template for mailings in EMAILS.values() for mailing in mailings}
    assert {path.stem for path in TEMPLATES.glob("*.txt")} == letters | {"alert", "daily"}


def test_the_switch_is_in_the_e_mail_and_in_its_header() -> None:
    """One click where the mail program shows it (RFC 8058), a link in the text otherwise."""
    message = compose(waiting("orders"), "anne@organisme.example", {}, ADDRESS)
    token = (
        message["List-Unsubscribe"]
        .removeprefix("<https://site.example/v1/preferences/switch/")
        .removesuffix(">")
    )
    assert SWITCHES.read(token) == Switch(str(ANNE), ("orders",))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"https://site.example/courriels/{token}" in message.as_string().replace("=\n", "").replace(
        "=3D", "="
    )


def test_a_decision_cannot_be_declined_and_says_why() -> None:
    """No switch; a sentence instead."""
    message = compose(waiting(None), "anne@organisme.example", {}, ADDRESS)
    assert message["List-Unsubscribe"] is None
    part = message.get_body(("plain",))
    assert part is not None
    assert ALWAYS in part.get_content()


def _tampered(token: str) -> Iterator[str]:
    yield from (
        "",
        "x",
        token[:-2],
        token[2:],
        f"A{token[1:]}",
        Switches(bytes(32)).token(Switch(str(ANNE), ("orders",))),
    )


def test_a_switch_that_is_not_ours_is_refused() -> None:
    """Whatever was changed in it."""
    for wrong in _tampered(SWITCHES.token(Switch(str(ANNE), ("orders",)))):
        with pytest.raises(Refused) as refused:
            SWITCHES.read(wrong)
        assert refused.value.refusal.code == "switch-refused"


def test_preferences_change_theme_by_theme() -> None:
    """What is said again changes nothing; a theme that does not exist is named."""
    given().when(ChoosePreferences("anne", {"orders": "daily"}, "body:anne")).then()
    chosen = given().when(ChoosePreferences("anne", {"orders": "none", "invoices": "at-once"}, "body:anne"))
    assert chosen.state().frequency("orders") == "none"
    refused = given().when(ChoosePreferences("anne", {"sport": "none"}, "body:anne")).refused("theme-unknown")
    assert [missing.field for missing in refused.missing] == ["themes.sport"]


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-07-01T04:59:59", "2026-07-01T05:00:00"),
        ("2026-07-01T05:00:00", "2026-07-02T05:00:00"),
        ("2026-12-01T05:59:59", "2026-12-01T06:00:00"),
        ("2026-10-24T20:00:00", "2026-10-25T06:00:00"),
        ("2027-03-27T20:00:00", "2027-03-28T05:00:00"),
    ],
)
def test_daily_e_mails_leave_at_seven_in_paris(now: str, leaves: str) -> None:
    """Summer and winter, and on the days between."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert audience.next_daily(moment) == datetime.fromisoformat(leaves).replace(tzinfo=UTC)


def test_every_alert_has_a_theme_that_can_be_chosen() -> None:
    """And an answer of the FAQ."""
    for tellings in ALERTS.values():
        for telling in tellings:
            assert telling.theme in LABELS
            assert telling.faq
