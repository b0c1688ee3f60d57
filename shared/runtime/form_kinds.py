"""What a field of a form may hold: what a person types -> a value, or a reason in French why it is not one."""

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import TypeAdapter, ValidationError
from schwifty import BIC, IBAN

from shared.events.values import Email, Nda, Phone, Postcode, Territory, UnitCode, parse_siret

Parse = Callable[[object], Any]
_CENT = Decimal("0.01")


def text(at_most: int = 500) -> Parse:
    """A line or a text, trimmed; otherwise kept as typed."""

    def parse(raw: object) -> str:
        typed = _string(raw)
        if len(typed) > at_most:
            raise ValueError(f"{at_most} caractères au plus")
        return typed

    return parse


line = text()
prose = text(20_000)


def one_of(choices: Collection[str]) -> Parse:
    """One of a few words."""

    def parse(raw: object) -> str:
        if not isinstance(raw, str) or raw.strip() not in choices:
            raise ValueError(f"à choisir parmi : {', '.join(choices)}")
        return raw.strip()

    return parse


def matching(kind: Any, reason: str, drop: str = "") -> Parse:
    """A value type of the published language; characters of `drop` are taken out before."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    def parse(raw: object) -> str:
        typed = _string(raw).translate({ord(character): None for character in drop})
        try:
            return adapter.validate_python(typed)
        except ValidationError:
            raise ValueError(reason) from None

    return parse


def siret(raw: object) -> str:
    """Fourteen digits that satisfy the check key; spaces allowed."""
    try:
        return parse_siret(_string(raw))
    except ValueError:
        raise ValueError("numéro SIRET incorrect : 14 chiffres, clé de contrôle comprise") from None


def iban(raw: object) -> str:
    """An IBAN whose country, length and key are right, without spaces."""
    try:
        return str(IBAN(_string(raw)).compact)
    except ValueError:
        raise ValueError("IBAN incorrect : vérifiez chaque caractère") from None


def bic(raw: object) -> str:
    """A BIC of 8 or 11 characters."""
    try:
        return str(BIC(_string(raw)).compact)
    except ValueError:
        raise ValueError("BIC incorrect : 8 ou 11 caractères") from None


nda = matching(Nda, "11 chiffres attendus", drop=" .")
email = matching(Email, "adresse e-mail incorrecte")
phone = matching(Phone, "numéro de téléphone incorrect")
postcode = matching(Postcode, "5 chiffres attendus", drop=" ")
territory = matching(Territory, "code d'association territoriale incorrect")
unit_code = matching(UnitCode, "code incorrect : 20 lettres ou chiffres au plus")


def day(raw: object) -> date:
    """A date, as 2026-09-01 or 01/09/2026."""
    typed = _string(raw)
    french = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", typed)
    try:
        if french:
            return date(int(french[3]), int(french[2]), int(french[1]))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed):
            return date.fromisoformat(typed)
    except ValueError:
        pass
    raise ValueError("date attendue, par exemple 2026-09-01")


def amount(whole_digits: int, noun: str) -> Parse:
    """A positive decimal of two places, as a string or a number; a comma and spaces are understood."""

    def parse(raw: object) -> Decimal:
        reason = f"{noun} attendu, par exemple 1200.00"
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            raise ValueError(reason)  # noqa: TRY004 - what a person typed is wrong, not the caller
        try:
            number = Decimal(re.sub(r"\s", "", str(raw)).replace(",", "."))
            exact = number.quantize(_CENT)
        except InvalidOperation:
            raise ValueError(reason) from None
        if exact != number or not 0 < exact < 10**whole_digits:
            raise ValueError(f"{noun} supérieur à zéro, deux décimales au plus")
        return exact

    return parse


money = amount(12, "montant")
hours = amount(6, "nombre d'heures")


def count(raw: object) -> int:
    """A whole number, zero or more."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 10**9:
        raise ValueError("nombre entier attendu")
    return raw


def lines(raw: object) -> tuple[str, ...]:
    """A list of lines."""
    if not isinstance(raw, list) or len(raw) > 100:
        raise ValueError("liste de 100 éléments au plus attendue")
    return tuple(read for item in raw if (read := line(item)))


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("texte attendu")  # noqa: TRY004 - as above
    return raw.strip()
