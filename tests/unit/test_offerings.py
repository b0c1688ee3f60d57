"""Offerings decided: offerings and their sessions, assignments, purchase orders.  (R5 to R8)"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.offerings import assignments, offering, order
from services.offerings.assignments import Place, SessionFacts
from services.offerings.assignments_file import assigned as assigned_of
from services.offerings.forms import FORM, as_typed, copied, offering_submitted
from services.offerings.order_document import TEMPLATE, order_page
from services.offerings.papers import Reference, references_in
from services.offerings.steps import Lack, reasons_of, steps
from services.offerings.terms import amended, amount_of, number_of, order_id, terms_of
from services.offerings.views import order as listed_order
from shared.events import Clear, Event, Sealed, decode, encode, personals, with_personals
from shared.events.examples import EXAMPLES
from shared.events.offerings import (
    OfferingAccepted,
    OfferingRejected,
    OfferingSubmitted,
    OrderAmended,
    OrderCancelled,
    OrderSignatureRefused,
    OrderSigned,
    SessionRescheduled,
    TeacherAssigned,
    TeacherUnassigned,
)
from shared.events.parts import Reason
from shared.messaging import Delivered
from shared.runtime import uploads
from shared.runtime.contacts import HEAD_OFFICE, MANAGEMENT
from shared.runtime.decider import Decider
from shared.runtime.pdf import rendered
from shared.runtime.projection import Row
from shared.runtime.refusal import Missing, Refused
from shared.runtime.territories import Territories
from tests.unit.given import specification

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
OFFERING = UUID("11111111-1111-5111-8111-111111111111")
BODY = UUID("22222222-2222-5222-8222-222222222222")
VALUES = FORM.check(FORM.example(), TODAY).values
SUBMITTED = offering_submitted(VALUES, OFFERING, BODY, "Institut")
SESSION = SUBMITTED.sessions[0]
WHY = (Reason(text="Objectifs trop vagues."),)

SUBMIT = offering.SubmitOffering(SUBMITTED, True, False)
ACCEPT = offering.AcceptOffering("manager:desk", TODAY)
REJECT = offering.RejectOffering(WHY, "manager:desk", TODAY)
WITHDRAW = offering.WithdrawOffering("body:1", False)
MOVE = offering.RescheduleSession(SESSION.session_id, date(2027, 4, 8), date(2027, 4, 9), "body:1")
CANCEL = offering.CancelSession(SESSION.session_id, "body:1", "Trop peu d'inscrits.")

offered = specification(offering.DECIDER)


def after(*commands: offering.Command) -> list[Event]:
    """The history that these commands made."""
    history: list[Event] = []
    for command in commands:
        history += offered(*history).when(command).events()
    return history


def test_an_accepted_body_submits_an_offering() -> None:
    """Its sessions have ids that stay."""
    offered().when(SUBMIT).then(SUBMITTED)
    assert offering_submitted(VALUES, OFFERING, BODY, "Institut").sessions[0].session_id == SESSION.session_id


@pytest.mark.parametrize(
    ("accepted", "suspended", "code"),
    [(False, False, "body-not-accepted"), (True, True, "body-suspended")],
)
def test_only_an_accepted_body_that_is_not_suspended_submits(
    accepted: bool, suspended: bool, code: str
) -> None:
    """The refusal says which of the two it is."""
    offered().when(offering.SubmitOffering(SUBMITTED, accepted, suspended)).refused(code)


def test_a_rejected_offering_comes_again_as_the_next_revision() -> None:
    """Corrected, then accepted."""
    history = after(SUBMIT, REJECT, SUBMIT)
    assert isinstance(history[1], OfferingRejected)
    assert isinstance(history[2], OfferingSubmitted)
    assert history[2].revision == 2
    assert isinstance(offered(*history).when(ACCEPT).events()[0], OfferingAccepted)


@pytest.mark.parametrize(
    ("history", "command", "code"),
    [
        ((), ACCEPT, "not-found"),
        ((SUBMIT, ACCEPT), REJECT, "offering-already-accepted"),
        ((SUBMIT, REJECT), ACCEPT, "offering-already-rejected"),
        ((SUBMIT, WITHDRAW), ACCEPT, "offering-withdrawn"),
        ((SUBMIT, ACCEPT), SUBMIT, "offering-already-accepted"),
        ((SUBMIT, WITHDRAW), MOVE, "offering-withdrawn"),
        ((SUBMIT, CANCEL), MOVE, "session-cancelled"),
        ((SUBMIT,), offering.RejectOffering((), "manager:desk", TODAY), "reasons-missing"),
        ((SUBMIT,), offering.WithdrawOffering("body:1", True), "offering-ordered"),
    ],
)
def test_a_step_out_of_turn_is_refused(
    history: tuple[offering.Command, ...], command: offering.Command, code: str
) -> None:
    """Each by the code that says why."""
    offered(*after(*history)).when(command).refused(code)


def test_a_session_moves_with_the_days_it_leaves() -> None:
    """The event tells both."""
    (moved,) = offered(*after(SUBMIT)).when(MOVE).events()
    assert isinstance(moved, SessionRescheduled)
    assert (moved.previous_starts_on, moved.starts_on) == (SESSION.starts_on, date(2027, 4, 8))
    assert moved.place is None


def test_a_session_does_not_end_before_it_starts() -> None:
    """Dates in order."""
    upside_down = offering.RescheduleSession(SESSION.session_id, date(2027, 4, 9), date(2027, 4, 8), "body:1")
    offered(*after(SUBMIT)).when(upside_down).refused("dates-out-of-order")


FACTS = SessionFacts(SESSION.session_id, OFFERING, BODY, ("1234", "1235"), accepted=True, cancelled=False)
FILE = UUID("33333333-3333-5333-8333-333333333333")
ASSIGN = assignments.AssignTeachers(FACTS, (Place("1234", "100"), Place("1235", "100")), FILE)
UNASSIGN = assignments.UnassignTeacher(FACTS, Place("1234", "100"))

assigned = specification(assignments.DECIDER)


def assignment(kind: type[TeacherAssigned] | type[TeacherUnassigned], place: Place, **more: Any) -> Event:
    return kind(
        offering_id=OFFERING, session_id=SESSION.session_id, body_id=BODY, unit_code=place.unit,
        teacher_number=place.teacher, **more,
    )  # fmt: skip


def test_a_file_assigns_whom_it_adds_and_nobody_twice() -> None:
    """The same file again changes nothing."""
    first = assignment(TeacherAssigned, Place("1234", "100"))
    second = assignment(TeacherAssigned, Place("1235", "100"), import_id=FILE)
    assigned(first).when(ASSIGN).then(second)
    assigned(first, second).when(ASSIGN).then()


def test_a_teacher_is_unassigned_and_may_come_back() -> None:
    """Only who is there leaves."""
    there = assignment(TeacherAssigned, Place("1234", "100"))
    gone = assignment(TeacherUnassigned, Place("1234", "100"))
    assigned().when(UNASSIGN).then()
    assigned(there).when(UNASSIGN).then(gone)
    one = assignments.AssignTeachers(FACTS, (Place("1234", "100"),))
    assigned(there, gone).when(one).then(there)


def test_a_unit_of_another_session_is_refused() -> None:
    """The refusal names the session's units."""
    wrong = assignments.AssignTeachers(FACTS, (Place("9999", "100"),))
    assert "1234, 1235" in assigned().when(wrong).refused("unit-unknown").detail


