"""A plan as people read it, and as programs do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.cli.context import local, printable, stdout
from engine.cli.plan_values import brief, differences
from engine.plan import Change, Example, Expected, Plan
from engine.wiring.deployed import Candidate
from engine.wiring.planning import Planned

_STYLES = {"+": "green", "-": "red", "~": "yellow"}
_SIGNS = {"appears": "+", "vanishes": "-", "moves": "~", "changes": "~"}
_MANY = {"appears": "appear", "vanishes": "vanish", "moves": "move", "changes": "change"}
_INSIDE = frozenset({"key", "step"})


def told(one: Candidate, found: Planned, days: int, zone: ZoneInfo) -> dict[str, Any]:
    """For programs."""
    reckoned = found.plan
    return {
        "deployed": one.present.number if one.present else None,
        "number": one.number,
        "restores": one.restores,
        "differs": not one.is_in_force,
        "now": local(reckoned.now, zone),
        "until": local(reckoned.until, zone),
        "days": days,
        "customers": reckoned.customers,
        "looked_at": reckoned.looked_at,
        "changes": found.changes,
        "runs": [
            {
                "journey": going.journey,
                "step": going.step,
                "to": going.to or None,
                "why": going.why or None,
                "runs": n,
            }
            for going, n in sorted(reckoned.runs.items())
        ],
        "messages": {
            "before": reckoned.before,
            "after": reckoned.after,
            "by_journey": [_line(key, counts) for key, counts in _by_line(reckoned)],
            "examples": [_example(example, zone) for example in reckoned.examples],
        },
    }


def _by_line(reckoned: Plan) -> list[tuple[tuple[str, str], Counter[str]]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for line, n in reckoned.messages.items():
        found.setdefault((line.journey, line.channel), Counter())[line.what] += n
    return sorted(found.items())


def _line(key: tuple[str, str], counts: Counter[str]) -> dict[str, Any]:
    journey, channel = key
    return {"journey": journey, "channel": channel or None, **{what: counts[what] for what in _SIGNS}}


def _example(one: Example, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "what": one.what,
        "journey": one.journey,
        "customer": one.customer,
        "vehicle": one.vehicle,
        "before": _expected(one.before, zone),
        "after": _expected(one.after, zone),
    }


def _expected(one: Expected | None, zone: ZoneInfo) -> dict[str, Any] | None:
    return None if one is None else {**one._asdict(), "at": local(one.at, zone)}


# For people


def show(one: Candidate, found: Planned, days: int, zone: ZoneInfo) -> None:
    present = one.present
    if present is None:
        _write("nothing is deployed yet; this would be deployment 1")
    else:
        back = f", which goes back to {one.restores}" if one.restores is not None else ""
        when = f"{present.at.astimezone(zone):%Y-%m-%d %H:%M}"
        _write(f"deployment {present.number} is in force (since {when}); this would be {one.number}{back}")
    _show_changes(found.changes if present is not None else _without_templates(found.changes))
    _show_runs(found.plan)
    _show_messages(found.plan, days, zone)


def _without_templates(changes: Sequence[Change]) -> list[Change]:
    """Before the first deployment all are new."""
    return [one for one in changes if one.what != "template"]


def _show_changes(changes: Sequence[Change]) -> None:
    if not changes:
        _write("\nno change in journeys, policy or templates")
        return
    _write("")
    for one in changes:
        inside = one.what in _INSIDE
        what = "" if one.what == "key" and one.name == "order of steps" else f"{one.what} "
        value = _values(one) if inside or one.what == "policy" else ""
        _write(f"{'      ' if inside else '  '}{one.sign} {what}{one.name}{value}", _STYLES[one.sign])


def _values(one: Change) -> str:
    if one.sign == "~":
        return f": {differences(one.before, one.after)}"
    value = one.after if one.sign == "+" else one.before
    return "" if value is None else f": {brief(value)}"


def _show_runs(reckoned: Plan) -> None:
    total = reckoned.runs.total()
    _write(f"\nruns under way: {total}{_of_sample(reckoned)}")
    for going, n in sorted(reckoned.runs.items()):
        if going.to == going.step:
            _write(f"  {going.journey}: {n} stay at {going.step}")
        elif going.to:
            _write(
                f"~ {going.journey}: {n} at {going.step} go on at {going.to}: their step is gone", "yellow"
            )
        else:
            _write(f"- {going.journey}: {n} at {going.step} end: {going.why}", "red")
    if any(going.to != going.step and going.why in ("", "no step left") for going in reckoned.runs):
        _write("  (where a step was only renamed, `id:` with its former name keeps runs there)")


def _of_sample(reckoned: Plan) -> str:
    if reckoned.looked_at >= reckoned.customers:
        return ""
    return f" (of {reckoned.looked_at} customers looked at, out of about {reckoned.customers})"


def _show_messages(reckoned: Plan, days: int, zone: ZoneInfo) -> None:
    until = f"{reckoned.until.astimezone(zone):%Y-%m-%d}"
    if reckoned.before is None:
        _write(
            f"\nmessages of the coming {days} days: not compared, as it is not known what was in force before"
        )
        return
    _write(
        f"\nmessages of the coming {days} days, until {until}: {reckoned.before} before, {reckoned.after} after"
        + _of_sample(reckoned)
    )
    for (journey, channel), counts in _by_line(reckoned):
        parts = [
            f"{counts[what]} {what if counts[what] == 1 else _MANY[what]}" for what in _SIGNS if counts[what]
        ]
        _write(f"  {journey} by {channel or 'none'}: {', '.join(parts)}")
    if reckoned.examples:
        _write("\nfor example")
    for text, style in _examples(reckoned.examples, zone):
        _write(text, style)


def _examples(examples: Iterable[Example], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    for one in examples:
        who = " ".join(filter(None, (one.customer, one.vehicle)))
        sides = " → ".join(_side(side, zone) for side in (one.before, one.after) if side is not None)
        sign = _SIGNS[one.what]
        yield f"  {sign} {one.journey} {one.what} for {who}: {sides}", _STYLES[sign]


def _side(one: Expected, zone: ZoneInfo) -> str:
    when = _moment(one.at, zone)
    by = f"by {one.channel}" if one.outcome == "sent" else f"{one.outcome} ({one.reason})"
    return f"{when} {one.template} {by}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _write(text: str, style: str | None = None) -> None:
    stdout.print(printable(text), style=style, markup=False, soft_wrap=True)
