"""The reference of a payment: it carries the invoice's number, so that the body can match its bank statement."""

import re

_PART_OF_A_NUMBER = r"[A-Za-z0-9+/-]"


def recalls(reference: str, number: str) -> bool:
    """Whether a reference holds that number, and not merely a longer one that begins or ends like it.

    Banks carry no underscore: what takes its place is let through.
    """
    written = re.escape(number).replace("_", "[_ .-]")
    found = re.search(f"(?<!{_PART_OF_A_NUMBER}){written}(?!{_PART_OF_A_NUMBER})", reference, re.IGNORECASE)
    return found is not None


def reference_for(number: str, order_number: str) -> str:
    """The reference to pay under."""
    return f"FORMIRIS {number} {order_number}"
