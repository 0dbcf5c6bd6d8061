"""Outcomes give back what was put in, and a comparison accounts for every message of both sides."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import derive
from engine.model.messages import Message, Reason, Status
from engine.sim.comparison import Change, Comparison
from engine.sim.outcomes import Outcomes

START = datetime(2025, 3, 1, 2, tzinfo=UTC)
ALL = frozenset({"care"})


def message(
    run: str, at: datetime, *, status: Status = Status.QUEUED, channel: str = "sms", who: str = "w"
) -> Message:
    return Message(
        id=derive("message", run),
        journey="care",
        step="hello",
        run=derive("run", run),
        customer_id=who,
        customer="+8613800000001",
        vehicle=None,
        template="hello",
        purpose="care",
        channel=channel,
        brand="michelin",
        locale="zh-CN",
        status=status,
        at=at,
        due_at=at,
        not_after=at,
        reason=None if status is Status.QUEUED else Reason.CAPPED,
    )


def outcomes(messages: Sequence[Message]) -> Outcomes:
    made = Outcomes()
    for one in messages:
        made.add(one)
    return made


def compared(before: Sequence[Message], now: Sequence[Message]) -> Comparison:
    return Comparison(outcomes(before), outcomes(now), ALL)


def test_of_a_message_all_is_kept_that_is_shown() -> None:
    one = message("1", START + timedelta(microseconds=7), status=Status.SKIPPED)
    [kept] = outcomes([one])
    assert (kept.message_id, kept.run, kept.at, kept.person.contact) == (
        one.id,
        one.run,
        one.at,
        one.customer,
    )
    assert (kept.kind.outcome, kept.kind.reason, kept.kind.channel) == ("skipped", "capped", "sms")


def test_what_was_held_counts_by_its_last_line() -> None:
    held, sent = message("1", START, status=Status.HELD), message("1", START + timedelta(hours=9))
    made = outcomes([held, sent])
    assert [made[place].is_sent for place in made.finals()] == [True]
    assert compared([held, sent], [sent]).count(None) == 1


def test_nothing_is_nothing() -> None:
    assert outcomes([]).finals() == []
    assert list(compared([], []).pairs()) == []


def test_what_is_skipped_now_is_gone_and_has_its_reason() -> None:
    [pair] = compared([message("1", START)], [message("1", START, status=Status.SKIPPED)]).differences()
    assert pair.change is Change.GONE
    assert pair.now is not None
    assert pair.now.kind.reason == "capped"


def test_other_runs_of_the_same_step_are_paired_where_they_are_near() -> None:
    days = [START + timedelta(days=90 * n) for n in range(4)]
    before = [message(f"old {at}", at) for at in days]
    now = [message(f"new {at}", at + timedelta(days=14)) for at in days]
    assert compared(before, now).count(Change.MOVED) == 4
    far = [message(f"new {at}", at + timedelta(days=40)) for at in days]
    assert compared(before, far).count(Change.MOVED) == 0


def test_of_many_the_nearest_is_the_same() -> None:
    weekly = [message(f"old {n}", START + timedelta(weeks=n)) for n in range(6)]
    daily = [message(f"new {n}", START + timedelta(days=n)) for n in range(36)]
    comparison = compared(weekly, daily)
    assert comparison.count(None) == 6
    assert comparison.count(Change.ADDED) == 30


SIDES = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.integers(0, 90),
        st.sampled_from(["sms", "email"]),
        st.sampled_from([Status.QUEUED, Status.SKIPPED]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=12,
    unique_by=lambda one: one[0],
)


def _messages(side: Sequence[tuple[int, int, str, Status, str]]) -> list[Message]:
    return [
        message(str(run), START + timedelta(days=days), status=status, channel=channel, who=who)
        for run, days, channel, status, who in side
    ]


@given(SIDES, SIDES)
def test_every_message_that_is_sent_is_told_once(
    before: list[tuple[int, int, str, Status, str]], now: list[tuple[int, int, str, Status, str]]
) -> None:
    comparison = compared(_messages(before), _messages(now))
    both = sum(comparison.count(one) for one in (None, Change.MOVED, Change.CHANGED))
    assert both + comparison.count(Change.GONE) == sum(one[3] is Status.QUEUED for one in before)
    assert both + comparison.count(Change.ADDED) == sum(one[3] is Status.QUEUED for one in now)
    pairs = list(comparison.pairs())
    assert len(pairs) == sum(comparison.counts.values())
    moments = [min(one.at for one in (pair.before, pair.now) if one is not None) for pair in pairs]
    assert moments == sorted(moments)
    turned = compared(_messages(now), _messages(before))
    assert turned.count(Change.ADDED) == comparison.count(Change.GONE)


@given(SIDES)
def test_beside_itself_all_is_the_same(side: list[tuple[int, int, str, Status, str]]) -> None:
    assert list(compared(_messages(side), _messages(side)).differences()) == []
