"""Verifies an extract of FormElie without FormElie: `python3 verifier.py extrait.json` (Python 3.10, nothing else).

Says « Intact », or points at each place where a byte was changed, and then exits with 1.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

Event = dict[str, Any]
BLOCK = 64


def blocks(record: bytes) -> list[str]:
    """A small digest of each 64 bytes: it shows where a byte was changed."""
    return [sha256(record[at : at + BLOCK]).hexdigest()[:8] for at in range(0, len(record), BLOCK)]


def digest(events: list[Event]) -> str:
    """Of the whole extract; the seal holds it."""
    lines = [f"{_name(event)} {event['hash']}\n" for event in events]
    return sha256("".join(lines).encode()).hexdigest()


def faults(extract: dict[str, Any]) -> list[str]:
    """A French sentence for each fault; none when it is the extract that FormElie sealed."""
    events, seal = extract["events"], extract["seal"]
    found = [fault for event in [*events, seal] for fault in _changed(event)]
    hashes = {(each["context"], each["partition"], each["sequence"]): each["hash"] for each in events}
    for each in events:
        before = hashes.get((each["context"], each["partition"], each["sequence"] - 1), each["previous"])
        if before != each["previous"]:
            found.append(f"{_name(each)} : ne suit pas l'événement qui le précède.")
    if json.loads(seal["record"])["data"].get("digest") != digest(events):
        found.append("Le scellé est celui d'un autre extrait : un événement a été ôté, ajouté ou remplacé.")
    return found


def _changed(event: Event) -> list[str]:
    record = event["record"].encode()
    linked = bytes.fromhex(event["previous"]) + int(event["sequence"]).to_bytes(8, "big") + record
    if sha256(linked).hexdigest() == event["hash"]:
        return []
    for number, (now, then) in enumerate(zip(blocks(record), event["blocks"], strict=False)):
        if now != then:
            first = number * BLOCK
            shown = record[first : first + BLOCK].decode("utf-8", "replace")
            return [f"{_name(event)} : un octet a changé entre le {first} et le {first + BLOCK} : …{shown}…"]
    if len(blocks(record)) != len(event["blocks"]):
        return [f"{_name(event)} : l'événement a été coupé ou allongé."]
    return [f"{_name(event)} : son empreinte, la précédente ou son rang ont été changés."]


def _name(event: Event) -> str:
    return f"{event['context']}/{event['partition']}/{event['sequence']}"


def main(path: str) -> int:
    """The exit code."""
    try:
        extract = json.loads(Path(path).read_text("utf-8"))
        found = faults(extract)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        found = [f"Le fichier ne se lit plus comme un extrait : {error!r}"]
    for fault in found:
        sys.stdout.write(fault + "\n")
    if not found:
        count, seal = len(extract["events"]), extract["seal"]
        sys.stdout.write(
            f"Intact : {count} événements, scellés en {_name(seal)}, empreinte {seal['hash']}.\n"
        )
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "extrait.json"))
