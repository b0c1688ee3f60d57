"""Attendance over HTTP on a real database: what it learns, what it accepts and refuses, what it shows."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.attendance.service import SERVICE
from shared.events import Clear, Event
from shared.events.offerings import (
    OfferingSubmitted,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
    Session,
    SessionCancelled,
    SessionRescheduled,
    TeacherAssigned,
    TeacherUnassigned,
    TeachingUnit,
)
from shared.events.parts import Reason
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, tables_of

TODAY = date.today()  # noqa: DTZ011 - the day is all that matters
STARTS, ENDS = TODAY - timedelta(days=5), TODAY - timedelta(days=1)
UNITS = (TeachingUnit(code="UP1", title="Lire", hours=Decimal("7.00")),)


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Attendance, shared by the tests of this module; each has a body and a session of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("attendance")) as stand:
        yield stand


class Dossier:
    """The events of one session's life, as offerings tells them."""

    def __init__(self) -> None:
        self.body, self.session, self.offering, self.order = uuid4(), uuid4(), uuid4(), uuid4()
        self.user = as_body(self.body)
        self.of_order: Any = {
            "order_id": self.order, "number": "BC-1", "body_id": self.body, "offering_id": self.offering,
            "session_id": self.session,
        }  # fmt: skip
        self.of_session: Any = {
            "offering_id": self.offering,
            "session_id": self.session,
            "body_id": self.body,
        }

    def offered(self) -> Event:
        session = Session(
            session_id=self.session,
            starts_on=STARTS,
            ends_on=ENDS,
            place="Rennes",
            price=Decimal("100.00"),
            units=UNITS,
        )
        return OfferingSubmitted(
            offering_id=self.offering, body_id=self.body, body_name="Institut", revision=1, title="Lire",
            perimeter="regional", territory="bretagne", kind="inter-school", total_hours=Decimal("7.00"),
            cost_type="per-trainee", sessions=(session,),
        )  # fmt: skip

    def issued(self) -> Event:
        return OrderIssued(
            **self.of_order, body_name="Institut", title="Lire", starts_on=STARTS, ends_on=ENDS, place="Rennes",
            perimeter="regional", territory="bretagne", cost_type="per-trainee", price=Decimal("100.00"),
            amount_ceiling=Decimal("500.00"), units=UNITS, document_hash="0" * 64, issued_by="m",
        )  # fmt: skip

    def signed(self) -> Event:
        return OrderSigned(
            **self.of_order, document_hash="1" * 64, document_size=9, document_media_type="application/pdf",
            signatory=Clear("signatory-1", "A. Nom"), signed_on=TODAY, deposited_by="b",
        )  # fmt: skip

    def assigned(self, teacher: str = "100001", unit: str = "UP1") -> Event:
        return TeacherAssigned(**self.of_session, unit_code=unit, teacher_number=teacher)

    def unassigned(self, teacher: str = "100001") -> Event:
        return TeacherUnassigned(**self.of_session, unit_code="UP1", teacher_number=teacher)

    def everything(self) -> list[Event]:
        return [self.offered(), self.issued(), self.signed(), self.assigned()]

    @property
    def path(self) -> str:
        return f"/sessions/{self.session}/certificates"


async def deposit(
    stand: ServiceStand, dossier: Dossier, teacher: str = "100001", hours: Any = "7.00"
) -> dict[str, Any]:
    line = {"teacher": teacher, "unit": "UP1", "hours": hours, "from": str(STARTS), "to": str(ENDS)}
    return {"sheet": await stand.deposit(dossier.user), "lines": [line]}


