"""What providers post about SMS becomes events, once it is known to be theirs."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from engine.channels.hooks import Call, Heard, Refused
from engine.channels.sms_aliyun.webhook import hear as hear_aliyun
from engine.channels.sms_http.webhook import hear as hear_http
from engine.channels.sms_twilio.webhook import hear as hear_twilio
from engine.intake.parse import Parser
from engine.ports import Channel, Outgoing, Rendered
from tests.contracts.samples import ADDRESS, message
from tests.contracts.test_sms_contract import WAYS
from tests.services.sms import gateway, twilio
from tests.services.sms.client import SmsServer
from tests.services.sms.receiver import Receiver

MOBILE = "+8613800000001"
HOOK_KEY = "a-key-in-the-address"
SECRETS = {"twilio": twilio.TOKEN, "aliyun": HOOK_KEY, "gateway": gateway.SECRET}
HEAR: dict[str, Callable[[str, Call, datetime], Heard | Refused]] = {
    "twilio": hear_twilio,
    "aliyun": hear_aliyun,
    "gateway": hear_http,
}
FAILURES = {  # what each says of a telephone that is switched off, and of a number that is none
    "twilio": ({"status": "undelivered", "code": "30003"}, {"status": "undelivered", "code": "30005"}),
    "aliyun": ({"status": "no", "code": "MOBILE_NOT_ON_SERVICE"}, {"status": "no", "code": "INVALID_NUMBER"}),
    "gateway": ({"status": "bounced"}, {"status": "bounced", "more": {"permanent": True}}),
}
every_way = pytest.mark.parametrize("way", WAYS)


class Provider:
    """A provider that has taken one message, and posts to us."""

    def __init__(self, way: str, server: SmsServer, receiver: Receiver) -> None:
        self.way = way
        self.server = server
        self.receiver = receiver
        path = {
            "twilio": "/hooks/twilio",
            "aliyun": f"/hooks/aliyun?key={HOOK_KEY}",
            "gateway": "/hooks/sms",
        }[way]
        self.hook = receiver.url + path

    def receipts(self, **told: Any) -> Call:
        # Twilio goes to the address that came with the message, of which only the host is replaced
        self.server.tell_receipts(self.receiver.url if self.way == "twilio" else self.hook, **told)
        return self._called()

    def answer(self, text: str, **more: Any) -> Call:
        sender = MOBILE.removeprefix("+86") if self.way == "aliyun" else MOBILE
        self.server.tell_answer(self.hook, sender, text, **more)
        return self._called()

    def _called(self) -> Call:
        call = self.receiver.calls[-1]
        if self.way == "twilio" and "message=" in call.url:
            return replace(call, url=call.url.replace(self.receiver.url, "https://care.example.com"))
        return call

    def hear(self, call: Call, secret: str | None = None, later: timedelta = timedelta()) -> Heard | Refused:
        given = SECRETS[self.way] if secret is None else secret
        return HEAR[self.way](given, call, datetime.now(UTC) + later)

    def events(self, call: Call) -> list[dict[str, Any]]:
        heard = self.hear(call)
        assert isinstance(heard, Heard), heard
        return list(heard.events)


@pytest.fixture
def provider(way: str, sms: dict[str, SmsServer]) -> Iterator[Provider]:
    channel: Channel = WAYS[way](sms[way].url)
    rendered = Rendered(
        channel="sms",
        text="您好",
        sender={"signature": "米其林"},
        template_code="SMS_200",
    )
    one = message(1, channel="sms", address={**ADDRESS, "mobile": MOBILE})
    channel.deliver([Outgoing(message=one, rendered=rendered)])
    channel.close()
    with Receiver() as receiver:
        yield Provider(way, sms[way], receiver)


def accepted(event: dict[str, Any]) -> dict[str, Any]:
    """The event as the intake takes it, and its data."""
    read = Parser().parse(json.dumps(event).encode())
    assert not isinstance(read, list), read
    return dict(event["data"])


@every_way
def test_what_was_delivered_is_told_of_the_message_whose_id_came_along(provider: Provider) -> None:
    [event] = provider.events(provider.receipts())
    assert event["type"] == "message.delivered"
    assert event["data"]["message_id"] == message(1).id
    assert event["data"].get("provider_id") or provider.way == "gateway"
    assert event["source"] == f"/providers/{'sms' if provider.way == 'gateway' else provider.way}"
    accepted(event)


@every_way
def test_the_same_notice_has_the_same_id_again(provider: Provider) -> None:
    call = provider.receipts()
    assert provider.events(call)[0]["id"] == provider.events(call)[0]["id"]
    again = provider.events(provider.receipts())[0]["id"]  # as when our answer was lost
    assert again == provider.events(call)[0]["id"]


@every_way
@pytest.mark.parametrize("permanent", [False, True], ids=["switched off", "no such number"])
def test_a_telephone_that_is_off_is_no_number_that_is_none(provider: Provider, permanent: bool) -> None:
    told = dict(FAILURES[provider.way][permanent])
    [event] = provider.events(provider.receipts(**told))
    assert event["type"] == "message.bounced"
    assert event["data"]["permanent"] is permanent
    assert event["data"]["reason"]


@every_way
@pytest.mark.parametrize("text", ["T", "退订", " ｔｄ。", "STOP", "R"])
def test_an_answer_that_ends_it_withdraws_the_consent_for_all_sms(provider: Provider, text: str) -> None:
    [event] = provider.events(provider.answer(text))
    assert event["type"] == "consent.withdrawn"
    assert accepted(event)["customer"] == {"mobile": MOBILE}
    assert (event["data"]["channel"], event["data"]["purpose"]) == ("sms", "all")


@every_way
@pytest.mark.parametrize("text", ["10分，很满意", "START", "恢复"])
def test_any_other_answer_is_counted_and_nothing_of_it_is_kept(provider: Provider, text: str) -> None:
    heard = provider.hear(provider.answer(text))
    assert isinstance(heard, Heard)
    assert heard.events == ()
    assert sum(heard.ignored.values()) == 1
    assert text not in repr(heard)
    assert MOBILE not in repr(heard)


@every_way
def test_what_is_not_shown_to_be_the_providers_is_refused(provider: Provider) -> None:
    call = provider.answer("T")
    for secret in ("wrong", ""):
        refused = provider.hear(call, secret)
        assert isinstance(refused, Refused)
        assert refused.status == 403
        assert MOBILE not in refused.reason


@pytest.mark.parametrize("way", ["twilio", "gateway"])
def test_what_was_changed_on_its_way_is_refused(provider: Provider) -> None:
    call = provider.answer("hello")
    changed = replace(call, body=call.body.replace(b"hello", b"STOP"))
    assert isinstance(provider.hear(changed), Refused)


@pytest.mark.parametrize("way", ["twilio"])
def test_a_status_of_twilios_counts_for_the_message_of_the_address_that_was_signed(
    provider: Provider,
) -> None:
    call = provider.receipts()
    another = replace(call, url=call.url.replace(message(1).id, message(2).id))
    assert isinstance(provider.hear(another), Refused)


@pytest.mark.parametrize("way", ["gateway"])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_notice_of_the_generic_provider_is_refused(provider: Provider, minutes: int) -> None:
    refused = provider.hear(provider.receipts(), later=timedelta(minutes=minutes))
    assert isinstance(refused, Refused)
    assert "too long ago" in refused.reason


@every_way
@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[1]", b'"x"'])
def test_what_cannot_be_read_is_refused(way: str, body: bytes) -> None:
    call = Call(url=f"https://care.example.com/hooks?key={HOOK_KEY}", headers={}, body=body)
    assert isinstance(HEAR[way](SECRETS[way], call, datetime.now(UTC)), Refused)


@pytest.mark.parametrize("way", ["twilio"])
@pytest.mark.parametrize("status", ["queued", "sending", "sent"])
def test_what_is_on_its_way_is_not_told(provider: Provider, status: str) -> None:
    heard = provider.hear(provider.receipts(status=status))
    assert isinstance(heard, Heard)
    assert (heard.events, heard.ignored) == ((), {status: 1})


@pytest.mark.parametrize("way", ["twilio"])
def test_who_answered_stop_to_twilio_before_is_known_by_its_refusal(provider: Provider) -> None:
    failed, withdrawn = provider.events(provider.receipts(status="failed", code="21610"))
    assert (failed["type"], withdrawn["type"]) == ("message.failed", "consent.withdrawn")
    assert accepted(withdrawn)["customer"] == {"mobile": MOBILE}


@pytest.mark.parametrize("way", ["twilio"])
def test_a_word_that_the_account_at_twilio_has_added_counts(provider: Provider) -> None:
    [event] = provider.events(provider.answer("basta", code="STOP"))
    assert event["type"] == "consent.withdrawn"


@pytest.mark.parametrize("way", ["aliyun"])
def test_alibaba_clouds_moments_are_beijings_and_never_to_come(provider: Provider) -> None:
    call = provider.receipts()
    [event] = provider.events(call)
    told = json.loads(call.body)[0]["report_time"]
    beijing = datetime.fromisoformat(event["time"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"{beijing:%Y-%m-%d %H:%M:%S}" == told
    early = provider.hear(call, later=timedelta(days=-1))
    assert isinstance(early, Heard)
    assert datetime.fromisoformat(early.events[0]["time"]) < datetime.now(UTC) - timedelta(hours=23)


@pytest.mark.parametrize("way", ["aliyun"])
def test_whose_owner_refuses_at_alibaba_cloud_has_withdrawn(provider: Provider) -> None:
    failed, withdrawn = provider.events(provider.receipts(status="no", code="USER_REJECT"))
    assert (failed["type"], withdrawn["type"]) == ("message.failed", "consent.withdrawn")


def test_without_a_key_of_ours_nothing_of_alibaba_clouds_is_believed() -> None:
    call = Call(url="https://care.example.com/hooks/aliyun?key=", headers={}, body=b"[]")
    assert isinstance(hear_aliyun("", call, datetime.now(UTC)), Refused)


def test_alibaba_clouds_receipt_as_documented() -> None:
    documented = {
        "phone_number": "13800000001",
        "send_time": "2017-01-01 00:00:00",
        "report_time": "2017-01-01 00:00:00",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "2",
        "biz_id": "12345",
        "out_id": "67890",
    }
    url = f"https://care.example.com/hooks/aliyun?key={HOOK_KEY}"
    call = Call(url=url, headers={}, body=json.dumps([documented]).encode())
    heard = hear_aliyun(HOOK_KEY, call, datetime.now(UTC))
    assert isinstance(heard, Heard)
    [event] = heard.events
    assert event["data"] == {"message_id": "67890", "provider_id": "12345", "parts": 2}
    assert event["time"] == "2016-12-31T16:00:00+00:00"
    assert json.loads(heard.answer)["code"] == 0
