"""The address of whoever asks, through the extranet: believed when it is signed, and only then."""

import pytest

from shared.runtime.forwarded import believed, signed

SECRET = bytes(range(32))


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::1"])
def test_a_signed_address_is_believed(address: str) -> None:
    """IPv4 and IPv6 alike."""
    assert believed(SECRET, signed(SECRET, address)) == address


@pytest.mark.parametrize("value", [None, "", "203.0.113.7", "203.0.113.7 00", "203.0.113.8 {}", " {}", "é é"])
def test_an_address_that_anyone_could_write_is_not(value: str | None) -> None:
    """No signature, a made-up one, that of another address."""
    signature = signed(SECRET, "203.0.113.7").split(" ")[1]
    assert believed(SECRET, value and value.format(signature)) is None


def test_without_a_secret_nobody_is_believed() -> None:
    """A registration that was given none sees who is connected to it."""
    assert believed(None, signed(SECRET, "203.0.113.7")) is None
    assert believed(bytes(32), signed(SECRET, "203.0.113.7")) is None
