"""A broadcast that a person begins is explained as a schedule's moment is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.messages import Status
from engine.ports import FanOut
from engine.runtime.advance import Advance
from engine.why import Account
from tests.support import event, local, purchase
from tests.why.world import World

NEWS = """\
    purpose: care
    start: {schedule: on-demand, audience: customer.address.city == 'CITY'}
    steps:
      - send: hello
        by: sms
      - wait: 1 day
      - send: hello
        id: again
        by: sms
    """
HERE, ELSEWHERE = NEWS.replace("CITY", "北京市"), NEWS.replace("CITY", "上海市")
BOUGHT = purchase("2025-03-08 14:20")
SENT = local("2025-04-01 10:00").astimezone(UTC)
CAME = SENT + timedelta(hours=3)


class Clock:
    """Stands at the moment that was set last."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Broadcasting:
    """One customer of 北京市, and a broadcast by hand of the journey, by the real clock."""

    def __init__(self, folder: Path, journey: str) -> None:
        self.world = World(folder, {"news": journey})
        self.clock = Clock(BOUGHT.time)
        self.advance = Advance(self.world.program, self.world.store, Identification(), self.clock)
        self.take(BOUGHT)

    def take(self, one: object) -> None:
        self.advance.take([one])  # type: ignore[list-item]

    def send(self, *, only_to: str = "") -> None:
        fan_out = FanOut(id="f", journey="news", at=SENT, by_hand=True, only_to=only_to)
        assert self.world.store.begin_broadcast(fan_out, shared=False)

    def come(self, at: datetime = CAME) -> None:
        self.clock.moment = at
        self.advance.catch_up(at)

    def why(self, at: datetime = CAME + timedelta(hours=1)) -> Account:
        self.world.until = at
        return self.world.why("news")


def test_the_moment_the_audience_and_every_message_are_explained(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.send()
    it.come()
    it.world.until = CAME
    it.world.hand_over()
    told = it.why()
    [chapter] = told.chapters
    assert (chapter.kind, chapter.state) == ("run", "under way")
    began, message = chapter.entries[0], chapter.entries[1]
    assert (began.text, began.at) == (
        "the broadcast begun by hand 2025-04-01 10:00 began this run",
        "2025-04-01T13:00:00+08:00",
    )
    assert began.details == [
        "customer.address.city == '北京市' holds: customer.address.city is '北京市'",
        "it came to this customer 2025-04-01 13:00",
    ]
    assert message.message is not None
    assert (message.message.status, message.message.decided) == ("sent", "queued")
    assert [one.channel for one in message.message.channels] == ["sms"]
    assert [one.message.step for one in told.next if one.message] == ["again"]


def test_who_is_not_of_the_audience_is_told_so_with_what_was_seen(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, ELSEWHERE)
    it.send()
    it.come()
    [chapter] = it.why().chapters
    assert chapter.title == (
        "the broadcast begun by hand 2025-04-01 10:00 began no run: the audience does not hold"
    )
    [condition] = chapter.entries[0].conditions
    assert (condition.holds, condition.values) == (False, {"customer.address.city": "北京市"})


def test_what_was_not_agreed_to_is_explained(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.clock.moment = SENT - timedelta(days=1)
    it.take(event("consent.withdrawn", "2025-03-31 10:00", plate=None, channel="sms", purpose="care"))
    it.send()
    it.come()
    [chapter] = it.why().chapters
    message = chapter.entries[1]
    assert "was not sent: no consent" in message.text
    assert message.message is not None
    assert message.message.decided_reason == "no consent"


@pytest.mark.parametrize("went", [True, False])
def test_a_correction_is_for_who_got_the_faulty_one(went: bool, tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.send(only_to="hello")
    if went:
        it.world.rewrite("visit", VISIT)
        visited = Advance(it.world.program, it.world.store, Identification(), Clock(BOUGHT.time))
        visited.take([event("service.visited", "2025-03-20 10:00")])
        visited.catch_up(local("2025-03-20 10:01"))
        rows = it.world.store.claim(SENT, 10)
        it.world.store.settle(
            replace(row, message=replace(row.message, status=Status.SENT), sent_at=row.message.at)
            for row in rows
        )
        assert len(rows) == 1
    it.come()
    [chapter] = it.why().chapters
    details = chapter.entries[0].details
    if went:
        assert chapter.kind == "run"
        assert "it is only for those who got hello, which has gone to this customer" in details
    else:
        assert chapter.title.endswith(
            "began no run: it is only for those who got hello, and that has not gone to this customer"
        )


VISIT = """\
    purpose: care
    start: {on: service.visited}
    steps:
      - send: hello
        by: sms
    """
NOT_YET = "the broadcast begun by hand 2025-04-01 10:00 began no run: it has not come to this customer yet"


def test_one_that_has_not_come_yet_says_so_and_what_it_would_bring(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.send()
    told = it.why()
    [chapter] = told.chapters
    assert chapter.title == NOT_YET
    assert [one.holds for one in chapter.entries[0].conditions] == [True]
    assert [one.message.step for one in told.next if one.message] == ["hello", "again"]


def test_one_that_has_not_come_and_is_not_for_this_customer(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, ELSEWHERE)
    it.send()
    told = it.why()
    assert [one.title for one in told.chapters] == [f"{NOT_YET}; as things stand, the audience does not hold"]
    assert told.next == []


def test_one_that_is_paused_brings_nothing_until_it_goes_on(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.send()
    it.world.store.pause("news", SENT)
    told = it.why()
    assert [one.title for one in told.chapters] == [f"{NOT_YET}, and is paused"]
    assert told.notes == ["Its broadcasts are paused: nothing goes before `milepost broadcast news resume`."]
    assert told.next == []


def test_one_that_was_stopped_before_says_when(tmp_path: Path) -> None:
    it = Broadcasting(tmp_path, HERE)
    it.send()
    it.world.store.stop_broadcasts("news", SENT + timedelta(hours=1), shared=False)
    it.come()
    told = it.why()
    assert [one.title for one in told.chapters] == [
        "the broadcast begun by hand 2025-04-01 10:00 began no run: it was stopped 2025-04-01 11:00, before it had "
        "come to this customer"
    ]
    assert told.next == []


def test_one_that_was_never_sent_says_that_it_goes_by_hand_only(tmp_path: Path) -> None:
    told = Broadcasting(tmp_path, HERE).why()
    assert "it was not sent by hand since the customer is known" in told.summary
