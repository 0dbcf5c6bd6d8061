"""What a test expects, checked against what the journey can send."""

from collections.abc import Mapping
from typing import Any

from engine.language.journey_tests import keys
from engine.language.journey_tests.moments import Timed, end_of, stretch_at
from engine.language.journey_tests.values import value_of
from engine.language.journeys.context import Context
from engine.language.keys import Fields, Key
from engine.language.nearest import did_you_mean, listed
from engine.language.report import Report
from engine.model.journey_tests import Expectation, Outcome

_OF_MESSAGES: tuple[Key[Any], ...] = (keys.BY, keys.LOCALE, keys.WITH, keys.HELD)
_OF_TASKS: tuple[Key[Any], ...] = (keys.FOR, keys.DUE, keys.SCRIPT)


def expectation_of(timed: Timed, templates: frozenset[str] | None, context: Context) -> Expectation | None:
    """One expectation; None, and reported, where it is faulty. `templates` are those that the journey sends; None
    where that is not known."""
    zone, report = context.policy.policy.zone, context.report
    stretch = stretch_at(timed.moment, zone, report)
    fields = keys.EXPECTED.read(timed.value, report)
    if fields is None or not _is_one_thing(fields, report):
        return None
    template, task = fields.get(keys.SEND), fields.get(keys.TASK)
    _check_template(template, fields, templates, report)
    _check_brand(fields, context, report)
    if fields.has(keys.HELD_UNTIL) and not fields.has(keys.HELD):
        hint = "how far the clock goes is said beside `expect`: `until: …`"
        message = "'until' belongs beside 'held'"
        report.error("misplaced-key", fields.key_span(keys.HELD_UNTIL), message, hint)
    what = template or task
    if stretch is None or what is None:
        return None
    at, before = stretch
    outcome = Outcome.SENT if task is None else Outcome.TASK
    asked: dict[str, Any] = {key.name: fields.get(key) for key in keys.FIELDS}
    for key, one in ((keys.SKIPPED, Outcome.SKIPPED), (keys.HELD, Outcome.HELD)):
        if fields.has(key):
            outcome = one
            asked["reason"] = fields.get(key)
    for moment in (keys.HELD_UNTIL, keys.DUE):
        if (written := fields.get(moment)) is not None:
            asked[moment.name] = end_of(written, zone, report)
    if (values := fields.get(keys.WITH)) is not None:
        asked["with"] = value_of(values, None, "`with`", report)
    return Expectation(
        at=at,
        before=before,
        written=timed.moment.text,
        outcome=outcome,
        what=what,
        fields=_asked(asked),
        line=timed.moment.span.line,
    )


def _is_one_thing(fields: Fields, report: Report) -> bool:
    """Whether it is a message or a task, and has what belongs to that; reports if not."""
    if not fields.only_one_of((keys.SEND, keys.TASK)) or not fields.only_one_of((keys.SKIPPED, keys.HELD)):
        return False
    if not (fields.has(keys.SEND) or fields.has(keys.TASK) or fields.unknown):
        message, hint = "an expectation needs 'send' or 'task'", "add `send: welcome-pack`"
        report.error("missing-key", fields.node.span, message, hint)
    misplaced = _OF_MESSAGES if fields.has(keys.TASK) else _OF_TASKS
    own = "task" if fields.has(keys.TASK) else "send"
    for key in misplaced:
        if fields.has(key):
            message = f"'{key.name}' does not go with '{own}'"
            report.error("misplaced-key", fields.key_span(key), message, "take it out")
    return True


def _asked(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _check_template(
    template: str | None, fields: Fields, templates: frozenset[str] | None, report: Report
) -> None:
    if template is None or templates is None or template in templates:
        return
    there = f"it sends {listed(sorted(templates))}" if templates else "it sends nothing"
    hint = did_you_mean(template, templates, there)
    report.error("unknown-template", fields.span(keys.SEND), f"the journey never sends '{template}'", hint)


def _check_brand(fields: Fields, context: Context, report: Report) -> None:
    brand = fields.get(keys.BRAND)
    if brand is not None and brand not in context.brands:
        hint = did_you_mean(brand, context.brands)
        message = f"there is no brand '{brand}' in templates/brands"
        report.error("unknown-brand", fields.span(keys.BRAND), message, hint)
