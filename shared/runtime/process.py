"""Runs one service as an operating-system process; SIGTERM and SIGINT drain it."""

import gc
import sys

import uvicorn
from pydantic import ValidationError

from shared.runtime import logs
from shared.runtime.service import Service, application
from shared.runtime.settings import Settings


def main(service: Service) -> None:
    """Serves until told to stop; exits with 2 when its environment is incomplete, naming each variable."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            sys.stderr.write(f"FORMELIE_{str(fault['loc'][0]).upper()}: {fault['msg']}\n")
        sys.exit(2)
    logs.configure(service.context, settings.log_level)
    gc.freeze()  # modules stay: only what a request or a batch makes is looked at
    gc.set_threshold(50_000, 20, 50)  # measured: the default costs a third of a consumer's time
    uvicorn.run(
        application(service, settings),
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
