"""Offerings over HTTP, on the real stack: R5 to R8, and whatever else people send."""

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from services.offerings.forms import FORM
from services.offerings.papers import references_in
from tests.integration.callers import Caller, Newcomer, Scene

PAPERS = Path(__file__).parents[2] / "ops/demo/inputs"
SCAN = (PAPERS / "order-without-stamp.pdf").read_bytes()
STAMPED = (PAPERS / "order-signed.pdf").read_bytes()
CSV = {"Content-Type": "text/csv"}


@dataclass(slots=True)
class Offered:
    """An offering of a referenced body, and its first session."""

    body: Newcomer
    id: str
    session: str

    @property
    def user(self) -> Caller:
        return self.body.user

    @property
    def desk(self) -> Caller:
        return self.body.desk

    async def ordered(self) -> str:
        """The address of its order."""
        made = await self.desk.done("POST", f"{self.session}/order")
        return f"offerings/orders/{made['id']}"


async def offered(scene: Scene, accepted: bool = True, **changes: Any) -> Offered:
    """A new body's offering."""
    body = await scene.referenced()
    made = await body.user.done("POST", "offerings/offerings", {"fields": FORM.example() | changes})
    if accepted:
        await body.desk.done("POST", f"offerings/offerings/{made['id']}/decision", {"decision": "accept"})
    shown = await body.user.done("GET", f"offerings/offerings/{made['id']}")
    return Offered(body, made["id"], f"offerings/sessions/{shown['sessions'][0]['id']}")


async def returned(
    found: Offered, order: str, content: bytes = SCAN, key: str | None = None
) -> dict[str, Any]:
    """The order, returned signed."""
    kept = await found.user.done("POST", "offerings/documents", files={"file": ("scan.pdf", content)})
    signed = {"document": kept["sha256"], "signatory": {"name": "Anne Le Goff", "capacity": "présidente"}}
    return await found.user.done("POST", f"{order}/signed-document", signed, key=key)


async def test_an_incomplete_offering_is_kept_and_says_what_is_missing(scene: Scene) -> None:
    """Field, label, tab and colour; what was typed is there again (R5)."""
    body = await scene.referenced()
    typed = FORM.example() | {"cost_type": None, "objectives": ""}
    problem = await body.user.refused(
        "offering-form-incomplete", "POST", "offerings/offerings", {"fields": typed}
    )
    assert [(each["label"], each["where"], each["colour"]) for each in problem["missing"]] == [
        ("Objectifs", "Pédagogie", "red"), ("Type de coût des sessions", "Session", "blue"),
    ]  # fmt: skip
    (draft,) = (await body.user.done("GET", "offerings/offerings/drafts"))["items"]
    assert draft["id"] in problem["detail"]
    assert (draft["title"], draft["missing"]) == (typed["title"], 2)
    kept = (await body.user.done("GET", f"offerings/offerings/drafts/{draft['id']}"))["fields"]
    assert kept == {name: value for name, value in typed.items() if value is not None}


async def test_a_draft_is_its_bodys_only(scene: Scene) -> None:
    """Another body neither reads nor replaces it."""
    one, other = await scene.referenced(), await scene.referenced()
    address = f"offerings/offerings/drafts/{uuid4()}"
    await one.user.done("PUT", address, {"fields": FORM.example()})
    await other.user.refused("not-found", "GET", address)
    await other.user.refused("not-found", "PUT", address, {"fields": {}})
    assert (await one.user.done("GET", address))["complete"]