async def test_from_the_deposit_to_the_validation(stand: ServiceStand) -> None:
    """Deposited by the body, validated by its territory's manager; each read sees what was just done."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    made = await stand.post(dossier.path, await deposit(stand, dossier), dossier.user)
    assert made.status_code == 201, made.text
    assert made.json()["id"] == str(dossier.session)
    shown = (await stand.get(dossier.path, dossier.user, after=made)).json()
    assert (shown["status"], shown["holder"], shown["revision"]) == ("submitted", "Formiris", 1)
    waiting = await stand.get("/certificates", as_manager("bretagne"), after=made)
    assert str(dossier.session) in [item["session_id"] for item in waiting.json()["items"]]
    assert (await stand.get("/certificates", as_manager("normandie"))).json()["items"] == []
    validated = await stand.post(f"{dossier.path}/validation", b"", as_manager("bretagne"))
    assert validated.status_code == 200, validated.text
    answer = await stand.get(dossier.path, as_manager("bretagne"), after=validated)
    assert answer.json()["totals"] == {
        "units": [{"unit_code": "UP1", "trainees": 1, "hours": "7.00"}], "trainees": 1, "hours": "7.00"
    }  # fmt: skip
    assert answer.headers["etag"] == '"2"'


async def test_each_missing_step_is_told_before_and_when_depositing(stand: ServiceStand) -> None:
    """Reading says what depositing would be refused for: no order, not returned, refused, cancelled (R7)."""
    dossier = Dossier()
    content = await deposit(stand, dossier)
    refused_signature = OrderSignatureRefused(
        **dossier.of_order,
        document_hash="1" * 64,
        reasons=(Reason(text="Le tampon manque."),),
        refused_by="m",
    )
    cancelled = OrderCancelled(**dossier.of_order, cancelled_by="m", cause="Doublon.")
    for event, code, holder in [
        (dossier.offered(), "order-not-issued", "Formiris"),
        (dossier.issued(), "order-not-signed", "l'organisme de formation"),
        (refused_signature, "order-signature-refused", "l'organisme de formation"),
        (cancelled, "order-cancelled", "Formiris"),
    ]:
        await stand.deliver(event)
        shown = (await stand.get(dossier.path, dossier.user)).json()
        assert (shown["why_not"]["code"], shown["holder"], shown["can_submit"]) == (code, holder, False)
        answer = await stand.post(dossier.path, content, dossier.user)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert answer.json()["detail"] == shown["why_not"]["detail"]
        assert answer.json()["missing"] == shown["missing"]


async def test_the_sentence_of_the_faq(stand: ServiceStand) -> None:
    """A teacher without assignment, or no longer assigned, is refused in Formiris's own words (R8)."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything(), dossier.assigned("100002"), dossier.unassigned("100002"))
    for teacher in ("123456", "100002"):
        answer = await stand.post(dossier.path, await deposit(stand, dossier, teacher), dossier.user)
        assert answer.status_code == 422
        assert answer.json()["detail"] == (
            f'Erreur Aucune affectation trouvée pour l\'enseignant "{teacher}" dans l\'unité pédagogique "UP1"'
        )
        assert answer.json()["faq"]["link"] == "/aide#deposer-attestations"


async def test_a_rejection_is_corrected(stand: ServiceStand) -> None:
    """The reasons are shown, whole and by line; the corrected deposit is validated."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    await stand.post(dossier.path, await deposit(stand, dossier), dossier.user)
    reasons = [{"teacher": "100001", "unit": "UP1", "text": "Absent l'après-midi."}]
    rejected = await stand.post(f"{dossier.path}/rejection", {"reasons": reasons}, as_manager())
    assert rejected.status_code == 200, rejected.text
    shown = (await stand.get(dossier.path, dossier.user, after=rejected)).json()
    assert (shown["status"], shown["can_submit"]) == ("rejected", True)
    assert shown["line_reasons"][0]["text"] == "Absent l'après-midi."
    again = await stand.post(dossier.path, await deposit(stand, dossier, hours=3.5), dossier.user)
    shown = (await stand.get(dossier.path, dossier.user, after=again)).json()
    assert (shown["status"], shown["revision"], shown["reasons"]) == ("submitted", 2, [])
    assert shown["lines"][0]["hours"] == "3.50"


async def test_a_session_moved_or_cancelled(stand: ServiceStand) -> None:
    """The new dates hold back the deposit; events of another stream may come before the session's own."""
    dossier, cancelled = Dossier(), Dossier()
    moved = SessionRescheduled(
        **dossier.of_session, starts_on=STARTS, ends_on=TODAY + timedelta(days=2), previous_starts_on=STARTS,
        previous_ends_on=ENDS, rescheduled_by="b",
    )  # fmt: skip
    await stand.deliver(moved)
    assert (await stand.get(dossier.path, dossier.user)).status_code == 404
    await stand.deliver(*dossier.everything())
    assert (await stand.get(dossier.path, dossier.user)).json()["why_not"]["code"] == "session-not-over"
    await stand.deliver(*cancelled.everything())
    await stand.deliver(
        SessionCancelled(**cancelled.of_session, cancelled_by="m", cause="Trop peu d'inscrits.")
    )
    assert (await stand.get(cancelled.path, cancelled.user)).json()["why_not"]["code"] == "session-cancelled"


