"""docs/refusals.md, and what the extranet knows of them: what the person reads, who acts next, whom to ask."""

import json
import re
from collections.abc import Iterable, Sequence

from shared.runtime.catalogue import ROOT, Entry, every
from shared.runtime.refusal import Contact, Refusal

FOLDERS = (ROOT / "shared", ROOT / "services")

HEAD = """# The refusals

Made from the code by `python -m ops.generate`; not to be edited by hand.

Whatever is refused says what is missing, who holds the next step, how to reach them, and which FAQ answer explains it:
an RFC 9457 problem with `code`, `title`, `detail`, `missing`, `holder`, `contact`, `faq` and, where something stands in
the way, `link`. Words in braces are filled in. A code means the same wherever it is given; its words are those of the
context that gives it. The contact may be a territory's own office when the refusal is given.
"""


def page() -> str:
    """The text of docs/refusals.md."""
    entries = every(*FOLDERS)
    contexts = dict.fromkeys(entry.context for entry in entries)
    return "\n".join(
        [HEAD, *(_section(each, [e for e in entries if e.context == each]) for each in contexts)]
    )


def data() -> str:
    """What the extranet shows of a refusal that it knows by its code only; words that vary are left out (« … »)."""
    said = {
        entry.refusal.code: {
            "title": entry.refusal.title,
            "detail": re.sub(r"\{[^}]*\}", "…", entry.refusal.detail),
            "holder": entry.refusal.holder,
            "faq": entry.refusal.faq
            and {"question": entry.refusal.faq.question, "link": entry.refusal.faq.link},
        }
        for entry in sorted(every(*FOLDERS), key=_code)
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _section(context: str, entries: Sequence[Entry]) -> str:
    head = f"## {context}\n\n| code | the person reads | next step | contact | FAQ |\n|---|---|---|---|---|"
    return "\n".join([head, *_rows(entry.refusal for entry in sorted(entries, key=_code)), ""])


def _code(entry: Entry) -> str:
    return entry.refusal.code


def _rows(refusals: Iterable[Refusal]) -> Iterable[str]:
    for each in refusals:
        question = f"[{each.faq.question}]({each.faq.link})" if each.faq else ""
        cells = (
            f"`{each.code}` {each.status}", f"**{each.title}.** {each.detail}", each.holder, _contact(each.contact),
            question,
        )  # fmt: skip
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _contact(contact: Contact) -> str:
    return ", ".join(part for part in (contact.name, contact.phone, contact.email) if part)
