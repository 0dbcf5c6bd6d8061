"""Batches, from the broker to the stages."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

from tests.bus.world import World, in_order, until


def fetch(world: World, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{world.port}{page}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_all_records_come_whole_and_in_order_and_what_is_made_of_them_is_written(world: World) -> None:
    """From the very first, though the group had never committed; with keys and headers; no batch is larger than
    it may be; one that asks for it is tried again; and the pages tell how it stands."""
    source, target = world.topic(3), world.topic(2, "out")
    world.send(source, range(2000))
    world.start("one", source, to=target, again_at="1999", settings={"batch_records": 300})
    until(lambda: world.seen(source) == 2000)
    world.send(source, range(2000, 2100))
    until(lambda: world.seen(source) == 2100)

    read = world.read(source)
    assert in_order(read)
    for value, key, headers in world.records(source).values():
        assert (key, headers) == (value, f"[('n', {value.encode()!r})]")
    until(lambda: fetch(world, "/health/ready")[0] == 200)
    assert fetch(world, "/health/live") == (200, "alive\n")
    until(lambda: f'milepost_records_total{{topic="{source}"}} 2100.0' in fetch(world, "/metrics")[1])
    numbers = fetch(world, "/metrics")[1]
    assert f'milepost_try_again_total{{topic="{source}"}} 2.0' in numbers
    assert f'milepost_owned_partitions{{topic="{source}"}} 3.0' in numbers
    assert "milepost_toys_total 3.0" in numbers

    assert world.stop("one") == 0
    assert max(len(call.records) for call in world.calls("handle")) == 300
    for partition in range(3):
        calls = [call for call in world.calls() if call.partition == partition]
        batches = calls[1:-1]
        assert [calls[0].what, calls[-1].what] == ["assigned", "revoked"]
        assert [call.what for call in batches] == ["handle", "done"] * (len(batches) // 2)
        ends = [call.offset + len(call.records) for call in batches[::2]]
        assert ends == [call.offset for call in batches[1::2]]
    assert world.committed(source) == {part: len(values) for part, values in enumerate(read)}
    written = world.values(target, 2)
    assert sorted(value for part in written for value in part) == sorted(map(str, range(2100)))


def test_a_long_backlog_of_one_topic_holds_up_no_other_and_no_memory(world: World) -> None:
    """50 000 records of 1 KB wait; a record of another topic is done long before their end; and a worker with all of
    them before it takes little more memory than one that has done its first few."""
    backlog, other = world.topic(2, "backlog"), world.topic(1, "other")
    count = world.send_many(backlog, 50_000, size=1000)
    process = world.start("one", backlog, other, quiet=True, pause_s=0.01)
    until(lambda: world.owned("one"))
    early_mb = until(lambda: sum(world.committed(backlog).values()) > 1000) and resident_mb(process.pid)
    world.send(other, ["1"])
    done = until(lambda: world.committed(other).get(0) and world.committed(backlog))
    assert sum(done.values()) < count
    until(lambda: sum(world.committed(backlog).values()) == count)
    assert resident_mb(process.pid) < early_mb + 20


def test_a_stage_that_knows_where_it_stands_begins_there_whatever_the_group_has_committed(
    world: World,
) -> None:
    """The group stands further on, further back, or nowhere; and a place that the topic does not reach is none."""
    source = world.topic(1)
    world.send(source, range(100))
    for number, (begins_at, first) in enumerate([(40, 40), (70, 70), (10, 10), (500, 0)]):
        worker = f"worker {number}"

        def offsets(worker: str = worker) -> list[int]:
            return [one[0] for call in world.calls("handle", worker=worker) for one in call.records]

        world.start(worker, source, begins_at=begins_at)
        until(lambda: 99 in offsets())
        assert world.stop(worker) == 0
        assert offsets() == list(range(first, 100))
        assert world.committed(source) == {0: 100}
    assert "has no record 500" in world.log_text("worker 3")


def test_a_worker_is_not_ready_while_what_its_stages_need_is_away(world: World) -> None:
    """And says nothing of why, for it is not known what that would tell. Alive it is all the same."""
    world.start("one", world.topic(1), refuses=True)
    until(lambda: world.owned("one"))
    until(lambda: fetch(world, "/health/ready") == (503, "what the stages need does not answer\n"))
    assert fetch(world, "/health/live")[0] == 200
    assert "secret" not in world.log_text("one")


def test_a_worker_that_cannot_begin_says_what_to_do(world: World) -> None:
    world.start("without its topic", "nowhere")
    assert world.ended("without its topic") == 3
    assert "milepost topics" in world.log("without its topic")[-1]["hint"]
    with socket.create_server(("127.0.0.1", world.port)):
        world.start("without a port", "nowhere")
        assert world.ended("without a port") == 2, "its supervisor does not try it again for ever"
    assert "a port of its own" in world.log("without a port")[-1]["hint"]


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
