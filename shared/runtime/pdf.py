"""Documents as accessible PDF: a typst template beside the service, its data as JSON, drawn by the worker.

A template says `#import "documents.typ": *` (the common look, beside this module) and reads `data`. Data is never
code: it goes in as JSON, and a template reads no file and no network. The same data on the same day give the same
bytes, so that a command tried again names the same document.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from shared.runtime import workers

SECONDS = 20.0

Standard = Literal["ua-1", "a-3a"]
"""PDF/UA-1 (accessible); PDF/A-3a and PDF/UA-1 at once (archived, may carry Factur-X's XML), which asks for a date."""


async def rendered(
    template: Path,
    data: Mapping[str, Any],
    *,
    qr: str | None = None,
    on: date | None = None,
    standard: Standard = "ua-1",
) -> bytes:
    """The document. Decimals, dates and ids of `data` arrive as text; `qr` is the text of the square `qr-code()`.

    Raises `WorkerError`: as a passing fault when it takes too long, otherwise because of the template.
    """
    drawn: bytes = await workers.run(
        "shared.runtime.drawing:draw", template, json.dumps(data, default=str), qr, on, standard,
        timeout=SECONDS,
    )  # fmt: skip
    return drawn
