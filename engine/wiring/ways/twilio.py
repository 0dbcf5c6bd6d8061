"""SMS by Twilio."""

from datetime import datetime

from engine.channels.hooks import Call, Heard, Refused, Webhook
from engine.channels.sms_twilio import SmsTwilio, TwilioAccount
from engine.channels.sms_twilio.webhook import hear
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings
from engine.wiring.ways.lines import is_guarded


def channel(settings: Settings, _policy: Policy) -> Channel:
    token = _token(settings)
    if not settings.twilio_account_sid:
        raise UsageError("SMS by Twilio need an account.", "Set MILEPOST_TWILIO_ACCOUNT_SID to it, AC….")
    if not is_guarded(settings.twilio_url):
        raise UsageError(
            "MILEPOST_TWILIO_URL is no https:// address.",
            "Leave it out; it is https://api.twilio.com by itself.",
        )
    # Where nobody has said where we can be reached, Twilio cannot tell us anything.
    known = "public_url" in settings.model_fields_set
    return SmsTwilio(
        TwilioAccount(
            account=settings.twilio_account_sid,
            token=token,
            sender=settings.twilio_from,
            callback=f"{settings.public_url.rstrip('/')}/hooks/twilio" if known else "",
            url=settings.twilio_url,
        ),
        most_parts=settings.sms_most_parts,
        per_s=settings.sms_rate,
    )


def webhook(settings: Settings) -> Webhook:
    token = _token(settings)

    def heard(call: Call, now: datetime) -> Heard | Refused:
        return hear(token, call, now)

    return heard


def _token(settings: Settings) -> str:
    token = settings.twilio_auth_token.get_secret_value()
    if not token:
        raise UsageError(
            "SMS by Twilio need the account's token.",
            "Set MILEPOST_TWILIO_AUTH_TOKEN, or MILEPOST_TWILIO_AUTH_TOKEN_FILE to a file that holds it.",
        )
    return token
