"""murmur2 as Kafka's clients compute it, so that a ledger partition is a Kafka partition."""

from functools import lru_cache
from struct import iter_unpack

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_WORD = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit hash, unsigned. (org.apache.kafka.common.utils.Utils.murmur2)"""
    length = len(data)
    tail = length & 3
    h = _SEED ^ length
    for (word,) in iter_unpack("<I", data[: length - tail]):
        k = word * _MIX & _WORD
        h = (h * _MIX & _WORD) ^ ((k ^ (k >> 24)) * _MIX & _WORD)
    if tail:
        h = (h ^ int.from_bytes(data[-tail:], "little")) * _MIX & _WORD
    h = (h ^ (h >> 13)) * _MIX & _WORD
    return h ^ (h >> 15)


@lru_cache(maxsize=65_536)
def partition_of(stream: str, partitions: int) -> int:
    """Where a stream lives, in the ledger as in Kafka. (DefaultPartitioner: murmur2 of the key, made positive)"""
    return (murmur2(stream.encode()) & 0x7FFFFFFF) % partitions
