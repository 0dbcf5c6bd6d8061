"""A partition has one owner, and whoever was it before can do nothing more, whether it knows or not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.messages import Status
from engine.model.partitions import partition_of
from engine.ports import FanOut, Lane, MessageFilter
from engine.ports.partitions import Fenced, Progress
from engine.store.postgres import PostgresStore, RunLock, Timeouts, WrongPartitions
from tests.contracts.samples import customer, customer_id, day, message
from tests.contracts.stores import PARTITIONS, one_server
from tests.contracts.test_ledger_contract import became, ids
from tests.store.meanwhile import Meanwhile, in_a_unit, others_wait
from tests.support import ROOT

pytestmark = one_server

LANE = Lane("letter", "michelin")


def own(store: PostgresStore, *parts: int, owner: str = "a worker") -> PostgresStore:
    return store.share({part: store.take_over(part, owner) for part in parts})


def of_part(part: int, count: int) -> list[int]:
    """Numbers of customers that belong to it."""
    return [n for n in range(1000) if partition_of(customer_id(n), PARTITIONS) == part][:count]


# Fenced

EVERYTHING: dict[str, Callable[[PostgresStore], Any]] = {
    "unit": lambda store: in_a_unit(store, lambda unit: unit.set("clock", "theirs"))(),
    "claim": lambda store: store.claim(day(9), 9),
    "settle": lambda store: store.settle([became(row, Status.SENT) for row in store.claimed()]),
    "skip_late": lambda store: store.skip_late(day(99), [LANE]),
    "announced": lambda store: store.announced(store.announcements(9)),
    "requeue": lambda store: store.requeue(MessageFilter(), day(1)),
}


@pytest.mark.parametrize("what", EVERYTHING)
def test_whoever_lost_a_partition_does_nothing_more_for_it(shared_store: PostgresStore, what: str) -> None:
    n, other = of_part(2, 2)
    former = own(shared_store, 2)
    with former.unit() as unit:
        unit.add_messages(
            [message(n), message(other), message(9000 + n, customer_id=customer_id(n), status=Status.SKIPPED)]
        )
        unit.set("clock", "mine")
    former.claim(day(1), 1)
    before = list(shared_store.messages(MessageFilter()))
    present = own(shared_store, 2)
    with pytest.raises(Fenced, match="partition 2"):
        EVERYTHING[what](former)
    assert list(shared_store.messages(MessageFilter())) == before
    EVERYTHING[what](present)


def test_one_partition_lost_of_several_fences_what_is_done_for_all(shared_store: PostgresStore) -> None:
    sender = own(shared_store, 0, 1, 2)
    own(shared_store, 1)
    with pytest.raises(Fenced, match="partition 1"):
        sender.claim(day(1), 1)


def test_a_take_over_waits_for_the_unit_under_way(shared_store: PostgresStore, database: str) -> None:
    former = own(shared_store, 2)
    with former.unit() as unit:
        taking = Meanwhile(lambda: own(shared_store, 2))
        others_wait(database)
        unit.set("clock", "the former one's")
    with taking.result().unit() as unit:
        assert unit.get("clock") == "the former one's"


def test_what_begins_while_a_take_over_waits_is_fenced_or_done_before_it(
    shared_store: PostgresStore, database: str
) -> None:
    """Two threads of the former owner's, as busy as can be, do not keep the new one out."""
    former = own(shared_store, 2)

    def busy() -> None:
        with pytest.raises(Fenced):
            while True:
                former.claim(day(1), 1)

    threads = [Meanwhile(busy) for _ in range(2)]
    present = own(shared_store, 2)
    for one in threads:
        one.result()
    assert present.claim(day(1), 1) == []


def test_units_of_several_partitions_do_not_wait_for_one_another(shared_store: PostgresStore) -> None:
    first, second, sender = own(shared_store, 0), own(shared_store, 1), shared_store
    sender = own(shared_store, 2, 3)
    with first.unit() as unit:
        unit.set("clock", "first")
        Meanwhile(in_a_unit(second, lambda unit: unit.set("clock", "second"))).result()
        Meanwhile(lambda: sender.claim(day(1), 1)).result()
        Meanwhile(lambda: shared_store.take_over(3, "another")).result()


