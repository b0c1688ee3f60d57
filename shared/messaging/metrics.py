"""What the messaging shows on /metrics."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("formelie_relay_published", "Records acknowledged by Kafka", ["context"])
RELAY_LAG = Gauge("formelie_relay_lag", "Ledger head minus last published sequence", ["context", "partition"])
RELAY_REFUSED = Gauge(
    "formelie_relay_refused", "1 while a partition waits for `recover`", ["context", "partition"]
)
PRODUCERS = Counter(
    "formelie_relay_producers", "Producers made: more than one a run means refusals", ["context"]
)

APPLIED = Counter("formelie_consumer_applied", "Positions applied", ["consumer"])
DUPLICATES = Counter(
    "formelie_consumer_duplicates", "Records skipped because they were applied before", ["consumer"]
)
IGNORED = Counter(
    "formelie_consumer_ignored", "Positions of types unknown or not subscribed to", ["consumer"]
)
GAPS_HEALED = Counter("formelie_consumer_gaps_healed", "Gaps closed by reading Kafka again", ["consumer"])
CONSUMER_LAG = Gauge("formelie_consumer_lag", "Kafka's end minus the next offset", ["consumer", "partition"])
STUCK = Gauge(
    "formelie_consumer_stuck", "1 while a partition has no next record that links", ["consumer", "partition"]
)
PARKED = Gauge("formelie_consumer_parked", "Parked events, as last seen by this process", ["consumer"])
RETRIES = Counter("formelie_retries", "Transient faults met", ["what"])