def test_only_an_accepted_offering_takes_assignments() -> None:
    """Nor a cancelled session."""
    for changed, code in (
        ({"accepted": False}, "offering-not-accepted"),
        ({"cancelled": True}, "session-cancelled"),
    ):
        facts = SessionFacts(
            SESSION.session_id,
            OFFERING,
            BODY,
            ("1234",),
            **({"accepted": True, "cancelled": False} | changed),
        )
        assigned().when(assignments.AssignTeachers(facts, (Place("1234", "100"),))).refused(code)


def test_good_lines_are_kept_and_bad_ones_explained() -> None:
    """Each bad line by its number, its column, and the code of its reason; leading zeros kept."""
    rows = [
        (2, {"unit": "1234", "teacher": "007"}),
        (4, {"unit": "9999", "teacher": "100"}),
        (5, {"unit": "1235", "teacher": ""}),
        (6, {"unit": "1235", "teacher": "é!"}),
        (7, {"unit": "1234", "teacher": "101"}),
        (8, {"unit": "1234", "teacher": "007"}),
    ]
    read = assigned_of(rows, ("1234", "1235"))
    assert (read.read, read.places) == (6, (Place("1234", "007"), Place("1234", "101")))
    assert [(line.row, line.column, line.code) for line in read.refused] == [
        (4, "Unité pédagogique", "unit-unknown"),
        (5, "Enseignant", "assignment-cell-empty"),
        (6, "Enseignant", "teacher-number-incorrect"),
    ]
    assert "9999" in read.refused[0].reason


