"""The policy, from its file to the model's struct."""

from zoneinfo import ZoneInfo

import msgspec

from engine.language.keys import Fields
from engine.language.nearest import did_you_mean
from engine.language.policy import keys
from engine.language.report import Report, Span
from engine.language.source import MappingNode
from engine.model.event_types import CHANNELS
from engine.model.policy import Cap, Fleet, Policy, Purpose, QuietHours

_EXAMPLE = """write journeys/policy.yaml, at least:
timezone: Asia/Shanghai
locale: zh-CN
brand: michelin
channels: [letter, email, sms]
purposes: {care: {consent: required}}"""


class PolicyReading(msgspec.Struct, frozen=True, kw_only=True):
    """The policy, with something neutral where a key is missing or faulty; `knows` are the keys that were
    read. `spans` are their places."""

    policy: Policy
    knows: frozenset[str]
    spans: dict[str, Span]


NO_POLICY = Policy(zone=ZoneInfo("UTC"), locale="en", brand="", channels=CHANNELS, purposes={})


def read_policy(node: MappingNode | None, file: str, report: Report, *, exists: bool) -> PolicyReading:
    """Reads the policy; its faults, and that there is none, are reported."""
    if not exists:
        report.error("no-policy", Span(file), "the project has no policy", _EXAMPLE)
    fields = None if node is None else keys.POLICY.read(node, report)
    if fields is None:
        return PolicyReading(policy=NO_POLICY, knows=frozenset(), spans={})
    knows = {key.name for key in keys.POLICY.keys if fields.get(key) is not None}
    purposes = _purposes(fields)
    policy = Policy(
        zone=fields.get(keys.TIMEZONE) or NO_POLICY.zone,
        locale=fields.get(keys.LOCALE) or NO_POLICY.locale,
        brand=fields.get(keys.BRAND) or NO_POLICY.brand,
        channels=_channels(fields, report) or NO_POLICY.channels,
        purposes=purposes,
        send_at=fields.get(keys.SEND_AT) or NO_POLICY.send_at,
        grace=fields.get(keys.GRACE) or NO_POLICY.grace,
        quiet_hours=_quiet_hours(fields),
        caps=_caps(fields, purposes, report),
        hold_while=frozenset(one.value for one in fields.get(keys.HOLD_WHILE) or ()),
        fleet=_fleet(fields),
        **_country(fields),
    )
    _tell_what_is_not_applied(policy, fields, report)
    spans = {key.name: fields.span(key) for key in keys.POLICY.keys if fields.has(key)}
    return PolicyReading(policy=policy, knows=frozenset(knows), spans=spans)


def _tell_what_is_not_applied(policy: Policy, fields: Fields, report: Report) -> None:
    """Rules that somebody counts on, and that nothing keeps yet."""
    for key, is_given, what, hint in (
        (
            keys.QUIET_HOURS,
            bool(policy.quiet_hours),
            "messages go out at any hour",
            'give waits an hour of their own meanwhile: at: "10:00"',
        ),
        (
            keys.CAPS,
            bool(policy.caps),
            "customers get every message that is due",
            "set messages that may meet on one day apart by waits meanwhile",
        ),
        (
            keys.HOLD_WHILE,
            bool(policy.hold_while),
            "messages go out all the same",
            "`stop: [{on: complaint.opened}]` in a journey ends its runs meanwhile",
        ),
    ):
        if is_given:
            message = f"'{key.name}' is checked, but this version does not apply it yet: {what}"
            report.warning("not-applied", fields.key_span(key), message, hint)


def _country(fields: Fields) -> dict[str, str]:
    country = fields.get(keys.COUNTRY)
    return {} if country is None else {"own_country": country}


def _channels(fields: Fields, report: Report) -> tuple[str, ...]:
    channels: list[str] = []
    for one in fields.get(keys.CHANNELS_KEY) or ():
        if one.value in channels:
            report.error("duplicate-item", one.span, f"'{one.value}' is listed twice", "keep one of them")
        else:
            channels.append(one.value)
    return tuple(channels)


def _purposes(fields: Fields) -> dict[str, Purpose]:
    purposes = {}
    for name, one in (fields.get(keys.PURPOSES) or {}).items():
        ignores = frozenset(rule.value for rule in one.value.get(keys.IGNORES) or ())
        purposes[name] = Purpose(one.value.get(keys.CONSENT) is not False, ignores)
    return purposes


def _quiet_hours(fields: Fields) -> dict[str, QuietHours]:
    given = fields.get(keys.QUIET_HOURS) or {}
    return {channel: one.value for channel, one in given.items() if isinstance(one.value, QuietHours)}


def _caps(fields: Fields, purposes: dict[str, Purpose], report: Report) -> tuple[Cap, ...]:
    caps = []
    for one in fields.get(keys.CAPS) or ():
        given = one.value
        for purpose in given.get(keys.PURPOSES_OF_CAP) or ():
            if purposes and purpose.value not in purposes:
                hint = did_you_mean(purpose.value, purposes)
                message = f"the policy has no purpose '{purpose.value}'"
                report.error("unknown-purpose", purpose.span, message, hint)
        at_most, within = given.get(keys.AT_MOST), given.get(keys.WITHIN)
        if at_most is not None and within is not None:
            over = frozenset(channel.value for channel in given.get(keys.OVER) or ())
            of = frozenset(purpose.value for purpose in given.get(keys.PURPOSES_OF_CAP) or ())
            caps.append(Cap(at_most=at_most, within=within, over=over, purposes=of))
    return tuple(caps)


def _fleet(fields: Fields) -> Fleet:
    given = fields.get(keys.FLEET_KEY)
    if given is None:
        return Fleet()
    values = {key.name: given.get(key) for key in keys.FLEET_KEYS}
    return Fleet(**{name: value for name, value in values.items() if value is not None})
