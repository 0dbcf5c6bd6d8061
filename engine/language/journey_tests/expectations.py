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
from engine.language.source import MappingNode
from engine.model.journey_tests import Expectation, Outcome

_OF_BOTH: tuple[Key[Any], ...] = (keys.BRAND, keys.OF_VEHICLE, keys.TO, keys.STEP, keys.SKIPPED)
_GOES_WITH: dict[str, tuple[Key[Any], ...]] = {
    "send": (*_OF_BOTH, keys.BY, keys.LOCALE, keys.WITH, keys.HELD, keys.HELD_UNTIL),
    "task": (*_OF_BOTH, keys.FOR, keys.DUE, keys.SCRIPT, keys.HELD_UNTIL),
    "emit": (keys.WITH, keys.OF_VEHICLE),
}
_OUTCOMES = {one.value: one for one in (Outcome.TASK, Outcome.EMIT, Outcome.TAG, Outcome.UNTAG, Outcome.SET)}


def expectation_of(timed: Timed, templates: frozenset[str] | None, context: Context) -> Expectation | None:
    """One expectation; None, and reported, where it is faulty. `templates` are those that the journey sends; None
    where that is not known."""
    zone, report = context.policy.policy.zone, context.report
    stretch = stretch_at(timed.moment, zone, report)
    fields = keys.EXPECTED.read(timed.value, report)
    if fields is None or not _is_one_thing(fields, report):
        return None
    kind = _kind_of(fields) or "send"
    _check_template(fields.get(keys.SEND), fields, templates, report)
    _check_brand(fields, context, report)
    if fields.has(keys.HELD_UNTIL) and not fields.has(keys.HELD):
        hint = "how far the clock goes is said beside `expect`: `until: …`"
        message = "'until' belongs beside 'held'"
        report.error("misplaced-key", fields.key_span(keys.HELD_UNTIL), message, hint)
    what, to = _what(kind, fields, context)
    if stretch is None or what is None:
        return None
    at, before = stretch
    outcome = _OUTCOMES.get(kind, Outcome.SENT)
    asked: dict[str, Any] = {key.name: fields.get(key) for key in keys.FIELDS}
    asked["to"] = to
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


def _kind_of(fields: Fields) -> str:
    """Which of the things that can be expected it is."""
    return next((key.name for key in keys.KINDS if fields.has(key)), "")


def _what(kind: str, fields: Fields, context: Context) -> tuple[str | None, Any]:
    """What is expected, by name; and the value, of a field that is set. None, and reported, where it is faulty."""
    if kind == "set":
        node = fields.get(keys.SET)
        if not isinstance(node, MappingNode) or len(node.entries) != 1:
            message = "an expectation is about one field"
            context.report.error("wrong-shape", fields.span(keys.SET), message, "write a line for each")
            return None, None
        name, value = node.entries[0].key.text, node.entries[0].value
        return f"customer.{name.removeprefix('customer.')}", value_of(value, None, "`set`", context.report)
    key: Key[str] = next(one for one in keys.KINDS if one.name == kind)
    what = fields.get(key)
    if kind == "emit" and what is not None and not context.knows_event(what, fields.span(key)):
        return None, None
    return what, None


def _is_one_thing(fields: Fields, report: Report) -> bool:
    """Whether it is one of what can be expected, and has what belongs to that; reports if not."""
    if not fields.only_one_of(keys.KINDS) or not fields.only_one_of((keys.SKIPPED, keys.HELD)):
        return False
    kind = _kind_of(fields)
    if not kind and not fields.unknown:
        names = listed((f"'{key.name}'" for key in keys.KINDS), "or")
        message, hint = f"an expectation needs {names}", "add `send: welcome-pack`"
        report.error("missing-key", fields.node.span, message, hint)
    for key in keys.EXPECTED.keys:
        if kind and fields.has(key) and key not in keys.KINDS and key not in _GOES_WITH.get(kind, ()):
            message = f"'{key.name}' does not go with '{kind}'"
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
