"""SMS by whichever provider takes the request of docs/howto/sms.md."""

from datetime import datetime

from engine.channels.hooks import Call, Heard, Refused, Webhook
from engine.channels.sms_http import SmsHttp
from engine.channels.sms_http.webhook import hear
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings
from engine.wiring.ways.lines import is_guarded


def channel(settings: Settings, _policy: Policy) -> Channel:
    if not is_guarded(settings.sms):
        raise UsageError(  # the address may hold a secret
            "MILEPOST_SMS is no https:// address: customers' numbers and texts would go over an open line.",
            "Set it to the https:// address of the provider; http:// is for a server on this very machine.",
        )
    return SmsHttp(
        settings.sms,
        token=settings.sms_token.get_secret_value(),
        secret=settings.sms_secret.get_secret_value(),
        most_parts=settings.sms_most_parts,
        per_s=settings.sms_rate,
    )


def webhook(settings: Settings) -> Webhook:
    secret = settings.sms_secret.get_secret_value()

    def heard(call: Call, now: datetime) -> Heard | Refused:
        return hear(secret, call, now)

    return heard