def test_of_one_partition_units_and_claims_do_not_wait_for_one_another(shared_store: PostgresStore) -> None:
    token = shared_store.take_over(1, "a worker")
    advancing, sending = shared_store.share({1: token}), shared_store.share({1: token})
    with advancing.unit() as unit:
        unit.set("clock", "1")
        assert Meanwhile(lambda: sending.claim(day(1), 1)).result() == []


# A process that is stopped in the middle of a unit

STOPPED = """
import sys
from engine.model.errors import MilepostError
from engine.store.postgres import PostgresStore, Timeouts
from tests.contracts.samples import customer, customer_id

store = PostgresStore.open(sys.argv[1], timeouts=Timeouts(idle_ms=int(sys.argv[2])))
mine = store.share({2: store.take_over(2, "the stopped one")})

def work(pause):
    with mine.unit() as unit:
        unit.customers([customer_id(1)])
        if sys.argv[3] == "writing":
            unit.put([customer(1)])
        if pause:
            print("in the middle", flush=True)
            sys.stdin.readline()

for pause in (True, False):
    try:
        work(pause)
    except MilepostError as error:
        print(type(error).__name__, flush=True)
"""


@pytest.mark.parametrize(
    ("where", "its_idle_ms", "our_idle_ms"),
    [
        ("thinking", 300, 10_000),  # the server cuts it off by itself
        ("writing", 10_000, 300),  # the server waits for the rest, until it is told not to
    ],
)
def test_a_process_stopped_in_the_middle_of_a_unit_is_cut_off_and_fenced(
    shared_store: PostgresStore, database: str, where: str, its_idle_ms: int, our_idle_ms: int
) -> None:
    store = PostgresStore.open(database, timeouts=Timeouts(idle_ms=our_idle_ms))
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, database, str(its_idle_ms), where],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    os.kill(process.pid, signal.SIGSTOP)
    began = time.monotonic()
    present = own(store, 2)
    assert time.monotonic() - began < 8
    with present.unit() as unit:
        assert unit.customers([customer_id(1)]) == {}
    os.kill(process.pid, signal.SIGCONT)
    output, _ = process.communicate("go on\n")
    assert output == "ServiceUnavailable\nFenced\n"
    assert process.returncode == 0
    store.close()


def test_an_owner_who_cannot_be_cut_off_is_told_of(shared_store: PostgresStore, database: str) -> None:
    """As one is who works by another user of the server's."""
    hurried = PostgresStore.open(database, timeouts=Timeouts(idle_ms=20, lock_ms=80))
    with psycopg.connect(database, user="postgres") as connection:
        connection.execute("SELECT FROM partitions WHERE part = 2 FOR SHARE")
        with pytest.raises(
            ServiceUnavailable, match=r"Partition 2 was not let go of within 0\.1 s"
        ) as refused:
            hurried.take_over(2, "another")
    assert "pg_stat_activity" in refused.value.hint
    hurried.close()


# What a share is of


def test_a_share_has_the_timers_and_messages_of_its_partitions_alone(shared_store: PostgresStore) -> None:
    mine, theirs = of_part(1, 3), of_part(2, 3)
    with shared_store.unit() as unit:
        unit.put(customer(n, day(n % 7)) for n in (*mine, *theirs))
        unit.add_messages(message(n, day(n % 7), not_after=day(20)) for n in (*mine, *theirs))
    share = own(shared_store, 1)
    with share.unit() as unit:
        assert {one.id for one in unit.due(day(9), 99)} == {customer_id(n) for n in mine}
        assert [one.id for one in unit.after("", 99)] == [customer_id(n) for n in mine]
        assert unit.customers([customer_id(theirs[0])])  # a car may change hands
    assert share.count_waiting() == {LANE: 3}
    assert set(ids(share.claim(day(9), 2))) < {message(n).id for n in mine}
    assert len(share.claimed()) == 2
    assert share.skip_late(day(21), [LANE]) == 1
    assert set(ids(own(shared_store, 2).claim(day(9), 99))) == {message(n).id for n in theirs}
    assert share.share({3: 1}).claimed() == []
    assert len(shared_store.claimed()) == 5


