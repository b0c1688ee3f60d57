"""Notifications on real databases and a mail server of the tests: alerts, e-mails, and what fails on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller

from ops.databases import dsn_of
from ops.stack.ports import free_port
from services.notifications import views
from services.notifications.inbox import Inboxes
from services.notifications.own import Own
from services.notifications.sender import SMTP_TIMEOUT, TAKEN_FOR, Address, Sender, Smtp
from services.notifications.service import SERVICE
from services.notifications.streams import Limits, Streams
from services.notifications.switch import Switches
from shared.events import Clear, Event, Sealed, decode
from shared.events.attendance import CertificatesValidated
from shared.events.examples import EXAMPLES
from shared.events.notifications import EmailFailed, EmailSent
from shared.events.offerings import (
    OfferingAccepted,
    OfferingSubmitted,
    OfferingWithdrawn,
    OrderAmended,
    OrderIssued,
    OrderSigned,
    SessionRescheduled,
)
from shared.events.parts import Office, Reason
from shared.events.registration import (
    AccountEmailChanged,
    AccountOpened,
    ReferencingRejected,
    ReferencingRequested,
    StaffAddressGiven,
    StaffAddressWithdrawn,
)
from shared.ledger import Keyring
from shared.messaging import Delivered
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from tests.servers import PASSWORD, Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, tables_of, token

TODAY = today()
SWITCHES = Switches(bytes(range(32)))
OFFICE = Office(name="Formiris Bretagne", email="bretagne@formiris.example")


class Mailbox:
    """A mail server's handler: keeps what it takes, and answers each recipient as told."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Accepts, unless told otherwise."""
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keeps the message."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.extend((address, message) for address in envelope.rcpt_tos)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What that recipient got."""
        return [message for recipient, message in self.received if recipient == address]


@contextmanager
def serving(mailbox: Mailbox, port: int = 0) -> Iterator[Smtp]:
    """The mail server, in a thread of its own."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield Smtp("127.0.0.1", controller.port)
    finally:
        controller.stop()


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Notifications, shared by the tests of this module; each has a body of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("notifications")) as stand:
        streams = Streams(stand.runtime.pool, Limits(an_account=2, heartbeat=0.2))
        stand.runtime.own = Own(streams, SWITCHES)
        following = asyncio.create_task(streams.run())
        yield stand
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


@pytest.fixture
def mailbox() -> Mailbox:
    """Nothing received yet."""
    return Mailbox()


class Dossier:
    """A body that asks to be referenced, and its person."""

    def __init__(self, territory: str | None = "bretagne") -> None:
        self.body = uuid4()
        self.person = f"contact-{self.body}"
        self.address = f"direction.{self.body.hex[:8]}@organisme.example"
        self.territory = territory
        self.account, self.order, self.session, self.offering = uuid4(), uuid4(), uuid4(), uuid4()

    def of(self, kind: type[Event], **changed: Any) -> Event:
        """The example of an event, as this body's."""
        ids = {
            "order_id": self.order,
            "session_id": self.session,
            "offering_id": self.offering,
            "body_id": self.body,
        }
        place = {"perimeter": "regional", "territory": self.territory}
        known = {name: value for name, value in (ids | place).items() if name in kind.model_fields}
        return EXAMPLES[kind].event.model_copy(update=known | changed)

    def offered(self) -> Event:
        (session,) = EXAMPLES[OfferingSubmitted].event.sessions  # type: ignore[attr-defined]  # of an offering
        return self.of(OfferingSubmitted, sessions=(session.model_copy(update={"session_id": self.session}),))

    def ordered(self) -> Event:
        return self.of(OrderIssued)

    def signed(self) -> Event:
        return self.of(OrderSigned, signatory=Clear(self.person, "Anne Nom"))

    def validated(self) -> Event:
        return self.of(CertificatesValidated)

    def moved_to(self, address: str) -> Event:
        return AccountEmailChanged(
            account_id=self.account, old_email=Clear(self.person, self.address),
            new_email=Clear(self.person, address), changed_by="assistance:1", body_id=self.body,
        )  # fmt: skip

    def requested(self) -> Event:
        return ReferencingRequested(
            request_id=self.body, body_name="Institut des Monts", body_kind="private",
            perimeter="regional" if self.territory else "national", territory=self.territory, office=OFFICE,
            contact_name=Clear(self.person, "Anne Nom"), contact_email=Clear(self.person, self.address),
        )  # fmt: skip

    def rejected(self) -> Event:
        return ReferencingRejected(
            request_id=self.body, body_name="Institut des Monts", reasons=(Reason(text="Le certificat est périmé."),),
            office=OFFICE, contact_name=Clear(self.person, "Anne Nom"),
            contact_email=Clear(self.person, self.address), decided_by="m", decided_on=TODAY,
        )  # fmt: skip

    def opened(self) -> Event:
        return AccountOpened(
            account_id=self.account, login=Clear(self.person, self.address), role="training-body", body_id=self.body,
            activation_code=Clear(self.person, "ABCD-EFGH"), activation_expires_at=datetime.now(UTC),
        )  # fmt: skip


def text_of(message: EmailMessage, form: str = "plain") -> str:
    """What an e-mail says."""
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content())


async def the_feed(stand: ServiceStand) -> None:
    """Waits until the own views are at the ledger's heads."""
    for head in await stand.runtime.ledger.heads():
        assert await stand.runtime.wait_for("notifications", head.partition, head.sequence, 5)


