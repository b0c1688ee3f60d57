"""Registration walked at random: requests, bodies, accounts and tickets keep what domain.md promises."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.registration import (
    account,
    administrators,
    assistance,
    referencing,
    siret,
    staff_roster,
    training_body,
)
from services.registration.forms import FORM, referencing_form
from shared.events import Clear, Event
from shared.events.parts import Office, QualiopiCertificate, Reason
from shared.events.registration import (
    AccountActivated,
    AccountCodesReissued,
    AssistanceIdentityChecked,
    AssistanceResolved,
    PasswordReset,
    ReferencingAccepted,
    ReferencingRejected,
    ReferencingSubmitted,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.rights import ALL_RIGHTS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BODIES = [UUID(int=1), UUID(int=2)]
OFFICE = Office(name="Bretagne", email="contact.bretagne@formiris.org")
SIRETS = ["73282932000074", "35600000000048"]
REASONS = (Reason(text="Illisible."),)
BY = "manager:desk"
FEW = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


class Streams(RuleBasedStateMachine):
    """Streams in memory, and commands decided on them as the machinery does: all their parts or none."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[str, list[Event]] = {}

    def state(self, decider: Decider[Any, Any], stream: str) -> Any:
        return decider.fold(self.streams.get(stream, ()))

    def does(self, *parts: tuple[Decider[Any, Any], str, object]) -> bool:
        """Whether it was accepted; the same command again must then change nothing."""
        try:
            decided = [
                (stream, list(decider.decide(self.state(decider, stream), command)))
                for decider, stream, command in parts
            ]
        except Refused:
            return False
        for stream, events in decided:
            self.streams.setdefault(stream, []).extend(events)
        for decider, stream, command in parts:
            self._changes_nothing(decider, stream, command)
        return True

    def _changes_nothing(self, decider: Decider[Any, Any], stream: str, command: object) -> None:
        try:
            again = list(decider.decide(self.state(decider, stream), command))
        except Refused:
            return
        assert again == [], command

    def all(self, prefix: str) -> list[list[Event]]:
        return [events for stream, events in self.streams.items() if stream.startswith(prefix)]


class Requests(Streams):
    """Two bodies ask, complete, submit, are decided on and suspended, in any order."""

    body = st.sampled_from(BODIES)

    def form(self, body: UUID, number: str) -> Any:
        typed = FORM.example() | {"siret": number}
        return referencing_form(FORM.check(typed, NOW.date()).values, body, None)

    @rule(body=body)
    def asks(self, body: UUID) -> None:
        name, email = Clear(f"contact-{body}", "Anne"), Clear(f"contact-{body}", "anne@lire.example")
        command = referencing.RequestReferencing(
            body, "Institut", "private", "national", None, OFFICE, name, email
        )
        assert self.does((referencing.DECIDER, f"referencing-{body}", command))

    @rule(body=body)
    def is_sent_the_proposal(self, body: UUID) -> None:
        self.does((referencing.DECIDER, f"referencing-{body}", referencing.SendProposal(BY)))

    @rule(body=body, number=st.sampled_from(SIRETS))
    def submits(self, body: UUID, number: str) -> None:
        command = referencing.SubmitReferencing(self.form(body, number), OFFICE)
        self.does(
            (referencing.DECIDER, f"referencing-{body}", command),
            (siret.DECIDER, f"siret-{number}", siret.ClaimSiret(number, body)),
        )

    @rule(body=body)
    def is_accepted(self, body: UUID) -> None:
        command = referencing.AcceptReferencing(BY, NOW.date())
        self.does((referencing.DECIDER, f"referencing-{body}", command))

    @rule(body=body, reasons=st.sampled_from([(), REASONS]))
    def is_rejected(self, body: UUID, reasons: tuple[Reason, ...]) -> None:
        held = self.state(referencing.DECIDER, f"referencing-{body}").siret
        parts: list[Any] = [
            (
                referencing.DECIDER,
                f"referencing-{body}",
                referencing.RejectReferencing(reasons, BY, NOW.date()),
            )
        ]
        if held:
            parts.append((siret.DECIDER, f"siret-{held}", siret.ReleaseSiret(held, body)))
        self.does(*parts)

    @invariant()
    def a_siret_has_one_body(self) -> None:
        """Two bodies never share one, and each knows which it holds."""
        for body in BODIES:
            held = self.state(referencing.DECIDER, f"referencing-{body}").siret
            if held:
                assert self.state(siret.DECIDER, f"siret-{held}").request == body

    @invariant()
    def a_decision_follows_a_submission(self) -> None:
        """Every decision answers a submission that nobody answered before; a rejection says why."""
        for events in self.all("referencing-"):
            waiting = False
            for event in events:
                if isinstance(event, ReferencingSubmitted):
                    assert not waiting
                    waiting = True
                if isinstance(event, ReferencingAccepted | ReferencingRejected):
                    assert waiting
                    waiting = False
                if isinstance(event, ReferencingRejected):
                    assert event.reasons

    @invariant()
    def submissions_are_numbered(self) -> None:
        """One more with each correction."""
        for events in self.all("referencing-"):
            numbers = [event.revision for event in events if isinstance(event, ReferencingSubmitted)]
            assert numbers == list(range(1, len(numbers) + 1))


