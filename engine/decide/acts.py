"""What a step does beside sending: remembers something on the customer, gives a person a task, makes an event.

Whatever is stated holds from the run's moment on, as if an event of that time had said it; the latest statement
counts, the later one done on a tie. A task or an event for which it is too late is skipped: it would reach somebody.
"""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from engine.decide.draft import Draft
from engine.decide.plain import plain
from engine.model.customer import MOST_TASKS, Run, Stated
from engine.model.event_types import Kind
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.journeys import Emit, Journey, SetFacts, Step, Tag, TaskStep
from engine.model.messages import Reason
from engine.model.tasks import Assignee, Task, TaskStatus
from engine.model.times import Duration, at_local

MOST_EVENTS = 100
"""How many events journeys may make in one decision: more are a circle."""

_IDENTIFIERS = ("mobile", "email", "member")


def set_facts(draft: Draft, run: Run, step: SetFacts) -> None:
    """Remembers values on the customer's profile; none forgets what was known."""
    scope = draft.scope(run)
    told = [(path, _as(draft, kind, expression(scope))) for path, kind, expression in step.values]
    draft.state()
    for path, value in told:
        known = draft.profile.get(path)
        if known is None or run.at >= known.at:
            draft.profile[path] = Stated(value, run.at)


def tag(draft: Draft, run: Run, step: Tag) -> None:
    """Tags the customer, or takes the tag off; without a name, nothing."""
    name = step.name(draft.scope(run))
    if name is None or not str(name).strip():
        draft.note("tag without a name", run.journey)
        return
    draft.state()
    given, other = (draft.untagged, draft.tags) if step.off else (draft.tags, draft.untagged)
    word = str(name).strip()
    since = other.get(word)
    if since is None or run.at >= since:
        other.pop(word, None)
        given[word] = max(run.at, given.get(word, run.at))


def task(draft: Draft, journey: Journey, run: Run, step: TaskStep) -> Run:
    """Puts a task on the list of the run's dealer, or of headquarters, whose it is too where no dealer is known."""
    scope = draft.scope(run)
    purchase = draft.view.purchase
    dealer = run.dealer or (purchase.dealer if purchase is not None else None)
    assignee = step.assignee if dealer is not None else Assignee.HEADQUARTERS
    late = _is_late(draft, journey, run)
    vehicle = scope.vehicle
    script = plain(draft, step.script(scope)) if step.script else None
    one = Task(
        id=_id("task", run, step),
        name=step.name,
        journey=journey.id,
        step=step.id,
        run=run.id,
        customer_id=draft.base.id,
        customer=draft.view.contact,
        vehicle=(vehicle.plate or vehicle.vin) if vehicle else None,
        assignee=assignee,
        dealer=dealer if assignee is Assignee.DEALER else None,
        brand=scope.brand,
        status=TaskStatus.SKIPPED if late else TaskStatus.OPEN,
        at=draft.now,
        due_at=_due(draft, run, step.due(scope)) if step.due else None,
        script=None if script is None else str(script),
        reason=Reason.TOO_LATE if late else None,
    )
    if step.due and one.due_at is None:
        draft.note("no due date", journey.id, step.name)
    draft.tasks.append(one)
    return run if late else replace(run, tasks=(*run.tasks, one.id)[-MOST_TASKS:])


def emit(draft: Draft, journey: Journey, run: Run, step: Emit) -> None:
    """Makes an event of the customer's, which the decision goes on with."""
    if _is_late(draft, journey, run):
        draft.note("too late", journey.id, step.event)
        return
    scope = draft.scope(run)
    told = {name: _as(draft, kind, expression(scope)) for name, kind, expression in step.values}
    data: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    vehicle = scope.vehicle if step.with_vehicle else None
    if step.needed - data.keys() or (step.needs_vehicle and vehicle is None):
        draft.note("incomplete", journey.id, step.event)
        return
    if draft.made >= MOST_EVENTS:
        draft.note("too many events", journey.id, step.event)
        return
    named = {kind: draft.view.fact(kind) for kind in _IDENTIFIERS}
    data["customer"] = {kind: value for kind, value in named.items() if value}
    if vehicle is not None:
        car = {"plate": vehicle.plate, "vin": vehicle.vin}
        data["vehicle"] = {kind: value for kind, value in car.items() if value}
    if run.dealer is not None:
        data.setdefault("dealer", run.dealer)
    made = Event(
        source=f"/journeys/{journey.id}",
        id=_id("emit", run, step),
        type=step.event,
        time=run.at,
        recorded=draft.now,
        data=data,
    )
    draft.made += 1
    draft.emitted.append((made, run.vehicle if vehicle is not None else None))
    draft.note("emitted", journey.id, step.event)


def _id(kind: str, run: Run, step: Step) -> str:
    """As those of messages: derived from the run, the step and the repetition."""
    return derive(kind, run.id, step.id, "/".join([str(loop.index) for loop in run.loops]))


def _is_late(draft: Draft, journey: Journey, run: Run) -> bool:
    return draft.now > journey.grace.after(run.at, draft.zone)


def _due(draft: Draft, run: Run, due: Any) -> datetime | None:
    if isinstance(due, Duration):
        return due.after(run.at, draft.zone)
    if isinstance(due, datetime):
        return due
    return at_local(due, draft.policy.send_at, draft.zone) if isinstance(due, date) else None


def _as(draft: Draft, kind: Kind, value: Any) -> Any:
    """As events carry a member of that kind."""
    if kind is Kind.DATE and isinstance(value, datetime):
        return value.astimezone(draft.zone).date().isoformat()
    if kind is Kind.INTEGER and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is Kind.TEXT and value is not None and not isinstance(value, str | datetime | date):
        return str(value)
    return plain(draft, value)