async def outcomes(stand: ServiceStand, of: Event) -> list[Event]:
    """What the ledger says of the e-mails to that event's person."""
    rows = await stand.runtime.pool.fetch("select record from ledger.events where stream like 'email-%'")
    events = [decode(row["record"]).data for row in rows]
    person = getattr(of, "contact_email", None) or of.login  # type: ignore[attr-defined]  # an AccountOpened
    return [event for event in events if event.to.person == person.person]  # type: ignore[attr-defined]  # of the stream


async def sent_all(stand: ServiceStand, smtp: Smtp) -> None:
    """A sender's batches, until nothing is due."""
    while await Sender(stand.runtime, smtp, Address(switches=SWITCHES)).work():
        pass


async def due_again(stand: ServiceStand) -> None:
    """As if the time to try again had come."""
    await stand.runtime.pool.execute("update views.outbox set due_at = now()")


async def test_one_alert_for_each_event_and_recipient(stand: ServiceStand) -> None:
    """Delivered twice, in one batch or in two, an event posts one alert (R10)."""
    dossier = Dossier()
    batch = await stand.deliver(dossier.rejected())
    await stand.deliver_again("registration", batch)
    await stand.deliver_again("registration", batch * 2)
    await the_feed(stand)
    page = (await stand.get("/alerts", as_body(dossier.body))).json()
    (alert,) = page["items"]
    assert alert["code"] == "referencing-rejected"
    assert "Le certificat est périmé." in alert["text"]
    assert alert["faq"]["link"] == "/aide#soumettre-referencement"
    assert alert["link"] == f"/referencement/{dossier.body}"


async def test_an_alert_is_there_as_soon_as_its_cause_was_handled(stand: ServiceStand) -> None:
    """Whoever waited for the cause's position reads the alert: both are one transaction."""
    dossier = Dossier()
    async with stand.runtime.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "lock table messaging.checkpoints in exclusive mode"
        )  # the own feed stands still
        await stand.deliver(dossier.rejected())
        page = (await stand.get("/alerts", as_body(dossier.body))).json()
    assert [item["code"] for item in page["items"]] == ["referencing-rejected"]


async def test_each_sees_their_own_alerts(stand: ServiceStand) -> None:
    """A body its own, a manager its office's, an auditor all; nobody another's."""
    dossier, national = Dossier("bretagne"), Dossier(None)
    await stand.deliver(dossier.requested(), national.requested(), dossier.rejected())
    await the_feed(stand)

    async def links(headers: dict[str, str]) -> list[str]:
        return [item["link"] for item in (await stand.get("/alerts?limit=100", headers)).json()["items"]]

    link = f"/referencement/{dossier.body}"
    assert await links(as_body(dossier.body)) == [link]
    assert await links(as_body(uuid4())) == []
    assert await links(as_manager("normandie")) == []
    assert link in await links(as_manager("bretagne"))
    assert link not in await links(as_manager())
    assert f"/referencement/{national.body}" in await links(as_manager())
    assert (await links(as_staff("auditor"))).count(link) == 2


async def test_an_alert_is_read_by_its_recipient(stand: ServiceStand) -> None:
    """Read once, it stays in the list; another's alert cannot be told from a missing one."""
    dossier = Dossier()
    await stand.deliver(dossier.rejected())
    await the_feed(stand)
    (alert,) = (await stand.get("/alerts?unread=true", as_body(dossier.body))).json()["items"]
    path = f"/alerts/{alert['id']}/read"
    assert (await stand.post(path, b"", as_body(uuid4()))).status_code == 404
    assert (await stand.post(f"/alerts/{uuid4()}/read", b"", as_body(dossier.body))).status_code == 404
    assert (await stand.post(path, b"", as_staff("auditor"))).status_code == 403
    first = await stand.post(path, b"", as_body(dossier.body))
    assert first.status_code == 200, first.text
    again = await stand.post(path, b"", as_body(dossier.body))
    assert again.json()["version"] == first.json()["version"] == 2
    assert (await stand.get("/alerts?unread=true", as_body(dossier.body), after=first)).json()["items"] == []
    assert (await stand.get("/alerts", as_body(dossier.body))).json()["items"][0]["read_at"]


async def test_alerts_by_pages(stand: ServiceStand) -> None:
    """The newest first, each once, whatever the page."""
    dossier = Dossier()
    for _ in range(5):
        await stand.deliver(dossier.rejected())
    await the_feed(stand)
    seen, after = [], ""
    for _ in range(3):
        page = (await stand.get(f"/alerts?limit=2{after}", as_body(dossier.body))).json()
        seen += page["items"]
        after = f"&after={page['next']}"
    assert len({item["id"] for item in seen}) == len(seen) == 5
    assert [item["posted_at"] for item in seen] == sorted((i["posted_at"] for i in seen), reverse=True)
    assert page["next"] is None


async def test_every_event_of_every_context_is_taken(stand: ServiceStand) -> None:
    """The whole published language, each example once: nothing fails, nothing is parked."""
    await stand.deliver(
        *(example.event for example in EXAMPLES.values() if "notifications" not in example.event.wire)
    )
    await the_feed(stand)


