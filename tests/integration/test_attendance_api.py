"""Attendance over HTTP on a real database: what it learns, what it accepts and refuses, what it shows."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pypdf import PdfReader

from services.attendance.service import SERVICE
from shared.events import Clear, Event
from shared.events.offerings import (
    OfferingSubmitted,
    OrderAmended,
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
from shared.events.parts import Office, Reason
from shared.events.registration import ReferencingRequested
from shared.runtime.paris import today
from tests.papers import pdf
from tests.receipts import assert_proven
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, tables_of, token

TODAY = today()
STARTS, ENDS = TODAY - timedelta(days=5), TODAY - timedelta(days=1)
SHEET = pdf("Feuille corrigée")
UNITS = (TeachingUnit(code="UP1", title="Lire", hours=Decimal("7.00")),)


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Attendance, shared by the tests of this module; each has a body and a session of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("attendance")) as stand:
        yield stand


class Dossier:
    """The events of one session's life, as offerings tells them."""

    def __init__(self, body: UUID | None = None) -> None:
        self.body, self.session, self.offering, self.order = body or uuid4(), uuid4(), uuid4(), uuid4()
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

    def amended(self) -> Event:
        return OrderAmended(
            **self.of_order, amendment=1, starts_on=STARTS, ends_on=ENDS, place="Brest", document_hash="2" * 64,
            amended_by="m",
        )  # fmt: skip

    def moved(self, place: str | None) -> Event:
        return SessionRescheduled(
            **self.of_session, starts_on=STARTS, ends_on=ENDS, previous_starts_on=STARTS, previous_ends_on=ENDS,
            rescheduled_by="b", place=place,
        )  # fmt: skip

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
    kind = "Attestations de présence"
    await assert_proven(stand, f"{dossier.path}/submissions", dossier.user, str(dossier.session), kind)
    assert (await stand.get(f"{dossier.path}/submissions", as_body(uuid4()))).status_code == 404
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


async def test_sessions_by_what_is_to_be_done(stand: ServiceStand) -> None:
    """Open ones, those not yet with why, those at Formiris, those done: each body its own, page after page."""
    body = uuid4()
    kinds = {name: Dossier(body) for name in ("open", "later", "early", "submitted", "validated")}
    for name, dossier in kinds.items():
        await stand.deliver(dossier.offered(), *([] if name == "early" else dossier.everything()[1:]))
    later = kinds["later"]
    await stand.deliver(
        SessionRescheduled(
            **later.of_session, starts_on=TODAY, ends_on=TODAY + timedelta(days=9), previous_starts_on=STARTS,
            previous_ends_on=ENDS, rescheduled_by="b",
        )
    )  # fmt: skip
    for name in ("submitted", "validated"):
        made = await stand.post(kinds[name].path, await deposit(stand, kinds[name]), kinds[name].user)
    made = await stand.post(f"{kinds['validated'].path}/validation", b"", as_manager("bretagne"))

    async def listed(stage: str, **more: Any) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in {"stage": stage, **more}.items())
        answer = await stand.get(f"/sessions?{query}", as_body(body), after=made)
        return cast("list[dict[str, Any]]", answer.json()["items"])

    assert [each["id"] for each in await listed("open")] == [str(kinds["open"].session)]
    early, moved = await listed("not-yet")
    assert (early["why_not"]["code"], moved["why_not"]["code"]) == ("order-not-issued", "session-not-over")
    assert [each["holder"] for each in await listed("submitted")] == ["Formiris"]
    assert [each["status"] for each in await listed("validated")] == ["validated"]
    first = await listed("not-yet", limit=1)
    following = await listed("not-yet", limit=1, after=first[0]["id"])
    assert [first[0]["id"], following[0]["id"]] == [early["id"], moved["id"]]
    assert (await stand.get("/sessions", as_body(uuid4()))).json() == {"items": [], "next": None}


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


async def imported(
    stand: ServiceStand, dossier: Dossier, content: bytes, dry_run: bool = False
) -> dict[str, Any]:
    asked = f"/v1{dossier.path}/import?dry_run={str(dry_run).lower()}"
    answer = await stand.http.post(asked, files={"file": ("a.csv", content)}, headers=dossier.user)
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json())


