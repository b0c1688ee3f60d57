"""DIR/endpoints.json: where everything of a running system is. Read by the demo, the tests and verify."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ops.errors import EndpointsUnreadable
from ops.stack.secret import Account


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`postgres`: the auditor's DSN a database; `http`: a base URL a service; `processes`: pids, embedded only."""

    kafka: str
    postgres: Mapping[str, str]
    http: Mapping[str, str]
    accounts: list[Account]
    processes: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, path: Path) -> "Endpoints":
        """Raises EndpointsUnreadable."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            accounts = [Account(**account) for account in found.pop("accounts")]
            return cls(accounts=accounts, **found)
        except FileNotFoundError:
            raise EndpointsUnreadable(f"There is no {path}: start the system with `formelie up`.") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise EndpointsUnreadable(f"{path} is not a file of endpoints: {error}") from error
