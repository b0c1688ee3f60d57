"""What a field of a form may hold: what a person types -> a value, or a reason in French why it is not one.

People paste from spreadsheets, PDFs and e-mails: spaces of every width, dots, French dates and decimal commas are
understood, and what is wrong is said in their words.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError
from schwifty import BIC, IBAN
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number
from stdnum.fr import tva

from shared.events.values import Nda, Postcode, Territory, UnitCode, parse_siret

Parse = Callable[[object], Any]
_CENT = Decimal("0.01")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value, called with what was typed; raises ValueError with a reason in French.

    `name` tells a screen which control to show; `choices` are code -> French label.
    """

    name: str
    parse: Parse
    choices: Mapping[str, str] = field(default_factory=dict)
    at_most: int | None = None

    def __call__(self, raw: object) -> Any:
        """The value."""
        return self.parse(raw)


def text(at_most: int = 500, name: str = "line") -> Kind:
    """A line or a text, trimmed; otherwise kept as typed."""

    def parse(raw: object) -> str:
        typed = _string(raw)
        if len(typed) > at_most:
            raise ValueError(f"{at_most} caractères au plus")
        return typed

    return Kind(name, parse, at_most=at_most)


line = text()
prose = text(20_000, "prose")


def one_of(choices: Collection[str] | Mapping[str, str]) -> Kind:
    """One of a few words: by its code or, where they have one, by its French label."""
    labels = choices if isinstance(choices, Mapping) else dict(zip(choices, choices, strict=True))
    known = {**{bare(label): code for code, label in labels.items()}, **{bare(code): code for code in labels}}

    def parse(raw: object) -> str:
        code = known.get(bare(raw)) if isinstance(raw, str) else None
        if code is None:
            raise ValueError(f"à choisir parmi : {', '.join(labels.values())}")
        return code

    return Kind("choice", parse, choices=labels)


def matching(name: str, kind: Any, reason: str, drop: str = "") -> Kind:
    """A value type of the published language; characters of `drop`, and spaces, are taken out before."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    def parse(raw: object) -> str:
        try:
            return adapter.validate_python(_packed(raw, drop))
        except ValidationError:
            raise ValueError(reason) from None

    return Kind(name, parse)


def _numbered(name: str, validated: Callable[[str], object], reason: str) -> Kind:
    """A number with a check key, told by a library; spaces, dots and dashes are taken out before."""

    def parse(raw: object) -> str:
        try:
            return str(validated(_packed(raw, ".-").upper()))
        except (ValueError, NumberError):
            raise ValueError(reason) from None

    return Kind(name, parse)


_siret = _numbered("siret", parse_siret, "numéro SIRET incorrect : 14 chiffres, clé de contrôle comprise")


def _siret_and_no_siren(raw: object) -> str:
    """People who know one of their numbers often know the shorter one."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{9}", _packed(raw, ".-")):
        raise ValueError("9 chiffres : c'est un SIREN ; le SIRET en compte 14")
    return str(_siret(raw))


siret = Kind("siret", _siret_and_no_siren)
iban = _numbered("iban", lambda typed: IBAN(typed).compact, "IBAN incorrect : vérifiez chaque caractère")
bic = _numbered("bic", lambda typed: BIC(typed).compact, "BIC incorrect : 8 ou 11 caractères")


def _siren(typed: str) -> str:
    number: str = siren_number.validate(typed)
    if not number.strip("0"):
        raise ValueError(number)
    return number


def _vat_number(typed: str) -> str:
    if typed.startswith("FR"):
        return f"FR{tva.validate(typed)}"
    number: str = vat.validate(typed)
    return number


def _ape(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{4}[A-Z]", typed):
        raise ValueError(typed)
    return typed


siren = _numbered("siren", _siren, "numéro SIREN incorrect : 9 chiffres, clé de contrôle comprise")
vat_number = _numbered("vat", _vat_number, "numéro de TVA incorrect, par exemple FR 40 303265045")
ape = _numbered("ape", _ape, "code APE incorrect : 4 chiffres et une lettre, par exemple 8559A")
nda = matching("nda", Nda, "11 chiffres attendus", drop=".-")
territory = matching("territory", Territory, "code d'association territoriale incorrect")
unit_code = matching("code", UnitCode, "code incorrect : 20 lettres ou chiffres au plus")

_postcode = matching("postcode", Postcode, "5 chiffres attendus", drop=".")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\x00]+@([^\s@.<>(),;:\x00]+\.)+[^\s@.<>(),;:0-9\x00]{2,}")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{1,30}")
_SITE = re.compile(r"(https?://)?([^\s./?#@:\x00]+\.)+[^\s./?#@:\x00]{2,}([/?#][^\s\x00]*)?", re.IGNORECASE)


def _checked_email(raw: object) -> str:
    typed = _string(raw).translate(_UNSEEN)
    if not _EMAIL.fullmatch(typed) or len(typed) > 254:
        raise ValueError("adresse e-mail incorrecte, par exemple prenom.nom@organisme.fr")
    return typed