async def test_only_an_accepted_body_submits(scene: Scene) -> None:
    """Not before it is referenced, nor while it is suspended; what it typed is kept."""
    body = await scene.newcomer()
    fields = {"fields": FORM.example()}
    await body.user.refused("body-not-accepted", "POST", "offerings/offerings", fields)
    assert len((await body.user.done("GET", "offerings/offerings/drafts"))["items"]) == 1
    await body.submit()
    await body.desk.done("POST", f"{body.request}/decision", {"decision": "accept"})
    suspended = f"registration/training-bodies/{body.id}/suspension"
    await body.desk.done("POST", suspended, {"reason": "Qualiopi échu.", "cause": "qualiopi-expired"})
    await body.user.refused("body-suspended", "POST", "offerings/offerings", fields)
    renewed = {"reason": "Certificat renouvelé.", "qualiopi_valid_until": "2029-01-14"}
    await body.desk.done("POST", f"registration/training-bodies/{body.id}/reinstatement", renewed)
    await body.user.done("POST", "offerings/offerings", fields)


async def test_a_rejected_offering_is_corrected_and_submitted_again(scene: Scene) -> None:
    """The same offering, its next revision, its sessions with the ids they had."""
    found = await offered(scene, accepted=False)
    decision = f"offerings/offerings/{found.id}/decision"
    await found.desk.refused("reasons-missing", "POST", decision, {"decision": "reject"})
    await found.desk.done("POST", decision, {"decision": "reject", "reasons": ["Objectifs trop vagues."]})
    shown = await found.user.done("GET", f"offerings/offerings/{found.id}")
    assert (shown["status"], shown["reasons"][0]["text"]) == ("rejected", "Objectifs trop vagues.")
    corrected = FORM.example() | {"objectives": "Lire un conte à une classe entière."}
    await found.user.done("POST", f"offerings/offerings/{found.id}/submission", {"fields": corrected})
    await found.desk.done("POST", decision, {"decision": "accept"})
    again = await found.user.done("GET", f"offerings/offerings/{found.id}")
    assert (again["status"], again["revision"]) == ("accepted", 2)
    assert again["sessions"][0]["id"] == shown["sessions"][0]["id"]


async def test_teachers_are_assigned_one_by_one_and_by_file(scene: Scene) -> None:
    """Good lines kept, bad ones explained; the same file again changes nothing."""
    found = await offered(scene)
    await found.desk.done("POST", f"{found.session}/assignments", {"unit": "1234", "teacher": "100"})
    content = "unit;teacher\n1234;100\n1234;101\n9999;102\n1234\n"
    put = {"content": content.encode(), "headers": CSV}
    key = uuid4().hex
    first = await found.desk.done("PUT", f"{found.session}/assignments.csv", key=key, **put)
    assert (first["added"], first["unchanged"], [bad["row"] for bad in first["refused"]]) == (1, 1, [4, 5])
    assert await found.desk.done("PUT", f"{found.session}/assignments.csv", key=key, **put) == first
    again = await found.desk.done("PUT", f"{found.session}/assignments.csv", **put)
    assert (again["added"], again["unchanged"], again["version"]) == (0, 2, first["version"])
    await found.desk.done("DELETE", f"{found.session}/assignments/1234/100")
    listed = await found.user.done("GET", f"{found.session}/assignments")
    assert listed["items"] == [{"unit": "1234", "teacher": "101"}]


async def test_a_large_file_is_one_command(scene: Scene) -> None:
    """Five thousand teachers in one append, listed in pages."""
    found = await offered(scene)
    lines = "".join(f"1234;T{number:05}\n" for number in range(5000))
    put = {"content": f"unit;teacher\n{lines}".encode(), "headers": CSV}
    answer = await found.desk.done("PUT", f"{found.session}/assignments.csv", **put)
    assert answer["added"] == 5000
    page = await found.user.done("GET", f"{found.session}/assignments?limit=100")
    following = await found.user.done("GET", f"{found.session}/assignments?limit=100&after={page['next']}")
    assert following["items"][0]["teacher"] == "T00100"


async def test_a_file_that_is_none_is_refused(scene: Scene) -> None:
    """By its type, by its header, or by its content."""
    found = await offered(scene)
    address = f"{found.session}/assignments.csv"
    await found.desk.refused("wrong-media-type", "PUT", address, {"unit": "1234"})
    await found.desk.refused("sheet-columns", "PUT", address, content=b"a;b\n1;2\n", headers=CSV)
    wrong = {"unit": "9999", "teacher": "100"}
    await found.desk.refused("unit-unknown", "POST", f"{found.session}/assignments", wrong)