CELLS = st.dictionaries(st.sampled_from(["unit", "teacher"]), st.text(max_size=30))


@for_all(st.lists(st.tuples(st.integers(1, 99), CELLS), max_size=9))
def test_every_line_is_kept_or_explained(rows: list[tuple[int, dict[str, str]]]) -> None:
    """None is lost in silence."""
    read = assigned_of(rows, ("1234",))
    good = [row for row in rows if row[0] not in {line.row for line in read.refused}]
    assert read.read == len(rows)
    assert len(read.places) <= len(rows) - len(read.refused) <= len(rows)
    assert all(cells.get("unit") == "1234" for _, cells in good)


PLACES = (Place("1234", "100"), Place("1234", "101"), Place("1235", "100"))
ORDER = order_id(SESSION.session_id, 1)
TERMS = terms_of(ORDER, 2026, SUBMITTED, SESSION, ())
ISSUED = TERMS.event("a" * 64, "manager:desk")
ISSUE = order.IssueOrder(ISSUED, accepted=True, session_cancelled=False)


def returned(document: str = "b" * 64, **more: Any) -> order.SignOrder:
    """A return by the body, of today unless said."""
    signatory = more.pop("signatory", Clear("signatory-1", "Anne"))
    return order.SignOrder(
        document, 1000, "application/pdf", signatory, "body:1", more.pop("signed_on", TODAY), TODAY, **more
    )


SIGN = returned()
REFUSE = order.RefuseSignature((Reason(text="Le tampon manque."),), "manager:desk")
AMEND = order.AmendOrder(date(2027, 4, 8), date(2027, 4, 9), SESSION.place, "d" * 64, "body:1", "Salle")
CANCEL_ORDER = order.CancelOrder("Session annulée", "manager:desk")

ordered = specification(order.DECIDER)


def lacking(lack: Lack) -> order.RefuseSignature:
    """A refusal of a return for what is missing on it."""
    return order.RefuseSignature(reasons_of([lack], ()), "manager:desk")


def test_a_signed_order_names_the_returned_document() -> None:
    """Signed and returned is one step (R6, R7)."""
    ordered().when(ISSUE).then(ISSUED)
    (signed,) = ordered(ISSUED).when(SIGN).events()
    assert isinstance(signed, OrderSigned)
    assert (signed.document_hash, signed.number, signed.deposited_by) == ("b" * 64, TERMS.number, "body:1")


