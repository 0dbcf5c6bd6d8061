"""What the parts of a journey are checked against."""

import msgspec

from engine.language.expressions import Lexicon, Type, Vocabulary
from engine.language.expressions.vocabulary import Driven, Reach
from engine.language.keys import Placed
from engine.language.nearest import did_you_mean
from engine.language.policy import PolicyReading
from engine.language.report import Report, Span
from engine.language.template_files import TemplateIndex
from engine.model.event_types import Subject

_OFTEN_WITH_VEHICLE = frozenset(
    {"purchase.recorded", "complaint.opened", "complaint.updated", "complaint.resolved"}
)
"""Types whose events usually tell of a car, by the contract of events; most others may, but seldom do."""


class SendSite(msgspec.Struct, frozen=True, kw_only=True):
    """A `send` whose template is yet to be checked. `brands` are those it can be sent for; `values` the types
    of `with`'s; `vocabulary` is what the journey's expressions know there."""

    journey: str
    step: str
    template: Placed[str]
    by: tuple[Placed[str], ...]
    brands: tuple[str, ...]
    values: dict[str, Type]
    vocabulary: Vocabulary


class Context(msgspec.Struct, kw_only=True):
    """The project around a journey. `sites` gathers the sends of all journeys."""

    report: Report
    policy: PolicyReading
    templates: TemplateIndex
    lexicon: Lexicon
    sites: list[SendSite] = msgspec.field(default_factory=list)

    def knows_event(self, name: str, span: Span) -> bool:
        """Whether there is an event type of that name; reports if not."""
        if name in self.lexicon.event_types:
            return True
        hint = did_you_mean(name, self.lexicon.event_types)
        self.report.error("unknown-event", span, f"unknown event type '{name}'", hint)
        return False

    def has_vehicle(self, event_type: str) -> bool:
        """Whether events of the type can carry a vehicle."""
        known = self.lexicon.event_types.get(event_type)
        return known is None or "vehicle" in known.data.members

    def reach_of(self, event_type: str | None, *, per_vehicle: bool = False) -> Reach:
        """What runs begun by such an event (None: by a schedule) can reach."""
        vehicle = event_type is not None and self.has_vehicle(event_type)
        driven = Driven.NO
        if vehicle and event_type is not None:
            driven = Driven.YES if per_vehicle else self._driven(event_type)
        return Reach(event_type=event_type, vehicle=vehicle, driven=driven)

    def _driven(self, event_type: str) -> Driven:
        """Whether an event of the type comes with a car."""
        known = self.lexicon.event_types.get(event_type)
        if known is None or known.data.members["vehicle"].required:
            return Driven.YES
        often = known.subject is Subject.VEHICLE or event_type in _OFTEN_WITH_VEHICLE
        return Driven.PERHAPS if often else Driven.NO

    @property
    def brands(self) -> tuple[str, ...]:
        """The brands of the project, or the policy's where it has no folder of brands."""
        return tuple(sorted(self.templates.brands)) or (self.policy.policy.brand,)
