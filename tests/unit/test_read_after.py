"""Reading one's own writes while a service is still starting."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import Request

from ops.proof.readers import idle_runtime, services
from shared.runtime.http import read_after
from shared.runtime.refusal import Refused
from shared.runtime.refusals import UNAVAILABLE


async def test_a_service_that_is_starting_promises_nothing(tmp_path: Path) -> None:
    """It does not know yet what it will read, so no position counts as read: the reader is asked to come again."""
    runtime = idle_runtime(services()["invoicing"], tmp_path)
    request = Request({"type": "http", "app": SimpleNamespace(state=SimpleNamespace(runtime=runtime))})
    with pytest.raises(Refused) as refused:
        await read_after(request, "offerings/3/17")
    assert refused.value.refusal is UNAVAILABLE
