"""What begins a run, and what ends it at once."""

from datetime import date, time

from engine.language.expressions import compile_condition, compile_expression
from engine.language.expressions.types import ListOf, Record
from engine.language.expressions.vocabulary import Driven, Reach, Vocabulary
from engine.language.journeys import keys
from engine.language.journeys.context import Context
from engine.language.journeys.date_start import date_reach, read_date_start
from engine.language.keys import Fields, Placed
from engine.language.nearest import an, did_you_mean
from engine.language.report import Fault, Report
from engine.language.schedules import cron_of, is_word, takes_clock
from engine.language.source import Node, ScalarNode
from engine.language.units import parse_duration
from engine.model.event_types import Subject
from engine.model.journeys import Again, DateStart, EventStart, Expression, Goal, ScheduleStart, Stop
from engine.model.times import Duration

AnyStart = EventStart | ScheduleStart | DateStart

_UNKNOWN = Reach(event_type="?", vehicle=True, driven=Driven.YES)
"""Where the start cannot be read: nothing more is found fault with for it."""

_AGAIN_WORDS = {one.value: one for one in Again if one is not Again.AFTER}


def reach_of(fields: Fields | None, context: Context) -> Reach:
    """What the journey's runs can reach, as far as its start can be read."""
    if fields is None:
        return _UNKNOWN
    if fields.has(keys.DATE):
        return date_reach(fields)
    event_type = fields.get(keys.ON)
    if event_type is None and not fields.has(keys.SCHEDULE):
        return _UNKNOWN
    per = fields.get(keys.PER)
    per_vehicle = isinstance(per, ScalarNode) and per.text.strip() == "vehicle"
    return context.reach_of(event_type, per_vehicle=per_vehicle)


def read_start(fields: Fields, reach: Reach, context: Context) -> AnyStart | None:
    """The start; None, and reported, where it is faulty."""
    if not fields.only_one_of((keys.ON, keys.SCHEDULE, keys.DATE)):
        return None
    if fields.has(keys.DATE):
        return read_date_start(fields, reach, context)
    for key in (keys.BEFORE, keys.AFTER, keys.YEARLY):
        if fields.has(key):
            message = f"'{key.name}' belongs beside 'date'"
            context.report.error("misplaced-key", fields.key_span(key), message, "take it out")
    if fields.has(keys.ON):
        return _event_start(fields, reach, context)
    if fields.has(keys.SCHEDULE):
        return _schedule_start(fields, context)
    if not fields.unknown:
        message = "a start needs `on` (an event), `schedule` or `date`"
        hint = "write `on: purchase.recorded`, or `schedule: daily` with an `audience`"
        context.report.error("missing-key", fields.node.span, message, hint)
    return None


def _event_start(fields: Fields, reach: Reach, context: Context) -> EventStart | None:
    report = context.report
    on = fields.get(keys.ON)
    if fields.has(keys.AT):
        message = "'at' belongs beside 'schedule'; an event begins a run when it arrives"
        report.error("misplaced-key", fields.key_span(keys.AT), message, "put it beside a `wait`")
    if on is None:
        return None
    known = context.knows_event(on, fields.span(keys.ON))
    audience = _audience(fields, on, reach, context) if known else None
    vocabulary = context.lexicon.at_start(reach)
    when = _condition(fields.get(keys.WHEN), vocabulary, context)
    per, per_value = _per(fields, on, vocabulary, context)
    again, again_after = _again(fields, context)
    if not known:
        return None
    return EventStart(
        on=on,
        when=when,
        per=per,
        per_value=per_value,
        audience=audience,
        again=again,
        again_after=again_after,
    )


def _audience(fields: Fields, on: str, reach: Reach, context: Context) -> Expression | None:
    """For whom an event about nobody begins runs."""
    report = context.report
    is_about_nobody = context.lexicon.event_types[on].subject is Subject.PLACE
    if not is_about_nobody:
        if fields.has(keys.AUDIENCE):
            message = (
                f"{an(on)} event is about one customer, for whom it begins a run: there is no 'audience'"
            )
            report.error(
                "misplaced-key", fields.key_span(keys.AUDIENCE), message, "write `when` for a condition"
            )
        return None
    if not fields.has(keys.AUDIENCE):
        message = f"{an(on)} event is about no single customer: a start by it needs 'audience'"
        hint = "say for which customers, such as `audience: customer.address.city == event.city`"
        report.error("missing-key", fields.key_span(keys.ON), message, hint)
    if fields.has(keys.PER):
        message = "with an 'audience' there is one run for each customer"
        report.error("misplaced-key", fields.key_span(keys.PER), message, "take it out")
    return _condition(fields.get(keys.AUDIENCE), context.lexicon.at_start(reach), context)


def _condition(node: Node | None, vocabulary: Vocabulary, context: Context) -> Expression | None:
    return None if node is None else compile_condition(node, vocabulary, context.report)


