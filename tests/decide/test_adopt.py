"""Other journeys in force: where each run goes on, and that nothing is done twice or lost for it."""

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.decide import decide
from engine.model.customer import Customer, Loop
from engine.model.messages import Message
from engine.model.outlines import Moves, Outline, continued, moves, outline_of
from engine.model.program import Program
from engine.model.stimuli import EventArrived, JourneysChanged, TimerDue
from tests.support import event, local, program_of, purchase, told, visit, write_project

BOUGHT = purchase("2025-03-01 10:00", km=10_000.0)
HEAD = (
    "purpose: care\nstatus: {status}\nstart: {on: purchase.recorded, per: vehicle, again: restart}\nsteps:\n"
)


class Shop:
    """One customer, and the journeys that are in force for the shop one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._outline: Outline = {}
        self._moves: Moves = {}
        self.program: Program
        self.customer = Customer(id="c")
        self.messages: list[Message] = []

    def put(self, steps: str | None, status: str = "live") -> "Shop":
        """From now on these are the steps of the journey; None removes it."""
        self._count += 1
        texts = {"other": "purpose: care\nstart: {on: referral.made}\nsteps: [{send: hello, by: sms}]\n"}
        if steps is not None:
            texts["care"] = HEAD.replace("{status}", status) + steps
        self.program = program_of(write_project(self._folder / str(self._count), texts), drafts=False)
        self._moves = moves(self._outline, self.program)
        self._outline = continued(self._outline, self.program)
        return self

    def adopt(self, at: str) -> "Shop":
        return self._decide(JourneysChanged(self._moves), at)

    def arrives(self, one: object) -> "Shop":
        """It comes, and what falls due in the same moment is done."""
        self._decide(EventArrived(event=one, vehicle="京A12345"), one.time)  # type: ignore[attr-defined]
        return self.until(one.time)  # type: ignore[attr-defined]

    def until(self, moment: str | datetime) -> "Shop":
        end = local(moment) if isinstance(moment, str) else moment
        while (due := self.customer.next_due_at) is not None and due <= end:
            self._decide(TimerDue(), due)
        return self

    def _decide(self, stimulus: object, at: object) -> "Shop":
        moment = local(at) if isinstance(at, str) else at
        self.customer, effects = decide(self.program, self.customer, stimulus, moment)  # type: ignore[arg-type]
        self.messages += effects.messages
        return self

    @property
    def standing(self) -> list[tuple[str, tuple[int, ...]]]:
        """Where its runs stand, and in which rounds."""
        return [(one.step, tuple(loop.index for loop in one.loops)) for one in self.customer.runs.values()]

    @property
    def sent(self) -> list[str]:
        return told(self.messages)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def send(id_: str) -> str:
    return f"{{send: hello, by: sms, id: {id_}}}"


PLAIN = f"  - {send('first')}\n  - {{wait: 30 days, id: rest}}\n  - {send('second')}\n"


def test_a_run_stays_at_its_step_by_id_and_what_was_sent_is_not_sent_again(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(
        f"  - {send('before')}\n  - {send('first')}\n  - {{wait: 30 days, id: rest}}\n"
        f"  - {send('between')}\n  - {{wait: 1 day}}\n  - {send('second')}\n"
    ).adopt("2025-03-10 10:00")
    assert shop.standing == [("rest", ())]
    assert shop.until("2025-05-01 00:00").sent == [
        "2025-03-01 10:00 first sms",
        "2025-03-31 10:00 between sms",
        "2025-04-01 10:00 second sms",
    ]
    assert shop.customer.runs == {}


@pytest.mark.parametrize(("days", "moment"), [("40", "2025-04-10 10:00"), ("20", "2025-03-21 10:00")])
def test_a_wait_of_another_length_counts_from_the_moment_it_began(shop: Shop, days: str, moment: str) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(PLAIN.replace("30", days)).adopt("2025-03-10 10:00").until("2025-05-01 00:00")
    assert shop.sent[1:] == [f"{moment} second sms"]


def test_a_wait_that_is_shortened_into_the_past_ends_within_its_grace_or_is_too_late(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    early = replace(shop.customer)
    shop.put(PLAIN.replace("30 days", "8 days")).adopt("2025-03-10 10:00")
    assert shop.sent[1:] == ["2025-03-10 10:00 second sms"]
    shop.customer = early
    shop.adopt("2025-03-20 10:00")
    assert shop.sent[2:] == ["2025-03-20 10:00 second too late"]


def test_a_run_whose_step_is_gone_comes_now_to_the_next_one_that_is_left(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(f"  - {send('first')}\n  - {send('second')}\n").adopt("2025-03-20 10:00")
    assert shop.sent == ["2025-03-01 10:00 first sms", "2025-03-20 10:00 second sms"]
    assert shop.customer.runs == {}


def test_a_step_with_another_id_is_another_step(shop: Shop) -> None:
    """Renamed is gone: the run goes past what has come in its place. `plan` tells of it."""
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(PLAIN.replace("id: rest", "id: pause")).adopt("2025-03-20 10:00")
    assert shop.sent[1:] == ["2025-03-20 10:00 second sms"]


def test_a_wait_that_is_next_begins_with_the_move(shop: Shop) -> None:
    more = f"  - {{wait: 5 days, id: more}}\n  - {send('second')}\n"
    shop.put(f"  - {{wait: 30 days, id: rest}}\n{more}")
    shop.arrives(BOUGHT)
    shop.put(more).adopt("2025-03-20 10:00")
    assert shop.standing == [("more", ())]
    assert shop.until("2025-05-01 00:00").sent == ["2025-03-25 10:00 second sms"]


def test_a_run_ends_where_nothing_is_left(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(f"  - {send('first')}\n").adopt("2025-03-20 10:00")
    assert shop.standing == []
    assert shop.sent == ["2025-03-01 10:00 first sms"]


def test_a_run_ends_with_its_journey(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(None).adopt("2025-03-20 10:00")
    assert (shop.standing, shop.customer.next_due_at) == ([], None)


def test_what_several_versions_took_away_leads_on_to_what_the_last_one_has(shop: Shop) -> None:
    """A run that the versions in between never reached finds its way all the same."""
    shop.put(
        "  - {wait: 30 days, id: a}\n  - {wait: 30 days, id: b}\n"
        f"  - {{wait: 30 days, id: c}}\n  - {send('last')}\n"
    ).arrives(BOUGHT)
    shop.put(f"  - {{wait: 30 days, id: b}}\n  - {{wait: 30 days, id: c}}\n  - {send('last')}\n")
    shop.put(f"  - {{wait: 30 days, id: b}}\n  - {{wait: 1 day, id: new}}\n  - {send('last')}\n")
    shop.put(f"  - {{wait: 1 day, id: new}}\n  - {send('last')}\n").adopt("2025-03-20 10:00")
    assert shop.standing == [("new", ())]


def test_a_step_that_is_gone_from_a_branch_leads_behind_the_branch(shop: Shop) -> None:
    then = "  - if: event.dealer == 'd001'\n    then:\n      - {wait: 30 days, id: inner}\n"
    shop.put(f"{then}      - {send('in')}\n  - {{wait: 9 days, id: outer}}\n  - {send('out')}\n").arrives(
        BOUGHT
    )
    assert shop.standing == [("inner", ())]
    shop.put(
        f"  - if: event.dealer == 'd002'\n    then:\n      - {send('other')}\n"
        f"  - {{wait: 9 days, id: outer}}\n  - {send('out')}\n"
    ).adopt("2025-03-10 10:00")
    assert shop.until("2025-05-01 00:00").sent == ["2025-03-19 10:00 out sms"]


REPEAT = (
    "  - repeat:\n      every: 10 days\n      times: 3\n      do:\n"
    f"        - {send('tick')}\n        - {{wait: 2 days, id: pause}}\n        - {send('tock')}\n"
    f"  - {send('end')}\n"
)


def test_a_step_that_is_gone_from_a_repeat_leads_to_its_next_round(shop: Shop) -> None:
    shop.put(REPEAT).arrives(BOUGHT).until("2025-03-22 00:00")
    assert shop.standing == [("pause", (2,))]
    shop.put(
        "  - repeat:\n      every: 10 days\n      times: 3\n      do:\n"
        f"        - {send('tick')}\n  - {send('end')}\n"
    ).adopt("2025-03-22 10:00")
    assert shop.standing == [("repeat", (3,))]
    assert shop.until("2025-05-01 00:00").sent[3:] == [
        "2025-03-31 10:00 tick sms",
        "2025-03-31 10:00 end sms",
    ]


def test_a_repeat_that_is_gone_leads_behind_it_and_its_rounds_are_forgotten(shop: Shop) -> None:
    shop.put(REPEAT).arrives(BOUGHT).until("2025-03-15 00:00")
    assert shop.standing == [("repeat", (2,))]
    shop.put(f"  - {send('end')}\n").adopt("2025-03-16 10:00")
    assert shop.sent[2:] == ["2025-03-16 10:00 end sms"]
    assert shop.messages[-1].id != shop.messages[0].id


def test_a_repeat_taken_from_around_a_step_leaves_the_run_there(shop: Shop) -> None:
    shop.put(REPEAT).arrives(BOUGHT).until("2025-03-22 00:00")
    shop.put(f"  - {send('tick')}\n  - {{wait: 2 days, id: pause}}\n  - {send('tock')}\n").adopt(
        "2025-03-22 10:00"
    )
    assert shop.standing == [("pause", ())]
    assert shop.until("2025-05-01 00:00").sent[3:] == ["2025-03-23 10:00 tock sms"]


def test_a_repeat_put_around_a_step_begins_its_first_round_there(shop: Shop) -> None:
    shop.put(f"  - {{wait: 2 days, id: pause}}\n  - {send('tock')}\n").arrives(BOUGHT)
    shop.put(REPEAT).adopt("2025-03-02 10:00")
    assert shop.standing == [("pause", (1,))]
    assert shop.until("2025-03-22 00:00").sent == ["2025-03-03 10:00 tock sms", "2025-03-21 10:00 tick sms"]


def test_fewer_rounds_than_a_run_has_had_lead_behind_the_repeat(shop: Shop) -> None:
    shop.put(REPEAT).arrives(BOUGHT).until("2025-03-25 00:00")
    assert shop.standing == [("repeat", (3,))]
    shop.put(REPEAT.replace("times: 3", "times: 1")).adopt("2025-03-26 10:00")
    assert shop.sent[4:] == ["2025-03-26 10:00 end sms"]


def test_more_rounds_are_gone_on_with(shop: Shop) -> None:
    shop.put(REPEAT).arrives(BOUGHT).until("2025-03-25 00:00")
    shop.put(REPEAT.replace("times: 3", "times: 4")).adopt("2025-03-26 10:00")
    assert shop.until("2025-06-01 00:00").sent[4:] == [
        "2025-03-31 10:00 tick sms",
        "2025-04-02 10:00 tock sms",
        "2025-04-10 10:00 tick sms",
        "2025-04-12 10:00 tock sms",
        "2025-04-12 10:00 end sms",
    ]


NESTED = (
    "  - id: outer\n    repeat:\n      every: 30 days\n      times: 2\n      do:\n"
    "        - id: inner\n          repeat:\n            every: 5 days\n            times: 2\n            do:\n"
    f"              - {{wait: 1 day, id: pause}}\n              - {send('tick')}\n"
    f"  - {send('end')}\n"
)


def test_a_run_in_nested_rounds_keeps_those_that_are_left(shop: Shop) -> None:
    shop.put(NESTED).arrives(BOUGHT).until("2025-04-11 00:00")
    assert shop.standing == [("pause", (1, 2))]
    one = f"        - {{wait: 1 day, id: pause}}\n        - {send('tick')}\n"
    shop.put(
        f"  - id: outer\n    repeat:\n      every: 30 days\n      times: 2\n      do:\n{one}  - {send('end')}\n"
    )
    shop.adopt("2025-04-11 00:00")
    assert shop.standing == [("pause", (1,))]
    [run] = shop.customer.runs.values()
    assert run.loops == (Loop("outer", BOUGHT.time, 1),)
    shop.put(NESTED).adopt("2025-04-11 01:00")
    assert shop.standing == [("pause", (1, 1))]
    assert shop.until("2025-09-01 00:00").sent[-1].endswith("end sms")


WAIT_FOR = (
    "  - wait_for: service.visited\n    id: visit\n    within: 30 days\n"
    f"    then:\n      - {{wait: 3 days, id: after}}\n      - {send('came')}\n"
    f"    otherwise:\n      - {send('missed')}\n  - {send('end')}\n"
)


def test_a_run_in_a_branch_of_a_wait_for_stays_there(shop: Shop) -> None:
    shop.put(WAIT_FOR).arrives(BOUGHT).arrives(visit("2025-03-05 10:00"))
    assert shop.standing == [("after", ())]
    shop.put(WAIT_FOR.replace("service.visited", "referral.made")).adopt("2025-03-06 10:00")
    assert shop.until("2025-05-01 00:00").sent == ["2025-03-08 10:00 came sms", "2025-03-08 10:00 end sms"]


def test_a_wait_for_another_event_takes_one_that_happened_since_it_began(shop: Shop) -> None:
    waits = WAIT_FOR.replace("service.visited", "referral.made")
    shop.put(waits + "stop: [{on: service.visited, when: event.dealer == 'none'}]\n").arrives(BOUGHT)
    shop.arrives(visit("2025-03-05 10:00"))
    assert shop.standing == [("visit", ())]
    shop.put(WAIT_FOR).adopt("2025-03-06 10:00")
    assert shop.standing == [("after", ())]


def test_a_wait_for_that_is_gone_leads_behind_both_its_branches(shop: Shop) -> None:
    shop.put(WAIT_FOR).arrives(BOUGHT)
    shop.put(f"  - {send('end')}\n").adopt("2025-03-06 10:00")
    assert shop.sent == ["2025-03-06 10:00 end sms"]


@pytest.mark.parametrize("other", ["wait", "wait_for", "repeat", "send"])
def test_a_step_that_has_become_another_verb_is_begun_as_that(shop: Shop, other: str) -> None:
    steps = {
        "wait": f"  - {{wait: 30 days, id: x}}\n  - {send('end')}\n",
        "wait_for": f"  - {{wait_for: service.visited, within: 20 days, id: x}}\n  - {send('end')}\n",
        "repeat": f"  - repeat: {{every: 10 days, times: 2, do: [{send('tick')}]}}\n    id: x\n  - {send('end')}\n",
        "send": f"  - {send('x')}\n  - {send('end')}\n",
    }
    sent = {
        "wait": ["2025-03-31 10:00 end sms"],
        "wait_for": ["2025-03-21 10:00 end sms"],
        "repeat": ["2025-03-11 10:00 tick sms", "2025-03-21 10:00 tick sms", "2025-03-21 10:00 end sms"],
        "send": ["2025-03-05 10:00 x sms", "2025-03-05 10:00 end sms"],
    }
    for before in ("wait", "wait_for", "repeat"):
        shop.customer, shop.messages = Customer(id="c"), []
        shop.put(steps[before]).arrives(BOUGHT)
        assert shop.put(steps[other]).adopt("2025-03-05 10:00").until("2025-06-01 00:00").sent == sent[other]


def test_a_run_that_is_moved_in_a_paused_journey_acts_when_it_is_live_again(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    without = f"  - {send('first')}\n  - {send('second')}\n"
    shop.put(without, status="paused").adopt("2025-03-20 10:00").until("2025-06-01 00:00")
    assert (shop.sent[1:], shop.standing) == ([], [("second", ())])
    shop.put(without, status="paused").adopt("2025-03-21 10:00")
    shop.put(without).adopt("2025-03-22 10:00")
    assert shop.sent[1:] == ["2025-03-22 10:00 second sms"]
    assert shop.messages[-1].due_at == local("2025-03-20 10:00")


def test_to_adopt_twice_is_to_adopt_once(shop: Shop) -> None:
    shop.put(NESTED).arrives(BOUGHT).until("2025-04-11 00:00")
    shop.put(REPEAT.replace("pause", "other")).adopt("2025-04-11 10:00")
    once, sent = shop.customer, list(shop.messages)
    shop.adopt("2025-04-11 10:00")
    assert replace(shop.customer, version=once.version) == once
    assert shop.messages == sent


def test_until_a_run_has_adopted_the_journeys_in_force_events_leave_it_alone(shop: Shop) -> None:
    shop.put(PLAIN).arrives(BOUGHT)
    shop.put(f"  - {send('first')}\n  - {send('second')}\n")
    shop.arrives(visit("2025-03-02 10:00", km=11_000.0)).until("2025-06-01 00:00")
    assert (shop.standing, shop.sent[1:]) == ([("rest", ())], [])
    shop.put(None).arrives(event("referral.made", "2025-03-03 10:00", referred={"mobile": "+8613800000009"}))
    assert ("rest", ()) in shop.standing


def test_an_outline_knows_what_followed(shop: Shop) -> None:
    shop.put(REPEAT)
    assert outline_of(shop.program)["care"] == {
        "repeat": "end",
        "tick": "pause",
        "pause": "tock",
        "tock": "repeat",
        "end": "",
    }


def test_what_a_date_has_planned_and_is_overdue_begins_all_the_same(tmp_path: Path) -> None:
    """Nobody was at work when it fell due, and something else is deployed in between."""
    dated = "purpose: service\nstart: {date: vehicle.inspection_due, before: 30 days, per: vehicle}\nsteps:\n"
    one, other = (
        program_of(write_project(tmp_path / name, {"care": f"{dated}  - {send('due')}\n{more}"}))
        for name, more in (("one", ""), ("other", "  - {wait: 5 days}\n"))
    )
    sold = purchase("2025-03-01 10:00")
    sold.data["vehicle"]["inspection_due"] = "2025-05-01"
    customer, _ = decide(one, Customer(id="c"), EventArrived(event=sold, vehicle="京A12345"), sold.time)
    assert customer.next_due_at == local("2025-04-01 10:00")
    _, effects = decide(other, customer, JourneysChanged(), local("2025-04-01 18:00"))
    assert told(effects.messages) == ["2025-04-01 18:00 due sms"]
