"""Who is written a letter, on which event; the words are in `templates/`, plain, in French, with what to do next.  (R2)

A letter goes to the address that the event carries, and nobody can decline it. Everything else that is told goes to
accounts, as each prefers: telling.py, audience.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.events import Event
from shared.events import registration as r
from shared.events.personal import AnyPersonal


@dataclass(frozen=True, slots=True)
class Mailing:
    """One letter. `to` finds the address; `personal` names the other sealed fields that its text needs."""

    template: str
    to: Callable[[Event], AnyPersonal]
    personal: tuple[str, ...] = ()
    when: Callable[[Event], bool] = lambda _: True


def _field(name: str) -> Callable[[Event], AnyPersonal]:
    def found(event: Event) -> AnyPersonal:
        value: AnyPersonal = getattr(event, name)
        return value

    return found


def _answers(event: Event) -> bool:
    """New codes and a new address have letters of their own."""
    answered = getattr(event, "outcome", None) in ("answered", "identity-not-proven")
    return answered and getattr(event, "requester_email", None) is not None


EMAILS: Mapping[type[Event], Sequence[Mailing]] = {
    r.ServiceProposalSent: [Mailing("service-proposal", _field("to"))],
    r.ReferencingAccepted: [Mailing("referencing-accepted", _field("contact_email"))],
    r.ReferencingRejected: [Mailing("referencing-rejected", _field("contact_email"))],
    r.TrainingBodyBankDetailsChanged: [Mailing("bank-details-changed", _field("to"))],
    r.AccountOpened: [Mailing("account-opened", _field("login"), ("activation_code",))],
    r.AccountCodesReissued: [Mailing("codes-reissued", _field("login"), ("activation_code",))],
    r.AccountEmailChanged: [
        Mailing("email-changed", _field("new_email")),
        Mailing("email-replaced", _field("old_email"), ("undo_code",)),
    ],
    r.AccountClosed: [Mailing("account-closed", _field("login"))],
    r.PasswordResetRequested: [Mailing("password-forgotten", _field("login"), ("reset_code",))],
    r.PasswordReset: [Mailing("password-changed", _field("login"))],
    r.AssistanceResolved: [Mailing("assistance-answer", _field("requester_email"), ("answer",), _answers)],
}
