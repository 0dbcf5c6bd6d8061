"""What `broadcast` shows."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec
from rich.progress import BarColumn, TaskProgressColumn, TextColumn

from engine.cli.context import printable, progress
from engine.model.journeys import Journey
from engine.runtime.audience import Audience
from engine.wiring.broadcasting import Copy, Progress, at_pace


class InAll(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, for all customers: `estimated` where only some were looked at. `takes` is how long all runs
    take to begin at the journey's pace; None without one."""

    estimated: bool
    audience: int
    messages: int
    takes: timedelta | None

    @classmethod
    def of(cls, journey: Journey, audience: Audience, customers: int) -> Self:
        there_are = max(customers, audience.looked_at)
        times = 1.0 if audience.whole or not audience.looked_at else there_are / audience.looked_at
        return cls(
            estimated=times > 1.0,
            audience=round(audience.members * times),
            messages=round(audience.sent * times),
            takes=at_pace(journey, audience.members * times),
        )


def audience_told(journey: Journey, audience: Audience, only_to: str, customers: int) -> dict[str, Any]:
    """As JSON."""
    in_all = InAll.of(journey, audience, customers)
    return {
        "journey": journey.id,
        "only_to": only_to or None,
        "customers": customers,
        "looked_at": audience.looked_at,
        "in_all": {
            "estimated": in_all.estimated,
            "audience": in_all.audience,
            "messages": in_all.messages,
            "seconds_at_pace": None if in_all.takes is None else round(in_all.takes.total_seconds()),
        },
        "audience": audience.members,
        "without_message": audience.none,
        "ways": [
            {
                "outcome": way.outcome,
                "reason": way.reason or None,
                "channel": way.channel or None,
                "brand": way.brand,
                "locale": way.locale or None,
                "messages": count,
            }
            for way, count in sorted(audience.ways.items(), key=lambda one: (-one[1], one[0]))
        ],
        "examples": [
            {"customer": one.customer, "channel": one.channel, "brand": one.brand, "locale": one.locale}
            for one in audience.examples
        ],
    }


def show_audience(journey: Journey, audience: Audience, only_to: str, customers: int) -> None:
    in_all = InAll.of(journey, audience, customers)
    there_are = f" (there are {customers:,}: about {in_all.audience:,} of them in all)"
    lines = [
        f"{journey.id}: {journey.title}" if journey.title else journey.id,
        f"  audience       {audience.members:>9,} of {audience.looked_at:,} customers looked at"
        + (there_are if in_all.estimated else ""),
    ]
    if only_to:
        lines.append(f"                 only those who got {only_to}")
    for way, count in sorted(audience.ways.items(), key=lambda one: (one[0].outcome != "sent", -one[1])):
        how = f"{way.channel or '-'} · {way.brand}" + (f" · {way.locale}" if way.locale else "")
        why = f" ({way.reason})" if way.reason else ""
        lines.append(f"  {way.outcome + why:<24} {count:>9,}  {how}")
    if audience.none:
        lines.append(f"  {'no message at once':<24} {audience.none:>9,}")
    if in_all.takes is not None and audience.members:
        by = f", as estimated by {audience.looked_at:,} customers" if in_all.estimated else ""
        hours = in_all.takes.total_seconds() / 3600
        lines.append(f"  at its pace this takes about {hours:,.1f} hours{by}")
    if audience.examples:
        lines.append("  among them: " + ", ".join(str(one.customer) for one in audience.examples[:5]))
    sys.stdout.write(printable("\n".join(lines)) + "\n")
    sys.stdout.flush()


def show_copies(copies: Sequence[Copy]) -> None:
    for one in copies:
        what = f"{one.template} · {one.channel} · {one.brand} · {one.locale}"
        sys.stdout.write(printable(f"  test copy to {one.address}: {what}  {one.problem or 'sent'}") + "\n")


def show_progress(journey: Journey, found: Progress | None, zone: ZoneInfo) -> None:
    if found is None:
        sys.stdout.write(f"{journey.id} was never sent\n")
        return
    one = found.fan_out
    how = "by hand" if one.by_hand else "by its schedule"
    state = _state(found)
    if one.paused:
        state = f"{state}, paused"
    lines = [f"{journey.id}: {state}; begun {how} at {one.at.astimezone(zone):%Y-%m-%d %H:%M}"]
    if one.only_to:
        lines.append(f"  only to those who got {one.only_to}")
    lines.append(f"  {found.share:>7.1%} of all customers reached, {one.begun:,} begun")
    for channel, by in found.messages.items():
        lines.append(f"  {channel:<8} " + " · ".join(f"{count:,} {status}" for status, count in by.items()))
    if found.left is not None and not one.paused:
        lines.append(f"  about {found.left.total_seconds() / 3600:,.1f} hours left at its pace")
    sys.stdout.write(printable("\n".join(lines)) + "\n")
    sys.stdout.flush()


def _state(found: Progress) -> str:
    if found.stopped:
        return "stopped" if found.settled else "stopped, what is with a channel already is being sent"
    if found.settled:
        return "done"
    return "decided, being sent" if found.fan_out.done else "under way"


@contextmanager
def watch_progress(*, hidden: bool) -> Iterator[Callable[[Progress], None]]:
    bar = progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[sent]:,} sent"),
    )
    bar.disable = bar.disable or hidden
    with bar:
        task = bar.add_task("", total=1.0, sent=0)

        def seen(found: Progress) -> None:
            sent = sum(by.get("sent", 0) + by.get("delivered", 0) for by in found.messages.values())
            words = "paused" if found.fan_out.paused else "sending"
            bar.update(task, completed=found.share, description=words, sent=sent)

        yield seen
