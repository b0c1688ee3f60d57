"""What a returned order says of itself: its reference as text, or as a QR code on a scan or a photo.  (R6)

Whatever cannot be read is left to the manager who looks at it, and who is told so.
"""

import structlog

from services.offerings.papers import Reference, names, references_in
from shared.runtime import uploads
from shared.runtime.refusal import Refused
from shared.runtime.workers import WorkerError

logger = structlog.get_logger()


async def references_on(kind: str, content: bytes, number: str) -> tuple[Reference, ...]:
    """The orders that it names. A QR code is not misread, the text of a scanner may be: the code has the last word."""
    printed = await _printed(content) if kind == uploads.PDF else ()
    if names(printed, number):
        return printed
    return await _drawn(kind, content) or printed


async def _printed(content: bytes) -> tuple[Reference, ...]:
    try:
        return references_in(await uploads.text_of(content))
    except Refused as refused:
        logger.warning("returned order not read", code=refused.refusal.code)
        return ()


async def _drawn(kind: str, content: bytes) -> tuple[Reference, ...]:
    try:
        return references_in("\n".join(await uploads.codes_in(kind, content)))
    except WorkerError as error:
        logger.warning("returned order not looked at", error=type(error).__name__)
        return ()
