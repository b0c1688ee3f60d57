"""What a receipt is good for: its lines are on paper, and a stranger learns whether they are in the ledger.  (F11)"""

import io
from typing import Any

from pypdf import PdfReader

from tests.service_stand import ServiceStand


async def assert_proven(
    stand: ServiceStand, submissions: str, user: dict[str, str], dossier: str, kind: str
) -> None:
    """The last of the receipts under `submissions` holds, and says who sent it."""
    told = (await stand.get(submissions, user)).json()["items"][-1]
    assert told["by"] == "body:body-1"
    paper = await stand.get(f"{submissions}/{told['revision']}/receipt.pdf", user)
    words = "".join(
        PdfReader(io.BytesIO(paper.content)).pages[0].extract_text().replace("\u200b", "").split()
    )
    assert {True} == {each in words for each in (dossier, told["position"], told["hash"])}
    assert (await stand.get(f"{submissions}/{told['revision'] + 1}/receipt.pdf", user)).status_code == 404
    place = f"/v1/receipts/{told['position'].partition('/')[2]}"

    async def verdict(**changes: str) -> Any:
        asked = {"dossier": dossier, "hash": told["hash"]} | changes
        return (await stand.http.get(place, params=asked)).raise_for_status().json()

    found = await verdict()
    assert (found["verdict"], found["kind"]) == ("intact", kind)
    assert (await verdict(hash="0" * 64))["verdict"] == "unknown"
