"""The ways in which messages go out, by the settings' values: one module a way, which alone imports what it needs."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr

from engine.channels.hooks import Webhook
from engine.model.policy import Policy
from engine.ports import Channel

if TYPE_CHECKING:
    from engine.wiring.settings import Settings

WAYS: Mapping[str, Mapping[str, str]] = {
    "email": {
        "folder": "folder.emails",
        "sendgrid": "sendgrid.channel",
        "smtp://": "smtp.channel",
        "smtps://": "smtp.channel",
    },
    "sms": {
        "folder": "folder.sms",
        "twilio": "twilio.channel",
        "aliyun": "aliyun.channel",
        "http://": "sms_http.channel",
        "https://": "sms_http.channel",
    },
    "letters": {"folder": "folder.letters", "print": "print.channel"},
}
"""By setting: the word that it is, or the scheme with which its address begins, and there the module and the function
in it that makes the channel."""


class Hook(NamedTuple):
    """Where what hears a provider is made, and the setting by which its posts are believed."""

    make: str
    proof: str


HOOKS: Mapping[str, Hook] = {
    "sendgrid": Hook("sendgrid.webhook", "sendgrid_webhook_key"),
    "twilio": Hook("twilio.webhook", "twilio_auth_token"),
    "aliyun": Hook("aliyun.webhook", "aliyun_hook_key"),
    "sms": Hook("sms_http.webhook", "sms_secret"),
}
"""By the last part of the address to which a provider posts: `/hooks/…`."""


def named(setting: str, value: str) -> str | None:
    """The key in `WAYS` that the setting's value asks for; None where there is none."""
    scheme, separator, rest = value.partition("://")
    asked = f"{scheme.lower()}://" if separator and rest else value.lower()
    return asked if asked in WAYS[setting] else None


def channel(setting: str, settings: "Settings", policy: Policy) -> Channel:
    """The channel that the setting asks for, which has been looked at by `named`. Raises `UsageError` where settings
    are missing that it needs."""
    asked = named(setting, getattr(settings, setting))
    assert asked is not None
    make: Callable[[Settings, Policy], Channel] = _function(WAYS[setting][asked])
    return make(settings, policy)


def webhook(way: str, settings: "Settings") -> Webhook | None:
    """What hears the provider of that way; None where the setting that it needs is not set. Raises `UsageError` where
    that is set, and cannot be used."""
    given = getattr(settings, HOOKS[way].proof)
    if not (given.get_secret_value() if isinstance(given, SecretStr) else given):
        return None
    make: Callable[[Settings], Webhook] = _function(HOOKS[way].make)
    return make(settings)


def webhooks(settings: "Settings") -> Mapping[str, Webhook]:
    """All that are set up, by way; raises `UsageError` as `webhook` does."""
    made = {way: webhook(way, settings) for way in HOOKS}
    return {way: hook for way, hook in made.items() if hook is not None}


def _function(place: str) -> Any:
    module, _, function = place.partition(".")
    return getattr(import_module(f"{__name__}.{module}"), function)