def filled(template: bytes, hours: dict[str, str]) -> bytes:
    """The template as a spreadsheet on Windows saves it, hours typed for each teacher."""
    header, *rows = csv.reader(io.StringIO(template.decode("utf-8-sig")), delimiter=";")
    at = header.index("Heures faites")
    typed = [[*row[:at], hours[row[1]], *row[at + 1 :]] for row in rows if row[1] in hours]
    return "\r\n".join(";".join(row) for row in [header, *typed]).encode("cp1252")


async def test_a_spreadsheet_becomes_certificates(stand: ServiceStand) -> None:
    """Filled in, tried, imported, mended, imported again, compared, deposited: nothing is typed twice."""
    dossier = Dossier()
    await stand.deliver(
        *dossier.everything(), *(dossier.assigned(teacher) for teacher in ("000123", "100003"))
    )
    template = await stand.get(f"{dossier.path}/template.csv", dossier.user)
    content = filled(template.content, {"000123": "6h30", "100001": "7,00", "100003": "8"})
    tried = await imported(stand, dossier, content, dry_run=True)
    assert (tried["read"], tried["kept"], tried["version"], tried["fixed_file"]) == (3, 2, 0, None)
    kept = await imported(stand, dossier, content)
    assert (kept["kept"], kept["changed"], kept["version"]) == (2, 2, 1)
    assert [(each["row"], each["column"], each["code"]) for each in kept["refused"]] == [
        (4, "Heures faites", "hours-exceed-plan")
    ]
    assert kept["help"]["hours-exceed-plan"]["contact"]
    twice = await imported(stand, dossier, content)
    assert (twice["changed"], twice["version"], twice["refused"]) == (0, 1, kept["refused"])
    to_mend = await stand.http.get(kept["fixed_file"], headers=dossier.user)
    header, row = csv.reader(io.StringIO(to_mend.content.decode("utf-8-sig")), delimiter=";")
    assert (header[-1], row[1]) == ("Motif", "100003")
    assert "8 h" in row[-1]
    mended = await imported(stand, dossier, to_mend.content.replace(b";8;", b";0;"))
    assert (mended["kept"], mended["refused"], mended["fixed_file"]) == (1, [], None)
    sheet = await stand.deposit(dossier.user)
    draft = await stand.post(
        f"{dossier.path}/draft", {"sheet": sheet, "sheet_hours": "13,5"}, dossier.user, method="PUT"
    )
    shown = draft.json()
    assert shown["can_submit"], shown["checklist"]
    assert [line["teacher"] for line in shown["lines"]] == ["000123", "100001", "100003"]
    assert (shown["totals"]["planned"], shown["totals"]["done"]) == ("21.00", "13.50")
    made = await stand.post(f"{dossier.path}/draft/deposit", b"", dossier.user, key="from-the-draft")
    assert made.status_code == 201, made.text
    again = await stand.post(f"{dossier.path}/draft/deposit", b"", dossier.user, key="from-the-draft")
    assert again.json() == made.json()
    deposited = (await stand.get(dossier.path, dossier.user, after=made)).json()
    assert [line["hours"] for line in deposited["lines"]] == ["6.50", "7.00", "0.00"]
    late = await stand.post(f"{dossier.path}/draft", {"lines": []}, dossier.user, method="PUT")
    assert late.json()["code"] == "certificates-awaiting-validation"