async def test_a_decision_leaves_by_e_mail(stand: ServiceStand, mailbox: Mailbox) -> None:
    """To the person's address, with the reasons and what to do next; the ledger says so without the address (R2)."""
    dossier = Dossier()
    event = dossier.rejected()
    (delivered,) = await stand.deliver(event)
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    (message,) = mailbox.to(dossier.address)
    for form in ("plain", "html"):
        assert "Le certificat est périmé." in text_of(message, form)
        assert OFFICE.email in text_of(message, form)
    assert message["Message-ID"] == f"<{delivered.event.id}.referencing-rejected@formelie.formiris.org>"
    (sent,) = await outcomes(stand, event)
    assert isinstance(sent, EmailSent)
    await the_feed(stand)
    listed = await stand.get("/emails?limit=100", as_staff("assistance"))
    (mail,) = [item for item in listed.json()["items"] if item["body"] == str(dossier.body)]
    assert (mail["template"], mail["status"]) == ("referencing-rejected", "sent")
    assert dossier.address not in listed.text
    assert (await stand.get("/emails", as_body(dossier.body))).status_code == 403


async def test_the_code_is_revealed_to_send_only(stand: ServiceStand, mailbox: Mailbox) -> None:
    """In the e-mail; never in the outbox, the ledger or an alert."""
    dossier = Dossier()
    await stand.deliver(dossier.opened())
    row = await stand.runtime.pool.fetchval(
        "select outbox::text from views.outbox where body_id = $1", dossier.body
    )
    assert "ABCD-EFGH" not in row
    assert dossier.address not in row
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    (message,) = mailbox.to(dossier.address)
    assert "Votre code d'activation : ABCD-EFGH" in text_of(message)


async def test_a_mail_server_that_is_away(stand: ServiceStand, mailbox: Mailbox) -> None:
    """Nothing is lost: the e-mail waits, is seen waiting, and leaves once the server is back."""
    dossier = Dossier()
    event = dossier.rejected()
    await stand.deliver(event)
    port = free_port()
    sender = Sender(stand.runtime, Smtp("127.0.0.1", port))
    while await sender.send_due():
        pass
    assert await outcomes(stand, event) == [], "it is put off"
    listed = (await stand.get("/emails?limit=100", as_staff("auditor"))).json()["items"]
    assert [item["status"] for item in listed if item["body"] == str(dossier.body)] == ["waiting"]
    await due_again(stand)
    mailbox.answers[dossier.address] = "451 try later"
    with serving(mailbox, port) as smtp:
        await sent_all(stand, smtp)
        assert await outcomes(stand, event) == []
        await due_again(stand)
        mailbox.answers.clear()
        await sent_all(stand, smtp)
    assert len(mailbox.to(dossier.address)) == 1
    assert [type(outcome) for outcome in await outcomes(stand, event)] == [EmailSent]


async def test_an_address_that_bounces(stand: ServiceStand, mailbox: Mailbox) -> None:
    """Refused for good: EmailFailed, then an alert to Assistance; it is not tried again."""
    dossier = Dossier()
    event = dossier.rejected()
    mailbox.answers[dossier.address] = "550 no such user"
    await stand.deliver(event)
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
        await due_again(stand)
        await sent_all(stand, smtp)
    (failed,) = await outcomes(stand, event)
    assert isinstance(failed, EmailFailed)
    assert (failed.permanent, dossier.address in failed.reason) == (True, False)
    await the_feed(stand)
    alerts = (await stand.get("/alerts?limit=100", as_staff("assistance"))).json()["items"]
    (alert,) = [alert for alert in alerts if alert["link"] == f"/emails/{failed.email_id}"]
    stream = f"email-{failed.email_id}"
    assert alert["cause"]["id"] == str((await stand.runtime.ledger.stream(stream))[0].id)


async def test_an_erased_person_is_not_written_to(
    stand: ServiceStand, servers: Servers, mailbox: Mailbox
) -> None:
    """Once their key is destroyed nothing leaves, and nobody is asked to find their address."""
    dossier = Dossier()
    event = dossier.rejected()
    await stand.deliver(event)
    database = await stand.runtime.keyring._pool.fetchval("select current_database()")
    async with asyncpg.create_pool(
        dsn_of(servers.admin_dsn, database, "eraser", PASSWORD), min_size=0, max_size=1
    ) as pool:
        assert await Keyring(pool, bytes(range(32))).destroy(dossier.person)
    stand.runtime.keyring._cache.forget(dossier.person)
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    assert mailbox.to(dossier.address) == []
    (failed,) = await outcomes(stand, event)
    assert isinstance(failed, EmailFailed)
    assert not failed.permanent


