"""What every event is made of: frozen, strict, blind to fields it does not know.

An additive change is a new field `X | None = None`: absent from the record while it is None, so old
records and golden files stay as they are. Anything else is a new version with an upcaster (upcast.py).
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A piece of an event: a session, an office, a reason."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", use_attribute_docstrings=True)


class Event(Part):
    """The data of one event: something that happened, in the past tense."""

    wire: ClassVar[str]
    """The CloudEvents type `org.formiris.<context>.<Name>.v<N>`: written out, not derived from the class."""
