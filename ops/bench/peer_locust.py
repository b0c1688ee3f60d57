"""A program for the peer's own environment: locust's users, each asking for one thing after another.

Settings as JSON on stdin: {"users", "pause" (seconds, on average), "warm_up", "seconds", "things": [{"group", "method",
"url", "headers", "json" or "form"}]}. In a thing's words `{fresh}` stands for something that was never sent before.
Prints, by group, milliseconds at percentiles, and how many answers were counted and how many failed.
"""

import json
import random
import sys
import time
import uuid
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from locust import FastHttpUser, task  # type: ignore[import-not-found]  # in the peer's environment only
from locust.env import Environment  # type: ignore[import-not-found]  # as above

SETTINGS: dict[str, Any] = json.load(sys.stdin)
RANDOM = random.Random(1)  # noqa: S311 - nothing secret
BEGINS = time.monotonic() + SETTINGS["warm_up"]


class Visitor(FastHttpUser):  # type: ignore[misc]  # the peer has no types
    """Somebody who asks, reads, thinks, and asks again."""

    host = "http://127.0.0.1"

    def wait_time(self) -> float:
        """Seconds between an answer and the next question: half to one and a half times the pause."""
        return float(SETTINGS["pause"]) * RANDOM.uniform(0.5, 1.5)

    @task  # type: ignore[untyped-decorator]  # as above
    def asks(self) -> None:
        """One thing of those that there are, all equally likely."""
        thing = RANDOM.choice(SETTINGS["things"])
        fresh = uuid.uuid4().hex
        headers = {**thing["headers"], "Idempotency-Key": fresh}
        content = None
        if thing.get("json") is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(thing["json"]).replace("{fresh}", fresh[:20])
        if thing.get("form") is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(thing["form"]).replace("%7Bfresh%7D", fresh)
        url = thing["url"].replace("{fresh}", fresh)
        self.client.request(thing["method"], url, headers=headers, data=content, name=thing["group"])


def main() -> None:
    answers: dict[str, list[float]] = defaultdict(list)
    failed: dict[str, str] = {}

    environment = Environment(user_classes=[Visitor])

    @environment.events.request.add_listener  # type: ignore[untyped-decorator]  # as above
    def note(name: str, response_time: float, exception: Exception | None, **_more: Any) -> None:
        if exception is not None:
            failed[f"{name} {len(failed)}"] = str(exception)[:200]
        elif time.monotonic() > BEGINS:
            answers[name].append(response_time)

    runner = environment.create_local_runner()
    runner.start(SETTINGS["users"], spawn_rate=SETTINGS["users"])
    runner.greenlet.join(timeout=SETTINGS["warm_up"] + SETTINGS["seconds"])
    runner.quit()
    groups = {
        name: {"count": len(times), **{f"p{percent}": _at(times, percent) for percent in (50, 95, 99)}}
        for name, times in answers.items()
    }
    print(json.dumps({"groups": groups, "failed": list(failed.values())[:5], "failures": len(failed)}))


def _at(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
