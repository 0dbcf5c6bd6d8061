"""A broadcast that a person began: whether it came to the customer, and what that began."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from engine.decide.watched import Sight
from engine.ports import FanOut
from engine.why.replay import Scene, Seen
from engine.why.scenery import Scenery
from engine.why.starts import Start, once

_LATER = timedelta(minutes=1)


class StartByHand(Start):
    """One that came to the customer, or did not yet, or never will."""

    def __init__(self, scenery: Scenery, scene: Scene, fan_out: FanOut, sights: Sequence[Sight | Seen]):
        super().__init__(scenery, scene, None, sights)
        self._fan_out = fan_out
        self._came = scenery.history.has_come(fan_out)

    @property
    def at(self) -> datetime:
        return self._scene.at if self._came else self._fan_out.at

    def _what(self) -> str:
        return f"the broadcast begun by hand {self._scenery.minute(self._fan_out.at)}"

    def _why(self) -> str:
        fan_out = self._fan_out
        if not self._came and fan_out.stopped is not None:
            stopped = self._scenery.minute(fan_out.stopped)
            return f"it was stopped {stopped}, before it had come to this customer"
        why = self._why_not()
        if self._came:
            return why or super()._why()
        still = "it has not come to this customer yet" + (", and is paused" if fan_out.paused else "")
        return f"{still}; as things stand, {why}" if why else still

    def _why_not(self) -> str:
        """What keeps the customer from being written to, whenever it comes; empty for nothing."""
        history, fan_out = self._scenery.history, self._fan_out
        if not history.is_meant(fan_out, self._scene.at if self._came else history.now):
            return f"it is only for those who got {fan_out.only_to}, and that has not gone to this customer"
        if not self._came and not all(one.value for one in self._seen):
            return "the audience does not hold"
        return ""

    def _circumstances(self) -> Iterator[str]:
        fan_out, scene = self._fan_out, self._scene
        if fan_out.only_to and self._scenery.history.is_meant(fan_out, scene.at):
            yield f"it is only for those who got {fan_out.only_to}, which has gone to this customer"
        if self._came and scene.at - fan_out.at >= _LATER:
            yield f"it came to this customer {self._scenery.minute(scene.at)}"


def starts_by_hand(scenery: Scenery, scene: Scene) -> Iterator[StartByHand]:
    """The broadcast by hand that the scene is of, if it is one of the journey."""
    fan_out = scene.by_hand
    if fan_out is None or fan_out.journey != scenery.journey.id:
        return
    if scene.stimulus is None and scenery.history.has_come(fan_out) and _all_hold(scene):
        return  # the decision follows, which tells it
    yield StartByHand(scenery, scene, fan_out, once(scene.sights))


def _all_hold(scene: Scene) -> bool:
    """Whether conditions were asked, and hold."""
    return bool(scene.sights) and all(bool(one.value) for one in scene.sights if isinstance(one, Seen))
