"""A start by `date`: what begins a run at a distance from a date on the customer or the car."""

import re

from engine.language.expressions import compile_expression
from engine.language.expressions.operators import dated
from engine.language.expressions.types import ListOf, Record, is_moment, is_open
from engine.language.expressions.vocabulary import Driven, Reach
from engine.language.journeys import keys
from engine.language.journeys.context import Context
from engine.language.keys import Fields
from engine.language.source import ScalarNode
from engine.model.journeys import DateStart, Expression
from engine.model.times import Duration

_VEHICLE = re.compile(r"\bvehicle\b")


def date_reach(fields: Fields) -> Reach:
    """What the runs can reach: without `per`, there is one for each car where the date is the car's."""
    vehicle = _per_word(fields) == "vehicle"
    return Reach(event_type=None, vehicle=vehicle, driven=Driven.YES if vehicle else Driven.NO)


def read_date_start(fields: Fields, reach: Reach, context: Context) -> DateStart | None:
    """The start; None, and reported, where it is faulty."""
    report = context.report
    for key in (keys.WHEN, keys.AGAIN, keys.AUDIENCE):
        if fields.has(key):
            message = f"'{key.name}' means nothing beside 'date'"
            hint = "put an `if` before the steps" if key is not keys.AGAIN else "each date begins one run"
            report.error("misplaced-key", fields.key_span(key), message, hint)
    if not fields.only_one_of((keys.BEFORE, keys.AFTER)):
        return None
    date = _date(fields, reach, context)
    per, per_value = _per(fields, reach, context)
    if date is None:
        return None
    before, after = fields.get(keys.BEFORE), fields.get(keys.AFTER)
    return DateStart(
        date=date,
        distance=after if before is None else Duration(-before.months, -before.days, -before.seconds),
        at=fields.get(keys.AT),
        yearly=fields.get(keys.YEARLY) is True,
        per=per,
        per_value=per_value,
    )


def _date(fields: Fields, reach: Reach, context: Context) -> Expression | None:
    node = fields.get(keys.DATE)
    if node is None:
        return None
    compiled = compile_expression(node, context.lexicon.at_date(reach), context.report)
    if compiled is None:
        return None
    if not (is_moment(compiled.type) or is_open(compiled.type)):
        message = f"'date' needs a date or time, not {compiled.type.words}"
        hint = "such as vehicle.inspection_due or customer.birthday"
        context.report.error("wrong-type", node.span, message, hint)
        return None
    return dated(compiled.get) if is_open(compiled.type) else compiled.get


def _per(fields: Fields, reach: Reach, context: Context) -> tuple[str, Expression | None]:
    word = _per_word(fields)
    node = fields.get(keys.PER)
    if word in ("customer", "vehicle") or node is None:
        return word, None
    compiled = compile_expression(node, context.lexicon.at_date(reach), context.report)
    if compiled is None:
        return "customer", None
    if isinstance(compiled.type, Record | ListOf):
        message = f"a run is for a single value, not for {compiled.type.words}"
        context.report.error("wrong-type", node.span, message, "name a member")
    return "value", compiled.get


def _per_word(fields: Fields) -> str:
    per = fields.get(keys.PER)
    if isinstance(per, ScalarNode):
        return per.text.strip()
    node = fields.get(keys.DATE)
    names_a_car = isinstance(node, ScalarNode) and _VEHICLE.search(node.text) is not None
    return "vehicle" if names_a_car else "customer"