async def test_a_sender_that_dies_after_the_mail_server_said_yes(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """The e-mail is sent again under the same Message-ID, and recorded once."""
    dossier = Dossier()
    event = dossier.rejected()
    await stand.deliver(event)

    class Dies(Sender):
        async def _record(self, *_: object) -> None:
            raise asyncpg.ConnectionDoesNotExistError("gone")

    with serving(mailbox) as smtp:
        while await Dies(stand.runtime, smtp).send_due():
            pass
        assert await outcomes(stand, event) == []
        await due_again(stand)
        await sent_all(stand, smtp)
    ids = [message["Message-ID"] for message in mailbox.to(dossier.address)]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert [type(outcome) for outcome in await outcomes(stand, event)] == [EmailSent]


async def test_several_senders_send_once(stand: ServiceStand, mailbox: Mailbox) -> None:
    """Senders of several processes take turns: each e-mail leaves once."""
    dossiers = [Dossier() for _ in range(30)]
    await stand.deliver(*(dossier.rejected() for dossier in dossiers))
    with serving(mailbox) as smtp:
        await asyncio.gather(*(sent_all(stand, smtp) for _ in range(4)))
    assert all(len(mailbox.to(dossier.address)) == 1 for dossier in dossiers)
    bodies = [dossier.body for dossier in dossiers]
    left = await stand.runtime.pool.fetchval(
        "select count(*) from views.outbox where body_id = any($1)", bodies
    )
    assert left == 0


async def test_an_e_mail_already_recorded_is_not_sent_again(stand: ServiceStand, mailbox: Mailbox) -> None:
    """A rebuilt outbox asks for what was sent long ago: the ledger knows."""
    dossier = Dossier()
    batch = await stand.deliver(dossier.rejected())
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
        await stand.deliver_again("registration", batch)
        await sent_all(stand, smtp)
    assert len(mailbox.to(dossier.address)) == 1


async def alerts_of(stand: ServiceStand, dossier: Dossier, query: str = "") -> list[str]:
    """The codes of a body's alerts, the newest first."""
    await the_feed(stand)
    page = (await stand.get(f"/alerts?limit=100{query}", as_body(dossier.body))).json()
    return [item["code"] for item in page["items"]]


@pytest.mark.parametrize("heard_first", ["the order", "the signature"])
async def test_an_alert_closes_when_its_act_is_done(stand: ServiceStand, heard_first: str) -> None:
    """Open with the act it calls for, then closed, in whatever order both are heard."""
    dossier = Dossier()
    issued = [await stand._delivery(dossier.ordered())]
    signed = [await stand._delivery(dossier.signed())]
    first, second = (issued, signed) if heard_first == "the order" else (signed, issued)
    await stand.deliver_again("offerings", first)
    if heard_first == "the order":
        (alert,) = (await stand.get("/alerts?state=open", as_body(dossier.body))).json()["items"]
        assert alert["act"] == {
            "code": "sign-order", "words": "Télécharger, signer, tamponner et renvoyer",
            "link": f"/bons-de-commande/{dossier.order}",
        }  # fmt: skip
        assert alert["dossier"] == str(dossier.order)
    await stand.deliver_again("offerings", second)
    assert await alerts_of(stand, dossier, "&state=open") == []
    (closed,) = (await stand.get("/alerts?state=closed&unread=true", as_body(dossier.body))).json()["items"]
    assert closed["closed_at"] == signed[0].event.time.isoformat()


async def test_an_alert_that_calls_for_nothing_closes_when_it_is_read(stand: ServiceStand) -> None:
    """One that calls for an act stays open however often it is read."""
    dossier = Dossier()
    await stand.deliver(dossier.validated(), dossier.of(OfferingAccepted))
    await the_feed(stand)
    for item in (await stand.get("/alerts", as_body(dossier.body))).json()["items"]:
        answer = await stand.post(f"/alerts/{item['id']}/read", b"", as_body(dossier.body))
        assert answer.status_code == 200
    assert await alerts_of(stand, dossier, "&state=open") == ["can-invoice"]
    assert await alerts_of(stand, dossier, "&state=closed") == ["offering-accepted"]


async def heard(events: AsyncIterator[bytes], name: str) -> tuple[str, Any]:
    """The next event of that name: its id and its data."""
    async with asyncio.timeout(5):
        async for chunk in events:
            for event in chunk.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
                if fields.get("event") == name:
                    return fields["id"], json.loads(fields["data"])
    raise AssertionError(f"no {name}")


async def test_alerts_come_live_and_are_resumed(stand: ServiceStand) -> None:
    """Posted, closed and read as it happens; whoever comes back gets what was missed, or reads the list again."""
    dossier, streams = Dossier(), stand.runtime.own.streams
    to = Inboxes("body", (str(dossier.body),))
    events = await streams.follow("anne", to, None)
    _, counts = await heard(events, "counts")
    assert counts == {"open": 0, "unread": 0}
    await stand.deliver(dossier.ordered())
    seen, alert = await heard(events, "alert")
    assert (alert["code"], alert["open"]) == ("order-issued", True)
    assert (await heard(events, "counts"))[1] == {"open": 1, "unread": 1}
    await stand.deliver(dossier.signed())
    assert (await heard(events, "alert"))[1]["open"] is False
    await events.aclose()
    await stand.deliver(dossier.validated())
    again = await streams.follow("anne", to, seen)
    missed = [(await heard(again, "alert"))[1]["code"] for _ in range(2)]
    assert missed == ["order-issued", "can-invoice"]
    elsewhere = await streams.follow("anne", to, "0badc0de-3")
    assert (await heard(elsewhere, "refetch"))[1] == {"why": "missed"}
    with pytest.raises(Refused) as refused:
        await streams.follow("anne", to, None)
    assert refused.value.refusal.code == "too-many-streams"
    await again.aclose()
    await elsewhere.aclose()


async def test_a_manager_has_the_alerts_of_territories_that_joined_theirs(stand: ServiceStand) -> None:
    """In the list, to be marked as read, and in the stream, which says that something changed."""
    old, new = (Dossier(f"t-{uuid4().hex[:8]}") for _ in range(2))
    manager = {
        "Authorization": f"Bearer {token('manager', territory=new.territory, inherited=[old.territory])}"
    }
    inboxes = Inboxes("office", tuple(sorted([str(old.territory), str(new.territory)])))
    events = await stand.runtime.own.streams.follow("manager", inboxes, None)
    await stand.deliver(old.requested(), new.requested())
    assert (await heard(events, "refetch"))[1] == {"why": "changed"}
    await events.aclose()
    await the_feed(stand)
    items = (await stand.get("/alerts", manager)).json()["items"]
    assert {item["recipient"]["id"] for item in items} == {old.territory, new.territory}
    for item in items:
        assert (await stand.post(f"/alerts/{item['id']}/read", b"", manager)).status_code == 200
    other = as_manager(new.territory)
    assert len((await stand.get("/alerts", other)).json()["items"]) == 1


async def test_a_stream_over_http_ends_when_the_service_leaves(stand: ServiceStand) -> None:
    """A sign of life now and then, then the end; no other stream begins."""
    dossier, own = Dossier(), stand.runtime.own
    streams = Streams(stand.runtime.pool, Limits(heartbeat=0.05))
    stand.runtime.own = Own(streams, SWITCHES)
    try:
        asking = asyncio.create_task(stand.get("/alerts/stream", as_body(dossier.body)))
        await asyncio.sleep(0.3)
        streams.leave()
        answer = await asking
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert ": still here" in answer.text
        assert (await stand.get("/alerts/stream", as_body(dossier.body))).status_code == 503
    finally:
        stand.runtime.own = own


async def test_accounts_are_written_to_as_they_prefer_and_of_decisions_always(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """A decision at once, though nothing is wanted at once; the rest once a day, without what was done meanwhile."""
    dossier = Dossier()
    with serving(mailbox) as smtp:
        await stand.deliver(dossier.validated())
        await sent_all(stand, smtp)
        assert mailbox.to(dossier.address) == [], "no account is known yet"
        await stand.deliver(dossier.opened(), dossier.ordered(), dossier.signed())
        await stand.deliver(dossier.of(OrderAmended), dossier.of(SessionRescheduled))
        await stand.runtime.pool.execute("update views.announcements set due_at = now()")
        await sent_all(stand, smtp)
        subjects = [message["Subject"] for message in mailbox.to(dossier.address)]
        assert len(subjects) == 2, "the code, and the decision"
        assert any("Vous pouvez facturer" in subject for subject in subjects)
        await stand.runtime.pool.execute(
            "update views.digests set due_at = now() where account = $1", dossier.account
        )
        await sent_all(stand, smtp)
        daily = mailbox.to(dossier.address)[-1]
    assert daily["Subject"] == "FormElie : 2 nouvelles alertes"
    assert "Avenant au bon de commande" in text_of(daily)
    assert "téléchargez-le, signez-le" not in text_of(daily), "the first was signed"
    assert daily["List-Unsubscribe"]


async def test_a_decision_that_finds_no_account_is_said_and_waits(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """After two days Assistance and the office are told, once, what to do; it leaves when there is an account (R2)."""
    dossier = Dossier()

    async def told() -> list[dict[str, Any]]:
        await the_feed(stand)
        answers = [
            await stand.get("/alerts?limit=100", who)
            for who in (as_staff("assistance"), as_manager("bretagne"))
        ]
        link = f"/organismes/{dossier.body}"
        found = [alert for answer in answers for alert in answer.json()["items"] if alert["link"] == link]
        return [alert for alert in found if alert["code"].startswith("decision-unheard")]

    with serving(mailbox) as smtp:
        await stand.deliver(dossier.offered(), dossier.validated())
        await sent_all(stand, smtp)
        assert await told() == [], "an account may be heard of in a moment"
        await stand.runtime.pool.execute(
            "update views.announcements set asked_at = now() - interval '49 hours' where body_id = $1",
            dossier.body,
        )
        await sent_all(stand, smtp)
        await sent_all(stand, smtp)
        assert [alert["closed_at"] for alert in await told()] == [None, None]
        await stand.deliver(dossier.opened())
        await stand.runtime.pool.execute("update views.announcements set due_at = now()")
        await sent_all(stand, smtp)
    assert any("Vous pouvez facturer" in message["Subject"] for message in mailbox.to(dossier.address))
    closed = [alert["closed_at"] for alert in await told()]
    assert len(closed) == 2
    assert None not in closed


async def test_formiris_is_written_to_as_well(stand: ServiceStand, mailbox: Mailbox) -> None:
    """A manager's daily e-mail, as the manager prefers, at the address that registration tells; then no more (R10)."""
    name, region = f"desk-{uuid4().hex[:8]}", "pays-de-la-loire"
    address, account = f"{name}@formiris.example", uuid4()
    given = StaffAddressGiven(
        account_id=account, account=name, role="manager", territory=region,
        address=Clear(f"staff-{account}-1", address),
    )  # fmt: skip
    manager = {"Authorization": f"Bearer {token('manager', territory=region, sub=name)}"}

    async def tomorrow() -> list[str]:
        rows = await stand.runtime.pool.fetch("select theme from views.digests where account = $1", account)
        return [row["theme"] for row in rows]

    async def preferred() -> dict[str, str]:
        await the_feed(stand)
        items = (await stand.get("/preferences", manager)).json()["items"]
        return {item["theme"]: item["frequency"] for item in items}

    with serving(mailbox) as smtp:
        await stand.deliver(given, Dossier(region).requested())
        await sent_all(stand, smtp)
        assert mailbox.to(address) == [], "once a day, unless they say otherwise"
        await stand.runtime.pool.execute(
            "update views.digests set due_at = now() where account = $1", account
        )
        await sent_all(stand, smtp)
        (mail,) = mailbox.to(address)
        assert "Institut des Monts demande à être référencé" in text_of(mail)
        assert set((await preferred()).values()) == {"daily"}
        path = mail["List-Unsubscribe"].strip("<>").partition("/v1")[2]
        await stand.http.post(f"/v1{path}", data={"List-Unsubscribe": "One-Click"})
        assert {theme for theme, often in (await preferred()).items() if often == "none"} == {"referencing"}
        await stand.deliver(Dossier(region).requested(), Dossier(region).signed())
        await sent_all(stand, smtp)
        assert await tomorrow() == ["orders"], "and no more of what was declined"
        await stand.deliver(StaffAddressWithdrawn(account_id=account, account=name), Dossier(region).signed())
        await sent_all(stand, smtp)
        assert await tomorrow() == ["orders"]
        assert len(mailbox.to(address)) == 1


async def test_one_chooses_by_theme_or_by_the_switch_of_an_e_mail(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """At once, then never: the switch works without signing in, and only for what it names."""
    dossier = Dossier()
    anne = {"Authorization": f"Bearer {token('body', body=str(dossier.body), sub=str(dossier.account))}"}
    chosen = await stand.post("/preferences", {"themes": {"orders": "at-once"}}, anne, method="PUT")
    assert chosen.status_code == 200, chosen.text
    await the_feed(stand)
    with serving(mailbox) as smtp:
        await stand.deliver(dossier.opened(), dossier.ordered())
        await sent_all(stand, smtp)
        (mail,) = [m for m in mailbox.to(dossier.address) if "à signer" in m["Subject"]]
        path = mail["List-Unsubscribe"].strip("<>").partition("/v1")[2]
        shown = await stand.get(path, {})
        assert shown.json()["themes"] == [{"theme": "orders", "label": "Bons de commande et sessions"}]
        ended = await stand.http.post(f"/v1{path}", data={"List-Unsubscribe": "One-Click"})
        assert ended.status_code == 200, ended.text
        await the_feed(stand)
        await stand.deliver(dossier.of(OrderAmended))
        await sent_all(stand, smtp)
        assert len([m for m in mailbox.to(dossier.address) if "à signer" in m["Subject"]]) == 1
    items = (await stand.get("/preferences", anne)).json()["items"]
    assert {item["theme"]: item["frequency"] for item in items}["orders"] == "none"
    assert (await stand.get("/preferences/switch/wrong", {})).json()["code"] == "switch-refused"


async def test_an_e_mail_whose_person_nobody_knows_is_given_up(stand: ServiceStand, mailbox: Mailbox) -> None:
    """The keyring never had its key: failed with a reason, told to Assistance, and tried no more."""
    dossier = Dossier()
    stranger = Sealed(f"contact-{uuid4()}", "c2VhbGVkIHNlYWxlZCBzZWFsZWQgc2VhbGVkIHNlYWxlZA==")
    event = dossier.rejected().model_copy(update={"contact_email": stranger})
    await stand.deliver(event)
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    (failed,) = await outcomes(stand, event)
    assert isinstance(failed, EmailFailed)
    assert (failed.permanent, failed.reason) == (True, "destinataire inconnu du trousseau")


async def test_a_bounce_is_a_banner_until_the_address_is_mended(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """Every user of the body sees it, nobody else does, and no address is shown."""
    dossier = Dossier()

    async def banners() -> list[Any]:
        await the_feed(stand)
        return list((await stand.get("/banners", as_body(dossier.body))).json()["items"])

    assert await banners() == []
    mailbox.answers[dossier.address] = "550 no such user"
    await stand.deliver(dossier.opened())
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    (banner,) = await banners()
    assert dossier.address not in str(banner)
    summary = (await stand.get("/alerts/summary", as_body(dossier.body))).json()
    assert summary == {"open": 0, "unread": 0, "banner": banner}
    assert (await stand.get("/banners", as_body(uuid4()))).json()["items"] == []
    await stand.deliver(dossier.moved_to("ailleurs@organisme.example"))
    assert await banners() == []


async def test_where_a_dossier_stands_and_whether_a_decision_was_sent(
    stand: ServiceStand, mailbox: Mailbox
) -> None:
    """One answer for the body, its manager and the auditor; an outsider cannot tell it from a missing one (R2)."""
    dossier = Dossier()
    await stand.deliver(dossier.requested(), dossier.rejected())
    path = f"/dossiers/{dossier.body}/standing"
    told = (await stand.get(path, as_body(dossier.body))).json()
    assert (told["state"], told["holder_kind"]) == ("rejected", "body")
    assert "Le certificat est périmé." in told["sentence"]
    assert told["contact"]["email"] == OFFICE.email
    assert [each["status"] for each in told["delivery"]] == ["queued"]
    for headers in (as_manager("bretagne"), as_manager(), as_staff("auditor"), as_staff("assistance")):
        seen = (await stand.get(path, headers)).json()
        assert seen.items() >= told.items()
        assert seen["last_change"]["event"] == "ReferencingRejected", (
            "who was faster, between Formiris's people"
        )
    strangers = [
        await stand.get(path, as_body(uuid4())),
        await stand.get(path, as_manager("normandie")),
        await stand.get(f"/dossiers/{uuid4()}/standing", as_body(dossier.body)),
    ]
    assert {answer.status_code for answer in strangers} == {404}
    assert len({answer.json()["detail"] for answer in strangers}) == 1
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    await the_feed(stand)
    (sent,) = (await stand.get(path, as_body(dossier.body))).json()["delivery"]
    assert (sent["email"], sent["status"]) == ("referencing-rejected", "sent")


async def test_a_queue_of_what_waits_by_age(stand: ServiceStand) -> None:
    """A body's own, a territory's; who must act, of which kind, in which state; page by page, each once."""
    territory = f"t-{uuid4().hex[:8]}"
    dossiers = [Dossier(territory) for _ in range(3)]
    for dossier in dossiers:
        await stand.deliver(dossier.requested(), dossier.offered())
    await stand.deliver(dossiers[0].of(OfferingAccepted), dossiers[0].ordered())
    manager, after = as_manager(territory), ""
    seen: list[Any] = []
    while after is not None:
        page = (await stand.get(f"/dossiers?limit=2&after={after}", manager)).json()
        seen, after = seen + page["items"], page["next"]
    assert [item["since"] for item in seen] == sorted(item["since"] for item in seen)
    assert sorted(item["kind"] for item in seen) == ["offering"] * 2 + ["order"] + ["referencing"] * 3
    to_decide = (await stand.get("/dossiers?kind=offering&holder=office&state=submitted", manager)).json()[
        "items"
    ]
    assert {item["id"] for item in to_decide} == {str(dossier.offering) for dossier in dossiers[1:]}
    own = (await stand.get("/dossiers?open=all", as_body(dossiers[0].body))).json()["items"]
    assert {item["id"] for item in own} == {
        str(each) for each in (dossiers[0].body, dossiers[0].offering, dossiers[0].session, dossiers[0].order)
    }
    session = (await stand.get(f"/dossiers/{dossiers[1].session}/standing", manager)).json()
    assert "Formiris doit l'accepter ou la rejeter" in session["sentence"], "as its offering stands"


async def test_dossiers_are_shared_out_and_replaced_while_somebody_is_away(stand: ServiceStand) -> None:
    """M1: taken on, handed over, let go; whoever stands in has them too; no body sees any of it."""
    territory = f"t-{uuid4().hex[:8]}"
    mine, theirs = Dossier(territory), Dossier(territory)
    await stand.deliver(mine.requested(), theirs.requested())
    manager, path = as_manager(territory), f"/dossiers/{mine.body}/follower"

    async def followed(by: str) -> list[str]:
        await the_feed(stand)
        counts = (await stand.get(f"/dossiers/counts?follower={by}", manager)).json()["items"]
        items = (await stand.get(f"/dossiers?follower={by}", manager)).json()["items"]
        assert sum(each["count"] for each in counts) == len(items)
        return [each["id"] for each in items]

    taken = await stand.post(path, {"to": "isaure", "note": "Urgent."}, manager, method="PUT")
    assert taken.status_code == 200, taken.text
    assert await followed("isaure") == [str(mine.body)]
    assert await followed("nobody") == [str(theirs.body)]
    away = {"starts_on": str(TODAY), "ends_on": str(TODAY), "replacement": "thomas"}
    assert (await stand.post("/absences/isaure", away, manager, method="PUT")).status_code == 200
    assert await followed("thomas") == [str(mine.body)]
    (item,) = (await stand.get("/dossiers?follower=isaure", manager)).json()["items"]
    assert (item["follower"], item["replacement"], item["away_until"]) == ("isaure", "thomas", str(TODAY))
    over = {"starts_on": "2020-01-01", "ends_on": "2020-01-02"}
    assert (await stand.post("/absences/isaure", over, manager, method="PUT")).status_code == 200
    assert await followed("thomas") == []
    assert (await stand.post(path, {}, manager, method="PUT")).status_code == 200
    assert await followed("isaure") == []
    refused = await stand.post(path, {"to": "isaure"}, as_manager("elsewhere"), method="PUT")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    (own,) = (await stand.get(f"/dossiers?follower=isaure&body={mine.body}", as_body(mine.body))).json()[
        "items"
    ]
    assert "follower" not in own
    for wrong, code in (({**away, "ends_on": "2020-01-01"}, "absence-dates-reversed"),
                        ({**away, "replacement": "isaure"}, "replaces-themself")):  # fmt: skip
        answer = await stand.post("/absences/isaure", wrong, manager, method="PUT")
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_what_is_read_and_taken_away_is_kept(stand: ServiceStand, mailbox: Mailbox) -> None:
    """U1, U2, M6: once an hour for each reader; an e-mail is known to be read; an extract is sealed in the ledger."""
    dossier = Dossier()
    await stand.deliver(dossier.requested(), dossier.rejected())
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    path, auditor = f"/dossiers/{dossier.body}", as_staff("auditor")
    await the_feed(stand)
    (sent,) = (await stand.get(f"{path}/standing", as_manager())).json()["delivery"]
    assert sent["read_at"] is None
    for _ in range(2):
        await stand.get(f"{path}/standing", as_body(dossier.body))
    await the_feed(stand)
    (sent,) = (await stand.get(f"{path}/standing", as_manager())).json()["delivery"]
    assert sent["read_at"] > sent["at"]
    sealed = await stand.post(f"{path}/extracts", {"digest": "a" * 64}, auditor)
    history = (await stand.get(f"{path}/history", auditor)).json()["items"]
    readings = [(each["actor"].partition(":")[0], each["data"]["what"]) for each in history]
    assert readings == [
        ("manager", "dossier"),
        ("body", "dossier"),
        ("auditor", "extract"),
        ("auditor", "history"),
    ]
    assert all(each["intact"] for each in history)
    assert sealed.json()["hash"] == history[2]["hash"]
    assert history[2]["data"]["digest"] == "a" * 64
    taken = await stand.post("/exports", {"address": f"/?mots={dossier.body}", "rows": 3}, as_manager())
    told = (await stand.get("/exports", auditor, taken)).json()["items"]
    assert (told[0]["address"], told[0]["rows"]) == (f"/?mots={dossier.body}", 3)
    assert (await stand.get("/exports", as_manager())).status_code == 403


async def test_an_e_mail_is_found_by_its_id(stand: ServiceStand, mailbox: Mailbox) -> None:
    """Where the alert to Assistance leads (N3); never the address."""
    dossier = Dossier()
    mailbox.answers[dossier.address] = "550 no such user"
    await stand.deliver(dossier.opened())
    with serving(mailbox) as smtp:
        await sent_all(stand, smtp)
    await the_feed(stand)
    alerts = (await stand.get("/alerts", as_staff("assistance"))).json()["items"]
    link = next(each["link"] for each in alerts if each["code"] == "email-failed")
    told = (await stand.get(link, as_staff("assistance"))).json()
    assert (told["status"], told["body"]) == ("failed", str(dossier.body))
    assert told["reason"].startswith("SMTP 550")
    assert dossier.address not in str(told)
    assert (await stand.get(f"/emails/{uuid4()}", as_staff("assistance"))).status_code == 404


async def test_the_faq_is_for_everybody(stand: ServiceStand) -> None:
    """Four themes, without signing in (R12)."""
    page = (await stand.get("/faq", {})).json()
    assert len(page["themes"]) == 4
    assert page["back"] == "Retour au menu"


@pytest.mark.parametrize(
    "query", ["after=x", "limit=0", "limit=101", "limit=x", "unread=perhaps", "state=ajar", "kind=x"]
)
async def test_a_bad_page(stand: ServiceStand, query: str) -> None:
    """A problem, not a fault."""
    for path in ("alerts", "emails", "dossiers"):
        answer = await stand.get(f"/{path}?{query}", as_staff("assistance"))
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_how_long_a_decision_usually_takes_is_measured(stand: ServiceStand) -> None:
    """Of the office's own recent decisions, once there are enough; what was withdrawn or never decided is left out."""
    territory = "corse"
    waiting, left = Dossier(territory), Dossier(territory)
    await stand.deliver(waiting.offered(), left.offered(), left.of(OfferingWithdrawn))

    async def told() -> Any:
        path = f"/dossiers/{waiting.offering}/standing"
        return (await stand.get(path, as_body(waiting.body))).json()["usual"]

    for decided in range(5):
        assert await told() is None, f"{decided} decisions say nothing"
        other = Dossier(territory)
        await stand.deliver(other.offered())
        await stand.deliver(other.of(OfferingAccepted))
    assert await told() == {"days": 0, "of": 5}
    moved = "update views.waits set began = began - $1::interval where decision = 'offering' and ended is not null"
    await stand.runtime.pool.execute(moved, timedelta(days=3))
    assert await told() == {"days": 3, "of": 5}
    elsewhere = Dossier("bretagne")
    await stand.deliver(elsewhere.offered())
    path = f"/dossiers/{elsewhere.offering}/standing"
    assert (await stand.get(path, as_body(elsewhere.body))).json()["usual"] is None, "another office"


async def test_the_views_equal_their_replay(servers: Servers, tmp_path: Path, mailbox: Mailbox) -> None:
    """Alerts, e-mails and dossiers folded as they came are those of folding everything again, in another order."""
    async with (
        service_stand(SERVICE, servers, tmp_path) as one,
        service_stand(SERVICE, servers, tmp_path) as other,
    ):
        dossiers = [Dossier() for _ in range(3)]
        mailbox.answers[dossiers[0].address] = "550 no such user"
        for dossier in dossiers:
            await one.deliver(dossier.requested(), dossier.rejected())
            await one.deliver(dossier.signed(), dossier.validated(), dossier.offered(), dossier.ordered())
            await the_feed(one)
            alert = (await one.get("/alerts", as_body(dossier.body))).json()["items"][-1]
            await one.post(f"/alerts/{alert['id']}/read", b"", as_body(dossier.body))
            path = f"/dossiers/{dossier.offering}/messages"
            asked = await one.post(path, {"text": "Où ?", "awaits_answer": True}, as_body(dossier.body))
            await one.get(path, as_manager("bretagne"), asked)
            await one.post(path, {"text": "À Brest.", "answers": asked.json()["id"]}, as_manager("bretagne"))
        with serving(mailbox) as smtp:
            await sent_all(one, smtp)
        await the_feed(one)
        rows = await one.runtime.pool.fetch("select * from ledger.events order by partition, sequence")
        history = [
            Delivered(
                "notifications",
                row["partition"],
                row["sequence"],
                1,
                row["hash"],
                row["record"],
                decode(row["record"]),
            )
            for row in rows
        ]
        async with other.runtime.pool.acquire() as connection:
            into = cast("asyncpg.Connection", connection)
            await SERVICE.views(into, history)
            for each in sorted(one.delivered, key=lambda each: (each.event.subject, each.sequence)):
                await views.learn(into, [each])
                await views.show(into, [], each.event.time, [each])
        live = await tables_of(one.runtime.pool)
        assert [len(live["alerts"]), len(live["emails"])] == [25, 3], "a bounce is told too"
        assert len(live["messages"]) == 6
        assert await tables_of(other.runtime.pool) == live


def test_a_lease_lasts_longer_than_a_batch() -> None:
    """So that no second sender takes what the first is still sending: a batch leaves side by side, step by step."""
    steps_of_smtp = 5
    assert timedelta(seconds=steps_of_smtp * SMTP_TIMEOUT) <= TAKEN_FOR
