"""The rules by which messages are held back, read and looked at together: one that never holds anything back, or
holds everything for too long, is hardly what was meant."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from engine.language.keys import Fields, Placed
from engine.language.nearest import did_you_mean, listed
from engine.language.policy import keys
from engine.language.report import Report, Span
from engine.model.policy import Cap, Purpose, QuietHours
from engine.model.times import Duration

Channels = tuple[str, ...]
Purposes = Mapping[str, Purpose]

_DAY_S = 86_400
_SHORTEST_MONTH_DAYS, _LONGEST_MONTH_DAYS = 28, 31


def read_quiet_hours(
    fields: Fields, channels: Channels, grace: Duration, report: Report
) -> dict[str, QuietHours]:
    """The quiet hours of each channel that has any."""
    quiet_hours = {}
    for channel, one in (fields.get(keys.QUIET_HOURS) or {}).items():
        _in_use(channel, one.span, channels, report)
        if isinstance(one.value, QuietHours):
            quiet_hours[channel] = one.value
            _check_grace(channel, one.value, one.span, grace, report)
    return quiet_hours


def read_caps(fields: Fields, channels: Channels, purposes: Purposes, report: Report) -> tuple[Cap, ...]:
    """The caps, in the order of the file."""
    caps: list[tuple[Cap, Span]] = []
    for one in fields.get(keys.CAPS) or ():
        given = one.value
        over = read_names(given.get(keys.OVER), report)
        of = read_names(given.get(keys.PURPOSES_OF_CAP), report)
        sound = True
        for channel in over.values():
            sound &= _in_use(channel.value, channel.span, channels, report)
        for purpose in of.values():
            sound &= _known(purpose, purposes, report)
        at_most, within = given.get(keys.AT_MOST), given.get(keys.WITHIN)
        if at_most is None or within is None:
            continue
        cap = Cap(at_most=at_most, within=within, over=frozenset(over), purposes=frozenset(of))
        if sound:
            _check_cap(cap, one.span, caps, purposes, report)
        caps.append((cap, one.span))
    return tuple(cap for cap, _ in caps)


def read_holds(fields: Fields, purposes: Purposes, report: Report) -> frozenset[str]:
    """What marketing waits for."""
    holds = read_names(fields.get(keys.HOLD_WHILE), report)
    marketing = [one for one in purposes.values() if one.consent_required and "hold_while" not in one.ignores]
    if holds and purposes and not marketing:
        report.warning(
            "idle-rule",
            fields.key_span(keys.HOLD_WHILE),
            "this holds nothing back: it is about purposes that need consent, and no such one heeds it",
            "take it out, or look at `consent` and `ignores` of the purposes",
        )
    return frozenset(holds)


def read_names(names: tuple[Placed[str], ...] | None, report: Report) -> dict[str, Placed[str]]:
    """Names by themselves; one that is listed twice is reported."""
    read: dict[str, Placed[str]] = {}
    for one in names or ():
        if one.value in read:
            report.error("duplicate-item", one.span, f"'{one.value}' is listed twice", "keep one of them")
        read.setdefault(one.value, one)
    return read


def _in_use(channel: str, span: Span, channels: Channels, report: Report) -> bool:
    if channel in channels:
        return True
    message = f"the policy's channels are without '{channel}'"
    report.error("channel-not-in-policy", span, message, "add it to `channels`, or take it out here")
    return False


def _known(purpose: Placed[str], purposes: Purposes, report: Report) -> bool:
    if not purposes or purpose.value in purposes:
        return True
    hint = did_you_mean(purpose.value, purposes)
    report.error("unknown-purpose", purpose.span, f"the policy has no purpose '{purpose.value}'", hint)
    return False


def _check_grace(channel: str, quiet: QuietHours, span: Span, grace: Duration, report: Report) -> None:
    """Whether what is due as the quiet hours begin can still go when they end."""
    start, end = (timedelta(hours=one.hour, minutes=one.minute) for one in (quiet.start, quiet.end))
    length = (end - start) % timedelta(days=1)
    if not grace.is_calendar and length > timedelta(seconds=grace.seconds):
        report.warning(
            "short-grace",
            span,
            f"the quiet hours of {channel} are longer than `grace`: what is due as they begin is never sent",
            "lengthen `grace`, or give the waits an `at` outside the quiet hours",
        )


def _check_cap(
    cap: Cap, span: Span, before: Iterable[tuple[Cap, Span]], purposes: Purposes, report: Report
) -> None:
    of = [purposes[one] for one in cap.purposes] if cap.purposes else list(purposes.values())
    if of and all("caps" in one.ignores for one in of):
        names = sorted(cap.purposes or purposes)
        message = f"this cap holds nothing back: {listed(names)} {'ignore' if names[1:] else 'ignores'} caps"
        report.warning("idle-rule", span, message, "take it out, or take `ignores: [caps]` out there")
        return
    for other, place in before:
        if _says_all(other, cap):
            message = f"this cap holds nothing back: the one in line {place.line} always does before it"
            report.warning(
                "idle-rule", span, message, "take one of them out, or let them say different things"
            )
            return
        if _says_all(cap, other):
            message = f"this cap holds nothing back: the one in line {span.line} always does before it"
            report.warning(
                "idle-rule", place, message, "take one of them out, or let them say different things"
            )
            return


def _says_all(cap: Cap, other: Cap) -> bool:
    """Whether `other` never holds back what `cap` lets go: `cap` counts whatever the other counts, allows no more,
    and counts for no shorter."""
    return (
        (not cap.over or (bool(other.over) and other.over <= cap.over))
        and (not cap.purposes or (bool(other.purposes) and other.purposes <= cap.purposes))
        and cap.at_most <= other.at_most
        and _least_s(cap.within) >= _most_s(other.within)
    )


def _least_s(within: Duration) -> int:
    return (within.months * _SHORTEST_MONTH_DAYS + within.days) * _DAY_S + within.seconds


def _most_s(within: Duration) -> int:
    return (within.months * _LONGEST_MONTH_DAYS + within.days) * _DAY_S + within.seconds
