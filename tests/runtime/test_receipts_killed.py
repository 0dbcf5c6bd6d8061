"""Receipts and the sender at the same moment, and a process killed in the middle of a receipt: the ledger, the list and
the consent are right in the end, as if each had come alone."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.messages import Message, Status
from engine.model.suppression import Cause
from engine.ports import MessageFilter, Store
from engine.ports.errors import TryAgain
from engine.runtime.advance import Advance
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day, message
from tests.contracts.stores import on_postgres
from tests.support import ROOT, local, program_of, purchase, write_project

HELLO = (
    "purpose: care\nstart: {on: purchase.recorded, per: customer}\nsteps:\n  - send: hello\n    by: email\n"
)
SIGKILLED = -9
MANY = 60


def receipt(about: Message, kind: str) -> Event:
    return Event(
        source="/providers/sendgrid",
        id=f"{kind} {about.id}",
        type=f"message.{kind}",
        time=local("2025-03-03 10:00"),
        data={"message_id": about.id, "reason": "no such user"},
    )


def take_in(folder: Path) -> None:
    """The one message's bounce, by the engine on the folder's store."""
    store = SqliteStore(folder / "milepost.db")
    program = program_of(folder / "project")
    [row] = store.messages(MessageFilter())
    Advance(program, store, Identification(), None).take([receipt(row.message, "bounced")])
    store.close()


@pytest.mark.parametrize("point", [f"advance.{n}" for n in range(1, 7)])
def test_killed_at_a_step_and_told_again_everything_is_there_once(tmp_path: Path, point: str) -> None:
    program = program_of(write_project(tmp_path / "project", {"hello": HELLO}))
    store = SqliteStore(tmp_path / "milepost.db")
    Advance(program, store, Identification(), None).take([purchase("2025-03-01 10:00")])
    [row] = store.claim(day(1), 9)
    store.settle([replace(row, message=replace(row.message, status=Status.SENT), attempts=1)])
    script = "import pathlib, sys; from tests.runtime import test_receipts_killed as it\n"
    script += "it.take_in(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path)]
    killed = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MILEPOST_CRASH_AT": point},
        check=False,
    )
    assert killed.returncode == SIGKILLED
    [row] = store.messages(MessageFilter())
    done = point == "advance.6"
    assert (row.message.status is Status.BOUNCED) is done
    assert (len(list(store.suppressions())) == 1) is done
    take_in(tmp_path)
    [row] = store.messages(MessageFilter())
    assert (row.message.status, row.note) == (Status.BOUNCED, "no such user")
    assert [one.cause for one in store.suppressions()] == [Cause.BOUNCED]
    [known] = store.customers([row.message.customer_id]).values()
    assert not known.consents["email/all"].granted
    types = [one.event.type for one in store.events_of(known.id)]
    assert types == ["purchase.recorded", "message.bounced", "consent.withdrawn"]
    store.close()


@pytest.fixture(params=["sqlite_store", on_postgres("share")])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made


def test_receipts_and_the_senders_own_word_at_the_same_moment(store: Store, tmp_path: Path) -> None:
    """In groups that cut one another crosswise; whoever has to give way tries again."""
    program = program_of(write_project(tmp_path / "project", {"hello": HELLO}))
    advance = Advance(program, store, Identification(), None)
    messages = [message(n, channel="email", address={"email": f"c{n}@example.cn"}) for n in range(MANY)]
    with store.unit() as unit:
        unit.put(customer(n) for n in range(MANY))
        unit.add_messages(messages)
    rows = store.claim(day(1), MANY)
    kinds = {one.id: ("delivered", "bounced", "failed")[n % 3] for n, one in enumerate(messages)}

    def settle() -> None:
        for first in range(0, MANY, 7):
            sent = [
                replace(row, message=replace(row.message, status=Status.SENT), attempts=1, place="p")
                for row in rows[first : first + 7]
            ]
            _until_done(lambda sent=sent: store.settle(sent))

    def receive() -> None:
        for first in range(0, MANY, 11):
            told = [receipt(one, kinds[one.id]) for one in reversed(messages[first : first + 11])]
            _until_done(lambda told=told: advance.take(told))

    threads = [Thread(target=settle), Thread(target=receive)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = {row.message.id: row for row in store.messages(MessageFilter())}
    assert {one: str(row.message.status) for one, row in found.items()} == kinds
    assert {(row.attempts, row.place) for row in found.values()} == {(1, "p")}
    assert store.count_suppressions() == {("email", Cause.BOUNCED): MANY // 3}
    assert store.claimed() == []


def _until_done(do: object) -> None:
    while True:
        try:
            do()  # type: ignore[operator]
        except TryAgain:
            continue
        return
