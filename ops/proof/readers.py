"""Which consumers there are: told by the services' own compositions, not by the checkpoints that happen to exist."""

import importlib
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from joserfc.jwk import KeySet
from pydantic import SecretBytes, SecretStr

from ops.contexts import CONTEXTS
from ops.proof.quiet import Reader
from shared.runtime.documents import Documents
from shared.runtime.scanning import Scanner
from shared.runtime.service import Runtime, Service
from shared.runtime.settings import Settings


@cache
def services() -> Mapping[str, Service]:
    """Every context's composition."""
    return {context: importlib.import_module(f"services.{context}.service").SERVICE for context in CONTEXTS}


def readers() -> list[Reader]:
    """A reader for each context's own views, and one for each subscription."""
    found = []
    for context, service in services().items():
        found.append(Reader(context, f"{context}.views", context))
        subscriptions = service.subscriptions(idle_runtime(service, Path()))
        found += [Reader(context, one.name, one.context) for one in subscriptions]
    return found


def idle_runtime(service: Service, folder: Path) -> Runtime:
    """A runtime that is connected to nothing."""
    secret = secrets.token_bytes(32)
    settings = Settings(
        postgres_url=SecretStr(""), keyring_url=SecretStr(""), keyring_secret=SecretBytes(secret),
        kafka="", http_port=0, data_dir=folder, jwks_url="",
    )  # fmt: skip
    return Runtime(service, settings, _NoKeys(), Documents(folder, secret), Scanner(None))


class _NoKeys:
    """Nobody signs in here."""

    async def get(self, *, fresh: bool = False) -> KeySet:
        """Never asked. Raises always."""
        raise NotImplementedError(fresh)
