"""Messages about a dossier over HTTP: told to the other side, answered, read; refused where they have no place. (H5)"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from ops.databases import dsn_of
from services.notifications.own import Own
from services.notifications.service import SERVICE
from services.notifications.streams import Streams
from services.notifications.thread import answer_by
from shared.events.offerings import OfferingAccepted, OfferingWithdrawn
from shared.ledger import Keyring
from shared.runtime.paris import today
from tests.integration.test_notifications_api import OFFICE, SWITCHES, Dossier, the_feed
from tests.servers import PASSWORD, Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, token

TEXT = "Bonjour,\n<b>le lieu</b> a changé : faut-il un avenant ?"


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Notifications, shared by the tests of this module; each has a body of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("notifications")) as stand:
        stand.runtime.own = Own(Streams(stand.runtime.pool), SWITCHES)
        yield stand


async def offered(stand: ServiceStand) -> tuple[Dossier, str]:
    """A body with an offering that Formiris must decide, and where one writes about it."""
    dossier = Dossier()
    await stand.deliver(dossier.requested(), dossier.offered())
    return dossier, f"/dossiers/{dossier.offering}/messages"


async def open_alerts(stand: ServiceStand, headers: dict[str, str], path: str) -> list[tuple[str, str]]:
    """What a recipient is still asked to do about the messages of a dossier."""
    await the_feed(stand)
    items = (await stand.get("/alerts?state=open&limit=100", headers)).json()["items"]
    return [(item["code"], item["act"]["words"]) for item in items if item["link"] == path]


async def test_a_question_is_told_answered_and_read(stand: ServiceStand) -> None:
    """From the body to its office and back: who must answer, by when; each alert closes with what it called for."""
    dossier, path = await offered(stand)
    body, office = as_body(dossier.body, "prepare"), as_manager("bretagne")
    pin = {"kind": "field", "name": "place", "label": "Lieu"}
    sent = await stand.post(path, {"text": TEXT.replace("\n", "\r\n"), "pinned_to": pin}, body)
    assert sent.status_code == 201, sent.text
    assert await open_alerts(stand, office, path) == [("question-from-body", "Lire et répondre")]
    due = {"owner": "formiris", "answer_by": str(answer_by(today())), "late": False}
    standing = (await stand.get(f"/dossiers/{dossier.offering}/standing", body)).json()
    assert standing["messages"] == {"count": 1, "wait": due}
    first = (await stand.get(path, office)).json()
    (item,) = first["items"]
    assert (item["text"], item["side"], item["pinned_to"], item["wait"]) == (TEXT, "body", pin, due)
    assert (first["closed"], first["count"], first["contact"]["email"]) == (False, 1, OFFICE.email)
    await the_feed(stand)
    assert (await stand.get(path, body)).json()["items"][0]["read_at"], "its author sees that it was read"
    assert await open_alerts(stand, office, path), "a question is not done with when it is read"
    later = "update views.messages set answer_by = answer_by - 30 where dossier = $1"
    await stand.runtime.pool.execute(later, dossier.offering)
    assert (await stand.get(path, body)).json()["wait"]["late"] is True
    answer = {"text": "Non.", "answers": sent.json()["id"]}
    answered = await stand.post(path, answer, office)
    assert answered.status_code == 201, answered.text
    assert await open_alerts(stand, office, path) == []
    assert await open_alerts(stand, body, path) == [("message-from-formiris", "Lire le message")]
    newest, question = (await stand.get(path, body, answered)).json()["items"]
    assert (newest["answers"], newest["wait"]) == (question["id"], None)
    assert question["wait"] is None
    assert question["answered_at"] == newest["at"]
    assert await open_alerts(stand, body, path) == [], "read"
    again = await stand.post(path, answer, office)
    assert (again.status_code, again.json()["code"]) == (409, "message-not-to-answer")


async def test_a_form_sent_twice_is_one_message(stand: ServiceStand) -> None:
    """Also at once; another message under the same key is refused."""
    dossier, path = await offered(stand)
    body, key = as_body(dossier.body), str(uuid4())
    both = await asyncio.gather(*(stand.post(path, {"text": "Où ?"}, body, key) for _ in range(2)))
    assert {answer.status_code for answer in both} == {201}
    assert both[0].json() == both[1].json()
    await the_feed(stand)
    assert (await stand.get(path, body)).json()["count"] == 1
    assert len(await open_alerts(stand, as_manager("bretagne"), path)) == 1
    other = await stand.post(path, {"text": "Quand ?"}, body, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_closed_dossier_says_where_to_write(stand: ServiceStand) -> None:
    """A new message is refused with the office's address; what was asked before is answered, and asks nothing more."""
    dossier, path = await offered(stand)
    body, office = as_body(dossier.body), as_manager("bretagne")
    sent = await stand.post(path, {"text": "Où ?"}, body)
    await stand.deliver(dossier.of(OfferingWithdrawn))
    refused = (await stand.post(path, {"text": "Et alors ?"}, body)).json()
    assert (refused["code"], refused["contact"]["email"]) == ("thread-closed", OFFICE.email)
    assert OFFICE.email in refused["detail"]
    assert (await stand.get(path, body, sent)).json()["closed"] is True
    answer = {"text": "À Brest.", "answers": sent.json()["id"], "awaits_answer": True}
    answered = await stand.post(path, answer, office)
    assert answered.status_code == 201, answered.text
    assert (await stand.get(path, body, answered)).json()["wait"] is None