def test_a_refused_signature_is_returned_again() -> None:
    """Unstamped, refused with its reasons, then returned (R6)."""
    (signed,) = ordered(ISSUED).when(SIGN).events()
    (refused,) = ordered(ISSUED, signed).when(REFUSE).events()
    assert isinstance(refused, OrderSignatureRefused)
    (again,) = ordered(ISSUED, signed, refused).when(returned("c" * 64, signatory=None)).events()
    assert isinstance(again, OrderSigned)
    assert again.signatory == Clear("signatory-1", "Anne")


@pytest.mark.parametrize(
    ("history", "command", "code"),
    [
        ((), SIGN, "order-not-issued"),
        ((ISSUE,), REFUSE, "order-not-signed"),
        ((ISSUE, CANCEL_ORDER), SIGN, "order-cancelled"),
        ((), order.IssueOrder(ISSUED, accepted=False, session_cancelled=False), "offering-not-accepted"),
        ((), order.IssueOrder(ISSUED, accepted=True, session_cancelled=True), "session-cancelled"),
        ((ISSUE, SIGN), order.RefuseSignature((), "manager:desk"), "reasons-missing"),
        ((ISSUE, SIGN), returned("c" * 64), "order-already-signed"),
        ((ISSUE,), returned(ISSUED.document_hash), "order-document-unsigned"),
        ((ISSUE,), returned(signatory=None), "signatory-missing"),
        ((ISSUE,), returned(signed_on=TODAY + timedelta(days=1)), "order-signed-in-the-future"),
        ((ISSUE,), returned(printed=(Reference("BC-2026-AAAA-BBBB-CCCC"),)), "order-document-other"),
        ((ISSUE, AMEND), returned(printed=(Reference(ISSUED.number),)), "order-document-superseded"),
        ((ISSUE, CANCEL_ORDER), AMEND, "order-cancelled"),
        ((ISSUE, SIGN, AMEND), REFUSE, "order-not-signed"),
        ((ISSUE,), order.CancelOrder("Erreur", "manager:desk", attended=True), "session-attended"),
    ],
)
def test_an_order_out_of_turn_is_refused(
    history: tuple[order.Command, ...], command: order.Command, code: str
) -> None:
    """Each by the code that says whose turn it is."""
    events: list[Event] = []
    for each in history:
        events += ordered(*events).when(each).events()
    ordered(*events).when(command).refused(code)


@pytest.mark.parametrize(
    ("cost_type", "amount"),
    [("per-session", "100.10"), ("per-trainee", "200.20"), ("per-trainee-hour", "1851.85")],
)
def test_the_amount_follows_the_cost_type(cost_type: str, amount: str) -> None:
    """The price, x trainees, x the hours of the units that each is assigned to."""
    units = tuple(
        SESSION.units[0].model_copy(update={"code": code, "hours": hours})
        for code, hours in (("1234", Decimal("6.00")), ("1235", Decimal("6.50")))
    )
    session = SESSION.model_copy(update={"price": Decimal("100.10"), "units": units})
    form = SUBMITTED.model_copy(update={"cost_type": cost_type})
    assert amount_of(form, session, PLACES) == Decimal(amount)


def test_an_order_by_trainee_needs_trainees() -> None:
    """Nobody assigned: the refusal says what to do first."""
    form = SUBMITTED.model_copy(update={"cost_type": "per-trainee"})
    terms = terms_of(ORDER, 2026, form, SESSION, ()).event("a" * 64, "manager:desk")
    refused = (
        ordered()
        .when(order.IssueOrder(terms, accepted=True, session_cancelled=False))
        .refused("no-trainee-assigned")
    )
    assert refused.missing[0].field == "assignments"


@for_all(st.uuids(version=5), st.integers(2013, 2999))
def test_an_order_number_is_derived_from_its_order(id: UUID, year: int) -> None:
    """Readable, and at most 35 characters."""
    assert number_of(id, year) == number_of(id, year)
    assert number_of(id, year).startswith(f"BC-{year}-")
    assert len(number_of(id, year)) <= 35


