"""Journey tests, run: what is right, what is not, and how far the clock goes."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from engine.model.journey_tests import JourneyTest
from engine.sim.trials import Trial, run_test
from engine.wiring.projects import load, runnable
from tests.support import ROOT, write_project

HELLO = """
    purpose: care
    start: {on: purchase.recorded, per: vehicle, again: restart}
    steps:
      - wait: 1 month
        at: "10:00"
      - send: hello
        by: [letter, sms]
        with: {gift: gauge, km: 10000}
    """
BOUGHT = "2025-03-08 14:20: {type: purchase.recorded, tyres: [{brand: michelin, quantity: 2}]}"
SMS = "{customer: {mobile: '13800000001'}, consent: {sms: [care]}}"


def tried(folder: Path, test: str, journeys: dict[str, str] | None = None, journey: str = "hello") -> Trial:
    """The only test of a project."""
    text = f"journey: {journey}\ntests:\n  - name: it\n" + indent(dedent(test).strip("\n"), "    ") + "\n"
    write_project(folder, journeys or {"hello": HELLO}, files={"journeys/tests/it.yaml": text})
    loaded = load(folder, tests=True)
    assert loaded.diagnostics == []
    (test_,) = loaded.tests
    return run_test(test_, runnable(loaded, folder, drafts=True))


def wanted(expect: str, given: str = SMS, events: str = BOUGHT) -> str:
    rows = "".join(f"\n  - {one}" for one in expect.splitlines() if one.strip())
    return f"given: {given}\nevents:\n  - {events}\nexpect: {rows or '[]'}"


@pytest.mark.parametrize(
    "row",
    [
        "2025-04-08 10:00: {send: hello}",
        "2025-04-08 10:00:00: {send: hello}",
        "2025-04-08T02:00:00Z: {send: hello}",
        "2025-04-08: {send: hello, by: sms, brand: michelin, locale: zh-CN, step: hello}",
        "2025-04-08 10:00: {send: hello, vehicle: test-01, customer: '138 0000 0001'}",
        "2025-04-08 10:00: {send: hello, with: {km: 10000}}",
    ],
)
def test_what_is_as_expected_passes(row: str, tmp_path: Path) -> None:
    assert tried(tmp_path, wanted(row)).passed


@pytest.mark.parametrize(
    ("row", "differs"),
    [
        ("2025-04-08 10:00: {send: hello, by: letter}", ("by",)),
        ("2025-04-08 10:00: {send: hello, brand: warrior, locale: en}", ("brand", "locale")),
        ("2025-04-08 10:00: {send: hello, vehicle: 京A12345}", ("vehicle",)),
        ("2025-04-08 10:00: {send: hello, with: {km: 20000}}", ("with",)),
        ("2025-04-08 10:00: {send: hello, with: {kms: 10000}}", ("with",)),
        ("2025-04-08 10:00: {send: hello, skipped: no consent}", ("what", "reason")),
    ],
)
def test_what_is_otherwise_fails_and_is_told(row: str, differs: tuple[str, ...], tmp_path: Path) -> None:
    trial = tried(tmp_path, wanted(row))
    assert not trial.passed
    assert [one.differs for one in trial.rows] == [differs]


def test_a_message_at_another_moment_is_one_too_few_and_one_too_many(tmp_path: Path) -> None:
    trial = tried(tmp_path, wanted("2025-04-08 10:01: {send: hello}"))
    assert [(one.expected is None, one.actual is None) for one in trial.rows] == [
        (True, False),
        (False, True),
    ]
    assert not trial.passed


def test_a_message_that_nobody_expected_fails(tmp_path: Path) -> None:
    assert not tried(tmp_path, wanted("")).passed


def test_what_is_skipped_needs_no_telling(tmp_path: Path) -> None:
    trial = tried(tmp_path, wanted("", given="{customer: {mobile: '13800000001'}}"))
    assert trial.passed
    assert [one.actual.fields["reason"] for one in trial.rows if one.actual] == ["no consent"]


def test_what_is_skipped_can_be_told(tmp_path: Path) -> None:
    row = "2025-04-08 10:00: {send: hello, skipped: no address}"
    assert tried(tmp_path, wanted(row, given="{consent: {all: [all]}}")).passed


def test_two_expectations_are_not_met_by_one_message(tmp_path: Path) -> None:
    row = "2025-04-08 10:00: {send: hello}"
    assert not tried(tmp_path, wanted(f"{row}\n{row}")).passed


def test_nobody_described_is_somebody(tmp_path: Path) -> None:
    """A customer and a car are made up where a test says nothing of them, so that runs begin."""
    trial = tried(tmp_path, f"events:\n  - {BOUGHT}\nexpect: []")
    assert [one.actual.fields["vehicle"] for one in trial.rows if one.actual] == ["TEST01"]


def test_what_is_given_begins_nothing(tmp_path: Path) -> None:
    journey = HELLO.replace("purchase.recorded, per: vehicle", "customer.updated")
    test = f"given: {SMS}\nevents:\n  - 2025-03-08 14:20: {{type: service.visited, work: [oil]}}\nexpect: []"
    trial = tried(tmp_path, test, {"hello": journey})
    assert trial.rows == ()


def test_what_is_expected_before_the_first_event_has_the_time_to_happen(tmp_path: Path) -> None:
    """A reminder of a date, and then the event that tells of a new one."""
    journey = """
        purpose: care
        start: {date: vehicle.inspection_due, before: 30 days, per: vehicle}
        steps:
          - send: hello
            by: sms
        """
    given = SMS.replace("}, consent", "}, vehicle: {inspection_due: 2025-06-15}, consent")
    renewed = "2025-06-01 09:00: {type: vehicle.updated, vehicle: {inspection_due: 2026-06-15}}"
    rows = "2025-05-16 10:00: {send: hello}\n2026-05-16 10:00: {send: hello}"
    trial = tried(tmp_path, wanted(rows, given=given, events=renewed), {"hello": journey})
    assert trial.passed
    assert [one.actual.fields["by"] for one in trial.rows if one.actual] == ["sms", "sms"]


def test_a_refusal_counts_where_consent_is_assumed(tmp_path: Path) -> None:
    journey = HELLO.replace("purpose: care", "purpose: service")
    given = "{customer: {mobile: '13800000001'}, refused: {all: [service]}}"
    row = "2025-04-08 10:00: {send: hello, skipped: no consent}"
    assert tried(tmp_path, wanted(row, given=given), {"hello": journey}).passed


def test_other_journeys_run_and_are_not_held_against_it(tmp_path: Path) -> None:
    other = HELLO.replace("1 month", "2 months")
    row = "2025-04-08 10:00: {send: hello}"
    assert tried(tmp_path, wanted(row), {"hello": HELLO, "other": other}).passed


ENDLESS = """
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - repeat:
          every: 1 month
          do: [{send: hello, by: sms}]
    """


def test_a_journey_without_an_end_is_watched_to_the_last_day_told(tmp_path: Path) -> None:
    rows = "2025-04-08 14:20: {send: hello}\n2025-05-08 14:20: {send: hello}"
    trial = tried(tmp_path, wanted(rows), {"hello": ENDLESS})
    assert trial.passed
    assert not tried(tmp_path / "too-early", wanted(rows.splitlines()[1]), {"hello": ENDLESS}).passed


def test_where_nothing_is_expected_of_it_a_year_is_long_enough(tmp_path: Path) -> None:
    assert len(tried(tmp_path, wanted(""), {"hello": ENDLESS}).rows) == 12


def test_a_duplicate_is_told_as_such(tmp_path: Path) -> None:
    twice = BOUGHT.replace("{type", "{id: a, type")
    trial = tried(tmp_path, wanted("2025-04-08 10:00: {send: hello}", events=f"{twice}\n  - {twice}"))
    assert trial.passed
    assert [one.duplicate for one in trial.arrivals] == [False, True]


def test_why_no_run_began_is_noted(tmp_path: Path) -> None:
    trial = tried(tmp_path, wanted("", events=BOUGHT.replace("{type", "{vehicle: none, type")))
    assert trial.passed
    assert trial.notes == {"no vehicle hello": 1}


CALLED = """
    purpose: service
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - task: call-back
        for: dealer
        due: 1 day
      - wait_for: task.done
        within: 3 days
        then: [{send: hello, by: sms}]
        otherwise: [{task: escalate, for: headquarters}]
    """
CALL = "2025-03-08 14:20: {task: call-back, for: dealer, due: 2025-03-09 14:20}"
DONE = "2025-03-09 09:00: {type: task.done, task_id: call-back, outcome: reached}"
DEALER_BOUGHT = BOUGHT.replace("{type", "{dealer: d001, type")


def test_tasks_can_be_expected_and_done_by_their_names(tmp_path: Path) -> None:
    given = "{customer: {mobile: '13800000001'}}"
    rows = f"{CALL}\n2025-03-09 09:00: {{send: hello}}"
    test = wanted(rows, given=given, events=f"{DEALER_BOUGHT}\n  - {DONE}")
    assert tried(tmp_path / "done", test, {"hello": CALLED}).passed
    rows = f"{CALL}\n2025-03-11 14:20: {{task: escalate, for: headquarters}}"
    assert tried(tmp_path / "not", wanted(rows, given=given, events=DEALER_BOUGHT), {"hello": CALLED}).passed


def test_a_task_that_is_not_expected_is_held_against_nobody(tmp_path: Path) -> None:
    assert tried(tmp_path / "one", wanted("", events=DEALER_BOUGHT), {"hello": CALLED}).passed
    wrong = CALL.replace("dealer,", "headquarters,")
    trial = tried(tmp_path / "two", wanted(wrong, events=DEALER_BOUGHT), {"hello": CALLED})
    assert [one.differs for one in trial.rows if one.expected] == [("for",)]


SHIPPED = load(ROOT, tests=True)


@pytest.mark.parametrize("test", SHIPPED.tests, ids=lambda one: f"{one.journey}: {one.name}")
def test_the_shipped_journeys_keep_their_tests(test: JourneyTest) -> None:
    assert run_test(test, runnable(SHIPPED, ROOT, drafts=True)).passed


def test_every_shipped_journey_has_tests() -> None:
    assert SHIPPED.program is not None
    assert {one.journey for one in SHIPPED.tests} == set(SHIPPED.program.journeys)
