"""Value types of the published language: parsed once, at the edge; inside there is nothing to check again.

Each is an `Annotated` type that pydantic checks in one pass, in Python and in JSON.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints
from pydantic_core import CoreSchema, core_schema
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siret as siret_number
from typing_extensions import Doc

_CENT = Decimal("0.01")
_NOT_NUL = r"^[^\x00]*$"  # PostgreSQL's text and jsonb cannot hold U+0000


@lru_cache(maxsize=4096)  # the check costs more than the rest of a record, and the same bodies come back
def parse_siret(text: str) -> str:
    """Fourteen digits, spaces and dots dropped; Luhn with La Poste's exception. Raises ValueError.

    All zeros satisfy Luhn but name no establishment: refused here.
    """
    try:
        siret = str(siret_number.validate(text.replace("\N{NO-BREAK SPACE}", " ")))
    except NumberError as error:
        raise ValueError("not a SIRET") from error
    if not siret.strip("0"):
        raise ValueError("not a SIRET")
    return siret


@dataclass(frozen=True, slots=True)
class _TwoPlaces:
    """A non-negative Decimal of two places; in JSON the string `"1234.50"`, never a number."""

    whole_digits: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        text = core_schema.str_schema(pattern=self._pattern)
        number = core_schema.decimal_schema(
            strict=True, ge=Decimal(0), max_digits=self.whole_digits + 2, decimal_places=2
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([text, core_schema.decimal_schema(strict=False)]),
            python_schema=core_schema.no_info_after_validator_function(_quantized, number),
            serialization=core_schema.to_string_ser_schema(),
        )

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self._pattern}

    @property
    def _pattern(self) -> str:
        return rf"^[0-9]{{1,{self.whole_digits}}}\.[0-9]{{2}}$"


def _quantized(number: Decimal) -> Decimal:
    return abs(number.quantize(_CENT))  # abs: no minus zero


def _rfc3339(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class _Utc:
    """An aware datetime whose offset is zero; in JSON always with microseconds and Z."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.datetime_schema(strict=True, tz_constraint=0)


Money = Annotated[Decimal, _TwoPlaces(12), Doc("Euros and cents")]
Hours = Annotated[Decimal, _TwoPlaces(6), Doc("Hours and hundredths of an hour")]
Percent = Annotated[Decimal, _TwoPlaces(3), Doc("Percent and hundredths of a percent")]
Instant = Annotated[
    datetime, _Utc(), PlainSerializer(_rfc3339, when_used="json"), Doc("UTC, microseconds, Z")
]

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=_NOT_NUL),
    Doc("Text as typed, one line long"),
]
Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=20_000, pattern=_NOT_NUL),
    Doc("Text as typed, as long as a page or two"),
]

Siret = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{14}$"),
    AfterValidator(parse_siret),
    Doc("Fourteen digits: Luhn with La Poste's exception, not all zeros"),
]
Nda = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{11}$"),
    Doc("Activity declaration number of a training body"),
]
Postcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
TeacherNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,20}$")]
InvoiceNumber = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9+_/-]{1,35}$"),
    Doc("The body's own, unique within it"),
]
OrderNumber = Annotated[
    str,
    StringConstraints(max_length=35, pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"),
    Doc("Formiris's own"),
]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Doc("Of a document's content, lower case"),
]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]{1,100}$")]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .()-]{1,30}$")]

Code = Annotated[
    str,
    StringConstraints(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Doc("A code of a catalogue (refusal, alert, template, FAQ entry): words joined by dashes"),
]
Territory = Annotated[
    str,
    StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"),
    Doc("Code of a territory of the reference data; its name is there, only the code travels"),
]
PersonId = Annotated[
    str,
    StringConstraints(max_length=120, pattern=r"^[a-z]+-[0-9A-Za-z-]+$"),
    Doc("Whose key seals a personal field; a pseudonym, it outlives the erasure"),
]
Actor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^@\s\x00]+$"),
    Field(
        description="Who acted: an account's id, a policy, a system; no @, an e-mail address would be personal"
    ),
]
StreamId = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^[a-z]+-[0-9A-Za-z+_/.:-]+$"),
    Doc("An aggregate's name and id, `order-3f0c...`, `siret-73282932000074`; Kafka's key too"),
]
Path = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^/[^\s\x00]*$"),
    Doc("An address within the extranet"),
]

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
StreamVersion = Annotated[int, Field(ge=1, le=2**63 - 1)]
DocumentSize = Annotated[int, Field(ge=1, le=2**53 - 1)]

Perimeter = Literal["regional", "national"]
BodyKind = Literal["private", "public"]
CostType = Literal["per-session", "per-trainee", "per-trainee-hour"]
Role = Literal["training-body", "manager", "assistance", "auditor", "subscriber"]