def test_an_order_is_amended_when_its_session_moves() -> None:
    """It keeps its number and its amount; the amendment is signed and returned as the order was (O5)."""
    (signed,) = ordered(ISSUED).when(SIGN).events()
    (amended,) = ordered(ISSUED, signed).when(AMEND).events()
    assert isinstance(amended, OrderAmended)
    assert (amended.number, amended.amendment) == (ISSUED.number, 1)
    state = ordered(ISSUED, signed).when(AMEND).state()
    assert (state.status, state.terms.document_hash) == ("issued", "d" * 64)
    assert state.terms.amount_ceiling == ISSUED.amount_ceiling
    printed = (Reference(ISSUED.number, 1), Reference(ISSUED.number))
    (again,) = ordered(ISSUED, signed, amended).when(returned("e" * 64, printed=printed)).events()
    assert isinstance(again, OrderSigned)
    assert again.amendment == 1


@pytest.mark.parametrize("printed", [(), (Reference(ISSUED.number),), (Reference(ISSUED.number, 3),)])
def test_a_return_says_whether_it_was_recognised(printed: tuple[Reference, ...]) -> None:
    """Taken either way; the office is told when only a person can tell (R6)."""
    (signed,) = ordered(ISSUED).when(returned(printed=printed)).events()
    assert isinstance(signed, OrderSigned)
    assert signed.recognised is bool(printed)
    paper = as_listed(ISSUED, signed)["documents"][-1]
    assert (paper["kind"], paper["recognised"]) == ("returned", bool(printed))


def test_what_an_order_tells_its_office_is_repeated() -> None:
    """Title, perimeter and territory go with every event of the order."""
    for command in (SIGN, AMEND, CANCEL_ORDER):
        (event,) = ordered(ISSUED).when(command).events()
        assert isinstance(event, OrderSigned | OrderAmended | OrderCancelled)
        assert (event.title, event.perimeter) == (ISSUED.title, ISSUED.perimeter)


@pytest.mark.parametrize(
    "text",
    [
        f"Bon de commande n° {TERMS.number}\nPage 1 sur 2 {TERMS.number}",
        f"Réf. {TERMS.number[:12]}\n{TERMS.number[12:]}",
        "\u200b".join(TERMS.number),
    ],
)
def test_a_reference_is_read_from_what_came_back(text: str) -> None:
    """Once, however the page breaks it."""
    assert references_in(text) == (Reference(TERMS.number),)
    assert references_in(text + f" {TERMS.number}-A2")[-1] == Reference(TERMS.number, 2)


def test_a_scan_names_nothing() -> None:
    """No text, or another's numbers: nothing is guessed."""
    assert references_in("") == references_in("Facture 2026-0417, IBAN FR76 BC-26-XX") == ()


async def test_the_document_has_what_the_code_du_travail_asks_for() -> None:
    """D6353-1: title, objective, content, means, duration, period, conduct, follow-up, assessment, price, payment."""
    long = SUBMITTED.model_copy(update={"programme": "Souffle (voix) \\ texte ; " * 700})
    terms = terms_of(ORDER, 2026, long, SESSION, PLACES)
    document = await rendered(TEMPLATE, order_page(terms), qr=str(terms.reference), on=TODAY)
    assert document == await rendered(TEMPLATE, order_page(terms), qr=str(terms.reference), on=TODAY)
    text = re.sub(r"\s+", " ", await uploads.text_of(document))
    asked = (
        "Intitulé, objectifs et contenu", "Moyens prévus", "Durée et période de réalisation",
        "Modalités de déroulement, de suivi et d’évaluation", "Prix et modalités de règlement",
        SUBMITTED.title, SUBMITTED.objectives, SUBMITTED.methods, SUBMITTED.assessment, SESSION.place,
        "12,50 h pour chaque stagiaire", "du 04/03/2027 au 05/03/2027", "1 250,00 € pour la session", "à 30 jours",
    )  # fmt: skip
    assert [each for each in asked if not each or re.sub(r"\s+", " ", each) not in text] == []
    assert references_in(text) == (Reference(terms.number),)