def _per(fields: Fields, on: str, vocabulary: Vocabulary, context: Context) -> tuple[str, Expression | None]:
    """`customer`, `vehicle`, or `value` with its expression."""
    node = fields.get(keys.PER)
    if not isinstance(node, ScalarNode):
        return "customer", None
    word = node.text.strip()
    if word == "customer":
        return "customer", None
    if word == "vehicle":
        if not context.has_vehicle(on) and not fields.has(keys.AUDIENCE):
            message = f"{an(on)} event carries no vehicle"
            context.report.error(
                "no-vehicle", node.span, message, "leave `per` out, or begin by another event"
            )
        return "vehicle", None
    compiled = compile_expression(node, vocabulary, context.report)
    if compiled is None:
        return "customer", None
    if isinstance(compiled.type, Record | ListOf):
        message = f"a run is for a single value, not for {compiled.type.words}"
        context.report.error("wrong-type", node.span, message, "name a member, such as event.complaint_id")
    return "value", compiled.get


def _again(fields: Fields, context: Context) -> tuple[Again, Duration | None]:
    text = fields.get(keys.AGAIN)
    if text is None:
        return Again.IGNORE, None
    if text in _AGAIN_WORDS:
        return _AGAIN_WORDS[text], None
    span = fields.span(keys.AGAIN)
    if text.split(None, 1)[0] == "after":
        after = parse_duration(text.strip().removeprefix("after").strip())
        if isinstance(after, Fault):
            context.report.error(
                after.code, span, after.message, after.hint or "write `again: after 90 days`"
            )
            return Again.IGNORE, None
        return Again.AFTER, after
    hint = did_you_mean(text, [*_AGAIN_WORDS, "after 90 days"])
    context.report.error("bad-choice", span, f"'{text}' is not what `again` can be", hint)
    return Again.IGNORE, None


def _schedule_start(fields: Fields, context: Context) -> ScheduleStart | None:
    report = context.report
    for key in (keys.WHEN, keys.PER, keys.AGAIN):
        if fields.has(key):
            message = f"'{key.name}' belongs beside 'on'"
            hint = "say who it is for by `audience`" if key is not keys.AGAIN else "take it out"
            report.error("misplaced-key", fields.key_span(key), message, hint)
    schedule = fields.get(keys.SCHEDULE)
    days = None if schedule is None or isinstance(schedule, str) else _days(schedule, report)
    cron = _cron(fields, schedule, context) if isinstance(schedule, str) else None
    node = fields.get(keys.AUDIENCE)
    if node is None:
        if not fields.has(keys.AUDIENCE):
            hint = "say for which customers: `audience: customer.email`"
            report.error("missing-key", fields.key_span(keys.SCHEDULE), "a schedule needs 'audience'", hint)
        return None
    audience = compile_condition(node, context.lexicon.in_audience(), report)
    if audience is None:
        return None
    if days is not None:
        return ScheduleStart(days=days, at=fields.get(keys.AT) or time(0, 0), audience=audience)
    return None if cron is None else ScheduleStart(cron=cron, audience=audience)


def _days(listed: tuple[Placed[date], ...], report: Report) -> tuple[date, ...]:
    """The days of a schedule that lists them, in order."""
    days: set[date] = set()
    for one in listed:
        if one.value in days:
            report.error("duplicate-item", one.span, f"{one.value} is listed twice", "keep one of them")
        days.add(one.value)
    return tuple(sorted(days))


def _cron(fields: Fields, schedule: str, context: Context) -> str | None:
    at = fields.get(keys.AT)
    cron = cron_of(schedule, at)
    if isinstance(cron, Fault):
        context.report.fault(cron, fields.span(keys.SCHEDULE))
        return None
    if fields.has(keys.AT) and not takes_clock(schedule):
        what = f"'{schedule.strip()}'" if is_word(schedule) else "a cron expression"
        message = f"'at' means nothing beside {what}"
        context.report.error("misplaced-key", fields.key_span(keys.AT), message, "take it out")
    return cron


def read_stops(fields: Fields, reach: Reach, context: Context) -> tuple[Stop, ...]:
    """The journey's stops, those without a fault."""
    stops = []
    for one in fields.get(keys.STOPS) or ():
        on = one.value.get(keys.STOP_ON)
        if on is None or not context.knows_event(on, one.value.span(keys.STOP_ON)):
            continue
        vocabulary = context.lexicon.at_stop(reach, on)
        when = _condition(one.value.get(keys.STOP_WHEN), vocabulary, context)
        stops.append(Stop(on, when))
    return tuple(stops)


def read_goal(fields: Fields, reach: Reach, context: Context) -> Goal | None:
    """The journey's goal, if it has one without a fault."""
    goal = fields.get(keys.GOAL)
    on = None if goal is None else goal.get(keys.GOAL_ON)
    if goal is None or on is None or not context.knows_event(on, goal.span(keys.GOAL_ON)):
        return None
    when = _condition(goal.get(keys.GOAL_WHEN), context.lexicon.at_stop(reach, on), context)
    return Goal(on=on, when=when, within=goal.get(keys.GOAL_WITHIN) or Duration(days=30))