class Body(Streams):
    """A referenced body gives certificates, gets suspended and reinstated, while days go by."""

    STREAM = f"body-{BODIES[0]}"

    def __init__(self) -> None:
        super().__init__()
        self.day = date(2026, 11, 23)
        self.accepted_until = self.day + timedelta(days=5)

    @rule(days=st.integers(1, 4))
    def days_go_by(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def the_daily_work_runs(self) -> None:
        command = training_body.SuspendExpired(
            BODIES[0], True, self.accepted_until, "policy:qualiopi-expiry", self.day
        )
        assert self.does((training_body.DECIDER, self.STREAM, command))
        body = self.state(training_body.DECIDER, self.STREAM)
        assert body.suspended or body.valid_until(self.accepted_until) >= self.day

    @rule(days=st.integers(-3, 10), proof=st.sampled_from([None, "a" * 64]))
    def gives_a_certificate(self, days: int, proof: str | None) -> None:
        details = TrainingBodyDetailsChanged(
            body_id=BODIES[0], changed_by="body:1", proof_hash=proof,
            qualiopi=QualiopiCertificate(valid_until=self.day + timedelta(days=days)),
        )  # fmt: skip
        taken = self.does(
            (training_body.DECIDER, self.STREAM, training_body.ChangeDetails(details, True, self.day))
        )
        assert taken == (proof is not None)
        renewed = taken and days >= 0
        assert not (
            renewed and self.state(training_body.DECIDER, self.STREAM).suspended == "qualiopi-expired"
        )

    @rule(reasons=st.sampled_from([(), REASONS]))
    def is_suspended(self, reasons: tuple[Reason, ...]) -> None:
        command = training_body.SuspendBody(BODIES[0], True, "decision", reasons, BY, self.day)
        assert self.does((training_body.DECIDER, self.STREAM, command)) == bool(reasons)

    @rule(days=st.none() | st.integers(-3, 10))
    def is_reinstated(self, days: int | None) -> None:
        until = None if days is None else self.day + timedelta(days=days)
        command = training_body.ReinstateBody(BODIES[0], True, BY, self.day, until, self.accepted_until)
        self.does((training_body.DECIDER, self.STREAM, command))

    @invariant()
    def suspensions_and_reinstatements_take_turns(self) -> None:
        """Each suspension says why; nobody is reinstated with a certificate that ended."""
        suspended = False
        for event in self.streams.get(self.STREAM, ()):
            if isinstance(event, TrainingBodySuspended):
                assert not suspended
                assert event.reasons
                suspended = True
            if isinstance(event, TrainingBodyReinstated):
                assert suspended
                assert event.qualiopi_valid_until is not None
                assert event.qualiopi_valid_until >= event.reinstated_on
                suspended = False


class Accounts(Streams):
    """A body's accounts are opened, activated, given rights, locked, reset, moved and closed, while time goes by."""

    accounts = Bundle("accounts")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.body = BODIES[0]
        self.codes = 0
        self.opened: set[UUID] = set()

    def code(self) -> account.Code:
        self.codes += 1
        return account.Code(Clear("account-1", f"CODE-{self.codes}"), self.now + timedelta(hours=1))

    def of(self, id: UUID) -> account.Account:
        state: account.Account = self.state(account.DECIDER, f"account-{id}")
        return state

    def changes(self, id: UUID, command: Any, after: account.Account | None = None) -> bool:
        """On the account and, when it may change who administers, on the body's administrators."""
        parts: list[Any] = [(account.DECIDER, f"account-{id}", command)]
        if after:
            share = administrators.SetAdministrator(self.body, id, after.administers)
            parts.append((administrators.DECIDER, f"administrators-{self.body}", share))
        return self.does(*parts)

    @rule(target=accounts)
    def formiris_opens_the_first(self) -> UUID:
        id = administrators.first_account(self.body)  # noqa: A001 - the field's own name
        email = Clear("account-1", "anne@lire.example")
        assert self.changes(id, account.OpenAccount(id, self.body, email, email, self.code()))
        self.opened.add(id)
        return id

    @rule(target=accounts, number=st.integers(1, 3), rights=st.sets(st.sampled_from(sorted(ALL_RIGHTS))))
    def is_invited(self, number: int, rights: set[Any]) -> UUID:
        id = uuid5(self.body, str(number))  # noqa: A001 - as above
        email = Clear(f"account-{number}", f"{number}@lire.example")
        command = account.OpenAccount(
            id, self.body, email, email, self.code(), rights=frozenset(rights), by="body:1"
        )
        if self.opened:
            assert self.changes(id, command)
            self.opened.add(id)
        return id

    @rule(id=accounts, right=st.booleans())
    def activates(self, id: UUID, right: bool) -> None:
        before = self.of(id)
        done = self.changes(id, account.ActivateAccount(id, right, self.now), replace(before, proven=True))
        fresh = before.code is not None and self.now < before.code.expires_at
        assert done == (right and before.status == "waiting" and fresh)

    @rule(id=accounts, rights=st.sets(st.sampled_from(sorted(ALL_RIGHTS))))
    def is_given_rights(self, id: UUID, rights: set[Any]) -> None:
        command = account.ChangeRights(frozenset(rights), "body:1")
        self.changes(id, command, replace(self.of(id), rights=frozenset(rights)))

    @rule(id=accounts)
    def is_closed(self, id: UUID) -> None:
        self.changes(id, account.CloseAccount("body:1"), replace(self.of(id), status="closed"))

    @rule(id=accounts)
    def gets_new_codes(self, id: UUID) -> None:
        self.changes(id, account.ReissueCodes(self.code(), "assistance:desk"))

    @rule(id=accounts)
    def moves(self, id: UUID) -> None:
        self.codes += 1
        new = Clear("account-1", f"{self.codes}@lire.example")
        undo = account.Code(Clear("account-1", "UNDO"), self.now + timedelta(hours=72))
        if self.changes(id, account.ChangeEmail(new, self.code(), "assistance:desk", undo=undo)):
            assert not self.of(id).signs_in(self.now)

    @rule(id=accounts)
    def moves_back(self, id: UUID) -> None:
        before = self.of(id).undo
        if self.changes(id, account.UndoEmailChange(True, self.now, self.code(), "anonymous")):
            assert before is not None
            assert self.of(id).login == before.old

    @rule(id=accounts)
    def is_locked(self, id: UUID) -> None:
        until = self.now + timedelta(minutes=15)
        if self.changes(id, account.LockAccount("system:sign-in", self.now, until)):
            assert not self.of(id).signs_in(self.now)

    @rule(id=accounts, right=st.booleans())
    def forgets_the_password(self, id: UUID, right: bool) -> None:
        reset = uuid5(id, str(self.codes))
        self.changes(id, account.AskReset(reset, self.code()))
        before = self.of(id)
        command = account.CompleteReset(reset, right, self.now)
        if self.changes(id, command, replace(before, proven=True)):
            assert right
            assert self.of(id).signs_in(self.now)
            assert self.of(id).generation > before.generation

    @rule(id=accounts)
    def signs_out_everywhere(self, id: UUID) -> None:
        before = self.of(id).generation
        if self.changes(id, account.EndSessions(before, "body:1")) and self.of(id).status != "closed":
            assert self.of(id).generation == before + 1

    @rule(minutes=st.integers(1, 90))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def a_body_keeps_an_administrator(self) -> None:
        """Once its first account was opened, somebody administers, and their account says so."""
        holders = self.state(administrators.DECIDER, f"administrators-{self.body}").of(self.body)
        assert holders
        for holder in holders:
            assert self.of(holder).administers or not self.of(holder).proven

    @invariant()
    def nobody_signs_in_who_proved_nothing(self) -> None:
        """A password is chosen with a code that was e-mailed, and only after the last codes were given."""
        for id in self.opened:  # noqa: A001 - as above
            events = self.streams.get(f"account-{id}", [])
            proofs = [
                place
                for place, event in enumerate(events)
                if isinstance(event, AccountActivated | PasswordReset)
            ]
            voids = [place for place, event in enumerate(events) if isinstance(event, AccountCodesReissued)]
            if self.of(id).signs_in(self.now):
                assert proofs
                assert max(proofs) > max(voids, default=-1)


class Tickets(Streams):
    """Assistance checks who asks, in any way and any number of times, and ends the ticket once."""

    STREAM = "ticket-1"
    check = st.sampled_from(["rappel au standard", "SIRET cité de mémoire"])

    @rule()
    def is_asked(self) -> None:
        command = assistance.RequestAssistance(UUID(int=1), "lost-codes", Clear("requester-1", "a@b.example"))
        self.does((assistance.DECIDER, self.STREAM, command))

    @rule(check=check, passed=st.booleans())
    def is_checked(self, check: str, passed: bool) -> None:
        self.does((assistance.DECIDER, self.STREAM, assistance.RecordCheck(check, passed, BY)))

    @rule(
        outcome=st.sampled_from(["codes-reissued", "email-changed", "answered", "identity-not-proven"]),
        checks=st.lists(check, max_size=2),
        answer=st.sampled_from([None, Clear("requester-1", "Voici.")]),
    )
    def is_resolved(self, outcome: assistance.Outcome, checks: list[str], answer: Clear | None) -> None:
        command = assistance.ResolveAssistance(outcome, tuple(checks), BY, None, answer)
        self.does((assistance.DECIDER, self.STREAM, command))

    @invariant()
    def it_ends_once_and_opens_nothing_without_proof(self) -> None:
        """Codes and addresses need a check that was passed, before; nothing follows the end."""
        passed = False
        for place, event in enumerate(events := self.streams.get(self.STREAM, [])):
            if isinstance(event, AssistanceIdentityChecked):
                passed = passed or event.passed
            if isinstance(event, AssistanceResolved):
                assert place == len(events) - 1
                assert passed or event.outcome not in assistance.ACTS
                assert event.outcome != "answered" or event.answer


class Roster(Streams):
    """Formiris's people get addresses, change them, lose them; the service starts again and again."""

    @rule(
        given=st.dictionaries(
            st.sampled_from("abc"), st.tuples(st.sampled_from("xy"), st.sampled_from(["est", None]))
        )
    )
    def a_start(self, given: dict[str, tuple[str, str | None]]) -> None:
        entries = {
            name: staff_roster.Entry("manager", territory, Clear(f"staff-{name}-{address}", address))
            for name, (address, territory) in given.items()
        }
        command = staff_roster.TellRoster(entries)
        assert self.does((staff_roster.DECIDER, staff_roster.STREAM, command))
        told = self.state(staff_roster.DECIDER, staff_roster.STREAM).entries
        assert {name: entry.told() for name, entry in told.items()} == {
            name: entry.told() for name, entry in entries.items()
        }
        before = len(self.streams.get(staff_roster.STREAM, ()))
        assert self.does((staff_roster.DECIDER, staff_roster.STREAM, command))
        assert len(self.streams.get(staff_roster.STREAM, ())) == before, "nothing new, no event"


for machine in (Requests, Body, Accounts, Tickets, Roster):
    machine.TestCase.settings = FEW
TestRequests, TestBody = Requests.TestCase, Body.TestCase
TestAccounts, TestTickets, TestRoster = Accounts.TestCase, Tickets.TestCase, Roster.TestCase
