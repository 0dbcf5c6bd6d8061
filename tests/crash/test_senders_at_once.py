"""Several senders at once, each a process with partitions of its own: every message goes once, and when one of them
dies another takes over what it had."""

import os
import subprocess
import sys
from collections import Counter

from engine.model.messages import Status
from engine.ports import MessageFilter
from engine.store.postgres import PostgresStore
from tests.contracts.stores import one_server
from tests.runtime.deliver_world import fill
from tests.services.sendgrid.client import SendGrid
from tests.support import ROOT

pytestmark = one_server

MESSAGES = 400
SIGKILLED = -9
GIVE_UP_S = 60
SENDER = """\
import sys
from engine.store.postgres import PostgresStore
from tests.contracts.samples import day
from tests.runtime.deliver_world import by_sendgrid, deliverer

url, provider, *parts = sys.argv[1:]
store = PostgresStore.open(url)
share = store.share({int(part): store.take_over(int(part), "a sender") for part in parts})
sender = deliverer(share, by_sendgrid(provider), day(1))
print("at work", flush=True)
sys.stdin.readline()
sender.deliver_due(day(1))
sender.close()
store.close()
"""


class Sender:
    """Waits, when it owns its partitions, until it is told to begin."""

    def __init__(self, database: str, sendgrid: SendGrid, *parts: int, crash_at: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SENDER, database, sendgrid.url, *map(str, parts)],
            cwd=ROOT,
            env={**os.environ, "MILEPOST_CRASH_AT": crash_at},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "at work\n"

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("begin\n")
        self.process.stdin.flush()

    def end(self) -> int:
        self.process.communicate(timeout=GIVE_UP_S)
        return self.process.returncode


def by_status(store: PostgresStore) -> dict[Status, set[str]]:
    found: dict[Status, set[str]] = {}
    for row in store.messages(MessageFilter()):
        found.setdefault(row.message.status, set()).add(row.message.id)
    return found


def test_two_senders_never_take_the_same_message(
    shared_store: PostgresStore, database: str, sendgrid: SendGrid
) -> None:
    expected = {one.id for one in fill(shared_store, MESSAGES, channel="email")}
    senders = [Sender(database, sendgrid, 0, 1), Sender(database, sendgrid, 2, 3)]
    for one in senders:
        one.begin()
    assert [one.end() for one in senders] == [0, 0]
    assert by_status(shared_store) == {Status.SENT: expected}
    assert Counter(sendgrid.ids()) == Counter(expected)


def test_what_a_dead_sender_had_begun_is_unknown_to_the_one_that_takes_over(
    shared_store: PostgresStore, database: str, sendgrid: SendGrid
) -> None:
    expected = {one.id for one in fill(shared_store, MESSAGES, channel="email")}
    dying, other = Sender(database, sendgrid, 0, 1, crash_at="deliver.4:2"), Sender(database, sendgrid, 2, 3)
    dying.begin()
    other.begin()
    assert [dying.end(), other.end()] == [SIGKILLED, 0]
    heir = Sender(database, sendgrid, 0, 1)
    heir.begin()
    assert heir.end() == 0
    became = by_status(shared_store)
    assert set(became) == {Status.SENT, Status.UNKNOWN}
    assert len(became[Status.UNKNOWN]) > 1
    assert Counter(sendgrid.ids()) == Counter(expected)


def test_a_sender_whose_partitions_were_taken_over_hands_nothing_more_over(
    shared_store: PostgresStore, database: str, sendgrid: SendGrid
) -> None:
    """Though it does not know yet."""
    expected = {one.id for one in fill(shared_store, MESSAGES, channel="email")}
    former = Sender(database, sendgrid, 0, 1, 2, 3)
    present = Sender(database, sendgrid, 0, 1, 2, 3)
    former.begin()
    present.begin()
    assert former.end() != 0
    assert present.end() == 0
    assert by_status(shared_store) == {Status.SENT: expected}
    assert Counter(sendgrid.ids()) == Counter(expected)