async def test_who_may_do_what(stand: ServiceStand) -> None:
    """Another body and another territory cannot tell that the dossier exists; auditors only read."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    content = await deposit(stand, dossier)
    assert (await stand.post(dossier.path, content, as_body(uuid4()))).status_code == 404
    assert (await stand.post(dossier.path, content, as_manager())).status_code == 403
    assert (await stand.get(dossier.path, as_manager("normandie"))).status_code == 404
    for headers in (as_staff("auditor"), as_staff("assistance"), as_manager()):
        assert (await stand.get(dossier.path, headers)).status_code == 200
    assert (await stand.post(f"{dossier.path}/validation", b"", as_staff("auditor"))).status_code == 403
    assert (await stand.http.get(f"/v1{dossier.path}")).status_code == 401


async def test_a_command_is_answered_once(stand: ServiceStand) -> None:
    """The same key gives the first answer, even after more has happened; another body under it is refused."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    content = await deposit(stand, dossier)
    first = await stand.post(dossier.path, content, dossier.user, key="deposit-0001")
    await stand.post(f"{dossier.path}/validation", b"", as_manager())
    again = await stand.post(dossier.path, content, dossier.user, key="deposit-0001")
    assert (again.status_code, again.json()) == (201, first.json())
    other = await stand.post(
        dossier.path, await deposit(stand, dossier, hours=1), dossier.user, key="deposit-0001"
    )
    assert other.json()["code"] == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hours": "-1"}, "invalid-request"),
        ({"hours": "NaN"}, "invalid-request"),
        ({"hours": "7.001"}, "invalid-request"),
        ({"hours": "8"}, "hours-exceed-plan"),
        ({"teacher": "12\u000034"}, "invalid-request"),
        ({"teacher": 123456}, "invalid-request"),
        ({"unit": "x" * 21}, "invalid-request"),
        ({"from": "yesterday"}, "invalid-request"),
        ({"colour": "red"}, "invalid-request"),
        ({"to": str(TODAY + timedelta(days=9))}, "dates-outside-session"),
    ],
)
async def test_a_bad_line(stand: ServiceStand, change: dict[str, Any], code: str) -> None:
    """A problem with a stable code names what is wrong; nothing is written."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    content = await deposit(stand, dossier)
    content["lines"][0] |= change
    answer = await stand.post(dossier.path, content, dossier.user)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["missing"]
    assert (await stand.get(dossier.path, dossier.user)).json()["status"] == "none"


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[" * 5000, 400), (b"\xff\xfe", 400), (b"[]", 422), (b'{"reasons": []}', 422), (b"", 422),
     (b'{"reasons": [{"text": "\\u0000"}]}', 422), (b'{"reasons": [{"text": "\\ud800"}]}', 422),
     (b'{"reasons": [{"teacher": "1", "text": "sans unite"}]}', 422)],
)  # fmt: skip
async def test_garbage(stand: ServiceStand, content: bytes, status: int) -> None:
    """Whatever is sent, a problem; never a fault of ours."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    answer = await stand.post(f"{dossier.path}/rejection", content, as_manager())
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_document_is_a_pdf(stand: ServiceStand) -> None:
    """By its content; and a sheet that was not deposited is not accepted."""
    answer = await stand.http.post(
        "/v1/documents", files={"file": ("x.pdf", b"MZ.exe")}, headers=as_body(uuid4())
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "document-type")
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    content = await deposit(stand, dossier) | {"sheet": "a" * 64}
    assert (await stand.post(dossier.path, content, dossier.user)).json()["code"] == "document-unknown"


async def test_a_stale_version_is_refused(stand: ServiceStand) -> None:
    """A manager who read an older version decides on nothing unseen."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    await stand.post(dossier.path, await deposit(stand, dossier), dossier.user)
    stale = as_manager() | {"If-Match": '"7"'}
    answer = await stand.post(f"{dossier.path}/validation", b"", stale)
    assert (answer.status_code, answer.json()["code"]) == (412, "version-mismatch")


async def test_the_views_equal_their_replay(servers: Servers, tmp_path: Path) -> None:
    """One event at a time or all in one batch: the same rows."""
    dossier = Dossier()
    async with (
        service_stand(SERVICE, servers, tmp_path) as one,
        service_stand(SERVICE, servers, tmp_path) as other,
    ):
        for event in [
            *dossier.everything(),
            dossier.assigned("100002"),
            dossier.unassigned("100002"),
            dossier.offered(),
        ]:
            await one.deliver(event)
        await other.deliver_again("offerings", one.delivered)
        await other.deliver_again("offerings", one.delivered)
        assert await tables_of(other.runtime.pool) == await tables_of(one.runtime.pool)
