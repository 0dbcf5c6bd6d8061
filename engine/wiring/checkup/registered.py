"""Whether a provider that sends registered texts only has what it needs."""

from collections.abc import Iterator, Mapping, Sequence

from engine.language import Loaded
from engine.language.nearest import listed
from engine.wiring.checkup.findings import Finding, ok, warning
from engine.wiring.settings import Settings

_SHOWN = 3


def registered_texts(loaded: Loaded, settings: Settings) -> Sequence[Finding]:
    """Codes of the SMS and signatures of the brands; nothing where SMS go by another way."""
    if settings.sms.lower() != "aliyun":
        return []
    faults = [*_without_code(loaded), *_without_signature(loaded)]
    return faults or [ok("every SMS has the code of its registered text, every brand a signature")]


def _without_code(loaded: Loaded) -> Iterator[Finding]:
    texts = [file for file in loaded.templates.files if file.channel == "sms"]
    without = sorted(file.path for file in texts if not file.front.get("template_code"))
    if without:
        shown = listed([*without[:_SHOWN], *(["others"] if len(without) > _SHOWN else [])])
        yield warning(
            f"{len(without)} of {len(texts)} SMS have no code of a registered text, and would not be sent: {shown}.",
            "Write `template_code: SMS_…` and `params` at the head of each; docs/howto/sms.md tells how.",
        )


def _without_signature(loaded: Loaded) -> Iterator[Finding]:
    for brand in loaded.templates.brands.values():
        senders = brand.data.get("senders")
        sms = senders.get("sms") if isinstance(senders, Mapping) else None
        if not isinstance(sms, Mapping) or not sms.get("signature"):
            yield warning(
                f"The brand '{brand.id}' has no signature for SMS: none of it would be sent.",
                f"Write it into templates/brands/{brand.id}/brand.yaml: `senders: {{sms: {{signature: …}}}}`.",
            )
