"""What e-mails say: a template each in `templates/`, its first line the subject; text and HTML are made from it.

Blocks are parted by blank lines: a paragraph, a list (`- `), steps (`1. `), or a link (`=> words : address`), which
only a template can make: what people typed cannot. HTML is escaped by jinja2.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from shared.runtime.refusal import ASSISTANCE

TEMPLATES = Path(__file__).with_name("templates")
CLOSING = (
    f"Une question ? Répondez à ce message, ou joignez {ASSISTANCE.name} ({ASSISTANCE.hours}) "
    f"au {ASSISTANCE.phone} ou à {ASSISTANCE.email}.\n\nBien cordialement,\nFormiris\n"
)
OF_AN_ALERT, OF_A_DAY = "alert", "daily"
_LINK = re.compile(r"=> (.+) : (\S+)")
_STEP = re.compile(r"\d+\. ")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an e-mail, as both forms draw it."""

    kind: Literal["paragraph", "list", "steps", "link"]
    lines: tuple[str, ...]
    address: str = ""

    def text(self) -> str:
        """In plain text."""
        match self.kind:
            case "list":
                return "\n".join(f"- {line}" for line in self.lines)
            case "steps":
                return "\n".join(f"{number}. {line}" for number, line in enumerate(self.lines, 1))
            case "link":
                return f"{self.lines[0]} : {self.address}"
            case _:
                return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail's subject, and what it says in both forms."""

    subject: str
    text: str
    html: str


def letter(template: str, words: Mapping[str, Any], foot: str = "") -> Letter:
    """Fills a template. Raises jinja2's errors when it names a word that is not there: a programming error."""
    titled, said = _template(template)
    harmless = _harmless(words)
    subject = " ".join(titled.render(harmless).split())[:200]
    blocks, below = parsed(said.render(harmless)), parsed(f"{CLOSING}\n{foot}")
    html = _layout().render(subject=subject, blocks=blocks, foot=below)
    return Letter(subject, "\n\n".join(block.text() for block in [*blocks, *below]) + "\n", html)


def parsed(text: str) -> list[Block]:
    """The blocks of a text."""
    pieces = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [_block([line.strip() for line in piece.splitlines()]) for piece in pieces if piece.strip()]


def _block(lines: Sequence[str]) -> Block:
    if found := _LINK.fullmatch(lines[0]):
        return Block("link", (found[1],), found[2])
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(line[2:] for line in lines))
    if all(_STEP.match(line) for line in lines):
        return Block("steps", tuple(_STEP.sub("", line, count=1) for line in lines))
    return Block("paragraph", tuple(lines))


def _harmless(words: Any) -> Any:
    """What people typed makes no link."""
    match words:
        case str():
            return words.replace("=>", "⇒")
        case Mapping():
            return {name: _harmless(word) for name, word in words.items()}
        case list() | tuple():
            return [_harmless(word) for word in words]
        case _:
            return words


@cache
def _template(name: str) -> tuple[Template, Template]:
    """Subject and text: of a letter of its own, or of every alert."""
    own = TEMPLATES / f"{name}.txt"
    source = own if own.exists() else TEMPLATES / f"{OF_AN_ALERT}.txt"
    subject, _, text = source.read_text("utf-8").partition("\n")
    plain = Environment(undefined=StrictUndefined, trim_blocks=True)  # noqa: S701 - plain text: the layout escapes
    return plain.from_string(subject), plain.from_string(text)


@cache
def _layout() -> Template:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    ).get_template("layout.html")