async def test_only_an_accepted_offering_is_ordered(scene: Scene) -> None:
    """Nor a cancelled session."""
    found = await offered(scene, accepted=False)
    await found.desk.refused("offering-not-accepted", "POST", f"{found.session}/order")
    await found.user.refused("not-allowed", "POST", f"{found.session}/order")
    await found.user.done("POST", f"{found.session}/cancellation", {"reason": "Trop peu d'inscrits."})
    await found.desk.done("POST", f"offerings/offerings/{found.id}/decision", {"decision": "accept"})
    await found.desk.refused("session-cancelled", "POST", f"{found.session}/order")


async def test_an_order_is_issued_downloaded_signed_and_returned(scene: Scene) -> None:
    """R6: each state says who has the next step; the document is a PDF."""
    found = await offered(scene)
    order = await found.ordered()
    shown = await found.user.done("GET", order)
    assert (shown["status"], shown["holder"], shown["amount"]) == (
        "issued",
        "l'organisme de formation",
        "1250.00",
    )
    download = await found.user("GET", f"{order}/document")
    assert download.content.startswith(b"%PDF-")
    text = PdfReader(io.BytesIO(download.content)).pages[0].extract_text()
    assert (references_in(text)[0].number, shown["to_sign_again"]) == (shown["number"], None)
    assert [step["done"] for step in shown["steps"]] == [False, False]
    await returned(found, order)
    signed = await found.user.done("GET", order)
    assert (signed["status"], signed["signatory"]) == ("signed", "Anne Le Goff, présidente")
    assert [step["done"] for step in signed["steps"]] == [True, True]


async def test_an_unstamped_order_is_refused_and_returned_again(scene: Scene) -> None:
    """With its reasons (R6)."""
    found = await offered(scene)
    order = await found.ordered()
    refusal = {"reasons": ["Le tampon de l'organisme manque."]}
    await found.desk.refused("order-not-signed", "POST", f"{order}/signature-refusal", refusal)
    await returned(found, order)
    await found.desk.refused("reasons-missing", "POST", f"{order}/signature-refusal", {"reasons": []})
    await found.desk.done("POST", f"{order}/signature-refusal", refusal)
    shown = await found.user.done("GET", order)
    assert (shown["status"], shown["reasons"][0]["text"]) == (
        "signature-refused",
        "Le tampon de l'organisme manque.",
    )
    await returned(found, order, STAMPED)
    assert (await found.user.done("GET", order))["status"] == "signed"


async def test_a_session_has_one_order_in_force(scene: Scene) -> None:
    """Ten managers at once make one; a cancelled one makes room for another number."""
    found = await offered(scene)
    answers = await asyncio.gather(*(found.desk.done("POST", f"{found.session}/order") for _ in range(10)))
    assert len({answer["number"] for answer in answers}) == 1
    key = uuid4().hex
    order = f"offerings/orders/{answers[0]['id']}"
    await found.user.refused("offering-ordered", "POST", f"offerings/offerings/{found.id}/withdrawal", {})
    await found.desk.done("POST", f"{order}/cancellation", {"reason": "Reporté."}, key=key)
    second = await found.desk.done("POST", f"{found.session}/order", key=uuid4().hex)
    assert second["number"] != answers[0]["number"]


async def test_a_repeated_order_gets_its_first_answer(scene: Scene) -> None:
    """Even once it is cancelled and another is in force."""
    found, key = await offered(scene), uuid4().hex
    first = await found.desk.done("POST", f"{found.session}/order", key=key)
    await found.desk.done("POST", f"offerings/orders/{first['id']}/cancellation", {"reason": "Erreur."})
    second = await found.desk.done("POST", f"{found.session}/order")
    assert second["id"] != first["id"]
    assert await found.desk.done("POST", f"{found.session}/order", key=key) == first


