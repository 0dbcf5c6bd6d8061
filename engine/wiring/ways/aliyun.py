"""SMS by Alibaba Cloud."""

from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from engine.channels.hooks import Call, Heard, Refused, Webhook
from engine.channels.sms_aliyun import AliyunAccount, SmsAliyun
from engine.channels.sms_aliyun.webhook import hear
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings
from engine.wiring.ways.lines import is_guarded


class Registered(NamedTuple):
    """What Alibaba Cloud has approved: signatures, and the codes of texts."""

    signatures: frozenset[str]
    texts: frozenset[str]


def registered(settings: Settings) -> Registered:
    """Raises `ServiceUnavailable` where it cannot be asked, and as `channel` does."""
    with closing(_way(settings)) as way:
        return Registered(frozenset(way.signatures()), frozenset(way.texts()))


def channel(settings: Settings, _policy: Policy) -> Channel:
    return _way(settings)


def _way(settings: Settings) -> SmsAliyun:
    secret = settings.aliyun_key_secret.get_secret_value()
    if not settings.aliyun_key_id or not secret:
        raise UsageError(
            "SMS by Alibaba Cloud need an access key.",
            "Set MILEPOST_ALIYUN_KEY_ID, and MILEPOST_ALIYUN_KEY_SECRET or MILEPOST_ALIYUN_KEY_SECRET_FILE.",
        )
    if "://" in settings.aliyun_endpoint and not is_guarded(settings.aliyun_endpoint):
        raise UsageError(
            "MILEPOST_ALIYUN_ENDPOINT would be called over an open line.",
            "Leave it out, or set it to a server's name, such as dysmsapi.aliyuncs.com.",
        )
    return SmsAliyun(
        AliyunAccount(key_id=settings.aliyun_key_id, key_secret=secret, endpoint=settings.aliyun_endpoint),
        most_parts=settings.sms_most_parts,
        per_s=settings.sms_rate,
    )


def webhook(settings: Settings) -> Webhook:
    key = settings.aliyun_hook_key.get_secret_value()

    def heard(call: Call, now: datetime) -> Heard | Refused:
        return hear(key, call, now)

    return heard
