"""What test_workers.py has the worker do."""

from shared.runtime.refusal import Missing, Refusal, Refused


def refuse(refusal: Refusal) -> None:
    """Raises the refusal, with a missing field and another holder."""
    raise Refused(refusal, missing=[Missing("stamp", "Tampon")], holder="Formiris", what="le {tampon}")
