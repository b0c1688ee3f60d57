"""What people type in a field: spaces, dots, French dates and decimal commas are understood; the rest is said."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime import form_kinds as kinds
from shared.runtime.form_kinds import Kind

SPACES = [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{ZERO WIDTH SPACE}"]

UNDERSTOOD: list[tuple[Kind, object, object]] = [
    (kinds.siret, "732 829 320 00074", "73282932000074"),
    (kinds.siret, "732.829.320.00074", "73282932000074"),
    (kinds.siret, "356 000 000 00048", "35600000000048"),
    (kinds.siren, "732\u202f829\u202f320", "732829320"),
    (kinds.nda, "11 75 55555 55", "11755555555"),
    (kinds.ape, "85.59 a", "8559A"),
    (kinds.vat_number, "fr 40 303 265 045", "FR40303265045"),
    (kinds.vat_number, "DE136695976", "DE136695976"),
    (kinds.iban, "fr76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
    (kinds.bic, "agri fr pp", "AGRIFRPP"),
    (kinds.postcode, "75 005", "75005"),
    (kinds.phone, "01.40.00.00.00", "01.40.00.00.00"),
    (kinds.phone, "+33\xa0(0)1 40 00 00 00", "+33 (0)1 40 00 00 00"),
    (kinds.email, " prenom.nom@organisme.fr\u200b", "prenom.nom@organisme.fr"),
    (kinds.email, "élodie@école.example", "élodie@école.example"),
    (kinds.web_site, "www.lire-et-dire.example/a?b=c", "www.lire-et-dire.example/a?b=c"),
    (kinds.day, "1/9/2026", date(2026, 9, 1)),
    (kinds.day, "01.09.2026", date(2026, 9, 1)),
    (kinds.day, "2026-09-01", date(2026, 9, 1)),
    (kinds.day, "2026-09-01 00:00:00", date(2026, 9, 1)),
    (kinds.day, "1er septembre 2026", date(2026, 9, 1)),
    (kinds.day, "15 AOÛT 2026", date(2026, 8, 15)),
    (kinds.day, "01/09/26", date(2026, 9, 1)),
    (kinds.money, "1 200,50 €", Decimal("1200.50")),
    (kinds.money, "1.200,50", Decimal("1200.50")),
    (kinds.money, 12.1, Decimal("12.10")),
    (kinds.hours, "3h30", Decimal("3.50")),
    (kinds.hours, "12,5 h", Decimal("12.50")),
    (kinds.hours, 7, Decimal("7.00")),
    (kinds.count, "1 200", 1200),
    (kinds.one_of({"regional": "Régional"}), "regional", "regional"),
    (kinds.one_of({"regional": "Régional"}), " RÉGIONAL ", "regional"),
    (kinds.line, " Zoë  d'Aÿ ", "Zoë  d'Aÿ"),
    (kinds.lines, [" a ", "", "b"], ("a", "b")),
]
WRONG: list[tuple[Kind, object]] = [
    (kinds.siret, "73282932000075"),
    (kinds.siret, "00000000000000"),
    (kinds.siret, 73282932000074),
    (kinds.siren, "000000000"),
    (kinds.nda, "1175555555"),
    (kinds.ape, "855A"),
    (kinds.vat_number, "FR41303265045"),
    (kinds.vat_number, "40303265045"),
    (kinds.iban, "FR7630006000011234567890188"),
    (kinds.bic, "BNPA"),
    (kinds.postcode, "7500"),
    (kinds.postcode, "00100"),
    (kinds.phone, "01 40 00 00"),
    (kinds.phone, "appelez-nous"),
    (kinds.email, "prenom nom@organisme.fr"),
    (kinds.email, "prenom@organisme"),
    (kinds.email, "a@b.fr, c@d.fr"),
    (kinds.web_site, "lire et dire"),
    (kinds.web_site, "javascript:alert(1)"),
    (kinds.day, "31/02/2026"),
    (kinds.day, "2026/09"),
    (kinds.day, "26-09-01"),
    (kinds.day, 20260901),
    (kinds.money, "1.200"),
    (kinds.money, "12,345"),
    (kinds.money, "0"),
    (kinds.money, "-5"),
    (kinds.money, True),
    (kinds.money, float("nan")),
    (kinds.money, 10**12),
    (kinds.hours, "3h20"),
    (kinds.hours, "3h75"),
    (kinds.count, "3,5"),
    (kinds.count, -1),
    (kinds.one_of(["regional"]), "mondial"),
    (kinds.line, "x" * 501),
    (kinds.line, 3),
    (kinds.lines, "a"),
]


@pytest.mark.parametrize(("kind", "typed", "value"), UNDERSTOOD)
def test_it_is_understood(kind: Kind, typed: object, value: object) -> None:
    """As people write it, paste it, or say it in JSON."""
    assert kind(typed) == value


@pytest.mark.parametrize(("kind", "typed"), WRONG)
def test_it_is_said_to_be_wrong(kind: Kind, typed: object) -> None:
    """With a reason in French, the same whatever was typed."""
    with pytest.raises(ValueError, match=r"attendu|incorrect|au plus|inconnu|parmi") as caught:
        kind(typed)
    assert caught.type is ValueError


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31)))
def test_a_day_reads_the_same_however_it_is_written(day: date) -> None:
    """ISO and French, with and without leading zeros."""
    written = [
        f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day.day}.{day.month}.{day.year}",
    ]  # fmt: skip
    assert {kinds.day(each) for each in written} == {day}


@given(st.decimals(min_value="0.01", max_value="99999999999.99", places=2), st.sampled_from(SPACES))
def test_an_amount_reads_the_same_however_it_is_written(amount: Decimal, space: str) -> None:
    """A dot or a comma, thousands apart by any space, its sign or none."""
    french = f"{amount:,}".replace(",", space).replace(".", ",")
    assert {kinds.money(each) for each in (str(amount), french, f"{french}{space}€")} == {amount}


KINDS = [each for each in vars(kinds).values() if isinstance(each, Kind)]


@given(
    st.sampled_from(KINDS),
    st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text(), max_size=3),
)
def test_whatever_is_typed_is_a_value_or_a_reason(kind: Kind, typed: Any) -> None:
    """Nothing else comes out of a kind than a value, which it reads again as itself, or ValueError."""
    try:
        value = kind(typed)
    except ValueError:
        return
    if isinstance(value, str):
        assert kind(value) == value
