"""Errors of operating the system; each message is a plain sentence for whoever ran the command.

OpsError
├── StackError               the local stack cannot do what was asked
│   ├── AlreadyUp            another supervisor holds the folder
│   ├── NotUp                nothing runs in the folder
│   ├── NotReady             something did not become ready in time
│   ├── PortsTaken           a port that was asked for is in use
│   ├── PostgresUnusable     PostgreSQL cannot be prepared here
│   └── KafkaUnusable        Kafka cannot be prepared here
├── DatabasesUnready         a migration or a grant failed
└── EndpointsUnreadable      endpoints.json is missing or malformed
"""

from pathlib import Path


class OpsError(Exception):
    """The message says what happened and what to do."""


class StackError(OpsError):
    """Of the local stack."""


class AlreadyUp(StackError):
    """Another supervisor holds this folder."""

    @classmethod
    def at(cls, folder: Path) -> "AlreadyUp":
        return cls(
            f"FormElie is already up in {folder}. See `formelie status`, or stop it with `formelie down`."
        )


class NotUp(StackError):
    """Nothing runs in this folder."""


class NotReady(StackError):
    """Something did not become ready in time; the message names it and its last trouble."""


class PortsTaken(StackError):
    """A port that was asked for is in use."""


class PostgresUnusable(StackError):
    """PostgreSQL cannot be prepared here."""


class KafkaUnusable(StackError):
    """Kafka cannot be prepared here."""


class DatabasesUnready(OpsError):
    """The cluster could not be prepared; the message says which step."""


class EndpointsUnreadable(OpsError):
    """The file of endpoints is missing or is not what it should be."""
