"""What can go wrong between a ledger and the effects of its events.

MessagingError
├── TopicMissing      retriable: the topic is not there (yet); asked again, seen in readiness
├── KafkaStalled      retriable: Kafka holds records it does not hand over
├── LeaseLost         retriable: another process publishes this partition now
├── StaleCheckpoint   retriable: another process moved the checkpoint; nothing was applied
├── LedgerHole        retriable: a head says there is a position that cannot be read (a restore under way, or damage)
├── WrongPartitions   lasting: the topic has not as many partitions as the ledger
├── Unrecoverable     lasting: the tail of a restored ledger cannot be taken back from Kafka as it is
└── RestoredBackup    lasting: Kafka holds what the ledger has lost; nothing is published until `formelie recover`
"""


class MessagingError(Exception):
    retriable = False


class TopicMissing(MessagingError):
    retriable = True

    def __init__(self, topic: str) -> None:
        super().__init__(f"topic {topic} does not exist in Kafka")
        self.topic = topic


class KafkaStalled(MessagingError):
    retriable = True


class LeaseLost(MessagingError):
    retriable = True


class StaleCheckpoint(MessagingError):
    retriable = True


class LedgerHole(MessagingError):
    retriable = True

    def __init__(self, context: str, partition: int, sequence: int) -> None:
        super().__init__(f"{context}, partition {partition}: the ledger has no sequence {sequence}")


class WrongPartitions(MessagingError):
    def __init__(self, topic: str, there: int, wanted: int) -> None:
        super().__init__(f"topic {topic} has {there} partitions, the ledger {wanted}: they must be the same")


class Unrecoverable(MessagingError):
    def __init__(self, context: str, partition: int, sequence: int, why: str) -> None:
        super().__init__(f"{context}, partition {partition}, sequence {sequence}: {why}")
        self.partition, self.sequence = partition, sequence


class RestoredBackup(MessagingError):
    """`sequence` is the position in Kafka that the ledger has lost (or holds otherwise), `head` the ledger's."""

    def __init__(self, context: str, partition: int, sequence: int, head: int) -> None:
        super().__init__(
            f"{context}, partition {partition}: Kafka holds sequence {sequence}, the ledger is at {head} without it. "
            f"The database was restored from an older backup: run `formelie recover {context}`"
        )
        self.context, self.partition, self.sequence, self.head = context, partition, sequence, head
