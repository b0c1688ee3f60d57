"""The catalogue of refusals: every one that this code can raise, and what each lacks to be of help.

A refusal is a constant of its module and nothing else, so that reading the sources finds them all.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from shared.runtime import faq
from shared.runtime.refusal import Refusal

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A refusal, and the constant that holds it."""

    module: str
    name: str
    refusal: Refusal

    @property
    def context(self) -> str:
        """Whose it is: a service's, or everybody's."""
        package, owner, *_ = self.module.split(".")
        return owner if package == "services" else "shared"


def every(*folders: Path) -> list[Entry]:
    """The refusals declared under these folders, in the order of the modules and of their lines."""
    return [
        Entry(module, name, getattr(import_module(module), name))
        for folder in folders
        for file in sorted(folder.rglob("*.py"))
        for module in [_module(file)]
        for name in _declared(ast.parse(file.read_text("utf-8")))
    ]


def strays(*folders: Path) -> list[str]:
    """`file:line` of each refusal that is made elsewhere than as a constant of its module."""
    return [
        f"{file.relative_to(ROOT)}:{line}"
        for folder in folders
        for file in sorted(folder.rglob("*.py"))
        for line in made_elsewhere(ast.parse(file.read_text("utf-8")))
    ]


def lacks(entries: Iterable[Entry]) -> list[str]:
    """A sentence for each thing that is missing in a refusal, naming its module and its constant."""
    entries = list(entries)
    held = Counter((entry.context, entry.refusal.code) for entry in entries)
    return [
        f"{entry.module}.{entry.name}: {lack}"
        for entry in entries
        for lack in _lacks(entry.refusal, held[entry.context, entry.refusal.code])
    ]


def _lacks(refusal: Refusal, held: int) -> Iterator[str]:
    if held > 1:
        yield f"its code {refusal.code!r} is that of another refusal of the same context"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", refusal.code):
        yield f"its code {refusal.code!r} is not words joined by dashes"
    if not 400 <= refusal.status <= 599:
        yield f"its status {refusal.status} is not that of a refusal"
    if not refusal.title or refusal.title.endswith("."):
        yield "its title is a few French words without a full stop"
    if len(refusal.detail) < 20:
        yield "its detail is not a sentence that says what is missing"
    if not refusal.holder:
        yield "it does not say who holds the next step (holder)"
    if "@" not in refusal.contact.email:
        yield "it does not say whom to ask (contact)"
    if refusal.faq not in faq.entries():
        yield "it leads to no answer of the FAQ: say which with faq=faq...., faq.HELP where no question is about it"
    yield from _typography(refusal)


def _typography(refusal: Refusal) -> Iterator[str]:
    for text in (refusal.title, refusal.detail):
        for fault in re.findall(r"«\S|\S»|\.\.\.|  |[^\W\d_][?!;]|’", text):
            yield f"its French has {fault!r}, which is not typographically right here"


def _declared(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if _is_refusal(func):
                yield name


def made_elsewhere(tree: ast.Module) -> list[int]:
    """The lines of a module that make a refusal which is no constant of it."""
    constants = {id(each.value) for each in tree.body if isinstance(each, ast.Assign)}
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_refusal(node.func) and id(node) not in constants
    )


def wordless(*folders: Path) -> list[str]:
    """`file:line` of each `Refused(NAME, ...)` that leaves words of the detail in their braces, and which."""
    found = []
    for file in (each for folder in folders for each in sorted(folder.rglob("*.py"))):
        for call in _raised(ast.parse(file.read_text("utf-8"))):
            refusal = _named(_module(file), call.args[0])
            given = {keyword.arg for keyword in call.keywords}
            words = set(re.findall(r"{(\w+)", refusal.detail)) - given if refusal else set()
            if words and None not in given:
                found.append(f"{file.relative_to(ROOT)}:{call.lineno}: {', '.join(sorted(words))}")
    return found


def _raised(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Refused"), args=[_, *_]):
                yield node


def _named(module: str, argument: ast.expr) -> Refusal | None:
    """The constant that an argument names; None for a variable."""
    match argument:
        case ast.Name(id=name):
            found = getattr(import_module(module), name, None)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            found = getattr(getattr(import_module(module), owner, None), name, None)
        case _:
            found = None
    return found if isinstance(found, Refusal) else None


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _is_refusal(called: ast.expr) -> bool:
    match called:
        case ast.Name(id="Refusal") | ast.Attribute(attr="Refusal"):
            return True
        case _:
            return False
