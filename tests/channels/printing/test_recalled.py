"""Letters leave the house in their run: until it is closed they can be stopped."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.channels.letters_print.runs import Closed, PrintRuns
from engine.model.customer import Customer
from engine.model.errors import ServiceUnavailable
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Hold
from engine.ports import MessageFilter, Outgoing, Store
from engine.runtime.last_question import Lately
from engine.runtime.recalling import Recalling
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.channels.printing.letters import DAY, channel, deliver, letter, message_id, printed
from tests.contracts.samples import customer, day

ROOT = Path(__file__).parents[3]
SIGKILLED = -9
Answer = Reason | Hold | None


class House:
    """A delivery folder and its ledger; of message n, `says` has what is answered when it is asked for once more."""

    def __init__(self, root: Path, store: Store | None = None) -> None:
        self.root, self.store = root, store or MemoryStore(keep_log=True)
        self.says: dict[str, Answer] = {}

    def send(self, *letters: Outgoing) -> None:
        """Each becomes `sent`, as by the deliverer."""
        with self.store.unit() as unit:
            unit.put(customer(n) for n in range(9))
            unit.add_messages(one.message for one in letters)
        rows = self.store.claim(day(1), 99)
        receipts = deliver(self.root, *letters)
        assert len(receipts) == len(rows)
        sent = [
            replace(row, message=replace(row.message, status=Status.SENT), sent_at=day(1)) for row in rows
        ]
        self.store.settle(sent)

    def close(self, now: datetime) -> Closed:
        return PrintRuns(self.root).close(DAY, now, Recalling(self.store, self._asked, shared=False).ask)

    def _asked(self, _customer: Customer | None, message: Message, now: datetime, lately: Lately) -> Answer:
        assert message.not_after > now, "it was handed over in time"
        assert list(lately(now)) == [], "caps have counted it"
        return self.says.get(message.id)

    def outcome(self, n: int) -> tuple[Status, Reason | None]:
        message = self.store.rows_of([message_id(n)])[message_id(n)].message
        return message.status, message.reason

    def files(self, n: int) -> list[str]:
        return sorted(path.suffix for path in self.root.glob(f"*/*/*/{message_id(n)}.*"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_one_that_must_not_go_is_left_out_and_nothing_of_it_stays(house: House) -> None:
    house.send(letter(1), letter(2), letter(3))
    house.says[message_id(2)] = Reason.NO_CONSENT
    closed = house.close(day(2))
    assert closed.left_out == (message_id(2),)
    assert printed(house.root) == sorted([message_id(1), message_id(3)])
    assert house.outcome(2) == (Status.SKIPPED, Reason.NO_CONSENT)
    assert house.files(2) == []
    assert house.outcome(1) == (Status.SENT, None)


def test_one_that_is_held_waits_for_the_next_run(house: House) -> None:
    house.send(letter(1), letter(2))
    house.says[message_id(1)] = Hold(Reason.COMPLAINT_OPEN, None)
    house.says[message_id(2)] = Hold(Reason.PAUSED, day(3))
    closed = house.close(day(2))
    assert closed.runs == ()
    assert closed.held == tuple(sorted([message_id(1), message_id(2)]))
    assert [house.outcome(n)[0] for n in (1, 2)] == [Status.SENT] * 2
    house.says.clear()
    house.close(day(3))
    assert printed(house.root) == sorted([message_id(1), message_id(2)])


@pytest.mark.parametrize(
    ("hold", "now"),
    [
        (Hold(Reason.COMPLAINT_OPEN, None), day(8)),
        (Hold(Reason.PAUSED, day(30)), day(2)),
    ],
)
def test_one_that_is_held_for_longer_than_its_grace_is_skipped_for_that(
    house: House, hold: Hold, now: datetime
) -> None:
    house.send(letter(1, not_after=day(7)))
    house.says[message_id(1)] = hold
    assert house.close(now).left_out == (message_id(1),)
    assert house.outcome(1) == (Status.SKIPPED, hold.reason)


def test_one_that_was_sent_in_time_goes_though_its_grace_ends_before_its_run(house: House) -> None:
    house.send(letter(1, not_after=day(1.5)))
    house.close(day(2))
    assert printed(house.root) == [message_id(1)]


def test_a_run_wakes_nobody_so_quiet_hours_hold_nothing(house: House) -> None:
    house.send(letter(1))
    house.says[message_id(1)] = Hold(Reason.QUIET_HOURS, day(3))
    house.close(day(2))
    assert printed(house.root) == [message_id(1)]


def test_what_belongs_to_a_paused_broadcast_waits(house: House) -> None:
    house.send(letter(1, not_after=day(7)), letter(2, journey="other"))
    house.store.pause(letter(1).message.journey, day(2))
    house.close(day(2))
    assert printed(house.root) == [message_id(2)]
    house.store.resume(letter(1).message.journey, day(3))
    house.close(day(3))
    assert printed(house.root) == sorted([message_id(1), message_id(2)])


def test_what_belongs_to_a_paused_broadcast_does_not_wait_for_ever(house: House) -> None:
    house.send(letter(1, not_after=day(7)))
    house.store.pause(letter(1).message.journey, day(2))
    house.close(day(7.1))
    assert house.outcome(1) == (Status.SKIPPED, Reason.TOO_LATE)


def test_letters_of_a_broadcast_that_is_stopped_are_taken_back_from_the_waiting_place(house: House) -> None:
    old, new, other = letter(1, at=day(0)), letter(2, at=day(0.5)), letter(3, at=day(0.5), journey="other")
    house.send(old, new, other)
    recalling = Recalling(house.store, lambda *_: None, shared=False)
    taken_back = PrintRuns(house.root).take_back(
        day(2), lambda ids, now: recalling.stop(ids, "welcome-pack", day(0.2), now)
    )
    assert taken_back.gone == {message_id(2)}
    assert house.outcome(2) == (Status.SKIPPED, Reason.STOPPED)
    assert house.files(2) == []
    house.close(day(3))
    assert printed(house.root) == sorted([message_id(1), message_id(3)])


def test_one_that_the_sender_has_not_written_down_yet_is_asked_for_too(house: House) -> None:
    with house.store.unit() as unit:
        unit.put([customer(1)])
        unit.add_messages([letter(1).message])
    [row] = house.store.claim(day(1), 1)
    deliver(house.root, letter(1))
    house.says[message_id(1)] = Reason.NO_CONSENT
    assert house.close(day(2)).held == (message_id(1),)
    house.store.settle([replace(row, message=replace(row.message, status=Status.SENT))])
    assert house.close(day(3)).left_out == (message_id(1),)


def test_one_that_the_sender_tries_again_or_has_skipped_is_not_printed(house: House) -> None:
    with house.store.unit() as unit:
        unit.add_messages([letter(1).message])
    [row] = house.store.claim(day(1), 1)
    deliver(house.root, letter(1))
    house.store.settle([replace(row, message=replace(row.message, status=Status.QUEUED))])
    assert house.close(day(2)).held == (message_id(1),)
    [row] = house.store.claim(day(2), 1)
    skipped = replace(row.message, status=Status.SKIPPED, reason=Reason.NO_CONSENT)
    house.store.settle([replace(row, message=skipped)])
    assert house.close(day(3)).left_out == (message_id(1),)
    assert printed(house.root) == []


def test_one_that_no_ledger_knows_is_nobodys_to_take_back(house: House) -> None:
    deliver(house.root, letter(1))
    house.close(day(2))
    assert printed(house.root) == [message_id(1)]


def test_where_the_ledger_cannot_be_asked_nothing_is_closed(house: House) -> None:
    house.send(letter(1))

    def away(_ids: object, _now: object) -> None:
        raise ServiceUnavailable("The database is away.")

    with pytest.raises(ServiceUnavailable, match="database is away"):
        PrintRuns(house.root).close(DAY, day(2), away)  # type: ignore[arg-type]
    house.close(day(2))
    assert printed(house.root) == [message_id(1)]


@pytest.mark.parametrize("point", ["print.asked", "print.taken-back", "print.taken-back:2", "print.written"])
def test_killed_at_a_step_it_is_neither_printed_nor_forgotten(tmp_path: Path, point: str) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    house = House(tmp_path / "out", store)
    house.send(*(letter(n) for n in range(4)))
    killed = subprocess.run(
        [sys.executable, "-m", "tests.channels.printing.test_recalled", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "MILEPOST_CRASH_AT": point},
        check=False,
    )
    assert killed.returncode == SIGKILLED
    assert {house.outcome(n) for n in (1, 3)} == {(Status.SKIPPED, Reason.NO_CONSENT)}
    house.close(day(3))  # nobody says any more that they must not go, but the ledger
    assert printed(house.root) == sorted([message_id(0), message_id(2)])
    assert [house.files(n) for n in (1, 3)] == [[], []]
    assert {row.message.status for row in store.messages(MessageFilter())} == {Status.SENT, Status.SKIPPED}
    assert channel(house.root).check()
    store.close()


def main() -> None:
    """Closes, in a process of its own: the second and the fourth must not go."""
    house = House(Path(sys.argv[1]) / "out", SqliteStore(Path(sys.argv[1]) / "milepost.db"))
    house.says = {message_id(n): Reason.NO_CONSENT for n in (1, 3)}
    house.close(day(2))


if __name__ == "__main__":
    main()
