"""Viruses, looked for by a clamd when there is one (`FORMELIE_CLAMD`), before a document is kept.

A scanner that does not answer in time holds the document back and says so, here and in the log: nothing waits for ever.
"""

import asyncio
import re

import structlog
from prometheus_client import Counter

from shared.runtime import faq
from shared.runtime.refusal import Refusal, Refused
from shared.runtime.refusals import FORMIRIS, YOU

logger = structlog.get_logger()

LATE = Counter("formelie_scans_late", "Documents held back because the scanner did not answer in time")

INFECTED = Refusal(
    "document-infected", 422, "Virus trouvé dans le document",
    "L'antivirus de Formiris a reconnu « {virus} » dans ce document : il n'est pas gardé, et celui que vous aviez "
    "déposé avant reste en place. Faites contrôler votre appareil, puis déposez un autre fichier.", YOU, faq=faq.HELP,
)  # fmt: skip
HELD = Refusal(
    "document-scan-late", 409, "Antivirus en retard",
    "L'antivirus de Formiris n'a pas répondu à temps : votre document n'est pas encore accepté, et Formiris en est "
    "prévenu. Renvoyez-le dans quelques minutes ; celui que vous aviez déposé avant reste en place.", FORMIRIS,
    faq=faq.HELP,
)  # fmt: skip
PATIENCE = 10.0
"""Seconds that a scan may take: less than a request of the extranet waits."""

_PIECE = 64 * 1024


class Scanner:
    """A clamd, at host:port; without one, nothing is scanned and every answer says so."""

    def __init__(self, address: str | None, patience: float = PATIENCE) -> None:
        self._address = address
        self._patience = patience

    async def scan(self, content: bytes) -> bool:
        """Whether it was scanned. Raises `Refused`: a virus, or no verdict in time."""
        if not self._address:
            return False
        try:
            async with asyncio.timeout(self._patience):
                said = await _instream(self._address, content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            said = type(error).__name__
        if found := re.fullmatch(r"stream: (.+) FOUND", said):
            logger.warning("document refused", virus=found[1])
            raise Refused(INFECTED, virus=found[1])
        if said != "stream: OK":
            LATE.inc()
            logger.error("document held back", scanner=self._address, said=said[:200])
            raise Refused(HELD)
        return True


async def _instream(address: str, content: bytes) -> str:
    """What clamd says of a content (its command INSTREAM: pieces, each after its length, the last one empty)."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            writer.write(len(piece).to_bytes(4, "big") + piece)
            await writer.drain()
        writer.write(bytes(4))
        return (await reader.readuntil(b"\0"))[:-1].decode(errors="replace").strip()
    finally:
        writer.close()
