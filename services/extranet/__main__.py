"""Runs the extranet as an operating-system process: python -m services.extranet."""

import sys

import uvicorn
from pydantic import ValidationError

from services.extranet.app import application
from services.extranet.settings import Settings
from shared.runtime import logs


def main() -> None:
    """Serves until told to stop; exits with 2 when its environment is incomplete, naming each variable."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            sys.stderr.write(f"FORMELIE_{str(fault['loc'][0]).upper()}: {fault['msg']}\n")
        sys.exit(2)
    logs.configure("extranet", settings.log_level)
    uvicorn.run(
        application(settings), host=settings.http_host, port=settings.http_port, loop="uvloop", http="httptools",
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5, limit_concurrency=1000,
    )  # fmt: skip


if __name__ == "__main__":
    main()
