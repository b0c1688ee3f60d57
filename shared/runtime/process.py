"""Runs one service as an operating-system process; SIGTERM and SIGINT drain it."""

import asyncio
import contextlib
import ctypes
import gc
import sys
from types import FrameType

import uvicorn
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from shared.runtime import logs
from shared.runtime.service import Service, application
from shared.runtime.settings import Settings

STARTUP_FAILED = 3
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # glibc's malloc.h


def main(service: Service) -> None:
    """Serves until told to stop; exits with 2 when its environment is incomplete, naming each variable."""
    if faults := [*_faults(Settings), *(_faults(service.settings) if service.settings else ())]:
        sys.stderr.write("\n".join(faults) + "\n")
        sys.exit(2)
    settings = Settings()
    logs.configure(service.context, settings.log_level)
    _give_memory_back()
    gc.freeze()  # modules stay: only what a request or a batch makes is looked at
    gc.set_threshold(10_000, 20, 50)  # measured: the default costs a third of a consumer's time; more, memory
    app = application(service, settings)
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        limit_concurrency=1000,
    )
    server = _Server(config, app.state.runtime.leaving)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)


def _give_memory_back() -> None:
    """What a thread took for a password or a document goes back to the system when it is freed.

    glibc would keep it, in a heap for each thread: measured, 57 MB after eighty passwords. Elsewhere, nothing to do.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MMAP_THRESHOLD, 1 << 20)
        mallopt(_ARENA_MAX, 2)


def _faults(settings: type[BaseSettings]) -> list[str]:
    """What is missing or wrong in the environment, each by its variable and the part of it, without its value."""
    try:
        settings()
    except ValidationError as error:
        return [f"FORMELIE_{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    except SettingsError as error:
        return [f"{error}: must be JSON"]
    return []


def _place(location: tuple[int | str, ...]) -> str:
    variable, *parts = location
    return ".".join([str(variable).upper(), *map(str, parts)])


class _Server(uvicorn.Server):
    """Tells of a signal at once: uvicorn itself waits for its answers first, and a stream of events has no end."""

    def __init__(self, config: uvicorn.Config, leaving: asyncio.Event) -> None:
        super().__init__(config)
        self._leaving = leaving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """In the main thread, between two steps of the event loop."""
        self._leaving.set()
        super().handle_exit(sig, frame)