async def test_an_amendment_says_what_changes() -> None:
    """The new days, the old ones, and a reference of its own."""
    moved = SESSION.model_copy(update={"starts_on": date(2027, 4, 8), "ends_on": date(2027, 4, 8)})
    terms = amended(ISSUED, 1, SUBMITTED, moved)
    text = await uploads.text_of(
        await rendered(TEMPLATE, order_page(terms), qr=str(terms.reference), on=TODAY)
    )
    whole = re.sub(r"\s+", " ", text)
    assert f"Avenant n° 1 au bon de commande n° {ISSUED.number}" in whole
    assert "le 08/04/2027" in whole
    assert "et non du 04/03/2027 au 05/03/2027" in whole
    assert Reference(ISSUED.number, 1) in references_in(text)


def as_listed(*events: Event) -> Row:
    """An order's row, after these events."""
    row: Row = {"id": str(ORDER)}
    for version, event in enumerate(events, 1):
        person = with_personals(event, {p: Sealed(p.person, "c2VhbGVk") for p in personals(event)})
        record = encode(
            person, id=ORDER, source="/formelie/offerings", stream=f"order-{ORDER}", version=version, time=NOW,
            correlation="tests", causation="tests", actor="tester",
        )  # fmt: skip
        row |= listed_order(row, Delivered("offerings", 0, version, 1, bytes(32), record, decode(record)))
    return row


def history(*commands: order.Command) -> list[Event]:
    """What an order's commands decided, one after the other."""
    events: list[Event] = []
    for command in commands:
        events += ordered(*events).when(command).events()
    return events


@pytest.mark.parametrize(
    ("commands", "done"),
    [
        ((ISSUE,), [False, False]),
        ((ISSUE, SIGN), [True, True]),
        ((ISSUE, SIGN, lacking("stamp")), [False, False]),
        ((ISSUE, SIGN, lacking("pages")), [True, False]),
        ((ISSUE, SIGN, lacking("pages"), returned("c" * 64)), [True, True]),
        ((ISSUE, SIGN, AMEND), [False, False]),
    ],
)
def test_the_two_steps_are_shown(commands: tuple[order.Command, ...], done: list[bool]) -> None:
    """Signed, returned: what was right stays when only the copy is refused (O4)."""
    row = as_listed(*history(*commands))
    shown = steps(row, "Anne")
    assert [each["done"] for each in shown] == done
    assert [each["at"] is not None for each in shown] == done
    assert [each["by"] is not None for each in shown] == done
    undone = len(commands) > 1 and not all(done)
    assert (shown[1]["again"] is not None) == undone


def test_every_version_is_kept() -> None:
    """What was issued, returned, refused, amended and returned again; refusals stay with what they refused."""
    row = as_listed(*history(ISSUE, SIGN, lacking("stamp"), returned("c" * 64), AMEND, returned("e" * 64)))
    assert [(each["kind"], each["amendment"]) for each in row["documents"]] == [
        ("order", 0), ("returned", 0), ("returned", 0), ("amendment", 1), ("returned", 1),
    ]  # fmt: skip
    assert row["documents"][1]["reasons"][0]["code"] == "order-not-stamped"
    assert "reasons" not in row["documents"][2]


@pytest.mark.parametrize(
    ("changes", "own", "code"),
    [
        ({"perimeter": "regional", "territory": "sud"}, "nord", "offering-territory"),
        ({"perimeter": "regional", "territory": "sud"}, None, "offering-territory"),
        ({"perimeter": "regional", "territory": "nord"}, "nord", None),
        ({}, "nord", None),
    ],
)
def test_a_regional_offering_is_of_the_bodys_own_territory(
    changes: dict[str, str], own: str | None, code: str | None
) -> None:
    """Another's managers would decide what is not theirs; the refusal names the right one."""
    when = offered().when(offering.SubmitOffering(SUBMITTED.model_copy(update=changes), True, False, own))
    if code:
        assert (own or "national") in when.refused(code).detail
    else:
        assert len(when.events()) == 1


