"""The feed over HTTP on a real ledger: who may read it, in order, page by page, and what is left out."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.attendance.service import SERVICE
from shared.events.attendance import CertificatesSubmitted
from shared.events.examples import EXAMPLES
from shared.ledger import Append, NewEvent
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, token


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Attendance with three events in one stream."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("feed")) as stand:
        record = EXAMPLES[CertificatesSubmitted].record()
        events = tuple(NewEvent(uuid4(), record) for _ in range(3))
        await stand.runtime.ledger.append(Append("certificates-1", 0, events, uuid4(), bytes(32)))
        yield stand


def subscribed(*topics: str) -> dict[str, str]:
    """The headers of a subscriber's system that was granted these topics."""
    return {"Authorization": f"Bearer {token('subscriber', scope=' '.join(topics))}"}


async def _all(stand: ServiceStand, headers: dict[str, str], limit: int = 2) -> list[dict[str, Any]]:
    """Every item of every partition, page by page."""
    items: list[dict[str, Any]] = []
    places = (await stand.get("/feed", headers)).raise_for_status().json()
    for place in places["partitions"]:
        after = 0
        while after < place["sequence"]:
            told = (
                await stand.get(f"/feed/{place['partition']}?after={after}&limit={limit}", headers)
            ).json()
            items += told["items"]
            after = told["next"]
    return items


async def test_a_subscriber_reads_what_it_was_granted_without_teachers(stand: ServiceStand) -> None:
    """Every event, in order, with its hash; the lines that name teachers are left out, and that is said."""
    items = await _all(stand, subscribed("formelie.attendance"))
    assert [item["sequence"] for item in items] == [1, 2, 3]
    assert all(item["redacted"] and item["event"]["data"]["lines"] == [] for item in items)
    assert all(len(bytes.fromhex(item["hash"])) == 32 for item in items)


@pytest.mark.parametrize("who", ["teachers", "auditor"])
async def test_whoever_needs_the_lines_gets_them(stand: ServiceStand, who: str) -> None:
    """A grant for teachers' lines, or the auditor, who reads everything."""
    granted = subscribed("formelie.attendance", "formelie.attendance:teachers")
    items = await _all(stand, granted if who == "teachers" else as_staff("auditor"))
    assert all(item["event"]["data"]["lines"] and not item["redacted"] for item in items)


async def test_another_topic_opens_nothing(stand: ServiceStand) -> None:
    """A system that was granted another context is refused, and told by whom flows are granted."""
    answer = await stand.get("/feed", subscribed("formelie.offerings"))
    assert (answer.status_code, answer.json()["code"]) == (403, "topic-not-granted")
    assert (await stand.get("/feed/99", subscribed("formelie.attendance"))).status_code == 404


async def test_people_have_no_feed(stand: ServiceStand) -> None:
    """Neither bodies nor managers nor Assistance: they have their dossiers."""
    for headers in (as_body(uuid4()), as_manager(), as_staff("assistance")):
        assert (await stand.get("/feed", headers)).json()["code"] == "not-allowed"


async def test_how_far_each_reader_is_and_what_it_was_last_refused(stand: ServiceStand) -> None:
    """A subscriber by what it asked for last, a consumer by its checkpoint; only those who oversee see it."""
    (place,) = [
        each
        for each in (await stand.get("/feed", as_staff("auditor"))).json()["partitions"]
        if each["sequence"]
    ]
    system = {"Authorization": f"Bearer {token('subscriber', sub='paie', scope='formelie.attendance')}"}
    await stand.get(f"/feed/{place['partition']}?after=2", system)
    elsewhere = {"Authorization": f"Bearer {token('subscriber', sub='paie', scope='formelie.offerings')}"}
    assert (await stand.get("/feed", elsewhere)).status_code == 403
    told = (await stand.get("/subscribers", as_staff("auditor"))).json()
    assert told["heads"][str(place["partition"])] == 3
    (reader,) = [each for each in told["readers"] if each["name"] == "paie"]
    assert reader["reached"] == {str(place["partition"]): 2}
    assert (reader["context"], reader["failure"]) == (None, "topic-not-granted")
    assert any(each["name"] == "attendance.views" for each in told["readers"])
    assert (await stand.get("/subscribers", as_manager())).status_code == 403
