"""What a service process is told by its environment; secrets come from nowhere else."""

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretBytes, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    if len(key) != 32:
        raise ValueError("must hold 32 bytes")
    return key


class Settings(BaseSettings):
    """Variables `FORMELIE_...`; a missing or malformed one stops the process with its name."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True)

    postgres_url: SecretStr
    keyring_url: SecretStr
    keyring_secret: Annotated[SecretBytes, BeforeValidator(_from_base64)]
    kafka: str
    http_host: str = "127.0.0.1"
    http_port: int
    data_dir: Path
    documents_url: str | None = None
    """An object store for documents, `s3://bucket/prefix`; without it, a folder of data_dir."""
    clamd: str | None = None
    """host:port of a clamd that looks for viruses in what people deposit; without it, nothing does."""
    jwks_url: str
    log_level: str = "INFO"
