"""Whether there is a text for all that a journey can send."""

from engine.language.journeys import Context, SendSite
from engine.language.nearest import did_you_mean, listed
from engine.language.template_files import USABLE_KIND


def check_presence(site: SendSite, context: Context) -> bool:
    """Whether the template exists at all; reports that, and each channel and brand without a text in the
    policy's locale."""
    name = site.template.value
    names = context.templates.names()
    if name not in names:
        folder = name.partition("/")[0].removesuffix(".html").removesuffix(".txt")
        if folder != name and folder in names:
            hint = f"name the folder alone: {folder}; its file is found by channel, brand and locale"
        else:
            hint = did_you_mean(name, names, f"write templates/{name}/{_file(site.by[0].value, 'zh-CN')}")
        context.report.error("unknown-template", site.template.span, f"unknown template '{name}'", hint)
        return False
    if "locale" not in context.policy.knows:
        return True
    locale = context.policy.policy.locale
    for channel in site.by:
        kind = USABLE_KIND[channel.value]
        missing = [
            brand
            for brand in site.brands
            if context.templates.find(name, channel.value, brand, locale, kind, locale) is None
        ]
        if missing:
            whose = "" if len(missing) == len(site.brands) else f" for {listed(missing)}"
            message = f"template '{name}' has no text for {channel.value} in {locale}{whose}"
            folder = name if not whose else f"{name}/{missing[0]}"
            hint = f"write templates/{folder}/{_file(channel.value, locale)}"
            context.report.error("missing-template", channel.span, message, hint)
    return True


def _file(channel: str, locale: str) -> str:
    return f"{channel}.{locale}.{USABLE_KIND[channel]}"
