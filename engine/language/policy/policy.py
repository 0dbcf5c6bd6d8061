"""The policy, from its file to the model's struct."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from engine.language.keys import Fields
from engine.language.policy import keys
from engine.language.policy.rules import read_caps, read_holds, read_names, read_quiet_hours
from engine.language.report import Report, Span
from engine.language.source import MappingNode
from engine.model.event_types import CHANNELS
from engine.model.policy import Fleet, Policy, Purpose, Unsettled

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
    channels = tuple(read_names(fields.get(keys.CHANNELS_KEY), report)) or NO_POLICY.channels
    purposes = _purposes(fields, report)
    grace = fields.get(keys.GRACE) or NO_POLICY.grace
    policy = Policy(
        zone=fields.get(keys.TIMEZONE) or NO_POLICY.zone,
        locale=fields.get(keys.LOCALE) or NO_POLICY.locale,
        brand=fields.get(keys.BRAND) or NO_POLICY.brand,
        channels=channels,
        purposes=purposes,
        send_at=fields.get(keys.SEND_AT) or NO_POLICY.send_at,
        grace=grace,
        quiet_hours=read_quiet_hours(fields, channels, grace, report),
        caps=read_caps(fields, channels, purposes, report),
        hold_while=read_holds(fields, purposes, report),
        unsettled=_unsettled(fields),
        count_clicks=fields.get(keys.COUNT_CLICKS) or NO_POLICY.count_clicks,
        prices=_prices(fields, channels, report),
        currency=fields.get(keys.CURRENCY),
        fleet=_fleet(fields),
        **_country(fields),
    )
    spans = {key.name: fields.span(key) for key in keys.POLICY.keys if fields.has(key)}
    return PolicyReading(policy=policy, knows=frozenset(knows), spans=spans)


def _country(fields: Fields) -> dict[str, str]:
    country = fields.get(keys.COUNTRY)
    return {} if country is None else {"own_country": country}


def _purposes(fields: Fields, report: Report) -> dict[str, Purpose]:
    purposes = {}
    for name, one in (fields.get(keys.PURPOSES) or {}).items():
        ignores = frozenset(read_names(one.value.get(keys.IGNORES), report))
        titles = {locale: title.value for locale, title in (one.value.get(keys.TITLE) or {}).items()}
        purposes[name] = Purpose(one.value.get(keys.CONSENT) is not False, ignores, titles)
    return purposes


def _unsettled(fields: Fields) -> Unsettled:
    given = fields.get(keys.UNSETTLED_KEY)
    after, then = (None, None) if given is None else (given.get(keys.AFTER), given.get(keys.THEN))
    return NO_POLICY.unsettled if after is None or then is None else Unsettled(after=after, then=then)


def _prices(fields: Fields, channels: tuple[str, ...], report: Report) -> dict[str, Decimal]:
    """What a message costs, by channel."""
    given = fields.get(keys.PRICES) or {}
    for channel, one in given.items():
        if channel not in channels:
            message = f"the policy's channels are without '{channel}'"
            hint = "add it to `channels`, or take it out here"
            report.error("channel-not-in-policy", one.span, message, hint)
    return {channel: one.value for channel, one in given.items()}


def _fleet(fields: Fields) -> Fleet:
    given = fields.get(keys.FLEET_KEY)
    if given is None:
        return Fleet()
    values = {key.name: given.get(key) for key in keys.FLEET_KEYS}
    return Fleet(**{name: value for name, value in values.items() if value is not None})
