"""What a customer says on the pages that a message links to, as events; and what they are shown there.

Nothing is written here: what was said becomes events like anybody else's, so it counts by the same rules, wherever it
was said, and the log has it. Each is named by the message that led there, what was said, and the page on which it was:
the same page sent twice says it once. What is said now comes after whatever was said before, though that be dated later
(a dealer's clock may be wrong): a 'no' must not be lost to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.decide.consent import address, agreed, statement_on
from engine.model.customer import PAUSED_UNTIL, Customer
from engine.model.ids import derive
from engine.model.messages import Message
from engine.model.policy import Policy, Purpose
from engine.model.times import Duration, to_us

CloudEvent = Mapping[str, Any]

UNSUBSCRIBE = "/gateway/unsubscribe"
PREFERENCES = "/gateway/preferences"
A_MONTH = Duration(months=1)

_KINDS = ("mobile", "email", "member")


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose of the policy, and for each channel on which the customer can be reached, whether it is agreed to."""

    name: str
    purpose: Purpose
    channels: Mapping[str, bool]


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """`paused_until` is None where there is no pause, or it is over."""

    topics: tuple[Topic, ...]
    paused_until: datetime | None = None

    @property
    def wanted(self) -> frozenset[str]:
        """`channel/purpose` of all that is agreed to."""
        return frozenset(
            f"{channel}/{topic.name}"
            for topic in self.topics
            for channel, granted in topic.channels.items()
            if granted
        )


def wishes_of(policy: Policy, customer: Customer, now: datetime) -> Wishes:
    """What the customer can choose: each purpose that needs consent, and any other that was said 'no' to."""
    channels = [one for one in policy.channels if address(customer, one) is not None] or policy.channels
    topics = []
    for name, purpose in policy.purposes.items():
        granted = {channel: agreed(customer, policy, channel, name) for channel in channels}
        if purpose.consent_required or not all(granted.values()):
            topics.append(Topic(name=name, purpose=purpose, channels=granted))
    until = customer.paused_until
    return Wishes(topics=tuple(topics), paused_until=until if until is not None and until > now else None)


class Said:
    """What `customer` says on a page to which `message` led. `page` names the page as it was shown, so that what is
    said on another one is something new; left out, what was known before does."""

    def __init__(self, message: Message, customer: Customer, now: datetime, page: str = "") -> None:
        self._message = message
        self._customer = customer
        self._now = now
        self._page = page

    def stop(self) -> CloudEvent | None:
        """No more messages like this one; None where that is known already."""
        message = self._message
        assert message.channel is not None
        newest = statement_on(self._customer, message.channel, message.purpose)
        if newest is not None and not newest.granted and not self._page:
            return None
        return self._consent(UNSUBSCRIBE, message.channel, message.purpose, granted=False)

    def go_on(self) -> CloudEvent:
        """Messages like this one again."""
        message = self._message
        assert message.channel is not None
        return self._consent(UNSUBSCRIBE, message.channel, message.purpose, granted=True)

    def choose(self, shown: frozenset[str], wanted: frozenset[str]) -> Iterator[CloudEvent]:
        """One event for each `channel/purpose` of which another thing is wanted than was shown."""
        for one in sorted(shown ^ wanted):
            channel, _, purpose = one.partition("/")
            yield self._consent(PREFERENCES, channel, purpose, granted=one in wanted)

    def stop_all(self, topics: Sequence[Topic]) -> Iterator[CloudEvent]:
        """None of these any more, on whatever channel."""
        for one in topics:
            yield self._consent(PREFERENCES, "all", one.name, granted=False)

    def pause(self, policy: Policy) -> tuple[CloudEvent, datetime]:
        """Nothing for a month for which consent is needed; and when that will be over."""
        until = A_MONTH.after(self._now, policy.zone)
        return self._pause(until, "pause"), until

    def end_pause(self) -> CloudEvent:
        return self._pause(self._now, "no pause")

    def _consent(self, source: str, channel: str, purpose: str, *, granted: bool) -> CloudEvent:
        newest = statement_on(self._customer, channel, purpose)
        known_at = None if newest is None else newest.at
        data = {
            "customer": self._named(),
            "channel": channel,
            "purpose": purpose,
            "proof": f"{source}: the link in message {self._message.id}",
            "message_id": self._message.id,
        }
        kind = "consent.granted" if granted else "consent.withdrawn"
        return self._event(source, kind, f"{channel}/{purpose}", data, known_at)

    def _pause(self, until: datetime, what: str) -> CloudEvent:
        stated = self._customer.profile.get(PAUSED_UNTIL)
        person = {**self._named(), "preferences": {"paused_until": until.isoformat(timespec="seconds")}}
        data = {"customer": person, "message_id": self._message.id}
        known_at = None if stated is None else stated.at
        return self._event(PREFERENCES, "customer.updated", what, data, known_at)

    def _named(self) -> dict[str, str]:
        """By the first that there is, as whoever has a key in the inbox is known by it."""
        for kind in _KINDS:
            value = self._customer.fact(kind)
            if value:
                return {kind: str(value)}
        return {}

    def _event(
        self, source: str, kind: str, what: str, data: Mapping[str, Any], known_at: datetime | None
    ) -> CloudEvent:
        at = self._now if known_at is None else max(self._now, known_at)
        page = self._page or ("" if known_at is None else str(to_us(known_at)))
        return {
            "specversion": "1.0",
            "id": derive("wish", self._message.id, kind, what, page),
            "source": source,
            "type": kind,
            "time": at.isoformat(),
            "data": data,
        }
