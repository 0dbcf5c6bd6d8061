"""Email by SendGrid."""

from datetime import datetime

from engine.channels.hooks import Call, Heard, Refused, Webhook
from engine.channels.sendgrid import SendGrid, SendGridSettings
from engine.channels.sendgrid.webhook import checked_key, hear
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings
from engine.wiring.ways.lines import is_guarded


def channel(settings: Settings, _policy: Policy) -> Channel:
    key = settings.sendgrid_api_key.get_secret_value()
    if not key or not key.isascii() or not key.isprintable():
        raise UsageError(
            "MILEPOST_EMAIL=sendgrid needs an API key.",
            "Set SENDGRID_API_KEY, or SENDGRID_API_KEY_FILE to a file that holds it; a key that may do nothing but\n"
            "  Mail Send is enough.",
        )
    return SendGrid(
        SendGridSettings(
            api_key=key,
            url=_url(settings),
            sandbox=settings.sendgrid_sandbox,
            tracking=settings.sendgrid_tracking,
            connections=settings.sendgrid_connections,
            answer_s=settings.sendgrid_timeout_s,
            per_s=settings.email_rate,
        )
    )


def webhook(settings: Settings) -> Webhook:
    key = checked_key(settings.sendgrid_webhook_key)
    most_age_s = settings.sendgrid_webhook_age_s

    def heard(call: Call, now: datetime) -> Heard | Refused:
        return hear(key, most_age_s, call, now)

    return heard


def _url(settings: Settings) -> str:
    """The key goes over no open line, except within this machine."""
    if is_guarded(settings.sendgrid_url):
        return settings.sendgrid_url
    raise UsageError(
        "MILEPOST_SENDGRID_URL is no https:// address.",
        "Leave it out, or set it to https://api.eu.sendgrid.com for an account in the EU.",
    )
