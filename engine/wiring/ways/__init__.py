"""The ways in which messages go out, by the settings' values: one module a way, which alone imports what it needs."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.channels.hooks import Webhook
from engine.model.errors import UsageError
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

HOOKS: Mapping[str, str] = {
    "sendgrid": "sendgrid.webhook",
    "twilio": "twilio.webhook",
    "aliyun": "aliyun.webhook",
    "sms": "sms_http.webhook",
}
"""By the last part of the address to which a provider posts (`/hooks/…`): where what hears it is made."""


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
    """What hears the provider of that way; None where there is none, or its settings are not made."""
    if way not in HOOKS:
        return None
    make: Callable[[Settings], Webhook] = _function(HOOKS[way])
    try:
        return make(settings)
    except UsageError:
        return None


def _function(place: str) -> Any:
    module, _, function = place.partition(".")
    return getattr(import_module(f"{__name__}.{module}"), function)
