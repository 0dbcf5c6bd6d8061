"""`goal` and `holdout`: what is measured, and whose messages are not sent."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.goals import GoalCount
from engine.model.messages import Message, Reason, Status
from engine.ports import Store
from engine.runtime.advance import Advance
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.support import local, program_of, purchase, simulated, told, visit, write_project

END = "2026-01-01 00:00"
CARE = (
    "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "goal: {on: service.visited, when: event.amount > 100, within: 20 days}\n{holdout}"
    "steps:\n  - wait: 2 days\n  - send: hello\n    by: sms\n  - task: call\n    for: dealer\n"
)


def project(folder: Path, holdout: str = "") -> Path:
    return write_project(folder, {"care": CARE.replace("{holdout}", holdout)})


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "milepost.db")


def counted(store: Store, folder: Path, *events: Event, now: str = END, holdout: str = "") -> list[GoalCount]:
    advance = Advance(program_of(project(folder, holdout)), store, Identification(), None)
    for one in events:
        advance.take([one])
    advance.catch_up(local(END))
    return store.count_goals(local(now))


def sent(runs: int, reached: int, still_open: int) -> list[GoalCount]:
    return [GoalCount(journey="care", held_out=False, runs=runs, reached=reached, open=still_open)]


BOUGHT = purchase("2025-03-01 10:00")


def test_an_event_in_time_for_which_the_condition_holds_reaches_the_goal(
    store: Store, tmp_path: Path
) -> None:
    cheap, good = visit("2025-03-05 10:00", amount=50), visit("2025-03-20 10:00", amount=500)
    assert counted(store, tmp_path / "p", BOUGHT, cheap, good) == sent(1, 1, 0)  # though the run is over


@pytest.mark.parametrize(
    ("event", "still_open"),
    [(visit("2025-03-05 10:00", amount=50), 1), (visit("2025-03-22 10:00", amount=500), 1)],
)
def test_what_is_no_success_leaves_it_open_until_its_time_is_over(
    store: Store, tmp_path: Path, event: Event, still_open: int
) -> None:
    assert counted(store, tmp_path / "p", BOUGHT, event, now="2025-03-20 10:00") == sent(1, 0, still_open)
    assert store.count_goals(local("2025-04-01 10:00")) == sent(1, 0, 0)


def test_the_order_of_arrival_does_not_matter(store: Store, tmp_path: Path) -> None:
    good = visit("2025-03-03 10:00", amount=500)
    bought = replace(BOUGHT, recorded=local("2025-03-04 10:00"))
    assert counted(store, tmp_path / "p", good, bought) == sent(1, 1, 0)


def test_what_happened_before_the_run_is_not_its_success(store: Store, tmp_path: Path) -> None:
    before = visit("2025-02-20 10:00", amount=500)
    assert counted(store, tmp_path / "p", before, BOUGHT) == sent(1, 0, 0)


def test_a_duplicate_counts_once(store: Store, tmp_path: Path) -> None:
    good = visit("2025-03-03 10:00", amount=500)
    assert counted(store, tmp_path / "p", BOUGHT, BOUGHT, good, good) == sent(1, 1, 0)


def buyers(n: int) -> list[Event]:
    return [purchase("2025-03-01 10:00", plate=f"京A{k:05}", name=f"{k}") for k in range(n)]


def test_a_share_of_the_runs_walks_every_step_and_sends_nothing(tmp_path: Path) -> None:
    program = program_of(project(tmp_path, "holdout: 20%\n"))
    messages = simulated(program, buyers(400), END)
    held_out = [one for one in messages if one.reason is Reason.HOLDOUT]
    assert len(messages) == 400
    assert 48 <= len(held_out) <= 112  # 80 expected, with a standard deviation of 8
    assert {one.status for one in held_out} == {Status.SKIPPED}
    assert {(one.channel, one.brand) for one in held_out} == {("sms", "michelin")}
    assert not any(one.address or one.values for one in held_out)


def test_who_is_held_out_is_always_the_same(tmp_path: Path) -> None:
    def reasons(folder: Path, events: list[Event]) -> dict[str, str | None]:
        messages: list[Message] = simulated(program_of(project(folder, "holdout: 50%\n")), events, END)
        return {one.run: one.reason for one in messages}

    events = buyers(40)
    assert reasons(tmp_path / "a", events) == reasons(tmp_path / "b", list(reversed(events)))


def test_who_did_not_agree_is_no_holdout(tmp_path: Path) -> None:
    program = program_of(project(tmp_path, "holdout: 100%\n"))
    assert told(simulated(program, [purchase("2025-03-01 10:00", consent=[])], END)) == [
        "2025-03-03 10:00 hello no consent"
    ]


def test_both_sides_are_counted(store: Store, tmp_path: Path) -> None:
    events = [*buyers(40), visit("2025-03-03 10:00", amount=500)]
    with_messages, held_out = counted(store, tmp_path / "p", *events, holdout="holdout: 50%\n")
    assert with_messages.runs + held_out.runs == 40
    assert (with_messages.reached, held_out.reached) == (with_messages.runs, held_out.runs)
    assert (with_messages.held_out, held_out.held_out) == (False, True)
