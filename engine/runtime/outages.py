"""Channels that cannot be used at present. That is the channel's trouble, not its messages': they wait, without
having been tried, while the channel rests and the others go on.

What rests is a lane, a brand's way out by a channel, because that is what fails as one: of a folder, or of an
account with a provider, there may be one for each brand. The pauses are those of the process, in its own seconds,
whichever clock the messages go by; a process that has just begun tries every lane at once.
"""

import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from engine.model.errors import ServiceUnavailable
from engine.ports import Lane


class Pauses(msgspec.Struct, frozen=True, kw_only=True):
    """How long it waits before it tries again: `first_s`, then twice as long each time, `longest_s` at most."""

    first_s: float = 1.0
    longest_s: float = 300.0

    def after_s(self, times: int) -> float:
        """The pause after so many failures in a row, at least one."""
        return min(self.first_s * 2.0 ** min(times - 1, 30), self.longest_s)


PAUSES = Pauses()

_LONGEST_ASKED_S = 3600.0

_PATIENT_TIMES, _PATIENT_S = 3, 30.0
"""How often in a row, and for how long at a time, what passes by itself is waited for by whoever wants to be done."""

_NONE: Mapping[str, int] = {}


class Cause(msgspec.Struct, frozen=True, order=True):
    """A channel, and what is wrong with it."""

    channel: str
    problem: str


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that cannot be used for some `brands`: what is wrong, what to do, and how many messages wait for
    it. It names no person."""

    channel: str
    brands: tuple[str, ...]
    problem: str
    hint: str
    waiting: int

    def __str__(self) -> str:
        wait = "1 message waits" if self.waiting == 1 else f"{self.waiting} messages wait"
        said = f"{self.channel} ({', '.join(self.brands)}): {self.problem} {wait}."
        return f"{said} {self.hint}" if self.hint else said

    @property
    def cause(self) -> Cause:
        return Cause(self.channel, self.problem)


class ChannelsUnavailable(ServiceUnavailable):
    """All else that was due is done; messages wait for channels that cannot be used."""

    def __init__(self, outages: Sequence[Outage]) -> None:
        super().__init__("\n".join(map(str, outages)))
        self.outages = tuple(outages)


class _Rest(msgspec.Struct):
    cause: Cause
    hint: str
    times: int
    until_s: float
    passing: bool
    long: bool

    @property
    def is_news(self) -> bool:
        """What passes by itself may well have passed with the first rest."""
        return not self.passing or self.long or self.times > 1


class Resting:
    """The lanes that cannot be used, from the first failure until something gets through. `seconds` is the
    process's clock."""

    def __init__(self, pauses: Pauses = PAUSES, seconds: Callable[[], float] = time.monotonic) -> None:
        self._pauses = pauses
        self._seconds = seconds
        self._rests: dict[Lane, _Rest] = {}
        self._begun: set[Lane] = set()
        self._stumbles: dict[Lane, dict[str, int]] = {}
        self._forgiven: set[str] = set()

    def begin(
        self,
        lane: Lane,
        problem: str,
        hint: str = "",
        at_least_s: float | None = None,
        *,
        passing: bool = False,
    ) -> None:
        """The lane could not be used: it rests, longer each time; for `at_least_s`, where the provider asks for it, but
        for an hour at most. `passing`: as a rule that is over in a moment."""
        before = self._rests.get(lane)
        times = before.times + 1 if before else 1
        for_s = max(self._pauses.after_s(times), min(at_least_s or 0.0, _LONGEST_ASKED_S))
        self._rests[lane] = _Rest(
            Cause(lane.channel, problem), hint, times, self._seconds() + for_s, passing, for_s > _PATIENT_S
        )
        self._begun.add(lane)

    def end(self, lane: Lane) -> None:
        """Something got through."""
        self._rests.pop(lane, None)
        self._begun.discard(lane)
        if on_lane := self._stumbles.pop(lane, None):
            again = {one: times for one, times in on_lane.items() if one in self._forgiven}
            self._forgiven.update(on_lane)
            if again:
                self._stumbles[lane] = again

    def stumbled(self, lane: Lane, message_id: str) -> None:
        """The lane could not be used for this message, be it the first of several. That may be the message's own
        trouble, so others are tried before it is tried again."""
        on_lane = self._stumbles.setdefault(lane, {})
        on_lane[message_id] = on_lane.get(message_id, 0) + 1

    def stumbles(self, lane: Lane, message_id: str) -> int:
        """How often that was so; zero again, but once only, when something got through."""
        return self._stumbles.get(lane, _NONE).get(message_id, 0)

    def settled(self, lane: Lane, message_id: str) -> None:
        """It is told apart no longer: it got through, or comes after the others."""
        self._forgiven.discard(message_id)
        self._stumbles.get(lane, {}).pop(message_id, None)

    def is_resting(self, lane: Lane) -> bool:
        """Whether the lane is not to be tried just now."""
        rest = self._rests.get(lane)
        return rest is not None and self._seconds() < rest.until_s

    def is_unproven(self, lane: Lane) -> bool:
        """Whether the lane could not be used, and nothing has got through since."""
        return lane in self._rests

    def lanes(self) -> list[Lane]:
        """Those that are not to be tried just now."""
        return [lane for lane in self._rests if self.is_resting(lane)]

    def back_in_s(self, lane: Lane) -> float | None:
        """In how many seconds the lane is tried again; None where that is not worth waiting for, as it will not pass,
        has not passed several times, or takes long."""
        rest = self._rests.get(lane)
        if rest is None or not rest.passing or rest.long or rest.times > _PATIENT_TIMES:
            return None
        return max(0.0, rest.until_s - self._seconds())

    def begun(self) -> set[Lane]:
        """Those that began to rest, for the first time or again, since this was asked last."""
        begun, self._begun = self._begun, set()
        return begun

    def causes(self) -> frozenset[Cause]:
        """What is wrong at present, each thing once. What passes by itself counts when it has not done so once."""
        return frozenset(rest.cause for rest in self._rests.values() if rest.is_news)

    def outages(self, waiting: Mapping[Lane, int]) -> list[Outage]:
        """What is wrong at present, in order; `waiting` says how many messages wait on each lane."""
        found = []
        for cause in sorted(self.causes()):
            lanes = sorted(lane for lane, rest in self._rests.items() if rest.cause == cause)
            found.append(
                Outage(
                    channel=cause.channel,
                    brands=tuple(lane.brand for lane in lanes),
                    problem=cause.problem,
                    hint=self._rests[lanes[0]].hint,
                    waiting=sum(waiting.get(lane, 0) for lane in lanes),
                )
            )
        return found
