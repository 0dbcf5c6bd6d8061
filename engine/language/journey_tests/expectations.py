"""What a test expects, checked against what the journey can send."""

from collections.abc import Mapping
from typing import Any

from engine.language.journey_tests import keys
from engine.language.journey_tests.moments import Timed, end_of, stretch_at
from engine.language.journey_tests.values import value_of
from engine.language.journeys.context import Context
from engine.language.keys import Fields
from engine.language.nearest import did_you_mean, listed
from engine.language.report import Report
from engine.model.journey_tests import Expectation, Outcome


def expectation_of(timed: Timed, templates: frozenset[str] | None, context: Context) -> Expectation | None:
    """One expectation; None, and reported, where it is faulty. `templates` are those that the journey sends; None
    where that is not known."""
    zone, report = context.policy.policy.zone, context.report
    stretch = stretch_at(timed.moment, zone, report)
    fields = keys.EXPECTED.read(timed.value, report)
    if fields is None or not fields.only_one_of((keys.SKIPPED, keys.HELD)):
        return None
    template = fields.get(keys.SEND)
    _check_template(template, fields, templates, report)
    _check_brand(fields, context, report)
    if fields.has(keys.HELD_UNTIL) and not fields.has(keys.HELD):
        hint = "how far the clock goes is said beside `expect`: `until: …`"
        message = "'until' belongs beside 'held'"
        report.error("misplaced-key", fields.key_span(keys.HELD_UNTIL), message, hint)
    if stretch is None or template is None:
        return None
    at, before = stretch
    outcome = Outcome.SENT
    asked: dict[str, Any] = {key.name: fields.get(key) for key in keys.FIELDS}
    for key, one in ((keys.SKIPPED, Outcome.SKIPPED), (keys.HELD, Outcome.HELD)):
        if fields.has(key):
            outcome = one
            asked["reason"] = fields.get(key)
    if (until := fields.get(keys.HELD_UNTIL)) is not None:
        asked["until"] = end_of(until, zone, report)
    if (values := fields.get(keys.WITH)) is not None:
        asked["with"] = value_of(values, None, "`with`", report)
    return Expectation(
        at=at,
        before=before,
        written=timed.moment.text,
        outcome=outcome,
        what=template,
        fields=_asked(asked),
        line=timed.moment.span.line,
    )


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
