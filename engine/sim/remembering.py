"""What a journey test can see of a journey: what happened, and what was remembered of the customer."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.model.customer import Customer
from engine.model.journey_tests import Outcome
from engine.model.journeys import Journey, SetFacts, Tag


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What the journey did at `at`; `fields` are all that can be asked for, by the words of expectations."""

    at: datetime
    outcome: Outcome
    what: str
    fields: Mapping[str, Any]


def remembered(
    journey: Journey, before: Customer | None, after: Customer, at: datetime
) -> Iterator[Happening]:
    """What steps of the journey may have changed of the customer: tags, if it has such steps, and the fields that it
    sets. An event that says the same at the same moment looks the same."""
    for off, outcome in ((False, Outcome.TAG), (True, Outcome.UNTAG)):
        if any(isinstance(step, Tag) and step.off is off for step in journey.steps):
            now = after.untagged if off else after.tags
            past: Mapping[str, datetime] = {}
            if before is not None:
                past = before.untagged if off else before.tags
            for name, since in now.items():
                if past.get(name) != since:
                    yield Happening(at=at, outcome=outcome, what=name, fields={})
    paths = {path for step in journey.steps if isinstance(step, SetFacts) for path, _, _ in step.values}
    for path in sorted(paths):
        stated = after.profile.get(path)
        if stated is not None and (before is None or before.profile.get(path) != stated):
            yield Happening(at=at, outcome=Outcome.SET, what=f"customer.{path}", fields={"to": stated.value})
