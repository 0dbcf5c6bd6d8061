"""Whether a provider that sends registered texts only has what it needs, and has approved it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from engine.language import Loaded
from engine.language.nearest import listed
from engine.model.errors import MilepostError
from engine.render.brands import BrandView, sender_of
from engine.wiring.checkup.findings import Finding, ok, warning
from engine.wiring.settings import Settings

if TYPE_CHECKING:
    from engine.wiring.ways.aliyun import Registered

_SHOWN = 3
_CODE = re.compile(r"SMS_\d+")


def registered_texts(loaded: Loaded, settings: Settings) -> Sequence[Finding]:
    """Codes of the SMS and signatures of the brands, in each language; nothing where SMS go by another way."""
    if settings.sms.lower() != "aliyun":
        return []
    from engine.wiring.ways.aliyun import registered  # noqa: PLC0415 - its library takes a second to import

    faults = [*_without_code(loaded), *_without_signature(loaded)]
    try:
        approved = registered(settings)
    except MilepostError as trouble:
        return [
            *faults,
            warning(
                f"Nobody can say which signatures and texts are approved: {trouble.message}",
                "For that the access key must be allowed dysms:QuerySmsSignList and dysms:QuerySmsTemplateList.",
            ),
        ]
    faults += [*_signatures_unapproved(loaded, approved), *_codes_unapproved(loaded, approved)]
    return faults or [ok("every SMS has the code of an approved text, every brand an approved signature")]


def _without_code(loaded: Loaded) -> Iterator[Finding]:
    texts = [file for file in loaded.templates.files if file.channel == "sms"]
    without = sorted(file.path for file in texts if not file.front.get("template_code"))
    if without:
        yield warning(
            f"{len(without)} of {len(texts)} SMS have no code of a registered text, and would not be sent: "
            f"{_some(without)}.",
            "Write `template_code: SMS_…` and `params` at the head of each; docs/howto/sms.md tells how.",
        )


def _codes_unapproved(loaded: Loaded, approved: "Registered") -> Iterator[Finding]:
    unapproved: dict[str, str] = {}
    for file in loaded.templates.files:
        if file.channel == "sms":
            codes = _CODE.findall(file.front.get("template_code", ""))
            unapproved |= {code: file.path for code in codes if code not in approved.texts}
    for code, path in sorted(unapproved.items()):
        yield warning(
            f"Alibaba Cloud has approved no text {code}: SMS of {path} fail.",
            "Compare its template_code with the texts in the console, and wait for the approval where it is under way.",
        )


def _without_signature(loaded: Loaded) -> Iterator[Finding]:
    for brand, locales in _by_signature(loaded).get("", {}).items():
        yield warning(
            f"The brand '{brand}' has no signature for SMS ({', '.join(locales)}): none of it would be sent.",
            f"Write it into templates/brands/{brand}/brand.yaml: `senders: {{sms: {{signature: …}}}}`.",
        )


def _signatures_unapproved(loaded: Loaded, approved: "Registered") -> Iterator[Finding]:
    for signature, brands in _by_signature(loaded).items():
        if not signature or signature in approved.signatures:
            continue
        for brand, locales in brands.items():
            yield warning(
                f"Alibaba Cloud has not approved the signature '{signature}': SMS of the brand '{brand}' in "
                f"{', '.join(locales)} do not go out.",
                f"Have it approved in the console, or write an approved one into templates/brands/{brand}/brand.yaml "
                f"({_listed(approved.signatures)}).",
            )


def _by_signature(loaded: Loaded) -> dict[str, dict[str, list[str]]]:
    """Signature (empty: none) → brand → the locales in which it has SMS under it."""
    found: dict[str, dict[str, list[str]]] = {}
    for brand in loaded.templates.brands.values():
        texts = [
            one for one in loaded.templates.files if one.channel == "sms" and one.brand in (None, brand.id)
        ]
        for locale in sorted({one.locale for one in texts}):
            signature = sender_of(BrandView(brand, locale), "sms").get("signature", "")
            found.setdefault(signature, {}).setdefault(brand.id, []).append(locale)
    return found


def _some(paths: Sequence[str]) -> str:
    return listed([*paths[:_SHOWN], *(["others"] if len(paths) > _SHOWN else [])])


def _listed(signatures: Iterable[str]) -> str:
    return "、".join(sorted(signatures)) or "there is none"
