"""How a lookup looks on a terminal: what the reception needs, top down, on one screen."""

from typing import Any

from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from engine.cli.context import stdout

MOST_MESSAGES = 6


def show(profile: dict[str, Any]) -> None:
    person = profile["customer"]
    title = (
        " ".join(part for part in (person.get("name"), person.get("salutation")) if part) or "(owner unknown)"
    )
    contact = "  ".join(str(person[one]) for one in ("mobile", "email", "member") if person.get(one))
    place = " ".join(
        str(person[path]) for path in ("address.city", "address.line", "address.postcode") if person.get(path)
    )
    lines = [escape(one) for one in (contact, place, _consents(profile["consents"])) if one]
    stdout.print(Panel("\n".join(lines), title=escape(title), title_align="left", border_style="blue"))
    for car in profile["vehicles"]:
        stdout.print(_car(car))
    _next(profile["next"])
    _history(profile)
    _messages(profile["messages"])


def _consents(consents: dict[str, dict[str, bool]]) -> str:
    parts = []
    for purpose, channels in consents.items():
        yes = [channel for channel, granted in channels.items() if granted]
        parts.append(f"{purpose}: {', '.join(yes) or 'none'}")
    return "agreed to  " + " · ".join(parts)


def _car(car: dict[str, Any]) -> str:
    name = " ".join(str(car[one]) for one in ("make", "model") if car.get(one))
    text = f"[bold]{escape(car['plate'] or car['vin'] or '')}[/]  {escape(name)}"
    odometer = car["odometer"]
    if odometer:
        text += (
            f"  about [bold]{odometer['km']:,} km[/] today "
            f"(80 %: {odometer['low_km']:,}–{odometer['high_km']:,}; {odometer['km_per_day']} km a day; "
            f"last read {odometer['last_reading_km']:,} on {odometer['last_reading_at'][:10]})"
        )
    return text


def _next(coming: list[dict[str, Any]]) -> None:
    table = Table(title="Next", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("when", "what", "car", "how"):
        table.add_column(heading, style="dim" if heading == "when" else None)
    for one in coming:
        how = one["channel"] or f"not sent: {one['reason']}"
        table.add_row(one["at"][:10], escape(one["journey"]), escape(one["vehicle"] or ""), how)
    if not coming:
        table.add_row("", "nothing in sight", "", "")
    stdout.print(table)


def _history(profile: dict[str, Any]) -> None:
    table = Table(title="Bought and done", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("when", "car", "km", "what", "dealer"):
        table.add_column(heading, style="dim" if heading == "when" else None)
    both = [*profile["purchases"], *profile["visits"]]
    for one in sorted(both, key=lambda event: str(event["at"]), reverse=True):
        km = f"{one['odometer_km']:,.0f}" if one["odometer_km"] is not None else ""
        table.add_row(
            one["at"][:10], escape(one["vehicle"] or ""), km, escape(_what(one)), escape(one["dealer"] or "")
        )
    stdout.print(table)


def _what(event: dict[str, Any]) -> str:
    if event.get("tyres") or event.get("items"):
        bought = [
            " ".join(
                str(line[one]) for one in ("brand", "pattern", "name", "size") if line.get(one) is not None
            )
            + f" × {line.get('quantity', 1)}"
            for line in event.get("tyres") or event["items"]
        ]
        return ", ".join(bought)
    return ", ".join(event.get("work") or ["visit"])


def _messages(messages: list[dict[str, Any]]) -> None:
    if not messages:
        return
    table = Table(title="Messages", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("when", "what", "car", "how", "status"):
        table.add_column(heading, style="dim" if heading == "when" else None)
    for one in list(reversed(messages))[:MOST_MESSAGES]:
        status = one["reason"] or one["status"]
        table.add_row(
            one["at"][:10], escape(one["journey"]), escape(one["vehicle"] or ""), one["channel"] or "", status
        )
    if len(messages) > MOST_MESSAGES:
        table.add_row("", f"… and {len(messages) - MOST_MESSAGES} earlier", "", "", "")
    stdout.print(table)
