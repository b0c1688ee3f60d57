"""Who is written to, on which event; the words are in `templates/`, plain, in French, with what to do next.  (R2)

A template's first line is the subject. `{field}` is the event's field in French form (words.py); a sealed one is
revealed only to send.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.events import Event
from shared.events import registration as r
from shared.events.personal import AnyPersonal
from shared.runtime.refusal import ASSISTANCE

TEMPLATES = Path(__file__).with_name("templates")
CLOSING = (
    f"Une question ? {ASSISTANCE.name} vous répond {ASSISTANCE.hours}, "
    f"au {ASSISTANCE.phone} ou à {ASSISTANCE.email}.\n\nBien cordialement,\nFormiris\n"
)


@dataclass(frozen=True, slots=True)
class Mailing:
    """One e-mail. `to` finds the address; `personal` names the other sealed fields that its text needs."""

    template: str
    to: Callable[[Event], AnyPersonal]
    personal: tuple[str, ...] = ()


def _field(name: str) -> Callable[[Event], AnyPersonal]:
    def found(event: Event) -> AnyPersonal:
        value: AnyPersonal = getattr(event, name)
        return value

    return found


EMAILS: Mapping[type[Event], Sequence[Mailing]] = {
    r.ServiceProposalSent: [Mailing("service-proposal", _field("to"))],
    r.AccountOpened: [Mailing("account-opened", _field("login"), ("activation_code",))],
    r.AccountCodesReissued: [Mailing("codes-reissued", _field("login"), ("activation_code",))],
    r.AccountEmailChanged: [
        Mailing("email-changed", _field("new_email")),
        Mailing("email-replaced", _field("old_email")),
    ],
    r.ReferencingAccepted: [Mailing("referencing-accepted", _field("contact_email"))],
    r.ReferencingRejected: [Mailing("referencing-rejected", _field("contact_email"))],
}


@cache
def words_of_template(template: str) -> tuple[str, str]:
    """Subject and text, with their `{fields}`."""
    subject, _, text = (TEMPLATES / f"{template}.txt").read_text("utf-8").partition("\n")
    return subject, f"{text.strip()}\n\n{CLOSING}"
