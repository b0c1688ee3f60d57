"""A refusal: what a person may not do now, why, who holds the next step, whom to ask, and the FAQ answer.

Every refusal of the system is declared once as a `Refusal` (each service in its own `refusals.py`) and raised
as `Refused(THAT_REFUSAL, ...)`. It is data, not a fault: nothing was changed, and the answer says what unblocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shared.runtime.contacts import ASSISTANCE, HEAD_OFFICE, MANAGEMENT, Contact
from shared.runtime.faq import FaqEntry

__all__ = ["ASSISTANCE", "HEAD_OFFICE", "MANAGEMENT", "Contact", "Missing", "Refusal", "Refused"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of the catalogue of refusals.

    `detail` is a French sentence with `{names}` filled in when it is raised; `holder` is who must act next.
    """

    code: str
    status: int
    title: str
    detail: str
    holder: str
    contact: Contact = ASSISTANCE
    faq: FaqEntry | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A field, a step or a paper that is missing, and where a person finds it."""

    field: str
    label: str
    where: str = ""
    reason: str = "à renseigner"
    colour: str | None = None


class Refused(Exception):
    """Raised by decide, or at the edge: the command changed nothing, and this is why.

    `link`: where in the extranet what stands in the way is seen, for example the invoice that came first.
    `more`: members of the problem that only this refusal has; `words` fill in its detail.
    """

    def __init__(
        self,
        refusal: Refusal,
        *,
        missing: Sequence[Missing] = (),
        contact: Contact | None = None,
        holder: str | None = None,
        link: str | None = None,
        more: Mapping[str, Any] | None = None,
        **words: object,
    ) -> None:
        self.refusal = refusal
        self.missing = tuple(missing)
        self.contact = contact or refusal.contact
        self.holder = holder or refusal.holder
        self.more = dict(more or {})
        self.link = link
        self.detail = refusal.detail.format_map(words) if words else refusal.detail
        super().__init__(f"{refusal.code}: {self.detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        """It may be raised in another process."""
        return Refused, (self.refusal,), {**self.__dict__, "args": self.args}

    def why_not(self) -> dict[str, str]:
        """What is refused and why, as the API says it beside what is not an error."""
        return {"code": self.refusal.code, "title": self.refusal.title, "detail": self.detail}

    def next_step(self) -> dict[str, Any]:
        """Who acts next, whom to ask, and the FAQ answer, as the API says them everywhere."""
        faq = self.refusal.faq
        return {
            "holder": self.holder,
            "contact": asdict(self.contact),
            "link": self.link,
            "faq": faq and {"question": faq.question, "link": faq.link},
        }