def test_a_territory_that_ended_is_answered_for_by_its_successor() -> None:
    """From the day it ended on, and not before; a circle is an error in the data."""
    ends = {"nord": (date(2027, 1, 1), "hauts"), "hauts": (date(2028, 1, 1), "grand-nord")}
    line = Territories(HEAD_OFFICE, {"hauts": MANAGEMENT}, ends)
    assert line.answering("nord", date(2026, 12, 31)) == "nord"
    assert line.answering("nord", date(2027, 1, 1)) == "hauts"
    assert line.answering("nord", date(2028, 1, 1)) == "grand-nord"
    assert line.office("nord", date(2027, 1, 1)) == MANAGEMENT
    assert line.office(None, TODAY) == HEAD_OFFICE
    circle = Territories(HEAD_OFFICE, {}, {"nord": (TODAY, "sud"), "sud": (TODAY, "nord")})
    with pytest.raises(ValueError, match="nord"):
        circle.answering("nord", TODAY)


def test_a_session_that_took_place_stays() -> None:
    """Once its certificates are deposited it neither moves nor falls out."""
    for command in (replace(MOVE, attended=True), replace(CANCEL, attended=True)):
        offered(*after(SUBMIT)).when(command).refused("session-attended")


AGGREGATES: list[tuple[Decider[Any, Any], list[Any]]] = [
    (offering.DECIDER, [SUBMIT, ACCEPT, REJECT, WITHDRAW, MOVE, CANCEL]),
    (assignments.DECIDER, [ASSIGN, UNASSIGN]),
    (order.DECIDER, [ISSUE, SIGN, REFUSE, AMEND, CANCEL_ORDER]),
]


@pytest.mark.parametrize(("decider", "commands"), AGGREGATES)
@for_all(data=st.data())
def test_a_decision_is_idempotent(
    decider: Decider[Any, Any], commands: list[Any], data: st.DataObject
) -> None:
    """Whatever came before, the same command again changes nothing."""
    history: list[Event] = []
    for command in data.draw(st.lists(st.sampled_from(commands), max_size=12)):
        when = specification(decider)(*history).when(command)
        try:
            decided = when.events()
        except Refused:
            continue
        when.changes_nothing_twice()
        history += decided


@pytest.mark.parametrize(("decider", "commands"), AGGREGATES)
def test_evolve_is_total(decider: Decider[Any, Any], commands: list[Any]) -> None:
    """Any event of any context may come: what an aggregate does not need, it ignores."""
    for example in EXAMPLES.values():
        decider.evolve(decider.initial, example.event)


def missing(**changes: object) -> dict[str, Missing]:
    """What is missing in the example once these fields are changed."""
    return {each.field: each for each in FORM.check(FORM.example() | changes, TODAY).missing}


def with_session(**changes: object) -> dict[str, Missing]:
    """What is missing once its session is changed."""
    session: Any = FORM.example()["sessions"][0]  # type: ignore[index]  # an example's value is an object
    return missing(sessions=[session | changes])


def test_the_example_of_the_api_is_complete() -> None:
    """What the API's description shows is accepted."""
    assert missing() == {}


def test_the_form_tells_all_that_is_said_of_a_field() -> None:
    """Mandatory and colour apart, choices by their French labels, a help text (R5)."""
    tabs = {tab["label"]: {field["name"]: field for field in tab["fields"]} for tab in FORM.schema()["tabs"]}
    blue = tabs["Session"]["cost_type"]
    assert (blue["mandatory"], blue["colour"]) == (True, "blue")
    assert {"value": "per-trainee", "label": "par stagiaire"} in blue["choices"]
    assert "bleu" in blue["help"]
    assert [field["name"] for field in tabs["Session"]["sessions"]["fields"]][-1] == "units"