async def test_a_workbook_and_what_is_no_sheet(stand: ServiceStand) -> None:
    """The template for Excel comes back with its zeros; a file that is no spreadsheet is said so, and nothing kept."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything(), dossier.assigned("000123"))
    template = await stand.get(f"{dossier.path}/template.xlsx", dossier.user)
    found = await imported(stand, dossier, template.content)
    assert [each["code"] for each in found["refused"]] == ["line-incomplete"] * 2
    refused = await stand.get(f"{dossier.path}/refused.csv", dossier.user)
    assert ";000123;" in refused.content.decode("utf-8-sig")
    for content, code in [(b"", "document-empty"), (b"a;b\n1;2\n", "sheet-columns")]:
        answer = await stand.http.post(f"/v1{dossier.path}/import", content=content, headers=dossier.user)
        assert answer.json()["code"] == code


async def test_line_by_line(stand: ServiceStand) -> None:
    """One line rejected: the other stands, only the first is redone, both sheets stay, then the paper is there."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything(), dossier.assigned("100002"))
    first = await stand.deposit(dossier.user)
    await stand.post(f"{dossier.path}/draft/everyone-present", b"", dossier.user)
    await stand.post(f"{dossier.path}/draft", {"sheet": first}, dossier.user, method="PUT")
    await stand.post(f"{dossier.path}/draft/deposit", b"", dossier.user)
    wrong = {"teacher": "100002", "unit": "UP1", "decision": "rejected", "reason": "Absent l'après-midi."}
    undecided = await stand.post(f"{dossier.path}/decision", {"lines": [wrong]}, as_manager())
    assert undecided.json()["code"] == "lines-undecided"
    decided = await stand.post(
        f"{dossier.path}/decision", {"lines": [wrong], "others": "validated"}, as_manager()
    )
    assert decided.status_code == 200, decided.text
    shown = (await stand.get(dossier.path, dossier.user, after=decided)).json()
    assert [(line["teacher_number"], line["status"], line["reasons"]) for line in shown["lines"]] == [
        ("100001", "validated", []), ("100002", "rejected", ["Absent l'après-midi."])
    ]  # fmt: skip
    early = await stand.get(f"{dossier.path}/certificate.pdf", dossier.user)
    assert early.json()["code"] == "certificate-not-ready"
    second = await stand.deposit(dossier.user, SHEET)
    line = {"teacher": "100002", "unit": "UP1", "hours": "3,5", "from": str(STARTS), "to": str(STARTS)}
    draft = await stand.post(
        f"{dossier.path}/draft", {"lines": [line], "sheet": second}, dossier.user, method="PUT"
    )
    assert draft.json()["lines"][0]["rejected_because"] == ["Absent l'après-midi."]
    again = await stand.post(f"{dossier.path}/draft/deposit", b"", dossier.user)
    waiting = await stand.get("/certificates", as_manager("bretagne"), after=again)
    (item,) = [each for each in waiting.json()["items"] if each["session_id"] == str(dossier.session)]
    assert (item["lines"], item["to_decide"]) == (2, 1)
    before, since = (await stand.get(f"{dossier.path}/submissions", as_manager("bretagne"))).json()["items"]
    assert [[line["hours"] for line in each["lines"]] for each in (before, since)] == [
        ["7.00"] * 2,
        ["7.00", "3.50"],
    ]
    assert [line["text"] for line in before["rejected"]] == ["Absent l'après-midi."]
    assert since["rejected"] == []
    right = wrong | {"decision": "validated"}
    whole = await stand.post(f"{dossier.path}/decision", {"lines": [right]}, as_manager())
    shown = (await stand.get(dossier.path, dossier.user, after=whole)).json()
    assert (shown["status"], shown["totals"]["hours"]) == ("validated", "10.50")
    sheets = (await stand.get(f"{dossier.path}/sheets", as_manager())).json()["items"]
    assert [(each["revision"], each["sha256"]) for each in sheets] == [(2, second), (1, first)]
    downloaded = await stand.get(f"{dossier.path}/sheets/{second}", as_manager())
    assert downloaded.content == SHEET
    paper = await stand.get(f"{dossier.path}/certificate.pdf?teacher=100002", dossier.user)
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert "100002" in text
    assert "100001" not in text


async def test_a_draft_is_its_bodys(stand: ServiceStand) -> None:
    """Nobody's words are lost to a stale page; what is not sent is not Formiris's; another body's sheet is not one."""
    dossier, other = Dossier(), Dossier()
    await stand.deliver(*dossier.everything())
    path = f"{dossier.path}/draft"
    first = await stand.post(path, {"sheet_hours": "7"}, dossier.user, method="PUT")
    assert first.headers["etag"] == '"1"'
    stale = await stand.post(path, {"sheet_hours": "6"}, dossier.user | {"If-Match": '"0"'}, method="PUT")
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    assert (await stand.get(path, as_manager())).status_code == 403
    assert (await stand.get(path, as_staff("assistance"))).json()["sheet_hours"] == "7"
    assert (await stand.get(path, other.user)).status_code == 404
    theirs = await stand.deposit(other.user, SHEET)
    named = await stand.post(path, {"sheet": theirs}, dossier.user, method="PUT")
    assert named.json()["code"] == "document-unknown"
    assert (await stand.get(f"{dossier.path}/sheets/{theirs}", dossier.user)).status_code == 404


