"""Ledger -> Kafka -> effects, exactly once: the relay, the consumers, and what they set aside."""

from shared.messaging import parked
from shared.messaging.board import wait_for
from shared.messaging.checkpoint import Checkpoint, checkpoints
from shared.messaging.consumers import Consumers
from shared.messaging.delivery import Delivered, Handler, Subscription
from shared.messaging.errors import MessagingError, RestoredBackup
from shared.messaging.feed import LedgerFeed
from shared.messaging.relay import Relay

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
    "checkpoints",
    "parked",
    "wait_for",
]