async def test_who_writes_and_who_reads(stand: ServiceStand) -> None:
    """A body's user who prepares, its office, Assistance; an auditor reads. Whoever helps or audits leaves no trace."""
    dossier, path = await offered(stand)
    sent = await stand.post(path, {"text": "Où ?"}, as_body(dossier.body, "prepare"))
    for headers, status, code in (
        (as_body(dossier.body, "sign"), 403, "right-missing"),
        (as_staff("auditor"), 403, "not-allowed"),
        (as_body(uuid4()), 404, "not-found"),
        (as_manager("normandie"), 404, "not-found"),
    ):
        answer = await stand.post(path, {"text": "x"}, headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for who in ("auditor", "assistance"):
        seen: Any = (await stand.get(path, as_staff(who), sent)).json()
        assert [each["text"] for each in seen["items"]] == ["Où ?"]
    await the_feed(stand)
    assert (await stand.get(path, as_body(dossier.body))).json()["items"][0]["read_at"] is None
    helped = await stand.post(
        path, {"text": "À Brest.", "answers": sent.json()["id"]}, as_staff("assistance")
    )
    assert helped.status_code == 201, helped.text
    for text in ("", "   ", "x" * 4_001, "\x00"):
        wrong = await stand.post(path, {"text": text}, as_body(dossier.body))
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-request")


async def test_messages_by_pages_and_in_the_ledger(stand: ServiceStand) -> None:
    """Each once, the newest first; an auditor finds them in the history, where nobody reads their words."""
    dossier, path = await offered(stand)
    await stand.deliver(dossier.of(OfferingAccepted))
    for number in range(5):
        sent = await stand.post(path, {"text": f"Message {number}"}, as_body(dossier.body))
    page = (await stand.get(f"{path}?limit=3", as_body(dossier.body), sent)).json()
    rest = (await stand.get(f"{path}?limit=3&after={page['next']}", as_body(dossier.body))).json()
    texts = [item["text"] for item in page["items"] + rest["items"]]
    assert texts == [f"Message {number}" for number in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
    history = await stand.get(f"/dossiers/{dossier.offering}/history", as_staff("auditor"))
    kinds = [each["type"].split(".")[-2] for each in history.json()["items"]]
    assert kinds.count("MessagePosted") == 5
    assert "Message 4" not in history.text


async def test_the_words_go_with_their_author(stand: ServiceStand, servers: Servers) -> None:
    """Once the person is erased, the message is there and says nothing."""
    dossier, path = await offered(stand)
    author = str(uuid4())
    anne = {
        "Authorization": f"Bearer {token('body', sub=author, body=str(dossier.body), rights=['prepare'])}"
    }
    sent = await stand.post(path, {"text": "Je suis malade."}, anne)
    assert sent.status_code == 201, sent.text
    name = await stand.runtime.keyring._pool.fetchval("select current_database()")
    eraser = dsn_of(servers.admin_dsn, name, "eraser", PASSWORD)
    async with asyncpg.create_pool(eraser, min_size=1, max_size=1) as pool:
        assert await Keyring(pool, bytes(range(32))).destroy(f"account-{author}")
    stand.runtime.keyring = Keyring(stand.runtime.keyring._pool, bytes(range(32)))  # as a process that starts
    (item,) = (await stand.get(path, as_manager("bretagne"), sent)).json()["items"]
    assert (item["text"], item["by"]) == (None, f"body:{author}")