def test_an_offering_is_copied_without_its_dates_and_prices() -> None:
    """What another year asks for anew is empty, and listed as missing; nothing else is retyped (F10)."""
    fields = copied(as_typed(SUBMITTED, "Anne Le Goff"))
    assert (fields["title"], fields["trainers"]) == (SUBMITTED.title, "Anne Le Goff")
    emptied = [fault.field for fault in FORM.check(fields, TODAY).missing]
    assert emptied == [
        "registration_deadline", "sessions.0.starts_on", "sessions.0.ends_on", "sessions.0.price",
    ]  # fmt: skip


def test_a_submitted_form_can_be_typed_again() -> None:
    """What was submitted, as typed, is the same offering."""
    again = FORM.check(as_typed(SUBMITTED, None), TODAY)
    assert again.missing == ()
    assert offering_submitted(again.values, OFFERING, BODY, "Institut") == SUBMITTED


def test_an_empty_form_names_every_tab() -> None:
    """Header and five tabs (R5)."""
    assert {each.where for each in FORM.check({}, TODAY).missing} == {
        "En-tête", "Pédagogie", "Inscription", "Synthèse", "Description", "Session",
    }  # fmt: skip


def test_the_cost_type_is_mandatory_although_it_is_blue() -> None:
    """« Type de coût des sessions » (R5)."""
    fault = missing(cost_type=None)["cost_type"]
    assert (fault.label, fault.where, fault.colour) == ("Type de coût des sessions", "Session", "blue")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2027-03-03"}, "sessions.0.ends_on"),
        ({"starts_on": "2027-02-30"}, "sessions.0.starts_on"),
        ({"price": "0"}, "sessions.0.price"),
        ({"price": "12.345"}, "sessions.0.price"),
        ({"price": 1e300}, "sessions.0.price"),
        ({"price": True}, "sessions.0.price"),
        ({"units": [{"code": "1234", "title": "x", "hours": "12.00"}]}, "sessions.0.units"),
        (
            {
                "units": [
                    {"code": "1234", "title": "x", "hours": "6"},
                    {"code": "1234", "title": "y", "hours": "6.5"},
                ]
            },
            "sessions.0.units",
        ),
        ({"units": [{"code": "1234", "title": "x"}]}, "sessions.0.units.0.hours"),
        ({"salle": "B12"}, "sessions.0.salle"),
    ],
)
def test_a_session_that_does_not_add_up_is_named(changes: dict[str, object], field: str) -> None:
    """Dates in order, money as decimals, hours that add up to the total."""
    assert list(with_session(**changes)) == [field]


def test_a_session_without_units_lacks_what_a_unit_has() -> None:
    """Each field to fill in is named, that of the first unit."""
    assert list(with_session(units=[])) == [
        f"sessions.0.units.0.{name}" for name in ("code", "title", "hours")
    ]


def test_a_nested_field_says_where_it_is() -> None:
    """The session first, then the unit."""
    fault = with_session(units=[{"code": "1234", "title": "x"}])["sessions.0.units.0.hours"]
    assert fault.label == "Heures de l'unité pédagogique (session 1, unité 1)"


@pytest.mark.parametrize("typed", ["1 250,00", 1250, 1250.0, "1250.00"])
def test_money_is_understood_as_people_type_it(typed: object) -> None:
    """And kept as a decimal of two places."""
    session: Any = FORM.example()["sessions"][0]  # type: ignore[index]  # an example's value is an object
    checked = FORM.check(FORM.example() | {"sessions": [session | {"price": typed}]}, TODAY)
    assert str(checked.values["sessions"][0]["price"]) == "1250.00"
