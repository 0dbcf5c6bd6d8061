"""Which partition is served when, by how many threads; without a broker."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from engine.bus.lanes import Lanes, Partition
from engine.bus.meters import Meters
from engine.bus.metrics import PrometheusMetrics
from engine.model.errors import ServiceUnavailable
from engine.ports import Idle, Produced, Record, TryAgain

A0, A1, A2, B0 = Partition("a", 0), Partition("a", 1), Partition("a", 2), Partition("b", 0)


class Script:
    """A stage that keeps a diary, and does what it is told."""

    def __init__(self, diary: list[tuple[str, int]], name: str) -> None:
        self._diary = diary
        self._name = name
        self.on_handle: Callable[[], None] = lambda: None
        self.on_idle: Callable[[], Idle] = Idle
        self.on_assigned: Callable[[], None] = lambda: None
        self.on_done: Callable[[], None] = lambda: None

    def assigned(self, partition: int) -> None:
        self.on_assigned()
        self._diary.append(("assigned", partition))  # and keeps no offsets

    def handle(self, partition: int, records: Sequence[Record]) -> Sequence[Produced]:
        self._diary.append((self._name, partition))
        self.on_handle()
        return ()

    def done(self, partition: int, next_offset: int) -> None:
        self.on_done()
        self._diary.append(("done", partition))

    def idle(self, partition: int) -> Idle:
        self._diary.append(("idle", partition))
        return self.on_idle()

    def revoked(self, partition: int) -> None:
        self._diary.append(("revoked", partition))


class Bench:
    """Lanes for topics a and b, and records that never end for the partitions of `supply`."""

    def __init__(self, *, threads: int = 1, idle_s: float = 3600.0, patience_s: float = 3600.0) -> None:
        self.diary: list[tuple[str, int]] = []
        self.stages = {name: Script(self.diary, name) for name in "ab"}
        self.failed: list[BaseException] = []
        self.lanes = Lanes(
            self.stages,
            self._produce,
            lambda _partition, error: self.failed.append(error),
            Meters(PrometheusMetrics()),
            lambda: None,
            threads=threads,
            idle_s=idle_s,
            patience_s=patience_s,
        )
        self._offset = 0

    async def _produce(self, records: Sequence[Produced]) -> None:
        await asyncio.sleep(0)

    async def serve(self, supply: Sequence[Partition], turns: int) -> None:
        """As `feed` does."""
        for _ in range(turns):
            await self.lanes.room()
            turn = self.lanes.turn()
            one = next((one for one in turn.order if one in supply or one in turn.due), None)
            if one is None:
                await asyncio.sleep(turn.wait_s)
            elif one in supply:
                self._offset += 1
                self.lanes.feed(one, [Record(*one, self._offset, None, b"", (), 0)])
            else:
                self.lanes.feed(one, ())

    def handled(self) -> str:
        return " ".join(f"{what}{number}" for what, number in self.diary if what in ("a", "b"))


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 30))


def test_topics_take_turns_and_so_do_the_partitions_of_each() -> None:
    async def scenario() -> None:
        bench = Bench()
        bench.lanes.open([A0, A1, A2, B0])
        await bench.serve([A0, A1, A2, B0], 8)
        await bench.lanes.rest()
        assert bench.handled() == "a0 b0 a1 b0 a2 b0 a0 b0"

    run(scenario())


def test_a_partition_is_served_by_one_thread_at_a_time_and_others_by_others() -> None:
    async def scenario() -> None:
        bench = Bench(threads=2)
        meet = threading.Barrier(2)  # both partitions are at work at once, or this breaks
        bench.stages["a"].on_handle = lambda: bool(meet.wait(10)) or None
        bench.lanes.open([A0, A1])
        await bench.serve([A0, A1], 6)
        await bench.lanes.rest()
        for number in (0, 1):
            mine = [what for what, one in bench.diary if one == number]
            assert mine == ["assigned", *["a", "done"] * 3]

    run(scenario())


def test_a_call_that_asks_for_it_is_repeated_until_partitions_are_given_up() -> None:
    async def scenario() -> None:
        bench = Bench()
        left = [2]

        def refuse() -> None:
            left[0] -= 1
            if left[0] >= 0:
                raise TryAgain("not now")

        bench.stages["a"].on_handle = refuse
        bench.lanes.open([A0])
        await bench.serve([A0], 1)
        await bench.lanes.room()
        assert bench.diary == [("assigned", 0), *[("a", 0)] * 3, ("done", 0)]
        assert bench.lanes.uncommitted() == {A0: 2}

        left[0] = 1000
        await bench.serve([A0], 1)
        await bench.lanes.rest()
        await bench.lanes.close()
        assert bench.diary[-2:] == [("a", 0), ("revoked", 0)]
        assert not bench.failed

    run(scenario())


def test_a_service_that_is_away_is_waited_for_at_every_step_and_told_of() -> None:
    async def scenario() -> None:
        bench = Bench()
        told: list[str] = []
        left = dict.fromkeys(("on_assigned", "on_handle", "on_done", "on_idle"), 2)

        def away(step: str) -> Callable[[], Any]:
            def call() -> Any:
                told.append(bench.lanes.trouble)
                left[step] -= 1
                if left[step] >= 0:
                    raise ServiceUnavailable(f"no database {step}")
                return Idle()

            return call

        for step in left:
            setattr(bench.stages["a"], step, away(step))
        bench.lanes.open([A0])
        await bench.serve([A0], 1)
        await bench.lanes.room()
        bench.lanes.feed(A0, ())
        await bench.lanes.room()
        assert bench.diary == [("assigned", 0), *[("a", 0)] * 3, ("done", 0), *[("idle", 0)] * 3]
        assert told == [one for step in left for one in ("", *[f"no database {step}"] * 2)]
        assert bench.lanes.trouble == ""
        assert not bench.failed

    run(scenario())


def test_one_that_stays_away_is_not_waited_for_for_ever() -> None:
    async def scenario() -> None:
        bench = Bench(patience_s=0.1)

        def away() -> None:
            raise ServiceUnavailable("no database")

        bench.stages["a"].on_handle = away
        bench.lanes.open([A0])
        await bench.serve([A0], 1)
        while not bench.failed:
            await asyncio.sleep(0)
        assert [str(one) for one in bench.failed] == ["no database"]
        assert bench.lanes.uncommitted() == {A0: 1}  # the first that is not done

    run(scenario())


def test_what_a_stage_raises_ends_all_service() -> None:
    async def scenario() -> None:
        bench = Bench()

        def fail() -> None:
            raise ValueError

        bench.stages["a"].on_handle = fail
        bench.lanes.open([A0, A1])
        await bench.serve([A0], 1)
        await bench.lanes.rest()
        assert [type(error) for error in bench.failed] == [ValueError]
        assert not bench.lanes.turn().order
        assert bench.lanes.uncommitted() == {A0: 1}, "that of the record itself, so that it comes again"

    run(scenario())


def test_a_partition_that_could_not_be_taken_over_is_not_given_up_either() -> None:
    async def scenario() -> None:
        bench = Bench()

        def fail() -> None:
            raise ValueError

        bench.stages["b"].on_assigned = fail
        bench.lanes.open([A0, B0])
        await bench.lanes.rest()
        await bench.lanes.close()
        assert len(bench.failed) == 1
        assert bench.diary.count(("revoked", 0)) == 1

    run(scenario())


def test_between_records_and_without_them_comes_what_is_due_by_time() -> None:
    async def scenario() -> None:
        bench = Bench(idle_s=0.02)
        pause = threading.Event()
        bench.stages["a"].on_handle = lambda: bool(pause.wait(0.005)) or None
        bench.stages["b"].on_idle = lambda: without.append(True) or Idle()
        without: list[bool] = []
        bench.lanes.open([A0, B0])
        await bench.serve([A0], 40)
        await bench.lanes.rest()
        assert len(without) >= 2
        assert bench.diary.count(("idle", 0)) >= len(without) + 2

    run(scenario())


def test_long_work_by_time_goes_on_at_once_but_leaves_records_half_of_the_time() -> None:
    async def scenario() -> None:
        bench = Bench(idle_s=0.0)
        pause = threading.Event()

        def work() -> Idle:
            pause.wait(0.01)
            return Idle(more=True)

        bench.stages["a"].on_idle = work
        bench.stages["a"].on_handle = lambda: bool(pause.wait(0.002)) or None
        bench.lanes.open([A0])
        await bench.serve([], 5)
        await bench.lanes.room()
        assert [what for what, _ in bench.diary] == ["assigned", *["idle"] * 5], "no pause between them"
        bench.diary.clear()
        await bench.serve([A0], 60)
        await bench.lanes.rest()
        batches, calls = bench.diary.count(("a", 0)), bench.diary.count(("idle", 0))
        assert batches == 60
        assert 2 <= calls <= batches / 3

    run(scenario())
