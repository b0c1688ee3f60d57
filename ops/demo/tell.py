"""How the demo speaks: one line a step, refusals as the person reads them; plain text when nobody watches."""

from collections.abc import Mapping
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape

ABSENT = ("à renseigner", "à faire", "champ obligatoire")


class Teller(Protocol):
    """Who listens to the story."""

    def scene(self, title: str) -> None: ...

    def step(self, who: str, what: str) -> None: ...

    def refusal(self, who: str, what: str, problem: Mapping[str, Any]) -> None: ...


class Silent:
    """Listens and says nothing: the story is played for its outcome."""

    def scene(self, title: str) -> None:
        """Nothing."""

    def step(self, who: str, what: str) -> None:
        """Nothing."""

    def refusal(self, who: str, what: str, problem: Mapping[str, Any]) -> None:
        """Nothing."""


class Narrator:
    """Tells the story on a console. Lines are never cut or wrapped by us: a pipe gets them whole."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def scene(self, title: str) -> None:
        """A new part of the life of a training."""
        self.line("")
        self.line(f"[bold]{escape(title)}[/bold]")

    def step(self, who: str, what: str) -> None:
        """Someone did something, and it was done."""
        self.line(f"  [green]✓[/green] {escape(who)} {escape(what)}")

    def refusal(self, who: str, what: str, problem: Mapping[str, Any]) -> None:
        """Someone was refused something, with everything they read about it."""
        self.line(f"  [yellow]✗[/yellow] {escape(who)} {escape(what)}: refused")
        for text in refusal_lines(problem):
            self.line(f"      {escape(text)}")

    def say(self, text: str) -> None:
        """A line about the demo itself."""
        self.line(escape(text))

    def line(self, markup: str) -> None:
        """A line of rich markup."""
        self._console.print(markup, soft_wrap=True, highlight=False)


def refusal_lines(problem: Mapping[str, Any]) -> list[str]:
    """What a person reads of a refusal: what, why, what is missing, who acts next, whom to ask, which answer."""
    lines = [f"« {problem['title']} » {problem['detail']}"]
    missing = problem.get("missing") or ()
    if missing:
        absent = all(item["reason"].startswith(ABSENT) for item in missing)
        heading = "Il manque" if absent else "À corriger"
        lines.append(f"{heading} ({len(missing)}) : {' ; '.join(map(_missing, missing))}")
    lines.append(f"Qui agit ensuite : {problem['holder']}. Contact : {_contact(problem['contact'])}")
    if problem.get("faq"):
        lines.append(f"FAQ : « {problem['faq']['question']} »")
    return lines


def _missing(item: Mapping[str, Any]) -> str:
    where = f" ({item['where']})" if item.get("where") else ""
    colour = ", en bleu" if item.get("colour") == "blue" else ""
    return f"{item['label']}{where}{colour} : {item['reason']}"


def _contact(contact: Mapping[str, Any]) -> str:
    return ", ".join(contact[part] for part in ("name", "email", "phone", "hours") if contact.get(part))
