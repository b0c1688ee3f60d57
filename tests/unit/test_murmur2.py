"""A ledger partition is a Kafka partition: the same hash, byte for byte."""

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger import partition_of
from shared.ledger.murmur2 import murmur2

KAFKAS_OWN = {  # org.apache.kafka.common.utils.UtilsTest, testMurmur2; signed there
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "expected"), KAFKAS_OWN.items())
def test_kafkas_own_vectors(key: str, expected: int) -> None:
    """The values of Kafka's test suite."""
    assert murmur2(key.encode()) == expected & 0xFFFFFFFF


@given(st.binary(max_size=80))
def test_the_same_as_the_client_we_publish_with(data: bytes) -> None:
    """aiokafka's, for any bytes."""
    assert murmur2(data) == aiokafka_murmur2(data) & 0xFFFFFFFF


@given(st.text(max_size=30), st.integers(1, 64))
def test_a_partition_is_one_of_those_there_are(stream: str, partitions: int) -> None:
    """From 0, and always the same for a stream."""
    assert partition_of(stream, partitions) == partition_of(stream, partitions) < partitions
