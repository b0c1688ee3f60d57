"""Ledger -> Kafka -> effects, exactly once: the relay, the consumers, and what they set aside."""

from shared.messaging import parked
from shared.messaging.board import wait_for
from shared.messaging.checkpoint import Checkpoint, checkpoints
from shared.messaging.consumers import Consumers
from shared.messaging.delivery import Delivered, Handler, Subscription
from shared.messaging.errors import MessagingError, RestoredBackup
from shared.messaging.feed import LedgerFeed
from shared.messaging.relay import Relay
from shared.messaging.restored import check_not_restored

__all__ = [
    "Checkpoint",
    "Consumers",
    "Delivered",
    "Handler",
    "LedgerFeed",
    "MessagingError",
    "Relay",
    "RestoredBackup",
    "Subscription",
    "check_not_restored",
    "checkpoints",
    "parked",
    "wait_for",
]