def _checked_postcode(raw: object) -> str:
    typed: str = _postcode(raw)
    if typed[:2] in ("00", "96", "99"):
        raise ValueError("code postal inconnu")
    return typed


def _checked_phone(raw: object) -> str:
    """Kept as typed, spaces apart: ten digits in France, six to fifteen with a country's code."""
    typed = re.sub(r"\s+", " ", _string(raw).translate(_UNSEEN))
    digits = re.sub(r"[^0-9]", "", typed.replace("(0)", ""))
    french = typed.startswith("0") and not typed.startswith("00")
    enough = len(digits) == 10 if french else 6 <= len(digits) <= 15
    if not enough or not _PHONE.fullmatch(typed):
        raise ValueError("numéro de téléphone incorrect, par exemple 01 40 00 00 00")
    return typed


def _checked_site(raw: object) -> str:
    typed: str = line(raw)
    if not _SITE.fullmatch(typed):
        raise ValueError("adresse de site incorrecte, par exemple www.organisme.fr")
    return typed


email = Kind("email", _checked_email)
postcode = Kind("postcode", _checked_postcode)
phone = Kind("phone", _checked_phone)
web_site = Kind("url", _checked_site)

_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
    "decembre",
)  # fmt: skip


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[t ]00:00(?::00(?:\.0+)?)?z?)?")
_FRENCH = re.compile(r"([0-9]{1,2})(?:er)? ?[/. -] ?([0-9]{1,2}|[a-z]+)\.? ?[/. -] ?([0-9]{4})")
_SHORT = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{2})")


def _day(raw: object) -> date:
    typed = bare(_string(raw))
    try:
        if iso := _ISO.fullmatch(typed):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if french := _FRENCH.fullmatch(typed) or _SHORT.fullmatch(typed):
            return date(_year(french[3]), _month(french[2]), int(french[1]))
    except ValueError:
        pass
    raise ValueError("date attendue, par exemple 2026-09-01 ou 01/09/2026")


def _year(typed: str) -> int:
    return int(typed) + (2000 if len(typed) == 2 else 0)


def _month(typed: str) -> int:
    return int(typed) if typed.isdigit() else _MONTHS.index(typed) + 1


day = Kind("date", _day)


def amount(whole_digits: int, noun: str, example: str, name: str, units: str) -> Kind:
    """A positive decimal of two places, as a string or a number; a comma, spaces and its unit are understood."""

    def parse(raw: object) -> Decimal:
        number = None if isinstance(raw, bool) else _figures(str(raw), units)
        if number is None:
            raise ValueError(f"{noun} attendu, deux décimales au plus, par exemple {example}")
        if not 0 < number < 10**whole_digits:
            raise ValueError(f"{noun} supérieur à zéro attendu, par exemple {example}")
        return number.quantize(_CENT)

    return Kind(name, parse)


def _figures(typed: str, units: str) -> Decimal | None:
    """« 1 200,50 € » or « 1.200,50 » -> 1200.50; nothing for « 1.200 », which may be one or a thousand."""
    packed = re.sub(rf"({units})$", "", _packed(typed).lower())
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+", packed):
        packed = packed.replace(".", "")
    packed = packed.replace(",", ".")
    return (
        Decimal(packed) if re.fullmatch(r"[+-]?([0-9]{1,20}(\.[0-9]{0,2})?|\.[0-9]{1,2})", packed) else None
    )


money = amount(12, "montant", "1200.00", "amount", "€|eur|euros?")
_decimal_hours = amount(6, "nombre d'heures", "3,5 ou 3h30", "hours", "h|heures?")


def _hours(raw: object) -> Decimal:
    """Also « 3h30 », which is three and a half."""
    clock = isinstance(raw, str) and re.fullmatch(
        r"([0-9]{1,5})(?:h|heures?|:)([0-5][0-9])(?:m|mn|min)?", _packed(raw).lower()
    )
    if not clock:
        return Decimal(_decimal_hours(raw))
    return Decimal(_decimal_hours(str(int(clock[1]) + Decimal(clock[2]) / 60)))


hours = Kind("hours", _hours)


def _count(raw: object) -> int:
    """A whole number, zero or more."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,9}", _packed(raw)):
        raw = int(_packed(raw))
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 10**9:
        raise ValueError("nombre entier attendu")
    return raw


count = Kind("count", _count)


def _lines(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > 100:
        raise ValueError("liste de 100 éléments au plus attendue")
    return tuple(read for item in raw if (read := line(item)))


lines = Kind("lines", _lines, at_most=100)


def bare(typed: str) -> str:
    """As people compare words: trimmed, without accents or case, one space for several."""
    spread = unicodedata.normalize("NFKD", typed.translate(_UNSEEN))
    plain = "".join(character for character in spread if not unicodedata.combining(character))
    return re.sub(r"\s+", " ", plain).strip().casefold()


def _packed(raw: object, drop: str = "") -> str:
    """Without any space, seen or not, nor the characters of `drop`."""
    return re.sub(rf"[\s{re.escape(drop)}]", "", _string(raw).translate(_UNSEEN))


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("texte attendu")  # noqa: TRY004 - as above
    return raw.strip()
