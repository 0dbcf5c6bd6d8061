"""Two documents that become one: it does not matter which goes into which, nor how often."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.decide.consent import statement_on
from engine.decide.merge import consents, facts, latest, standing
from engine.model.customer import ConsentStatement, Customer, Stated
from engine.model.disputes import Dispute, DisputeStatus, Named, dispute, moved, united
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Complaint, Counted, Standing

DAY = datetime(2025, 3, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 4).map(lambda days: DAY + timedelta(days=days))
FACTS = st.dictionaries(
    st.sampled_from(["name", "email", "city"]), st.builds(Stated, st.sampled_from("abc"), MOMENTS)
)
KEYS = st.sampled_from(["sms/care", "sms/all", "all/care", "all/all"])
CONSENTS = st.dictionaries(KEYS, st.builds(ConsentStatement, st.booleans(), MOMENTS, st.integers(1, 4)))
COMPLAINTS = st.dictionaries(
    st.sampled_from("12"), st.builds(Complaint, st.none() | MOMENTS, st.none() | MOMENTS)
)
COUNTED = st.lists(st.builds(Counted, MOMENTS, st.just("sms"), st.just("care")), max_size=3)


@given(FACTS, FACTS)
def test_of_each_fact_the_latest_counts_whichever_goes_into_which(
    one: dict[str, Stated], other: dict[str, Stated]
) -> None:
    both = facts(one, other)
    assert both == facts(other, one) == facts(both, one)
    assert both.keys() == one.keys() | other.keys()
    for path, stated in both.items():
        assert stated.at == max(it[path].at for it in (one, other) if path in it)


@given(CONSENTS, CONSENTS)
def test_of_each_consent_the_latest_counts_and_of_the_same_moment_the_no(
    one: dict[str, ConsentStatement], other: dict[str, ConsentStatement]
) -> None:
    both = consents(one, other)
    assert both == consents(other, one)
    for key, said in both.items():
        known = [it[key] for it in (one, other) if key in it]
        assert said.at == max(it.at for it in known)
        assert said.granted is all(it.granted for it in known if it.at == said.at)


@given(CONSENTS)
def test_with_nobody_else_the_same_is_agreed_to_as_before(one: dict[str, ConsentStatement]) -> None:
    before, after = Customer(id="a", consents=one), Customer(id="a", consents=consents(one, {}))
    for channel in ("sms", "email"):
        for purpose in ("care", "newsletter"):
            known, still = statement_on(before, channel, purpose), statement_on(after, channel, purpose)
            assert (known and (known.granted, known.at)) == (still and (still.granted, still.at))


@given(st.dictionaries(st.sampled_from("ab"), MOMENTS), st.dictionaries(st.sampled_from("ab"), MOMENTS))
def test_the_newest_start_of_each_is_remembered(one: dict[str, datetime], other: dict[str, datetime]) -> None:
    assert latest(one, other) == latest(other, one)


@given(COMPLAINTS, COMPLAINTS, COUNTED, COUNTED)
def test_what_holds_messages_back_is_that_of_both(
    one: dict[str, Complaint], other: dict[str, Complaint], some: list[Counted], more: list[Counted]
) -> None:
    left = Standing(complaints=one, counted=tuple(some))
    right = Standing(complaints=other, counted=tuple(more))
    both, twice = standing(left, right)
    assert (both, twice) == standing(right, left)
    assert len(both.counted) == len(some) + len(more)
    assert both.complaints.keys() == one.keys() | other.keys()


def held(name: str, due: int, *, step: str = "send") -> Message:
    return Message(
        id=name,
        journey="care",
        step=step,
        run=name,
        customer_id="a",
        customer=None,
        vehicle=None,
        template="hello",
        purpose="care",
        channel="sms",
        brand="michelin",
        locale="zh-CN",
        status=Status.HELD,
        at=DAY,
        due_at=DAY + timedelta(days=due),
        not_after=DAY + timedelta(days=30),
        reason=Reason.CAPPED,
    )


def test_of_two_held_messages_that_say_the_same_the_later_one_is_skipped() -> None:
    one, other, another = held("one", 1), held("other", 2), held("another", 2, step="second")
    both, twice = standing(Standing(held={"one": one}), Standing(held={"other": other, "another": another}))
    assert both.held == {"one": one, "another": another}
    assert twice == [replace(other, status=Status.SKIPPED, reason=Reason.MERGED)]


def test_two_of_the_same_one_that_were_held_before_stay_so() -> None:
    both, twice = standing(Standing(held={"one": held("one", 1), "two": held("two", 2)}), Standing())
    assert (len(both.held), twice) == (2, [])


# Contradictions

PAIRS = st.sampled_from([("a", "b"), ("a", "c"), ("b", "c")])


@st.composite
def disputes(draw: st.DrawFn) -> list[Dispute]:
    named = Named(("mobile", "1"), ("email", "2"))
    return [
        dispute(draw(PAIRS), named, str(number), draw(MOMENTS), "d001")
        for number in range(draw(st.integers(0, 6)))
    ]


@given(disputes(), st.randoms())
def test_contradictions_are_counted_in_any_order(those: list[Dispute], random: object) -> None:
    shuffled = list(those)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert united(those) == united(shuffled)
    assert sum(one.count for one in united(those).values()) == len(those)


@given(disputes())
def test_when_two_are_one_what_contradicted_either_contradicts_the_one(those: list[Dispute]) -> None:
    after = moved(united(those).values(), "c", "a")
    assert all(one.customers == ("a", "b") or one.status is DisputeStatus.MERGED for one in after.values())
    assert sum(one.count for one in after.values()) == len(those)


@pytest.mark.parametrize("status", [DisputeStatus.KEPT, DisputeStatus.MERGED])
def test_what_a_person_has_said_stays_whatever_comes(status: DisputeStatus) -> None:
    told = dispute(("a", "b"), Named(("mobile", "1"), ("email", "2")), "1", DAY, None)
    [after] = united([replace(told, status=status), told]).values()
    assert (after.status, after.count) == (status, 2)
