"""The demo's own parts: a client that repeats, a killer that can be repeated, words that reach a pipe whole."""

import io
from itertools import islice

import httpx
import pytest
from rich.console import Console

from ops.demo.chaos import blows
from ops.demo.client import NOBODY, Client, Unanswered
from ops.demo.doors import Door, doors
from ops.demo.furnish import STOPS, scenes_before
from ops.demo.outcome import differences
from ops.demo.plot import Kind, plot
from ops.demo.tell import Narrator
from ops.stack.endpoints import Endpoints
from ops.stack.secret import Account
from shared.events.values import parse_siret

PROBLEM = {
    "title": "Demande incomplète", "detail": "Des champs manquent.", "code": "form-incomplete",
    "missing": [{"field": "siret", "label": "SIRET", "where": "Identité", "colour": "blue", "reason": "à renseigner"}],
    "holder": "vous", "contact": {"name": "Assistance", "email": "a@formiris.org", "phone": None, "hours": None},
    "faq": {"question": "Je ne peux pas sauvegarder ?", "link": "/aide#x"},
}  # fmt: skip


def client_of(
    answers: list[httpx.Response | Exception], seen: list[httpx.Request], patience: float = 5.0
) -> Client:
    """A client whose requests get these answers, one after the other."""

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(given, Exception):
            raise given
        return given

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Client(http, {"offerings": "http://offerings"}, "tag", patience=patience)


async def test_a_command_whose_connection_broke_is_repeated_with_its_key() -> None:
    """Whatever broke, the same key goes out again until there is an answer."""
    seen: list[httpx.Request] = []
    done = httpx.Response(200, json={"id": "1"}, headers={"Position": "offerings/3/17"})
    client = client_of([httpx.ReadError("cut"), httpx.Response(503, json={"code": "away"}), done], seen)
    answer = await client.command("offerings", "POST", "/offerings", NOBODY, "offering", json={})
    assert answer["id"] == "1"
    assert [request.headers["idempotency-key"] for request in seen] == ["tag-offering"] * 3
    assert client.traffic.repeated == 2


async def test_what_is_done_next_comes_after_what_was_written() -> None:
    """A position that a command wrote travels with every later request."""
    seen: list[httpx.Request] = []
    client = client_of([httpx.Response(200, json={}, headers={"Position": "offerings/3/17"})], seen)
    await client.command("offerings", "POST", "/offerings", NOBODY, "offering", json={})
    await client.read("offerings", "/offerings")
    assert "read-after" not in seen[0].headers
    assert seen[1].headers["read-after"] == "offerings/3/17"


async def test_a_request_that_nobody_answers_ends_clearly() -> None:
    """Patience is bounded, and the last trouble is told."""
    client = client_of([httpx.ConnectError("refused")], [], patience=0.3)
    with pytest.raises(Unanswered, match="ConnectError refused"):
        await client.read("offerings", "/offerings")


def test_a_seed_chooses_the_same_blows_again() -> None:
    """Chaos is reproducible in what it chooses, and differs from seed to seed."""
    targets = ("kafka", "postgres", "offerings")
    once, again, other = ([str(blow) for blow in islice(blows(seed, targets), 50)] for seed in (7, 7, 8))
    assert once == again != other


def test_bodies_have_numbers_that_the_forms_accept() -> None:
    """Every body's SIRET satisfies Luhn, and no two are the same."""
    sirets = {plot("regional", number).siret for number in range(1_000_000, 1_000_300)}
    assert len(sirets) == 300
    assert all(parse_siret(siret) == siret for siret in sirets)


def test_a_refusal_reaches_a_pipe_whole_and_without_control_codes() -> None:
    """Title, detail, what is missing, who acts next, contact and FAQ: each line in one piece, plain text."""
    out = io.StringIO()
    Narrator(Console(file=out, width=40)).refusal("Institut", "saves the form", PROBLEM)
    told = out.getvalue()
    assert "\x1b" not in told
    assert "« Demande incomplète » Des champs manquent." in told
    assert "Il manque (1) : SIRET (Identité), en bleu : à renseigner" in told
    assert "Qui agit ensuite : vous. Contact : Assistance, a@formiris.org" in told
    assert "FAQ : « Je ne peux pas sauvegarder ? »" in told


def test_outcomes_are_compared_part_by_part() -> None:
    """A status that is not the same is named, with both values."""
    assert differences({"order": "signed", "invoices": []}, {"order": "signed", "invoices": []}) == []
    assert differences({"order": "signed"}, {"order": "issued"}) == ["order: signed became issued"]


@pytest.mark.parametrize(("kind", "stop"), [(kind, stop) for kind, stop, _ in STOPS])
def test_data_worth_looking_at_stop_at_scenes_that_exist(kind: Kind, stop: str) -> None:
    """`up --demo` plays each body up to another stage of the same story."""
    assert scenes_before(kind, stop)
    assert len({(kind, stop) for kind, stop, _ in STOPS}) == len(STOPS)


def test_the_doors_are_one_line_a_login() -> None:
    """Address, login, password, what it opens on."""
    endpoints = Endpoints(
        "kafka", {}, {"extranet": "http://127.0.0.1:18010"}, [Account("assistance", "s3cret", "assistance")]
    )
    said = doors(endpoints, [Door("anne@lire.example", "phrase", "Lire et dire: paid")]).splitlines()
    assert said[1] == "The extranet: http://127.0.0.1:18010"
    assert said[2].split() == ["anne@lire.example", "phrase", "Lire", "et", "dire:", "paid"]
    assert said[3].split() == ["assistance", "s3cret", "Assistance"]
