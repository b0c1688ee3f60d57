"""The worker: heavy work in a process of its own, which may die or hang without harm."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ops.contexts import CONTEXTS
from shared.runtime.refusal import Missing, Refusal, Refused
from shared.runtime.workers import ROOT, Died, Failed, TookTooLong, Worker

ASKED = Refusal("asked", 409, "Demandé", "Il manque {what}.", "vous")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.stop()


async def test_an_answer_comes_back_from_one_process_that_is_kept(worker: Worker) -> None:
    """Nothing runs before the first question; the second finds the same process, another than ours."""
    assert worker.pid is None
    first = await worker.run("os:getpid")
    assert first == await worker.run("os:getpid") == worker.pid != os.getpid()
    assert await worker.run("builtins:sum", [1, 2, 3]) == 6


async def test_a_refusal_comes_back_whole(worker: Worker) -> None:
    """What is refused over there is refused here, in the same words."""
    with pytest.raises(Refused) as caught:
        await worker.run("tests.unit.given_to_worker:refuse", ASKED)
    refused = caught.value
    assert (refused.refusal, refused.detail, refused.holder) == (ASKED, "Il manque le {tampon}.", "Formiris")
    assert refused.missing == (Missing("stamp", "Tampon"),)
    assert str(refused) == "asked: Il manque le {tampon}."


async def test_a_fault_says_where_and_not_what(worker: Worker) -> None:
    """A message may quote a document: only its type and place come back."""
    with pytest.raises(Failed) as caught:
        await worker.run("decimal:Decimal", "secret de Jeanne")
    assert caught.value.error == "InvalidOperation"
    assert "Jeanne" not in str(caught.value)
    with pytest.raises(Failed):
        await worker.run("threading:Lock")  # nothing that can travel
    assert await worker.run("builtins:len", "abc") == 3


async def test_work_that_hangs_is_stopped_and_the_next_is_served(worker: Worker) -> None:
    """The time given is the time taken, and the process goes with it."""
    began = time.monotonic()
    with pytest.raises(TookTooLong):
        await worker.run("time:sleep", 60, timeout=0.2)
    assert time.monotonic() - began < 20
    assert await worker.run("builtins:len", "abc") == 3


async def test_a_worker_that_dies_harms_only_its_work(worker: Worker) -> None:
    """Killed in the middle, or at rest before the question: the first is said, the next is served."""
    with pytest.raises(Died):
        await worker.run("signal:raise_signal", signal.SIGKILL)
    assert await worker.run("builtins:len", "abc") == 3


async def test_a_worker_that_left_when_idle_is_replaced_without_a_word() -> None:
    """It ends of its own accord after a while; nobody notices."""
    worker = Worker(idle=0.05)
    first = await worker.run("os:getpid")
    await asyncio.to_thread(os.waitid, os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert await worker.run("os:getpid") != first
    worker.stop()


async def test_an_answer_that_came_too_late_is_never_another_works() -> None:
    """Also when the process had just been replaced: what hangs is stopped, and the next is told its own answer."""
    worker = Worker(idle=0.05)
    first = await worker.run("os:getpid")
    await asyncio.to_thread(os.waitid, os.P_PID, first, os.WEXITED | os.WNOWAIT)
    with pytest.raises(TookTooLong):
        await worker.run("time:sleep", 1, timeout=0.2)
    assert await worker.run("builtins:len", "abc") == 3
    worker.stop()


async def test_the_worker_knows_no_secret(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is not the service's."""
    monkeypatch.setenv("FORMELIE_KEYRING_SECRET", "secret")
    assert await worker.run("os:getenv", "FORMELIE_KEYRING_SECRET") is None


def test_a_service_starts_without_the_heavy_libraries() -> None:
    """What a worker is for is never loaded beside it: a service process stays small."""
    heavy = (
        "typst",
        "saxonche",
        "facturx",
        "openpyxl",
        "pypdf",
        "pypdfium2",
        "PIL",
        "zxingcpp",
        "segno",
        "lxml",
    )
    services = ", ".join(f"services.{context}.service" for context in CONTEXTS)
    script = f"import sys, {services}; print(sorted(set(sys.modules) & set({heavy!r})))"
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
