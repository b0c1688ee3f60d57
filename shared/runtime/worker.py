"""`python -m shared.runtime.worker <descriptor> <idle>`: the process behind workers.py."""

import logging
import resource
import signal
import sys
import traceback
from importlib import import_module
from multiprocessing.connection import Connection
from pickle import PickleError
from typing import Any

from shared.runtime.refusal import Refused

AT_MOST = 500  # pieces of work: what a library leaks goes with the process
MEMORY = 1 << 30
"""Bytes that one piece of work may take: beyond, MemoryError or the end of the process."""


def main(descriptor: int, idle: float) -> None:
    """Serves until nobody asks for `idle` seconds, or nobody is there any more."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal's Ctrl-C is for the service, which then hangs up
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    logging.disable()  # a library's remark may quote what is personal
    connection = Connection(descriptor)
    connection.send("ready")
    for _ in range(AT_MOST):
        if not connection.poll(idle):
            return
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        _send(connection, _answer(function, arguments))


def _answer(function: str, arguments: tuple[object, ...]) -> tuple[str, Any]:
    module, _, name = function.partition(":")
    try:
        return "answer", getattr(import_module(module), name)(*arguments)
    except Refused as refused:
        return "refused", refused
    except Exception as error:  # noqa: BLE001  whatever it is, the service is told
        return _failed(error)


def _failed(error: Exception) -> tuple[str, Any]:
    """Its type and where; never its message, which may quote a document."""
    return "failed", (type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


def _send(connection: Connection, answer: tuple[str, Any]) -> None:
    try:
        connection.send(answer)
    except (PickleError, TypeError, AttributeError, ValueError) as error:  # not picklable
        connection.send(_failed(error))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
