"""What the policy holds back: until when, for which reason, and what becomes of it."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from engine.decide import decide
from engine.decide.rules import quiet_until
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.messages import Message, Status
from engine.model.policy import QuietHours
from engine.model.program import Program
from engine.model.stimuli import EventArrived, JourneysChanged, TimerDue
from engine.runtime.forecast import forecast
from tests.support import POLICY, SHANGHAI, event, local, program_of, purchase, simulated, write_project

SAFETY = "  safety: {consent: assumed, ignores: [caps]}\n"


def journey(on: str, at: str, *, purpose: str = "care", by: str = "sms", more: str = "") -> str:
    """One message on the day after the event, at `at`."""
    return (
        f"purpose: {purpose}\n{more}start: {{on: {on}, again: restart}}\n"
        f"steps:\n  - wait: 1 day\n    at: '{at}'\n  - send: hello\n    by: {by}\n"
    )


def project(folder: Path, rules: str, **journeys: str) -> Program:
    named = {name.replace("_", "-"): text for name, text in journeys.items()}
    return program_of(write_project(folder, named, policy=POLICY + SAFETY + rules))


def lines(messages: list[Message]) -> list[str]:
    """`03-02 22:00 late held quiet hours until 03-03 09:00`."""
    return [
        " ".join(
            part
            for part in (
                f"{one.at.astimezone(SHANGHAI):%m-%d %H:%M} {one.journey}",
                "goes" if one.status is Status.QUEUED else str(one.status),
                str(one.reason or ""),
                f"until {one.held_until.astimezone(SHANGHAI):%m-%d %H:%M}" if one.held_until else "",
            )
            if part
        )
        for one in messages
    ]


def told(program: Program, *events: Event, until: str = "2025-06-01 00:00") -> list[str]:
    return lines(simulated(program, events, until))


BOUGHT = purchase("2025-03-01 12:00")


def opened(at: str, named: str = "1", **more: Any) -> Event:
    return event("complaint.opened", at, name=f"o{named} {at}", complaint_id=named, **more)


def resolved(at: str, named: str = "1", **more: Any) -> Event:
    return event("complaint.resolved", at, name=f"r{named} {at}", complaint_id=named, **more)


# Quiet hours

NIGHT = 'quiet_hours: {sms: "21:00-09:00", email: none, letter: none}\n'


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("20:59", ["03-02 20:59 care goes"]),
        ("21:00", ["03-02 21:00 care held quiet hours until 03-03 09:00", "03-03 09:00 care goes"]),
        ("00:30", ["03-02 00:30 care held quiet hours until 03-02 09:00", "03-02 09:00 care goes"]),
        ("08:59", ["03-02 08:59 care held quiet hours until 03-02 09:00", "03-02 09:00 care goes"]),
        ("09:00", ["03-02 09:00 care goes"]),
    ],
)
def test_quiet_hours_over_midnight(tmp_path: Path, at: str, expected: list[str]) -> None:
    assert told(project(tmp_path, NIGHT, care=journey("purchase.recorded", at)), BOUGHT) == expected


def test_quiet_hours_are_of_their_channel(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00", by="[email, sms]"))
    assert told(program, BOUGHT) == ["03-02 22:00 care goes"]


def test_quiet_hours_in_the_middle_of_the_day(tmp_path: Path) -> None:
    rules = 'quiet_hours: {sms: "12:00-14:00"}\n'
    program = project(tmp_path, rules, care=journey("purchase.recorded", "12:00"))
    assert told(program, BOUGHT)[1:] == ["03-02 14:00 care goes"]
    program = project(tmp_path / "b", rules, care=journey("purchase.recorded", "14:00"))
    assert told(program, BOUGHT) == ["03-02 14:00 care goes"]


def test_a_held_message_goes_as_it_was_decided_under_the_same_id_to_the_newest_address(
    tmp_path: Path,
) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00"))
    updated = event(
        "customer.updated", "2025-03-03 07:00", customer={"name": "王小芳"}, mobile="+8613800000001"
    )
    held, goes = simulated(program, [BOUGHT, updated], "2025-06-01 00:00")
    assert (held.id, held.due_at, held.not_after) == (goes.id, goes.due_at, goes.not_after)
    assert goes.values == held.values
    assert (goes.at, goes.held_until, goes.reason) == (local("2025-03-03 09:00"), None, None)
    assert goes.address == {"mobile": "+8613800000001"}


def test_a_consent_withdrawn_while_it_is_held_counts(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00"))
    no = event("consent.withdrawn", "2025-03-02 23:00", channel="sms", purpose="all")
    assert told(program, BOUGHT, no)[1:] == ["03-03 09:00 care skipped no consent"]


def test_past_its_grace_it_is_skipped_with_its_reason(tmp_path: Path) -> None:
    short = journey("purchase.recorded", "22:00", more="grace: 2 hours\n")
    program = project(tmp_path, NIGHT, care=short)
    assert told(program, BOUGHT) == [
        "03-02 22:00 care held quiet hours until 03-03 00:00",
        "03-03 00:00 care skipped quiet hours",
    ]


def test_in_the_last_moment_of_its_grace_it_may_still_go(tmp_path: Path) -> None:
    to_the_minute = journey("purchase.recorded", "22:00", more="grace: 11 hours\n")
    program = project(tmp_path, NIGHT, care=to_the_minute)
    assert told(program, BOUGHT)[1:] == ["03-03 09:00 care goes"]


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2025-03-30T01:30+01:00", "2025-03-30T03:30+02:00"),  # 02:30 does not exist in this night
        ("2025-10-26T02:15+02:00", "2025-10-26T02:30+02:00"),  # 02:15 comes twice
        ("2025-10-26T02:15+01:00", "2025-10-26T02:30+01:00"),
        ("2025-10-25T23:00+02:00", "2025-10-26T02:30+02:00"),
        ("2025-10-26T02:45+02:00", None),
    ],
)
def test_quiet_hours_where_the_clocks_change(moment: str, ends: str | None) -> None:
    quiet = QuietHours(time(22), time(2, 30))
    found = quiet_until(quiet, datetime.fromisoformat(moment), ZoneInfo("Europe/Paris"))
    assert found == (datetime.fromisoformat(ends) if ends else None)


# Caps

DAILY = "caps: [{at_most: 1, within: 1 day, over: [sms, email]}]\n"


def test_a_cap_counts_over_a_sliding_time_and_the_first_due_goes_first(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        DAILY,
        first=journey("purchase.recorded", "10:00"),
        second=journey("purchase.recorded", "11:00", by="email"),
        third=journey("purchase.recorded", "12:00"),
        letter=journey("purchase.recorded", "13:00", by="letter"),
    )
    assert told(program, BOUGHT) == [
        "03-02 10:00 first goes",
        "03-02 11:00 second held capped until 03-03 10:00",
        "03-02 12:00 third held capped until 03-03 10:00",
        "03-02 13:00 letter goes",
        "03-03 10:00 second goes",
        "03-03 10:00 third held capped until 03-04 10:00",
        "03-04 10:00 third goes",
    ]


def test_one_a_day_lets_one_go_each_day(tmp_path: Path) -> None:
    daily = (
        "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - repeat:\n      every: 1 day\n"
        "      at: '10:00'\n      times: 4\n      do: [{send: hello, by: sms}]\n"
    )
    assert len(told(project(tmp_path, DAILY, daily=daily), BOUGHT)) == 4


def test_a_cap_counts_its_purposes_together(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        "caps: [{at_most: 2, within: 30 days, purposes: [care, newsletter]}]\n",
        a=journey("purchase.recorded", "10:00"),
        b=journey("purchase.recorded", "11:00", purpose="newsletter", by="letter"),
        c=journey("purchase.recorded", "12:00", purpose="service"),
        d=journey("purchase.recorded", "13:00"),
    )
    assert told(program, BOUGHT) == [
        "03-02 10:00 a goes",
        "03-02 11:00 b goes",
        "03-02 12:00 c goes",
        "03-02 13:00 d held capped until 03-09 13:00",
        "03-09 13:00 d skipped capped",
    ]


def test_who_ignores_caps_is_not_held_and_counts_all_the_same(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        DAILY,
        a=journey("purchase.recorded", "10:00"),
        b=journey("purchase.recorded", "11:00", purpose="safety"),
        c=journey("purchase.recorded", "12:00"),
    )
    assert told(program, BOUGHT) == [
        "03-02 10:00 a goes",
        "03-02 11:00 b goes",
        "03-02 12:00 c held capped until 03-03 11:00",
        "03-03 11:00 c goes",
    ]


def test_a_cap_that_ends_at_night_lets_go_in_the_morning(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        NIGHT + "caps: [{at_most: 1, within: 12 hours}]\n",
        a=journey("purchase.recorded", "11:00"),
        b=journey("purchase.recorded", "20:00"),
    )
    assert told(program, BOUGHT)[1:] == [
        "03-02 20:00 b held capped until 03-03 09:00",
        "03-03 09:00 b goes",
    ]


def test_what_is_skipped_does_not_count(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        DAILY,
        a=journey("purchase.recorded", "10:00", by="email"),
        b=journey("purchase.recorded", "11:00"),
    )
    without_email = purchase("2025-03-01 12:00", customer={"email": ""})
    assert told(program, without_email) == ["03-02 10:00 a skipped no address", "03-02 11:00 b goes"]


def test_the_document_forgets_what_no_cap_counts_any_more(tmp_path: Path) -> None:
    daily = (
        "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - repeat:\n      every: 1 day\n"
        "      do: [{send: hello, by: sms}]\n"
    )
    program = project(tmp_path, "caps: [{at_most: 9, within: 3 days}]\n", daily=daily)
    customer = Customer(id="c1")
    customer, _ = decide(program, customer, EventArrived(event=BOUGHT, vehicle="京A12345"), BOUGHT.time)
    for _ in range(20):
        assert customer.next_due_at is not None
        customer, _ = decide(program, customer, TimerDue(), customer.next_due_at)
        assert len(customer.standing.counted) <= 3


# Complaints

HOLD = "hold_while: [complaint open]\n"


def test_marketing_waits_while_a_complaint_is_open_and_goes_when_it_is_settled(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        HOLD,
        care=journey("purchase.recorded", "10:00"),
        service=journey("purchase.recorded", "11:00", purpose="service"),
    )
    history = [BOUGHT, opened("2025-03-01 18:00"), resolved("2025-03-04 15:30")]
    assert told(program, *history) == [
        "03-02 10:00 care held complaint open",
        "03-02 11:00 service goes",
        "03-04 15:30 care goes",
    ]


def test_a_complaint_that_is_never_settled_costs_the_message(tmp_path: Path) -> None:
    program = project(tmp_path, HOLD, care=journey("purchase.recorded", "10:00"))
    assert told(program, BOUGHT, opened("2025-03-01 18:00"))[1:] == [
        "03-09 10:00 care skipped complaint open"
    ]


def test_every_complaint_must_be_settled(tmp_path: Path) -> None:
    program = project(tmp_path, HOLD, care=journey("purchase.recorded", "10:00"))
    history = [
        *(BOUGHT, opened("2025-03-01 18:00", "1"), opened("2025-03-01 19:00", "2")),
        *(resolved("2025-03-03 10:00", "1"), resolved("2025-03-04 10:00", "2")),
    ]
    assert told(program, *history)[1:] == ["03-04 10:00 care goes"]


def test_a_complaint_settled_at_night_lets_go_in_the_morning(tmp_path: Path) -> None:
    program = project(tmp_path, HOLD + NIGHT, care=journey("purchase.recorded", "10:00"))
    history = [BOUGHT, opened("2025-03-01 18:00"), resolved("2025-03-04 23:00")]
    assert told(program, *history)[1:] == [
        "03-04 23:00 care held quiet hours until 03-05 09:00",
        "03-05 09:00 care goes",
    ]


@pytest.mark.parametrize(
    ("history", "goes"),
    [
        ([opened("2025-02-01 10:00"), resolved("2025-02-02 10:00")], True),
        ([resolved("2025-02-02 10:00"), opened("2025-02-01 10:00", recorded="2025-02-03 10:00")], True),
        ([opened("2025-02-02 10:00"), resolved("2025-02-02 10:00")], True),
        ([opened("2025-02-01 10:00"), resolved("2025-02-02 10:00"), opened("2025-02-03 10:00")], False),
        ([event("complaint.updated", "2025-02-01 10:00", complaint_id="1")], False),
        (
            [
                *(opened("2025-02-01 10:00"), resolved("2025-02-02 10:00")),
                event("complaint.updated", "2025-02-03 10:00", complaint_id="1"),
            ],
            True,
        ),
    ],
)
def test_what_happened_last_to_a_complaint_counts(tmp_path: Path, history: list[Event], goes: bool) -> None:
    program = project(tmp_path, HOLD, care=journey("purchase.recorded", "10:00"))
    assert (told(program, *history, BOUGHT)[0] == "03-02 10:00 care goes") is goes


# Pauses


def paused(said_at: str, until: str) -> Event:
    wish = {"preferences": {"paused_until": local(until).isoformat()}}
    return event("customer.updated", said_at, customer=wish)


def test_a_pause_holds_what_needs_consent_until_it_is_over_and_nothing_else(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        "",
        care=journey("purchase.recorded", "10:00"),
        service=journey("purchase.recorded", "11:00", purpose="service"),
    )
    assert told(program, BOUGHT, paused("2025-03-01 18:00", "2025-03-05 09:30")) == [
        "03-02 10:00 care held paused until 03-05 09:30",
        "03-02 11:00 service goes",
        "03-05 09:30 care goes",
    ]


def test_a_pause_that_outlasts_the_grace_costs_the_message(tmp_path: Path) -> None:
    program = project(tmp_path, "", care=journey("purchase.recorded", "10:00"))
    assert told(program, BOUGHT, paused("2025-03-01 18:00", "2025-04-01 09:00")) == [
        "03-02 10:00 care held paused until 03-09 10:00",
        "03-09 10:00 care skipped paused",
    ]


def test_who_ends_a_pause_gets_what_waited(tmp_path: Path) -> None:
    program = project(tmp_path, "", care=journey("purchase.recorded", "10:00"))
    history = [
        BOUGHT,
        paused("2025-03-01 18:00", "2025-04-01"),
        paused("2025-03-04 15:30", "2025-03-04 15:30"),
    ]
    assert told(program, *history)[1:] == ["03-04 15:30 care goes"]


def test_a_longer_pause_holds_longer_and_its_end_at_night_lets_go_in_the_morning(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "10:00"))
    history = [
        *(BOUGHT, paused("2025-03-01 18:00", "2025-03-03 12:00")),
        paused("2025-03-02 18:00", "2025-03-04 23:00"),
    ]
    assert told(program, *history) == [
        "03-02 10:00 care held paused until 03-03 12:00",
        "03-03 12:00 care held paused until 03-05 09:00",
        "03-05 09:00 care goes",
    ]


def test_an_open_complaint_is_told_before_a_pause_and_no_purpose_ignores_one(tmp_path: Path) -> None:
    club = "  club: {consent: required, ignores: [hold_while, quiet_hours, caps]}\n"
    program = project(
        tmp_path,
        club + HOLD,
        care=journey("purchase.recorded", "10:00"),
        club=journey("purchase.recorded", "11:00", purpose="club"),
    )
    history = [BOUGHT, opened("2025-03-01 18:00"), paused("2025-03-01 19:00", "2025-03-03 12:00")]
    assert told(program, *history)[:2] == [
        "03-02 10:00 care held complaint open",
        "03-02 11:00 club held paused until 03-03 12:00",
    ]


def test_who_ignores_holds_is_not_held(tmp_path: Path) -> None:
    club = "  club: {consent: required, ignores: [hold_while, quiet_hours]}\n"
    program = project(
        tmp_path, club + HOLD + NIGHT, club=journey("purchase.recorded", "22:00", purpose="club")
    )
    assert told(program, BOUGHT, opened("2025-03-01 18:00")) == ["03-02 22:00 club goes"]


# When other rules come into force, or a journey pauses


def _held(program: Program) -> Customer:
    customer = Customer(id="c1")
    customer, _ = decide(program, customer, EventArrived(event=BOUGHT, vehicle="京A12345"), BOUGHT.time)
    assert customer.next_due_at is not None
    customer, effects = decide(program, customer, TimerDue(), customer.next_due_at)
    assert [one.status for one in effects.messages] == [Status.HELD]
    return customer


def test_other_rules_hold_for_what_is_held(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00"))
    customer = _held(program)
    now = local("2025-03-02 23:00")
    same, effects = decide(program, customer, JourneysChanged(), now)
    assert (same.next_due_at, effects.messages) == (local("2025-03-03 09:00"), ())
    shorter = project(
        tmp_path / "b",
        'quiet_hours: {sms: "21:00-08:00"}\n',
        care=journey("purchase.recorded", "22:00"),
    )
    changed, effects = decide(shorter, customer, JourneysChanged(), now)
    assert changed.next_due_at == local("2025-03-03 08:00")
    assert lines(list(effects.messages)) == ["03-02 23:00 care held quiet hours until 03-03 08:00"]
    without = project(tmp_path / "c", "", care=journey("purchase.recorded", "22:00"))
    changed, effects = decide(without, customer, JourneysChanged(), now)
    assert (changed.next_due_at, changed.standing.held) == (None, {})
    assert lines(list(effects.messages)) == ["03-02 23:00 care goes"]


def test_what_a_paused_journey_has_held_waits_with_it(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00"))
    text = journey("purchase.recorded", "22:00", more="status: paused\n")
    paused = project(tmp_path / "b", NIGHT, care=text)
    customer, effects = decide(paused, _held(program), JourneysChanged(), local("2025-03-02 23:00"))
    assert (customer.next_due_at, effects.messages) == (None, ())
    _, effects = decide(program, customer, JourneysChanged(), local("2025-03-05 12:00"))
    assert lines(list(effects.messages)) == ["03-05 12:00 care goes"]
    _, effects = decide(program, customer, JourneysChanged(), local("2025-04-05 12:00"))
    assert lines(list(effects.messages)) == ["04-05 12:00 care skipped quiet hours"]


def test_what_comes_next_is_told_when_it_goes(tmp_path: Path) -> None:
    program = project(tmp_path, NIGHT, care=journey("purchase.recorded", "22:00"))
    customer, _ = decide(
        program, Customer(id="c1"), EventArrived(event=BOUGHT, vehicle="京A12345"), BOUGHT.time
    )
    coming = forecast(program, customer, BOUGHT.time, BOUGHT.time + timedelta(days=9))
    assert lines(list(coming)) == ["03-03 09:00 care goes"]
    coming = forecast(program, customer, BOUGHT.time, local("2025-03-02 23:00"))
    assert lines(list(coming)) == ["03-02 22:00 care held quiet hours until 03-03 09:00"]


def test_late_work_counts_from_when_it_is_done(tmp_path: Path) -> None:
    """Messages that were due on different days and are decided in one moment are of one moment for a cap."""
    program = project(
        tmp_path,
        DAILY,
        a=journey("purchase.recorded", "10:00"),
        b=journey("purchase.recorded", "10:00").replace("1 day", "3 days"),
    )
    late = replace(BOUGHT, recorded=local("2025-03-06 12:00"))
    assert told(program, late) == [
        "03-06 12:00 a goes",
        "03-06 12:00 b held capped until 03-07 12:00",
        "03-07 12:00 b goes",
    ]
