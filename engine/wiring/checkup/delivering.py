"""Whether messages could be rendered and handed over."""

from collections.abc import Sequence
from contextlib import closing, suppress

from engine.model.errors import MilepostError
from engine.model.policy import Policy
from engine.render.letter import check_letters
from engine.wiring.checkup.findings import Finding, error, ok, warning
from engine.wiring.delivery import CHANNELS
from engine.wiring.printing import is_printing, place_of
from engine.wiring.settings import NotRight, Settings
from engine.wiring.ways import channel


def channels(policy: Policy, settings: Settings) -> Sequence[Finding]:
    """Each by itself."""
    return [*(_channel(one, policy, settings) for one in CHANNELS), *_counted_twice(policy, settings)]


def _counted_twice(policy: Policy, settings: Settings) -> Sequence[Finding]:
    with suppress(NotRight):
        return _counted(policy, settings)
    return []


def _counted(policy: Policy, settings: Settings) -> Sequence[Finding]:
    if settings.email.lower() != "sendgrid" or not (settings.sendgrid_tracking and policy.count_clicks):
        return []
    return [
        warning(
            "clicks in emails are counted twice: the policy leads links by the gateway, and SendGrid counts them too",
            "Leave one out: `count_clicks` in journeys/policy.yaml, or MILEPOST_SENDGRID_TRACKING.",
        )
    ]


def _channel(setting: str, policy: Policy, settings: Settings) -> Finding:
    try:
        with closing(channel(setting, settings, policy)) as made:
            return ok(f"{made.name}: {made.check()}")
    except MilepostError as trouble:
        return error(trouble)


def printing(settings: Settings) -> Sequence[Finding]:
    """Whether print runs can be handed over; nothing where letters are not printed in runs."""
    if not is_printing(settings):
        return []
    try:
        place = place_of(settings)
        if place is None:
            return [
                warning(
                    "print runs wait to be fetched: nobody has said where they are handed over",
                    "Set MILEPOST_PRINT_DIR or MILEPOST_PRINT_SFTP.",
                )
            ]
        return [ok(place.check())]
    except MilepostError as trouble:
        return [error(trouble)]


def letters() -> Sequence[Finding]:
    return [ok(f"a letter can be set, in {check_letters()}")]
