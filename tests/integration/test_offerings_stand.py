"""Offerings' drafts and orders' papers over HTTP on a real database; what attendance tells.  (R5, R6, F10, O4, O5)"""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader

from services.offerings import daily
from services.offerings.forms import FORM
from services.offerings.service import SERVICE
from shared.events import decode
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted
from shared.events.examples import EXAMPLES
from shared.events.registration import ReferencingAccepted
from shared.runtime.paris import today
from shared.runtime.reminders import BEFORE
from shared.runtime.territories import territories
from tests.scans import printed, scan, turned
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, service_stand

PAPERS = Path(__file__).parents[2] / "ops/demo/inputs"
SCAN = (PAPERS / "order-without-stamp.pdf").read_bytes()
STAMPED = (PAPERS / "order-signed.pdf").read_bytes()
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
WHO = {"name": "Anne Le Goff", "capacity": "présidente"}


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Offerings, shared by the tests of this module; each has a body and an offering of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("offerings")) as stand:
        stand.runtime.own = territories()
        yield stand


@dataclass(slots=True)
class Party:
    """A referenced body, its manager, and the last answer that either got."""

    stand: ServiceStand
    body: UUID
    desk: dict[str, str]
    last: httpx.Response | None = None

    @property
    def user(self) -> dict[str, str]:
        return as_body(self.body)

    async def does(
        self,
        who: dict[str, str],
        path: str,
        content: Any = None,
        key: str | None = None,
        method: str = "POST",
    ) -> dict[str, Any]:
        """A command that must be accepted."""
        answer = await self.stand.post(path, content, self._after(who), key, method)
        assert answer.is_success, answer.text
        self.last = answer if "position" in answer.headers else self.last
        done: dict[str, Any] = answer.json()
        return done

    async def refused(
        self, code: str, who: dict[str, str], path: str, content: Any = None, method: str = "POST"
    ) -> dict[str, Any]:
        """A command that must be refused with this code."""
        answer = await self.stand.post(path, content, self._after(who), method=method)
        assert answer.json().get("code") == code, answer.text
        problem: dict[str, Any] = answer.json()
        return problem

    async def reads(self, path: str, who: dict[str, str] | None = None) -> httpx.Response:
        """A read, after what was last written."""
        return await self.stand.get(path, who or self.user, self.last)

    async def ordered(self, **changes: Any) -> tuple[str, str]:
        """The addresses of a session of an accepted offering, and of its order."""
        made = await self.does(self.user, "/offerings", {"fields": FORM.example() | changes})
        offering = f"/offerings/{made['id']}"
        await self.does(self.desk, f"{offering}/decision", {"decision": "accept"})
        session = (await self.reads(offering)).json()["sessions"][0]["id"]
        order = await self.does(self.desk, f"/sessions/{session}/order", {})
        return f"/sessions/{session}", f"/orders/{order['id']}"

    async def returns(self, order: str, content: bytes, **said: Any) -> None:
        """The order, signed on paper and scanned."""
        document = await self.stand.deposit(self.user, content)
        await self.does(self.user, f"{order}/signed-document", {"document": document, **said})

    def _after(self, who: dict[str, str]) -> dict[str, str]:
        return who | ({"Read-After": self.last.headers["position"]} if self.last is not None else {})


async def party(stand: ServiceStand, **facts: Any) -> Party:
    """A body as registration tells of it."""
    body = uuid4()
    accepted = EXAMPLES[ReferencingAccepted].event
    assert isinstance(accepted, ReferencingAccepted)
    known = {"body_id": body, "perimeter": "national", "territory": None} | facts
    await stand.deliver(accepted.model_copy(update=known))
    return Party(stand, body, as_manager(facts.get("territory")))


async def test_another_orders_document_is_told_by_its_number(stand: ServiceStand) -> None:
    """What is printed on it says which; the order as downloaded is not signed (O4)."""
    one, other = await party(stand), await party(stand)
    (_, order), (_, theirs) = await one.ordered(), await other.ordered()
    wrong = (await other.reads(f"{theirs}/document")).content
    number = (await other.reads(theirs)).json()["number"]
    signed = {"document": await stand.deposit(one.user, wrong), "signatory": WHO}
    problem = await one.refused("order-document-other", one.user, f"{order}/signed-document", signed)
    assert number in problem["detail"]
    await other.refused("order-document-unsigned", other.user, f"{theirs}/signed-document", signed)


