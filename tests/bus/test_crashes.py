"""Workers that die or fail, at each step of a batch: nothing is lost, and nothing is committed that is not done."""

import os
import signal
from pathlib import Path

from tests.bus.world import World, in_order, until

STEPS = ("feed.1", "feed.2", "feed.3", "feed.4", "feed.5")
AT = {step: f"{step}:2" for step in STEPS} | {
    "feed.5": "feed.5"
}  # all batches may be done by the first commit


def test_killed_at_each_step_of_a_batch_nothing_is_lost(world: World) -> None:
    topics = {step: world.topic(1, step) for step in STEPS}
    groups = {
        step: {"group": topics[step], "web_port": port, "session_timeout_s": 1.5}
        for step, port in zip(STEPS, world.ports(5), strict=True)
    }
    for topic in topics.values():
        world.send(topic, range(1200))
    for step, topic in topics.items():
        world.start(step, topic, to=world.topic(1, f"{step}-out"), crash_at=AT[step], settings=groups[step])
    for step in STEPS:
        assert world.ended(step) == -signal.SIGKILL
        done = world.committed(topics[step], group=topics[step]).get(0, 0)
        assert done <= world.seen(topics[step])
    for step, topic in topics.items():
        world.start(f"{step} again", topic, to=f"{world.name}-{step}-out", settings=groups[step])
    for step, topic in topics.items():
        until(lambda topic=topic: world.seen(topic) == 1200, step)
        assert in_order(world.read(topic))
    for step in STEPS:
        written = until(lambda step=step: whole(world.values(f"{world.name}-{step}-out", 1)[0], 1200))
        assert set(written) == set(map(str, range(1200)))


def whole(values: list[str], count: int) -> list[str] | None:
    return values if len(set(values)) == count else None


def test_a_stage_that_raises_ends_the_worker_before_its_offset_is_committed(world: World) -> None:
    """With exit code 1, after what went well was committed, and with a log that tells where, but not what the
    exception said: it might be about a person."""
    source = world.topic(1)
    world.send(source, range(700))
    world.start("one", source, raises_at="650")
    assert world.ended("one") == 1
    assert world.committed(source) == {0: 500}
    [failed] = [
        line for line in world.log("one") if line["logger"] == "engine.bus.app" and line["level"] == "error"
    ]
    assert failed["error"] == "ValueError"
    assert failed["places"][-1].startswith("bus/toy.py:")
    assert "cannot do" not in world.log_text("one")
    assert world.calls("revoked")


def test_a_companion_that_raises_ends_the_worker(world: World) -> None:
    world.start("one", world.topic(1), companion="raises")
    assert world.ended("one") == 1


def test_work_that_does_not_get_done_ends_the_worker(world: World) -> None:
    """It says where its threads were, and has committed nothing of what hung."""
    source = world.topic(1)
    world.send(source, range(700))
    world.start("one", source, stalls_at="650", settings={"stall_s": 2.0})
    assert world.ended("one") == 1
    assert world.committed(source) == {0: 500}
    told = world.log("one")[-1]
    assert told["level"] == "critical"
    assert any("bus/toy.py" in place for stack in told["stacks"].values() for place in stack)


def test_a_worker_whose_group_refuses_it_ends(world: World) -> None:
    """Here for a session that is shorter than the broker allows: aiokafka itself would wait for ever."""
    world.start("one", world.topic(1), settings={"session_timeout_s": 0.1})
    assert world.ended("one") == 1
    assert any(line.get("error") == "InvalidSessionTimeoutError" for line in world.log("one"))


def test_told_to_stop_it_finishes_the_batch_commits_and_leaves(world: World) -> None:
    """So that the next worker of the group begins at once, and where this one ended."""
    source = world.topic(1)
    world.send(source, range(5000))
    world.start("one", source, pause_s=0.7, companion="waits", settings={"session_timeout_s": 10.0})
    until(lambda: world.calls("handle"))
    began = os.times().elapsed
    assert world.stop("one") == 0
    assert os.times().elapsed - began < 10
    done = world.calls("done")[-1].offset
    assert world.committed(source) == {0: done}
    assert world.calls()[-1].what == "revoked"
    joined = os.times().elapsed
    world.start("two", source)
    until(lambda: world.owned("two"))
    assert os.times().elapsed - joined < 8, "it waited for the session of the first to end"
    until(lambda: world.calls("handle", worker="two"))
    assert world.calls("handle", worker="two")[0].offset == done


def test_a_batch_that_does_not_end_is_cut_off_when_told_to_stop(world: World) -> None:
    source = world.topic(1)
    world.send(source, range(700))
    world.start("one", source, stalls_at="650", settings={"stop_s": 1.0})
    until(lambda: world.committed(source) == {0: 500})
    assert world.stop("one") == 1
    assert world.committed(source) == {0: 500}


def test_a_supervised_worker_that_is_killed_goes_on_where_it_was(world: World) -> None:
    """And ends in good order with its supervisor."""
    source = world.topic(1)
    world.send(source, range(1000))
    supervisor = world.start_supervised(
        "one", source, pause_s=0.1, settings={"batch_records": 100, "session_timeout_s": 1.5}
    )
    until(lambda: world.calls("done"))
    [pid] = children_of(supervisor.pid)
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.seen(source) == 1000)
    assert children_of(supervisor.pid) != [pid]
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert world.committed(source) == {0: 1000}
    assert in_order(world.read(source))


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
