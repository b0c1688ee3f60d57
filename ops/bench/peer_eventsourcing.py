"""A program for the peer's own environment: pyeventsourcing's application recorder, one event a call.

Settings as JSON on stdin; prints events a second.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import StoredEvent  # type: ignore[import-not-found]  # in the peer's environment only
from eventsourcing.postgres import (  # type: ignore[import-not-found]  # as above
    PostgresApplicationRecorder,
    PostgresDatastore,
)


def work(recorder: Any, record: bytes, until: float) -> int:
    """Appends to new streams until the time is over; how many."""
    done = 0
    while time.perf_counter() < until:
        recorder.insert_events([StoredEvent(uuid4(), 1, "AccountActivated", record)])
        done += 1
    return done


def main() -> None:
    settings = json.load(sys.stdin)
    threads = settings["threads"]
    datastore = PostgresDatastore(
        dbname=settings["dbname"], host=settings["host"], port=settings["port"], user=settings["user"],
        password=settings["password"], pool_size=threads, max_overflow=0,
    )  # fmt: skip
    recorder = PostgresApplicationRecorder(datastore, events_table_name="peer_events")
    recorder.create_table()
    record = settings["record"].encode()
    with ThreadPoolExecutor(threads) as pool:
        warm = time.perf_counter() + 0.5
        list(pool.map(lambda _: work(recorder, record, warm), range(threads)))
        started = time.perf_counter()
        done = sum(pool.map(lambda _: work(recorder, record, started + settings["seconds"]), range(threads)))
        print(done / (time.perf_counter() - started))
    datastore.close()


if __name__ == "__main__":
    main()