async def test_a_scan_is_matched_by_its_code(stand: ServiceStand) -> None:
    """Ours, of another order, of none: matched, refused under both numbers, taken and said to be looked at (R6, O4)."""
    one, other = await party(stand), await party(stand)
    (_, order), (_, theirs) = await one.ordered(), await other.ordered()
    number, wrong = [
        (await who.reads(path)).json()["number"] for who, path in ((one, order), (other, theirs))
    ]
    papers = {
        path: scan(turned(printed((await who.reads(f"{path}/document")).content), 3))
        for who, path in ((one, order), (other, theirs))
    }
    signed = {"document": await stand.deposit(one.user, papers[theirs]), "signatory": WHO}
    problem = await one.refused("order-document-other", one.user, f"{order}/signed-document", signed)
    assert number in problem["detail"]
    assert wrong in problem["detail"]
    await one.returns(order, PHOTO, signatory=WHO)
    await one.does(one.desk, f"{order}/signature-refusal", {"missing": ["legibility"]})
    await one.returns(order, papers[order])
    kept = (await one.reads(f"{order}/documents", one.desk)).json()["items"]
    assert [paper["recognised"] for paper in kept if paper["kind"] == "returned"] == [False, True]


async def test_every_version_of_an_order_is_kept_and_downloaded(stand: ServiceStand) -> None:
    """Issued, returned as a photo, refused, returned, amended, returned again; nobody else reads them (O4, O5)."""
    one, other = await party(stand), await party(stand)
    session, order = await one.ordered()
    await one.refused(
        "signatory-missing",
        one.user,
        f"{order}/signed-document",
        {"document": await stand.deposit(one.user, PHOTO)},
    )
    await one.returns(order, PHOTO, signatory=WHO)
    await one.does(one.desk, f"{order}/signature-refusal", {"missing": ["pages"]})
    shown = (await one.reads(order)).json()
    assert [step["done"] for step in shown["steps"]] == [True, False]
    await one.returns(order, SCAN)
    days, key = {"starts_on": "2027-04-08", "ends_on": "2027-04-09"}, uuid4().hex
    moved = await one.does(one.user, f"{session}/reschedule", days, key)
    assert moved["to_sign_again"]["by"] == "l'organisme de formation"
    assert await one.does(one.user, f"{session}/reschedule", days, key) == moved
    shown = (await one.reads(order)).json()
    assert (shown["status"], shown["to_sign_again"]) == ("issued", moved["to_sign_again"])
    assert shown["terms"]["starts_on"] == "2027-04-08"
    await one.returns(order, STAMPED)
    papers = (await one.reads(f"{order}/documents")).json()["items"]
    assert [paper["kind"] for paper in papers] == ["order", "returned", "returned", "amendment", "returned"]
    photo = await one.reads(f"{order}/documents/{papers[1]['sha256']}")
    assert (photo.content, photo.headers["content-type"]) == (PHOTO, "image/png")
    for who, paper in ((other.user, papers[1]["sha256"]), (one.user, "0" * 64)):
        assert (await one.reads(f"{order}/documents/{paper}", who)).json()["code"] == "not-found"


async def test_two_people_never_lose_each_others_words(stand: ServiceStand) -> None:
    """A field that changed meanwhile is told with both values; every other one is kept (R5, F7)."""
    one = await party(stand)
    draft = f"/offerings/drafts/{uuid4()}"
    whole = {name: value for name, value in FORM.example().items() if name != "cost_type"}
    first = await one.refused("offering-form-incomplete", one.user, draft, {"fields": whole}, "PUT")
    assert [(each["label"], each["colour"]) for each in first["missing"]] == [
        ("Type de coût des sessions", "blue")
    ]
    theirs = {"fields": {"title": "Dire"}, "revisions": first["revisions"]}
    await one.refused("offering-form-incomplete", one.user, draft, theirs, "PUT")
    mine = {"fields": {"title": "Lire", "cost_type": "par session"}, "revisions": first["revisions"]}
    conflict = await one.refused("draft-conflict", one.user, draft, mine, "PUT")
    (told,) = conflict["conflicts"]
    assert (told["label"], told["yours"], told["theirs"]) == ("Intitulé", "Lire", "Dire")
    shown = (await one.reads(draft)).json()
    assert (shown["complete"], shown["fields"]["title"]) == (True, "Dire")
    made = await one.does(one.user, f"{draft}/submission")
    assert (await one.reads(f"/offerings/{made['id']}")).json()["title"] == "Dire"
    assert (await one.reads(draft)).json()["code"] == "not-found"