def test_messages_of_others_cannot_be_settled(shared_store: PostgresStore) -> None:
    [n] = of_part(1, 1)
    with shared_store.unit() as unit:
        unit.add_messages([message(n)])
    [row] = own(shared_store, 1).claim(day(1), 1)
    with pytest.raises(MilepostError, match="not claimed"):
        own(shared_store, 2).settle([became(row, Status.SENT)])


def test_a_share_of_several_has_those_of_all_in_order(shared_store: PostgresStore) -> None:
    with shared_store.unit() as unit:
        unit.put(customer(n, day(100 - n)) for n in range(40))
        unit.add_messages(message(n, day(100 - n)) for n in range(40))
    chosen = [n for n in range(40) if partition_of(customer_id(n), PARTITIONS) in (0, 3)]
    share = own(shared_store, 0, 3)
    with share.unit() as unit:
        assert [one.id for one in unit.due(day(100), 5)] == [customer_id(n) for n in chosen[::-1][:5]]
        assert [one.id for one in unit.after("", 5)] == [customer_id(n) for n in chosen[:5]]
    assert ids(share.claim(day(100), 5)) == [message(n).id for n in chosen[::-1][:5]]


def test_facts_and_fan_outs_are_each_partitions_own_and_the_stores(shared_store: PostgresStore) -> None:
    stores = {"0": own(shared_store, 0), "1": own(shared_store, 1), "all": shared_store}
    for name, store in stores.items():
        with store.unit() as unit:
            assert unit.get("clock") is None
            assert unit.fan_outs() == []
            unit.set("clock", name)
            unit.put_fan_out(FanOut(id="f", journey="newsletter", at=day(1), cursor=name))
    for name, store in stores.items():
        with store.unit() as unit:
            assert unit.get("clock") == name
            assert [one.cursor for one in unit.fan_outs()] == [name]


@pytest.mark.parametrize(
    "ask",
    [
        lambda unit: unit.get("clock"),
        lambda unit: unit.set("clock", "1"),
        lambda unit: unit.fan_outs(),
        lambda unit: unit.put_fan_out(FanOut(id="f", journey="newsletter", at=day(1))),
    ],
)
def test_a_share_of_several_has_no_facts_nor_fan_outs(
    shared_store: PostgresStore, ask: Callable[[Any], Any]
) -> None:
    with pytest.raises(ValueError, match="this share has several"):
        in_a_unit(own(shared_store, 0, 1), ask)()


def test_an_owner_of_nothing_has_nothing(shared_store: PostgresStore) -> None:
    with shared_store.unit() as unit:
        unit.add_messages([message(1)])
    assert shared_store.share({}).claim(day(9), 9) == []


# How far


def test_progress_is_noted_by_stage_and_partition_and_never_set_back(shared_store: PostgresStore) -> None:
    def note(stage: str, part: int, progress: Progress) -> None:
        in_a_unit(shared_store, lambda unit: unit.progressed(stage, part, progress))()

    note("inbox", 0, Progress(5, None))
    note("inbox", 7, Progress(9, day(1)))  # the inbox may have more of them
    note("events", 0, Progress(1, day(2)))
    note("inbox", 0, Progress(8, day(3)))
    note("inbox", 0, Progress(7, day(4)))
    note("inbox", 0, Progress(9, day(2)))
    note("inbox", 0, Progress(10, None))
    assert shared_store.progress("inbox") == {0: Progress(10, day(4)), 7: Progress(9, day(1))}
    assert own(shared_store, 1).progress("events") == {0: Progress(1, day(2))}
    assert shared_store.progress("letters") == {}


