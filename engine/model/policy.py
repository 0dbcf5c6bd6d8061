"""What is true of all of a project's journeys (`journeys/policy.yaml`), and of its dealers."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from engine.model.times import Duration


class Purpose(msgspec.Struct, frozen=True):
    """`consent_required`: a message needs a 'yes' on its channel; else only a 'no' stops it. `titles` are what it is
    called for customers, by locale."""

    consent_required: bool
    ignores: frozenset[str] = frozenset()
    titles: Mapping[str, str] = msgspec.field(default_factory=dict)


class QuietHours(msgspec.Struct, frozen=True):
    """From `start` to `end`, local time of day; over midnight where `end` is earlier."""

    start: time
    end: time


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many messages within a sliding time; `over` channels and of `purposes`, empty for all."""

    at_most: int
    within: Duration
    over: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()


class AfterAll(StrEnum):
    """What becomes of a message in the end of which nobody can tell whether it was sent."""

    LEAVE = "leave"
    FAILED = "failed"
    SEND_AGAIN = "send again"


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of messages that are `unknown` for so long after they were tried."""

    after: Duration = Duration(days=3)
    then: AfterAll = AfterAll.LEAVE


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """How cars are driven, and how their odometers are told, before anything is known of one.

    `engine.odometer.fit_fleet` finds these from a fleet's readings; `docs/explanation/odometer.md` says
    where the ones written here come from. `spread`, `change_spread` and `visit_spread` are standard
    deviations of a natural logarithm.
    """

    km_per_day: float = 38.0  # the median car's, over a year
    spread: float = 0.44  # between cars
    season: float = 0.15  # how much more than the year's mean is driven at the peak of the year, a share
    season_peak: float = 171.0  # the day of the year of that peak
    unevenness_days: float = 0.22  # in d days a car drives with the variance of this x d days at its habit
    changes_per_year: float = 0.04  # changes of habit
    change_spread: float = 0.4  # of the habit after a change around that before
    visit_km: float = 6200.0  # the median distance from one reading to the next
    visit_spread: float = 0.25
    stay_away: float = 0.1  # the share of readings after which no other comes
    wrong: float = 0.01  # the share of readings that are wrong


class Dealer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str | None = None
    city: str | None = None
    district: str | None = None
    address: str | None = None
    postcode: str | None = None
    phone: str | None = None
    email: str | None = None
    hours: str | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`quiet_hours` are of those channels that have any. `prices` is what a message costs, by channel, in `currency`
    where that is told. With `count_clicks` the links of emails lead through the gateway, which tells who followed
    them."""

    zone: ZoneInfo
    locale: str
    brand: str
    channels: tuple[str, ...]
    purposes: Mapping[str, Purpose]
    send_at: time = time(10, 0)
    grace: Duration = Duration(days=7)
    quiet_hours: Mapping[str, QuietHours] = msgspec.field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    hold_while: frozenset[str] = frozenset()
    unsettled: Unsettled = Unsettled()
    count_clicks: bool = False
    prices: Mapping[str, Decimal] = msgspec.field(default_factory=dict)
    currency: str | None = None
    fleet: Fleet = Fleet()
    own_country: str | None = None

    @property
    def restrains(self) -> bool:
        """Whether there is any rule that could hold a message back."""
        return bool(self.quiet_hours or self.caps or self.hold_while)

    @property
    def country(self) -> str | None:
        """How a number without a country is read: the country that the policy names, else that of its locale
        (zh-CN → CN)."""
        if self.own_country is not None:
            return self.own_country
        parts = self.locale.replace("_", "-").split("-")
        return parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 2 else None