async def test_an_offering_is_copied_and_a_rejected_one_is_taken_up_again(stand: ServiceStand) -> None:
    """A copy asks only for dates and prices; a rejected form is there to be corrected (F10, R2)."""
    one = await party(stand)
    fields = FORM.example() | {"trainers": "Anne Le Goff"}
    made = await one.does(one.user, "/offerings", {"fields": fields})
    key = uuid4().hex
    copy = await one.does(one.user, f"/offerings/{made['id']}/copy", key=key)
    assert await one.does(one.user, f"/offerings/{made['id']}/copy", key=key) == copy
    assert copy["fields"]["trainers"] == "Anne Le Goff"
    assert {each["label"] for each in copy["emptied"]} >= {"Date limite d'inscription", "Prix (session 1)"}
    rejection = {"decision": "reject", "reasons": ["Objectifs trop vagues."]}
    await one.does(one.desk, f"/offerings/{made['id']}/decision", rejection)
    draft = f"/offerings/drafts/{made['id']}"
    assert (await one.reads(draft)).json()["fields"]["objectives"] == fields["objectives"]
    await one.does(one.user, draft, {"fields": {"objectives": "Lire un conte."}}, method="PUT")
    await one.does(one.user, f"{draft}/submission")
    again = (await one.reads(f"/offerings/{made['id']}")).json()
    assert (again["revision"], again["form"]["objectives"]) == (2, "Lire un conte.")
    assert again["form"]["trainers"] == "Anne Le Goff"


async def test_a_regional_offering_is_of_its_bodys_territory(stand: ServiceStand) -> None:
    """Another's is refused, and what was typed is kept."""
    one = await party(stand, perimeter="regional", territory="bretagne")
    regional = FORM.example() | {"perimeter": "regional"}
    refused = {"fields": regional | {"territory": "normandie"}}
    decided = await one.does(one.user, "/offerings", {"fields": regional | {"territory": "bretagne"}})
    again = await one.refused(
        "offering-under-review",
        one.user,
        f"/offerings/{decided['id']}/submission",
        {"fields": regional | {"territory": "bretagne", "title": "Dire"}},
    )
    assert again["contact"]["email"] == "contact.bretagne@formiris.org"
    problem = await one.refused("offering-territory", one.user, "/offerings", refused)
    assert "bretagne" in problem["detail"]
    assert (await one.reads("/offerings/drafts")).json()["items"][0]["id"] in problem["detail"]


async def test_a_session_whose_certificates_are_deposited_stays(stand: ServiceStand) -> None:
    """It took place; once they are rejected it may be moved after all (O5)."""
    one = await party(stand)
    session, order = await one.ordered()
    told = {"session_id": UUID(session.rpartition("/")[2])}
    await stand.deliver(EXAMPLES[CertificatesSubmitted].event.model_copy(update=told))
    days, why = {"starts_on": "2027-04-08", "ends_on": "2027-04-09"}, {"reason": "Erreur."}
    await one.refused("session-attended", one.user, f"{session}/reschedule", days)
    await one.refused("session-attended", one.user, f"{session}/cancellation", why)
    await one.refused("session-attended", one.desk, f"{order}/cancellation", why)
    await stand.deliver(EXAMPLES[CertificatesRejected].event.model_copy(update=told))
    await one.does(one.user, f"{session}/reschedule", days)


