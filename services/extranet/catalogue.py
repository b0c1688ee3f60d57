"""What a refusal says, for who knows its code only: the ticket of somebody who was refused.  (R4, H4)

`refusals.json` is made from the code by `python -m ops.generate`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def refusals() -> Mapping[str, Mapping[str, Any]]:
    """Title, detail, holder and FAQ answer, by code."""
    known: Mapping[str, Mapping[str, Any]] = json.loads(
        Path(__file__).with_name("refusals.json").read_text("utf-8")
    )
    return known
