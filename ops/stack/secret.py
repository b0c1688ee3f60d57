"""Secrets of a local stack: random, made once a folder, kept in DIR/secrets.json (0600)."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ops.databases import LOGIN_ROLES
from ops.stack.folder import SECRETS, Folder


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of Formiris who may log in. `territory`: a code, or null for a national one; `email`: for alerts.

    `totp`: base32, of an account with a second step; none has one unless secrets.json says so.
    """

    login: str
    password: str
    role: str
    territory: str | None = None
    email: str | None = None
    totp: str | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """`passwords`: one a login role and `postgres`; `signing_key`: PEM; `keyring` and after: base64 of 32 bytes."""

    passwords: dict[str, str]
    keyring: str
    signing_key: str
    extranet: str
    forwarding: str
    accounts: list[Account]

    def accounts_json(self) -> str:
        return json.dumps([asdict(account) for account in self.accounts])


def secrets_of(folder: Folder) -> Secrets:
    """Read them, or make them the first time; what a newer version needs besides is added."""
    kept = folder.read(SECRETS)
    passwords: dict[str, str] = kept.get("passwords", {})
    for role in ("postgres", *LOGIN_ROLES):
        passwords.setdefault(role, secrets.token_urlsafe(24))
    found = Secrets(
        passwords=passwords,
        keyring=kept.get("keyring") or _key(),
        signing_key=kept.get("signing_key") or _signing_key(),
        extranet=kept.get("extranet") or _key(),
        forwarding=kept.get("forwarding") or _key(),
        accounts=[Account(**account) for account in kept.get("accounts", [])] or _accounts(),
    )
    content: dict[str, Any] = asdict(found)
    if content != kept:
        folder.write(SECRETS, content)
    return found


def _accounts() -> list[Account]:
    people = [
        ("gestionnaire", "manager", None),
        ("gestionnaire.bretagne", "manager", "bretagne"),
        ("assistance", "assistance", None),
        ("auditeur", "auditor", None),
    ]
    return [
        Account(login, secrets.token_urlsafe(9), role, territory, f"{login}@formiris.example")
        for login, role, territory in people
    ]


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _signing_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
