"""The ways in which messages go out, by the settings' values: one module a way, which alone imports what it needs."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

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
    module, _, function = WAYS[setting][asked].partition(".")
    make: Callable[[Settings, Policy], Channel] = getattr(import_module(f"{__name__}.{module}"), function)
    return make(settings, policy)
