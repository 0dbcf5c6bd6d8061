"""Whether messages could be rendered and handed over."""

from collections.abc import Sequence

from engine.model.errors import MilepostError
from engine.model.policy import Policy
from engine.render.letter import check_letters
from engine.wiring.checkup.findings import Finding, error, ok
from engine.wiring.delivery import channels_for
from engine.wiring.settings import Settings


def channels(policy: Policy, settings: Settings) -> Sequence[Finding]:
    """Each by itself."""
    found = []
    for one in channels_for(policy, settings):
        try:
            found.append(ok(f"{one.name}: {one.check()}"))
        except MilepostError as trouble:
            found.append(error(trouble))
    return found


def letters() -> Sequence[Finding]:
    return [ok(f"a letter can be set, in {check_letters()}")]
