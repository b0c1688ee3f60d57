"""What a deployment says and invoices print: checked at the start, dated, nothing made up.  (Invoicing)"""

import json
import os
import subprocess
import sys
from datetime import date
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from ops.example import BUYER
from services.invoicing.reference import Buyer, Reference, Wording
from services.invoicing.settings import InvoicingSettings
from shared.runtime.workers import ROOT

FICTIVE: dict[str, Any] = json.loads(BUYER)[0]
MOVED = FICTIVE | {"since": "2027-01-01", "town": "Autre-Ville", "vat_number": "FR11 123 456 782"}
REFERENCE = Reference((Buyer.model_validate(FICTIVE),))


def told(monkeypatch: pytest.MonkeyPatch, buyer: Any) -> InvoicingSettings:
    monkeypatch.setenv("FORMELIE_BUYER", json.dumps(buyer))
    return InvoicingSettings()


def test_an_invoice_names_the_buyer_of_its_own_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the first one known, should it be older than that."""
    reference = told(monkeypatch, [MOVED, FICTIVE | {"since": "2020-01-01"}]).reference()
    towns = [reference.buyer_on(day).town for day in (date(2019, 1, 1), date(2026, 12, 31), date(2027, 1, 1))]
    assert towns == ["Ville-Fictive", "Ville-Fictive", "Autre-Ville"]
    assert reference.buyer_on(date(2027, 1, 1)).vat_number == "FR11123456782"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"siren": "123456789"}, ("siren",)),
        ({"siren": "000000000"}, ("siren",)),
        ({"siret": "73282932000074"}, ()),
        ({"vat_number": "FR44732829320"}, ()),
        ({"street": " "}, ("street",)),
        ({"postcode": "7500"}, ("postcode",)),
        ({"street": None}, ("street",)),
        ({"nam": "x"}, ("nam",)),
    ],
)
def test_a_buyer_that_is_wrong_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], where: tuple[str, ...]
) -> None:
    """Each part by its name."""
    with pytest.raises(ValidationError) as caught:
        told(monkeypatch, [FICTIVE | wrong])
    assert [fault["loc"] for fault in caught.value.errors()] == [("buyer", 0, *where)]


@pytest.mark.parametrize(
    ("buyer", "said"),
    [
        (None, "FORMELIE_BUYER: Field required"),
        ("{", "must be JSON"),
        ("[]", "FORMELIE_BUYER: Value error, names nobody"),
        (json.dumps([{k: v for k, v in FICTIVE.items() if k != "street"}]), "FORMELIE_BUYER.0.street: Field required"),
    ],
)  # fmt: skip
def test_the_service_does_not_start_without_its_buyer(buyer: str | None, said: str) -> None:
    """Exit code 2, what is missing by its name, and no value of the environment in the message."""
    environment = {"PATH": os.environ["PATH"], "FORMELIE_KEYRING_SECRET": "not-to-be-shown"}
    environment |= {} if buyer is None else {"FORMELIE_BUYER": buyer}
    command = [sys.executable, "-m", "services.invoicing"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stderr
    assert said in run.stderr
    assert "FORMELIE_KAFKA: Field required" in run.stderr
    assert "not-to-be-shown" not in run.stderr


def test_the_words_of_the_exemption_are_a_dated_parameter() -> None:
    """Those of the deployment from their day on, for the CIBS alone; without them no article is made up."""
    said = Reference(REFERENCE.buyers, (Wording(since=date(2027, 1, 1), words="Exonération, article L. X"),))
    assert said.words_of("cibs", date(2027, 1, 1)) == "Exonération, article L. X"
    elsewhere: list[tuple[Reference, Literal["cibs", "cgi-261-4-4-a"], date]] = [
        (said, "cibs", date(2026, 12, 31)), (said, "cgi-261-4-4-a", date(2027, 6, 1)),
        (REFERENCE, "cibs", date(2027, 6, 1)),
    ]  # fmt: skip
    for reference, code, day in elsewhere:
        words = reference.words_of(code, day)
        assert "L. " not in words
        assert words.startswith("Exonération de TVA")


def test_the_example_is_openly_made_up() -> None:
    """Nobody mistakes it for Formiris."""
    assert "fictif" in FICTIVE["name"].casefold()
    assert "Fictive" in FICTIVE["town"]
