"""Numbers that pass their checks and belong to nobody: SIRET, IBAN, VAT, telephones kept free for fiction."""

from stdnum import iban as iban_number
from stdnum import luhn


def siret(number: int) -> str:
    """Of the establishment `number` (below 10 million): Luhn satisfied, for the SIREN too."""
    siren = f"9{number:07d}"
    siren += luhn.calc_check_digit(siren)
    nic = f"{siren}0001"
    return nic + luhn.calc_check_digit(nic)


def vat_number(siret: str) -> str:
    """The VAT number that goes with a SIRET."""
    siren = siret[:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def iban(account: int) -> str:
    """A French one: the key of the account and that of the IBAN are right; no bank has this code."""
    bank, branch, digits = "19999", "00001", f"{account:011d}"
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(digits)) % 97
    bban = f"{bank}{branch}{digits}{key:02d}"
    return f"FR{iban_number.calc_check_digits(f'FR00{bban}')}{bban}"


def phone(number: int) -> str:
    """In the range that the regulator keeps free for works of fiction."""
    digits = f"{number % 10_000:04d}"
    return f"01 99 00 {digits[:2]} {digits[2:]}"


def nda(postcode: str, number: int) -> str:
    """An activity declaration number: eleven digits, the department in the third and fourth."""
    return f"11{postcode[:2]}{number % 10_000_000:07d}"