async def test_a_sheet_as_people_make_it_assigns_teachers(stand: ServiceStand) -> None:
    """French headings, Windows letters, zeros in front; a dry run changes nothing, the same file once more neither."""
    one = await party(stand)
    session, _ = await one.ordered()
    content = "Unité pédagogique;Enseignant\r\n1234;007\r\n9999;100\r\n1234; 101 \r\n".encode("cp1252")
    address, csv = f"{session}/assignments.csv", one.desk | {"Content-Type": "text/csv"}
    counts = []
    for query in ("?dry_run=true", "", ""):
        done = await one.does(csv, address + query, content, method="PUT")
        counts.append(
            (done["read"], done["added"], done["unchanged"], [each["row"] for each in done["refused"]])
        )
    assert counts == [(3, 2, 0, [3]), (3, 2, 0, [3]), (3, 0, 2, [3])]
    listed = (await one.reads(f"{session}/assignments")).json()["items"]
    assert [each["teacher"] for each in listed] == ["007", "101"]


async def test_f11_a_receipt_is_kept_as_pdf_and_verified_by_anybody(stand: ServiceStand) -> None:
    """Its three lines are on it; a changed line is not known; nobody else downloads it."""
    one, other = await party(stand), await party(stand)
    made = await one.does(one.user, "/offerings", {"fields": FORM.example()})
    offering = f"/offerings/{made['id']}"
    (told,) = (await one.reads(f"{offering}/submissions")).json()["items"]
    paper = await one.reads(f"{offering}/submissions/1/receipt.pdf")
    words = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    shown = "".join(words.replace("\u200b", "").split())
    assert {True} == {each in shown for each in (made["id"], told["position"], told["hash"])}
    assert (await one.reads(f"{offering}/submissions/2/receipt.pdf")).status_code == 404
    assert (await other.reads(f"{offering}/submissions/1/receipt.pdf")).status_code == 404
    _, partition, sequence = told["position"].split("/")
    place = f"/v1/receipts/{partition}/{sequence}"

    async def verdict(**changes: str) -> dict[str, Any]:
        asked = {"dossier": made["id"], "hash": told["hash"]} | changes
        answer = await stand.http.get(place, params=asked)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    at = datetime.fromisoformat(told["at"])
    found = await verdict()
    assert (found["verdict"], found["kind"]) == ("intact", "Prestation")
    assert datetime.fromisoformat(found["at"]) == at
    unknown = {"verdict": "unknown", "kind": None, "at": None}
    assert await verdict(hash="0" * 64) == await verdict(dossier=str(uuid4())) == unknown
    assert (await stand.http.get(place, params={"dossier": made["id"], "hash": "x"})).status_code == 422


async def test_f6_a_draft_is_reminded_of_once_before_its_deadline(stand: ServiceStand) -> None:
    """A week before, whoever runs it at once; never again; given up, it is said; one that was submitted is none."""
    one, day = await party(stand), today()
    first = day + timedelta(days=40)
    left, sent, never = (f"/offerings/drafts/{uuid4()}" for _ in range(3))
    for draft in (left, sent, never):
        dates = {"registration_deadline": first.isoformat(), "total_hours": None}
        await one.stand.post(draft, {"fields": FORM.example() | dates}, one.user, method="PUT")
    await one.does(one.user, sent, {"fields": {"total_hours": FORM.example()["total_hours"]}}, method="PUT")
    await one.does(one.user, f"{sent}/submission")
    assert (await stand.post(never, None, one.user, method="DELETE")).status_code == 204

    async def told(draft: str) -> list[str]:
        rows = await stand.runtime.ledger.stream(f"draft-{draft.rpartition('/')[2]}")
        return [decode(row.record).data.wire.split(".")[-2] for row in rows]

    await daily.run(stand.runtime, first - BEFORE - timedelta(days=1))
    assert await told(left) == []
    await asyncio.gather(*(daily.run(stand.runtime, first - BEFORE) for _ in range(4)))
    assert (await told(left), await told(sent), await told(never)) == (["DraftReminded"], [], [])
    await one.stand.post(left, {"fields": {"keywords": ["voix"]}}, one.user, method="PUT")
    await daily.run(stand.runtime, first)
    assert await told(left) == ["DraftReminded"]
    other = await party(stand)
    for who in (other, one, one):
        await stand.post(left, None, who.user, method="DELETE")
    assert await told(left) == ["DraftReminded", "DraftGivenUp"]
