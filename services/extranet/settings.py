"""What the extranet is told by its environment; secrets come from nowhere else."""

import base64
from typing import Annotated

from pydantic import BeforeValidator, SecretBytes, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = base64.b64decode(value, validate=True)
    if len(key) != 32:
        raise ValueError("must hold 32 bytes")
    return key


class Settings(BaseSettings):
    """Variables `FORMELIE_...`; a missing or malformed one stops the process with its name."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True, hide_input_in_errors=True)

    http_host: str = "127.0.0.1"
    http_port: int
    extranet_secret: Annotated[SecretBytes, BeforeValidator(_from_base64)]
    """Seals the session cookies: base64 of 32 bytes."""
    forwarding_secret: SecretStr | None = None
    """Shared with registration: signs the network addresses of visitors, so that each has its own limit of attempts."""
    secure_cookies: bool = True
    """False only where the site is served without TLS: a local stack."""
    registration_url: str
    offerings_url: str
    attendance_url: str
    invoicing_url: str
    notifications_url: str
    log_level: str = "INFO"

    def addresses(self) -> dict[str, str]:
        """The base URL of each service's API."""
        return {
            "registration": self.registration_url,
            "offerings": self.offerings_url,
            "attendance": self.attendance_url,
            "invoicing": self.invoicing_url,
            "notifications": self.notifications_url,
        }
