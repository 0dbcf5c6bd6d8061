"""Partitions that go from worker to worker."""

import os
import signal

from tests.bus.world import World, in_order, until


def test_partitions_move_to_a_worker_that_joins_and_back_from_one_that_leaves(world: World) -> None:
    """Each is given up before it is taken over, with nothing of it under way, and no record is lost, doubled or out of
    order."""
    source = world.topic(4)
    world.send(source, range(4000))
    world.start("one", source, pause_s=0.05, settings={"batch_records": 50})
    until(lambda: world.owned("one") == {0, 1, 2, 3})
    world.start("two", source, pause_s=0.05, settings={"batch_records": 50, "web_port": world.ports(1)[0]})
    until(lambda: len(world.owned("one")) == len(world.owned("two")) == 2)
    world.send(source, range(4000, 8000))  # by now the first may have come to the end
    until(lambda: world.calls("done", worker="two"))
    assert world.stop("two") == 0
    until(lambda: world.owned("one") == {0, 1, 2, 3})
    until(lambda: world.seen(source) == 8000)
    assert world.stop("one") == 0
    assert in_order(world.read(source))

    owner: dict[int, str] = {}
    position = dict.fromkeys(range(4), 0)
    for call in world.calls():
        if call.what == "assigned":
            assert call.partition not in owner
            owner[call.partition] = call.worker
        else:
            assert owner[call.partition] == call.worker
        if call.what == "revoked":
            del owner[call.partition]
        if call.what == "handle":
            assert call.offset == position[call.partition]
            position[call.partition] += len(call.records)
    assert not owner


def test_a_worker_that_hung_longer_than_its_session_gives_up_what_it_lost(world: World) -> None:
    """Stopped by SIGSTOP while others take over; when it wakes it commits nothing of what is no longer its own, and
    takes part again."""
    source = world.topic(2)
    world.send(source, range(2000))
    settings = {"session_timeout_s": 1.0, "batch_records": 20}
    one = world.start("one", source, pause_s=0.05, settings=settings)
    until(lambda: world.calls("done"))
    os.kill(one.pid, signal.SIGSTOP)
    world.start("two", source, pause_s=0.01, settings={**settings, "web_port": world.ports(1)[0]})
    until(lambda: len(world.owned("two")) == 2)
    until(lambda: len(world.calls("done", worker="two")) > 10)
    os.kill(one.pid, signal.SIGCONT)
    until(lambda: len(world.owned("one")) == len(world.owned("two")) == 1)
    until(lambda: world.seen(source) == 2000)
    until(
        lambda: (
            world.committed(source) == {part: len(values) for part, values in enumerate(world.read(source))}
        )
    )
    assert in_order(world.read(source))
    assert world.stop("one") == world.stop("two") == 0