@pytest.mark.parametrize("cost_type", ["per-trainee", "per-trainee-hour"])
async def test_the_amount_follows_the_trainees(scene: Scene, cost_type: str) -> None:
    """Nobody assigned: nothing to order yet."""
    found = await offered(scene, cost_type=cost_type)
    await found.desk.refused("no-trainee-assigned", "POST", f"{found.session}/order")
    for teacher in ("100", "101"):
        await found.desk.done("POST", f"{found.session}/assignments", {"unit": "1234", "teacher": teacher})
    made = await found.desk.done("POST", f"{found.session}/order")
    assert made["amount"] == {"per-trainee": "2500.00", "per-trainee-hour": "31250.00"}[cost_type]


async def test_a_session_moves_and_falls_out_with_its_order(scene: Scene) -> None:
    """The view says the new days; a cancelled session cancels its order."""
    found = await offered(scene)
    days = {"starts_on": "2027-04-08", "ends_on": "2027-04-07"}
    await found.user.refused("dates-out-of-order", "POST", f"{found.session}/reschedule", days)
    await found.user.done("POST", f"{found.session}/reschedule", days | {"ends_on": "2027-04-09"})
    order = await found.ordered()
    (session,) = (await found.user.done("GET", f"offerings/offerings/{found.id}"))["sessions"]
    assert (session["starts_on"], session["order_status"]) == ("2027-04-08", "issued")
    await found.desk.done("POST", f"{found.session}/cancellation", {"reason": "Trop peu d'inscrits."})
    assert (await found.user.done("GET", order))["status"] == "cancelled"


async def test_a_body_sees_its_own_offerings_and_orders_only(scene: Scene) -> None:
    """Another's look as if they did not exist; a manager of a territory does not see national ones."""
    one, other = await offered(scene), await offered(scene)
    order = await other.ordered()
    for path in (
        f"offerings/offerings/{other.id}",
        order,
        f"{order}/document",
        f"{other.session}/assignments",
    ):
        await one.user.refused("not-found", "GET", path)
        await scene.desk("gestionnaire.bretagne", other.user.seen).refused("not-found", "GET", path)
        assert (await scene.desk("auditeur", other.user.seen)("GET", path)).is_success
    listed = await one.user.done("GET", "offerings/offerings")
    assert [item["id"] for item in listed["items"]] == [one.id]
    assert (await one.user.done("GET", "offerings/orders"))["items"] == []


async def test_a_document_is_known_by_its_content(scene: Scene) -> None:
    """A PDF whatever its name; nothing else, not empty, and deposited before it is named."""
    found = await offered(scene)
    order = await found.ordered()
    documents = "offerings/documents"
    await found.user.refused("document-type", "POST", documents, files={"file": ("a.pdf", b"MZ" + b"x" * 99)})
    await found.user.refused("document-empty", "POST", documents, files={"file": ("a.pdf", b"")})
    await found.user.refused("invalid-request", "POST", documents, files={"other": ("a.pdf", SCAN)})
    one = await found.user.done("POST", documents, files={"file": ("../../etc/x", SCAN)})
    again = await found.user.done("POST", documents, files={"file": ("b.txt", SCAN)})
    assert (again["sha256"], one["name"]) == (one["sha256"], "x")
    unknown = {"document": "0" * 64, "signatory": {"name": "Anne", "capacity": "présidente"}}
    await found.user.refused("document-unknown", "POST", f"{order}/signed-document", unknown)


async def test_one_correlation_follows_the_dossier(scene: Scene) -> None:
    """From the request through the offering to the assignments and the order."""
    found = await offered(scene)
    await found.desk.done("POST", f"{found.session}/assignments", {"unit": "1234", "teacher": "100"})
    order = await found.ordered()
    session = found.session.rpartition("/")[2]
    streams = {
        "registration": [f"referencing-{found.body.id}", f"account-{found.body.account}"],
        "offerings": [f"offering-{found.id}", f"assignments-{session}", f"order-{order.rpartition('/')[2]}"],
    }
    assert len(await scene.correlations(streams)) == 1
