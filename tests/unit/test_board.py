"""The notice board of a process: who is woken, and for what."""

import asyncio

from shared.messaging.board import Board, either


async def test_readers_are_woken_for_their_own_position() -> None:
    """Every consumer of the context must be there; what others wait for wakes nobody else."""
    board = Board()
    board.join("views", "offerings")
    board.join("policies", "offerings")
    mine = asyncio.create_task(board.passing("offerings", 3, 7, 10))
    other = asyncio.create_task(board.passing("offerings", 4, 7, 10))
    await asyncio.sleep(0)
    board.reached("views", "offerings", [(3, 9), (4, 6)])
    board.reached("policies", "offerings", [(3, 6)])
    await asyncio.sleep(0.01)
    assert not mine.done()
    board.reached("policies", "offerings", [(3, 7)])
    await asyncio.wait_for(mine, 1)
    assert board.passed("offerings", 3, 7)
    assert not other.done()
    other.cancel()


async def test_a_reader_does_not_wait_for_ever() -> None:
    """After its time it goes on, and so does whoever waits for an event that does not come."""
    board = Board()
    board.join("views", "offerings")
    await board.passing("offerings", 0, 1, 0.01)
    await either(asyncio.Event(), 0.01)
