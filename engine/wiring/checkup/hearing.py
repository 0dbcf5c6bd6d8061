"""Whether providers are heard that tell what became of messages."""

from collections.abc import Iterator, Sequence

from engine.model.errors import MilepostError
from engine.wiring.checkup.findings import Finding, error, ok, warning
from engine.wiring.settings import Settings, variable
from engine.wiring.ways import HOOKS, webhook


def hooks(settings: Settings) -> Sequence[Finding]:
    """Of the providers in use, and of those whose setting cannot be used."""
    return list(_each(settings))


def _each(settings: Settings) -> Iterator[Finding]:
    in_use = _in_use(settings)
    for way in HOOKS:
        needed, address = variable(HOOKS[way].proof), f"{settings.public_url.rstrip('/')}/hooks/{way}"
        try:
            heard = webhook(way, settings) is not None
        except MilepostError as trouble:
            yield error(trouble)
            continue
        if way in in_use and heard:
            yield ok(f"what is posted to {address} is believed by {needed}")
        elif way in in_use:
            yield warning(
                f"{needed} is not set: what the provider tells of messages is not heard, so none that is `unknown` is "
                "ever settled by it, and no bounce or answer counts.",
                f"Set it, and have the provider post to {address}.",
            )


def _in_use(settings: Settings) -> set[str]:
    """By their names in `HOOKS`."""
    email, sms = settings.email.lower(), settings.sms.lower()
    return {email, "sms" if "://" in sms else sms} & {*HOOKS}
