"""`emit` and `task`: what journeys make, and how they go on with it."""

from pathlib import Path
from typing import Any

from engine.decide import decide
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.customer import Customer
from engine.model.events import Event, to_cloud_event
from engine.model.stimuli import Effects, EventArrived
from engine.model.tasks import Assignee, TaskStatus
from engine.sim import Simulation
from tests.support import event, local, program_of, purchase, simulated, told, visit, write_project

END = "2027-01-01 00:00"
EVENTS = {
    "journeys/events.yaml": "draw.entered:\n  data: {draw: text, count: {type: integer, required: true}}\n"
}
ENTERS = (
    "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\nsteps:\n  - wait: 1 day\n"
    "  - emit: draw.entered\n    with: {draw: spring, count: '{{ event.tyre_count }}'}\n"
)
THANKS = (
    "purpose: care\nstart: {on: draw.entered, when: event.draw == 'spring'}\nsteps:\n  - wait: 2 hours\n"
    "  - send: hello\n    by: sms\n    with: {count: '{{ event.count }}'}\n"
)
CALL = (
    "purpose: service\nstart: {on: complaint.opened, per: event.complaint_id}\nsteps:\n"
    "  - task: call-back\n    for: dealer\n    script: 'Ask {{ customer.name }}'\n"
    "    due: \"{{ '4 hours' if event.severity == 'serious' else '1 day' }}\"\n"
    "  - wait_for: task.done\n    within: 2 days\n"
    "    then: [{send: hello, by: sms, id: called}]\n    otherwise: [{task: escalate, for: headquarters}]\n"
)


def opened(at: str, **more: Any) -> Event:
    return event("complaint.opened", at, complaint_id="1", **more)


def effects_of(folder: Path, journeys: dict[str, str], *events: Event, now: str) -> tuple[Customer, Effects]:
    program = program_of(write_project(folder, journeys, files=EVENTS))
    customer, effects = Customer(id="c"), Effects()
    for one in events:
        customer, effects = decide(program, customer, EventArrived(event=one, vehicle="京A12345"), local(now))
    return customer, effects


def test_what_one_journey_emits_starts_another_at_its_own_time(tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path, {"enters": ENTERS, "thanks": THANKS}, files=EVENTS))
    messages = simulated(program, [purchase("2025-03-01 10:00")], END)
    assert told(messages) == ["2025-03-02 12:00 hello sms"]
    assert messages[0].values["with"] == {"count": 2}


def test_an_emitted_event_is_an_event_like_any_other(tmp_path: Path) -> None:
    bought = purchase("2025-03-01 10:00")
    journeys = {"enters": ENTERS.replace("  - wait: 1 day\n", "")}
    _, effects = effects_of(tmp_path, journeys, bought, now="2025-03-01 10:05")
    [made] = effects.events
    assert (made.source, made.type, made.time) == ("/journeys/enters", "draw.entered", bought.time)
    assert made.data["customer"] == {"mobile": "+8613800000001", "email": "w@example.cn"}
    assert made.data["vehicle"] == {"plate": "京A12345"}
    program = program_of(tmp_path)
    assert isinstance(Parser(program.event_types, "CN").parse(to_cloud_event(made)), Event)


def test_the_same_run_always_emits_the_same_event(tmp_path: Path) -> None:
    journeys = {"enters": ENTERS.replace("  - wait: 1 day\n", "")}
    bought = purchase("2025-03-01 10:00")
    _, once = effects_of(tmp_path / "a", journeys, bought, now="2025-03-01 10:05")
    _, again = effects_of(tmp_path / "b", journeys, bought, now="2025-03-02 11:00")
    assert [one.key for one in once.events] == [one.key for one in again.events]


def test_an_event_that_lacks_what_it_needs_is_not_made(tmp_path: Path) -> None:
    journeys = {
        "enters": ENTERS.replace("  - wait: 1 day\n", "").replace(
            "event.tyre_count", "customer.adviser | int"
        )
    }
    _, effects = effects_of(tmp_path, journeys, purchase("2025-03-01 10:00"), now="2025-03-01 10:05")
    assert effects.events == ()
    assert [(one.kind, one.detail) for one in effects.notes] == [("incomplete", "draw.entered")]


def test_a_circle_of_events_comes_to_an_end(tmp_path: Path) -> None:
    circle = (
        "purpose: care\nstart: {on: draw.entered, again: ignore}\nsteps:\n"
        "  - emit: draw.entered\n    with: {count: 1}\n  - end\n"
    )
    journeys = {"circle": circle, "enters": ENTERS.replace("  - wait: 1 day\n", "")}
    _, effects = effects_of(tmp_path, journeys, purchase("2025-03-01 10:00"), now="2025-03-01 10:05")
    assert len(effects.events) == 100
    assert "too many events" in {one.kind for one in effects.notes}


def test_a_late_event_and_a_late_task_are_skipped(tmp_path: Path) -> None:
    journeys = {"enters": ENTERS, "call": CALL}
    _, effects = effects_of(
        tmp_path, journeys, purchase("2025-03-01 10:00"), opened("2025-03-01 11:00"), now="2025-04-01 10:00"
    )
    assert effects.events == ()
    assert [(one.name, one.status, one.reason) for one in effects.tasks] == [
        ("call-back", TaskStatus.SKIPPED, "too late"),
        ("escalate", TaskStatus.SKIPPED, "too late"),
    ]


def test_a_task_is_on_the_dealers_list_with_what_the_person_needs(tmp_path: Path) -> None:
    _, effects = effects_of(
        tmp_path,
        {"call": CALL},
        purchase("2025-03-01 09:00"),
        opened("2025-03-01 10:00", severity="serious"),
        now="2025-03-01 10:01",
    )
    [task] = effects.tasks
    assert (task.name, task.assignee, task.dealer) == ("call-back", Assignee.DEALER, "d001")
    assert (task.due_at, task.script) == (local("2025-03-01 14:00"), "Ask 王芳")


def test_a_task_for_no_known_dealer_is_for_headquarters(tmp_path: Path) -> None:
    _, effects = effects_of(tmp_path, {"call": CALL}, opened("2025-03-01 10:00"), now="2025-03-01 10:01")
    [task] = effects.tasks
    assert (task.assignee, task.dealer) == (Assignee.HEADQUARTERS, None)


def test_a_task_that_is_done_moves_its_own_run_on(tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path, {"call": CALL}))
    _, effects = effects_of(tmp_path, {"call": CALL}, opened("2025-03-01 10:00"), now="2025-03-01 10:00")
    task_id = effects.tasks[0].id

    def done(which: str) -> Event:
        at = "2025-03-01 16:00"
        return event("task.done", at, mobile=None, plate=None, name=which, task_id=which, outcome="reached")

    yes = simulated(program, [opened("2025-03-01 10:00"), done(task_id)], END)
    assert told(yes) == ["2025-03-01 16:00 called sms"]
    simulation = Simulation(program, Identification(), lambda _message: None)
    for one in (opened("2025-03-01 10:00"), done("another")):
        simulation.event(one)
    simulation.run_until(local(END))
    assert simulation.tasks == {("call", "call-back", "open"): 1, ("call", "escalate", "open"): 1}
    assert simulation.notes["unknown task"] == 1


def test_a_visit_does_not_disturb(tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path, {"enters": ENTERS, "thanks": THANKS}, files=EVENTS))
    events = [purchase("2025-03-01 10:00"), visit("2025-03-02 11:00")]
    assert told(simulated(program, events, END)) == ["2025-03-02 12:00 hello sms"]
