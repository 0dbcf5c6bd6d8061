"""How a lookup looks on a terminal: what the reception needs, top down, on one screen. Lines are broken to its
width."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from rich.cells import cell_len
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from engine.cli.context import printable, stdout

MOST_MESSAGES = 6
MOST_COMING = 8
MOST_EVENTS = 10
_NARROW = 50
_FRAME = 4  # columns of a panel's border and padding
_ROUGHLY = 180
"""So many days ahead, nobody knows the day on which a car will have been driven so far: the month will do."""


def show(profile: dict[str, Any]) -> None:
    today = date.fromisoformat(profile["at"][:10])
    stdout.print(_person(profile))
    for car in profile["vehicles"]:
        _car(car, today)
    cars = len(profile["vehicles"]) > 1
    _next(profile["next"], today, cars)
    _runs(profile["runs"], today)
    _history([*profile["purchases"], *profile["visits"]], cars)
    _messages(profile["messages"], cars)


def _person(profile: dict[str, Any]) -> Panel:
    person = profile["customer"]
    title = _joined(person, "name", "salutation") or "(owner unknown)"
    contact = _joined(person, "mobile", "email", "member", by="  ")
    place = _joined(person, "address.city", "address.line", "address.postcode")
    told = (contact, place, *_consents(profile["consents"]), _pause(profile["paused_until"]))
    lines = [_safe(one) for one in told if one]
    return Panel("\n".join(lines), title=_safe(title), title_align="left", border_style="blue")


def _pause(until: str | None) -> str:
    return f"asked for a pause until {until[:10]}: what needs consent waits" if until else ""


def _consents(consents: dict[str, dict[str, bool]]) -> Iterator[str]:
    """As many purposes in a line as it holds."""
    lead, line = "agreed to  ", ""
    for purpose, channels in consents.items():
        yes = [channel for channel, granted in channels.items() if granted]
        part = f"{purpose}: {', '.join(yes) or 'none'}"
        if line and cell_len(f"{lead}{line} · {part}") > stdout.width - _FRAME:
            yield lead + line
            lead, line = " " * len(lead), ""
        line = f"{line} · {part}" if line else part
    if line:
        yield lead + line


def _car(car: dict[str, Any], today: date) -> None:
    stdout.print(f"[bold]{_safe(car['plate'] or car['vin'])}[/]  {_safe(_joined(car, 'make', 'model'))}")
    odometer = car["odometer"]
    if not odometer:
        return
    read = date.fromisoformat(odometer["last_reading_at"][:10])
    last = f"last read {odometer['last_reading_km']:,} on {read}"
    if read > today:
        last = f"a reading of {odometer['last_reading_km']:,} is dated {read}, which is yet to come"
    if odometer["km"] is None:
        text = f"odometer unknown today; {last}"
    else:
        text = (
            f"about [bold]{odometer['km']:,} km[/] today (80 %: {odometer['low_km']:,}–{odometer['high_km']:,}), "
            f"{odometer['km_per_day']} km a day; {last}"
        )
    _indented(text)


def _next(coming: list[dict[str, Any]] | None, today: date, cars: bool) -> None:
    """First what will be sent; then, a line for each kind, what would not be."""
    _heading("What comes next")
    if coming is None:
        _indented("not known: the journeys cannot be used")
        return
    sent = [one for one in coming if not one["reason"]]
    if not coming:
        _indented("nothing in sight")
    elif not sent:
        _indented("nothing that would be sent")
    _table(
        sent,
        MOST_COMING,
        {
            "when": _day,
            **(
                {"": lambda one: ahead(today, date.fromisoformat(_day(one)))}
                if stdout.width > _NARROW
                else {}
            ),
            "what": lambda one: one["title"],
            **({"car": lambda one: one["vehicle"]} if cars else {}),
            "how": lambda one: one["channel"],
        },
        "later",
    )
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for one in coming:
        if one["reason"]:
            kind = (one["title"], (one["vehicle"] or "") if cars else "", one["reason"])
            kinds.setdefault(kind, []).append(one["at"][:10])
    for (title, car, reason), days in kinds.items():
        what = f"{title}, {car}" if car else title
        first = f"from {days[0]} on" if len(days) > 1 else days[0]
        _indented(f"[dim]not sent:[/] {_safe(what)} ({first}): {reason}")


def _runs(runs: Sequence[dict[str, Any]], today: date) -> None:
    if not runs:
        return
    _heading("Under way")
    for one in sorted(runs, key=lambda run: (run["due_at"] is None, run["due_at"] or "", run["title"])):
        car = f"  {_safe(one['vehicle'])}" if one["vehicle"] else ""
        stdout.print(f"{_safe(one['title'])}{car}")
        _indented(_safe("; ".join(_standing(one, today))))


def _standing(run: dict[str, Any], today: date) -> Iterator[str]:
    """Where a run stands: `since 2025-03-08`, `waits for 40,000 km`, `goes on about 2026-08, in 17 months`."""
    began, since = run["started_at"][:10], run["since"][:10]
    yield f"since {began}" if began <= str(today) else f"from {began} on"
    what = run["step_title"] or _wait(run)
    yield f"{what} since {since}" if since != began else what
    if run["status"] == "paused":
        yield "paused"
    if run["due_at"] is None:
        yield "nobody can tell until when" if run["waits_for"] == "distance" else "until when is not known"
        return
    due = date.fromisoformat(run["due_at"][:10])
    if due < today:
        yield f"due since {due}"
    elif run["waits_for"] == "distance":
        rough = (due - today).days > _ROUGHLY
        yield f"goes on about {f'{due:%Y-%m}' if rough else due}, {ahead(today, due)}"
    else:
        yield f"goes on {due}, {ahead(today, due)}"


def _wait(run: dict[str, Any]) -> str:
    km = f"{run['distance_km']:,.0f} km" if run["distance_km"] else ""
    if run["round"] is not None and run["waits_for"]:
        of = f" of {run['rounds']}" if run["rounds"] else ""
        return f"waits for round {run['round']}{of}" + (f", every {km}" if km else "")
    if km:
        return f"waits for {km}"
    return "waits" if run["waits_for"] else f"stands at {run['step']}"


def _history(events: Sequence[dict[str, Any]], cars: bool) -> None:
    if not events:
        return
    _heading("Bought and done")
    _table(
        sorted(events, key=lambda one: str(one["at"]), reverse=True),
        MOST_EVENTS,
        {
            "when": _day,
            **({"car": lambda one: one["vehicle"]} if cars else {}),
            "km": lambda one: f"{one['odometer_km']:,.0f}" if one["odometer_km"] is not None else "",
            "what": _done,
            "dealer": lambda one: one["dealer"],
        },
        "earlier",
    )


def _done(event: dict[str, Any]) -> str:
    lines = event.get("tyres") or event.get("items")
    if not lines:
        return ", ".join(event.get("work") or ["visit"])
    return ", ".join(
        f"{_joined(one, 'brand', 'pattern', 'name', 'size')} × {one.get('quantity', 1)}" for one in lines
    )


def _messages(messages: Sequence[dict[str, Any]], cars: bool) -> None:
    if not messages:
        return
    _heading("Messages")
    _table(
        messages[::-1],
        MOST_MESSAGES,
        {
            "when": _day,
            "what": lambda one: one["title"],
            **({"car": lambda one: one["vehicle"]} if cars else {}),
            "how": lambda one: one["channel"],
            "status": lambda one: one["reason"] or one["status"],
        },
        "earlier",
    )


def ahead(today: date, day: date) -> str:
    """How far off a day is, as people say it: `tomorrow`, `in 5 weeks`, `in 3 years`."""
    days = (day - today).days
    if days <= 1:
        return "today" if days <= 0 else "tomorrow"
    if days < 14:
        return f"in {days} days"
    if days < 60:
        return f"in {days / 7:.0f} weeks"
    return f"in {days / 30.44:.0f} months" if days < 730 else f"in {days / 365.25:.0f} years"


# How it is written

_Cell = Callable[[dict[str, Any]], object]


def _table(rows: Sequence[dict[str, Any]], most: int, columns: dict[str, _Cell], rest: str) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in columns:
        whole = heading in {"when", "", "km", "how"}
        style = "dim" if heading in {"when", ""} else None
        table.add_column(heading, style=style, no_wrap=whole, overflow="fold")
    for one in rows[:most]:
        table.add_row(*(_safe(cell(one)) for cell in columns.values()))
    stdout.print(Padding(table, (0, 0, 0, 2)))
    if len(rows) > most:
        _indented(f"[dim]… and {len(rows) - most} {rest}[/]")


def _heading(text: str) -> None:
    stdout.print(f"[bold]{text}[/]")


def _indented(text: str) -> None:
    stdout.print(Padding(text, (0, 0, 0, 2)))


def _day(one: dict[str, Any]) -> str:
    return str(one["at"])[:10]


def _joined(values: dict[str, Any], *names: str, by: str = " ") -> str:
    return by.join(str(values[name]) for name in names if values.get(name))


def _safe(value: object) -> str:
    """Whatever an event has brought, as the terminal may have it."""
    return escape(printable(str(value or "")))