async def test_who_to_ask_is_the_office_of_the_territory(stand: ServiceStand) -> None:
    """Learnt from registration; an amended order is to be returned again (R1, R7)."""
    dossier = Dossier()
    office = Office(name="Formiris Bretagne", email="contact.bretagne@formiris.org")
    contact = Clear(f"contact-{dossier.body}", "A. Nom")
    requested = ReferencingRequested(
        request_id=dossier.body, body_name="Institut", body_kind="private", perimeter="regional",
        territory="bretagne", office=office, contact_name=contact, contact_email=contact,
    )  # fmt: skip
    await stand.deliver(requested, *dossier.everything(), dossier.amended())
    shown = (await stand.get(dossier.path, dossier.user)).json()
    assert (shown["why_not"]["code"], shown["contact"]["email"]) == ("order-amended", office.email)
    assert shown["link"] == f"/bons-de-commande/{dossier.order}"
    assert shown["since"]


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


async def test_a_document_may_come_in_parts(stand: ServiceStand) -> None:
    """Each answer says where to go on; what is out of place changes nothing; one's own only; gone once it is kept."""
    mine, content, name = as_body(uuid4()), pdf("Feuille") + bytes(500), uuid4()
    path = f"/documents/parts/{name}"
    other = {"Authorization": f"Bearer {token('body', sub='another', body=str(uuid4()), rights=['prepare'])}"}

    async def sends(offset: int, part: bytes, whose: dict[str, str] = mine) -> int:
        answer = await stand.post(f"{path}?offset={offset}", part, whose, method="PUT")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["received"])

    assert await sends(0, content[:300]) == 300
    assert await sends(0, content[:300]) == 300, "the answer was lost: sent again"
    assert await sends(700, content[700:]) == 300, "out of place"
    assert (await stand.get(path, other)).json() == {"received": 0}, "somebody else's"
    assert await sends(300, content[300:]) == len(content)
    kept = await stand.post(f"/documents?upload={name}&name=emargement.pdf", b"", mine)
    assert (kept.status_code, kept.json()["name"], kept.json()["scanned"]) == (201, "emargement.pdf", False)
    assert kept.json()["sha256"] == sha256(content).hexdigest()
    assert (await stand.get(path, mine)).json() == {"received": 0}
    again = await stand.post(f"/documents?upload={name}&name=emargement.pdf", b"", mine)
    assert again.json()["code"] == "document-empty"
    too_much = await stand.post(f"{path}?offset=19999999", b"12", mine, method="PUT")
    assert too_much.json()["code"] == "document-too-large"


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
            dossier.moved("Brest"),
            dossier.moved(None),
            dossier.amended(),
            dossier.signed(),
            dossier.offered(),
        ]:
            await one.deliver(event)
        await other.deliver_again("offerings", one.delivered)
        await other.deliver_again("offerings", one.delivered)
        assert await tables_of(other.runtime.pool) == await tables_of(one.runtime.pool)


async def test_a_spreadsheet_may_come_in_parts(stand: ServiceStand) -> None:
    """Tried and then kept without being sent again; nobody else reads it, and nothing is no file."""
    dossier, name = Dossier(), uuid4()
    await stand.deliver(*dossier.everything(), dossier.assigned("000123"))
    content = filled((await stand.get(f"{dossier.path}/template.csv", dossier.user)).content, {"000123": "3"})
    path = f"/documents/parts/{name}"
    for start in (0, 40):
        part = content[start : start + 40] if start == 0 else content[start:]
        await stand.post(f"{path}?offset={start}", part, dossier.user, method="PUT")
    for kept in ("true", "false"):
        answer = await stand.post(f"{dossier.path}/import?dry_run={kept}&upload={name}", b"", dossier.user)
        assert (answer.status_code, answer.json()["kept"]) == (200, 1), answer.text
    draft = (await stand.get(f"{dossier.path}/draft", dossier.user)).json()
    assert [line["hours"] for line in draft["lines"]] == ["3.00"]
    missing = await stand.post(f"{dossier.path}/import?upload={uuid4()}", b"", dossier.user)
    assert missing.json()["code"] == "document-empty"
