"""Whose network address a request comes from, when the extranet stands between: told in a header, and signed.

`X-Forwarded-For` can be written by anyone who reaches a service; this header only by who knows the secret that both
are given.
"""

import hmac
from hashlib import sha256

HEADER = "client-address"


def signed(secret: bytes, address: str) -> str:
    """The header's value."""
    return f"{address} {_signature(secret, address)}"


def believed(secret: bytes | None, value: str | None) -> str | None:
    """The address; None when nobody told one, or somebody who does not know the secret."""
    address, _, signature = (value or "").partition(" ")
    if secret is None or not hmac.compare_digest(signature.encode(), _signature(secret, address).encode()):
        return None
    return address or None


def _signature(secret: bytes, address: str) -> str:
    return hmac.new(secret, address.encode(), sha256).hexdigest()