def test_progress_in_what_is_read_no_more_is_forgotten(shared_store: PostgresStore) -> None:
    for stage in ("inbox", "events"):
        assert not shared_store.follow(stage, "topic 1")
        in_a_unit(shared_store, lambda unit, s=stage: unit.progressed(s, 0, Progress(5, day(1))))()
        assert not shared_store.follow(stage, "topic 1")
    assert shared_store.follow("inbox", "topic 2")
    assert not shared_store.follow("inbox", "topic 2"), "only the first of several workers"
    assert shared_store.progress("inbox") == {}
    assert shared_store.progress("events") == {0: Progress(5, day(1))}


# How many


def test_the_number_of_partitions_is_settled_once(shared_store: PostgresStore, database: str) -> None:
    same = PostgresStore.open(database, partitions=PARTITIONS)
    any_number = PostgresStore.open(database)
    assert same.partitions == any_number.partitions == PARTITIONS
    with pytest.raises(WrongPartitions, match="set up for 4 partitions, not for 12") as refused:
        PostgresStore.open(database, partitions=12)
    assert "care.events" in refused.value.hint
    assert refused.value.exit_code == 2, "a supervisor starts a worker that it ends again and again"
    with pytest.raises(ValueError, match="at least one"):
        PostgresStore.open(database, partitions=0)
    with pytest.raises(ValueError, match="no partition 4"):
        shared_store.take_over(4, "a worker")
    same.close()
    any_number.close()


def test_workers_that_start_at_once_settle_it_together(database: str) -> None:
    opening = [Meanwhile(lambda: PostgresStore.open(database, partitions=8)) for _ in range(6)]
    stores = [one.result() for one in opening]
    assert {one.partitions for one in stores} == {8}
    for one in stores:
        one.close()


def test_before_that_it_can_be_looked_into_and_not_written(database: str) -> None:
    store = PostgresStore.open(database)
    assert list(store.messages(MessageFilter())) == []
    assert store.find([("mobile", "+1")]) == []
    with pytest.raises(MilepostError, match="not set up"), store.unit() as unit:
        unit.put([customer(1)])
    store.close()


# One `run` a database


def test_a_second_run_is_refused_and_told_who_works(shared_store: PostgresStore, database: str) -> None:
    another = PostgresStore.open(database)
    with RunLock(shared_store) as mine:
        with mine.unit() as unit:
            unit.put([customer(1, day(1))])
        with (
            pytest.raises(ServiceUnavailable, match=f"process {os.getpid()} on ") as refused,
            RunLock(another),
        ):
            pass
        assert "MILEPOST_DATABASE_URL" in refused.value.hint
        assert mine.claim(day(1), 1) == []
    with RunLock(another) as theirs, theirs.unit() as unit:
        assert unit.due(day(2), 9) == [customer(1, day(1))]
    another.close()


def test_a_run_that_has_not_said_its_name_yet_is_told_of_without(
    shared_store: PostgresStore, database: str
) -> None:
    another = PostgresStore.open(database)
    began = RunLock(shared_store)
    began._connection = shared_store.connect()
    began._take(began._connection)  # and not a step further
    began._connection.execute("UPDATE partitions SET owner = '' WHERE part = -1")
    with pytest.raises(ServiceUnavailable, match=r"^Another milepost run works on "), RunLock(another):
        pass
    began._let_go()
    another.close()


def test_ingesting_goes_on_beside_a_run(shared_store: PostgresStore, database: str) -> None:
    ingest = PostgresStore.open(database)
    with RunLock(shared_store) as mine:
        for n in range(3):
            with ingest.unit() as unit:
                unit.put([customer(n, day(n))])
                unit.set("clock", str(n))
            with mine.unit() as unit:
                assert unit.get("clock") == str(n)
    ingest.close()


def test_a_run_whose_lock_was_lost_is_fenced_by_the_next(shared_store: PostgresStore, database: str) -> None:
    another = PostgresStore.open(database)
    lock = RunLock(shared_store)
    first = lock.__enter__()
    first.claim(day(1), 1)
    lock.__exit__(None, None, None)  # as when the server was restarted
    with RunLock(another):
        with pytest.raises(Fenced):
            first.claim(day(1), 1)
        with pytest.raises(Fenced), first.unit():
            pass
    another.close()
