"""What every way for SMS promises, with servers that speak the providers' APIs; a new one gets a row in `WAYS`."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.channels.backoff import BACKOFF, Backoff
from engine.channels.sms_aliyun import AliyunAccount, SmsAliyun
from engine.channels.sms_http import SmsHttp
from engine.channels.sms_twilio import SmsTwilio, TwilioAccount
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Channel, Outgoing, Receipt, Rendered
from tests.contracts.samples import ADDRESS, message
from tests.services.server import free_ports
from tests.services.sms import aliyun, gateway, twilio
from tests.services.sms.client import SmsServer

QUICK = Backoff(most=4, first_s=0.01, longest_s=0.01, deadline_s=1.0)
PATIENT_S = 0.3
HASTY: dict[str, Any] = {"backoff": QUICK, "answer_s": PATIENT_S}
TEXT = "【米其林】王芳，您的轮胎已跑约20000公里，该检查了。回T退订"
NUMBER = "13800000001"


def by_twilio(url: str, key: str = twilio.TOKEN, most_parts: int = 5, **members: Any) -> Channel:
    account = TwilioAccount(
        account=twilio.ACCOUNT,
        token=key,
        sender=twilio.SENDERS[0],
        callback="https://care.example.com/hooks/twilio",
        url=url,
    )
    return SmsTwilio(account, most_parts=most_parts, **{**HASTY, **members})


def by_aliyun(url: str, key: str = aliyun.KEY_SECRET, most_parts: int = 5, **members: Any) -> Channel:
    account = AliyunAccount(key_id=aliyun.KEY_ID, key_secret=key, endpoint=url)
    return SmsAliyun(account, most_parts=most_parts, ask_after_s=(0.0, 0.01), **{**HASTY, **members})


def by_http(url: str, key: str = gateway.TOKEN, most_parts: int = 5, **members: Any) -> Channel:
    return SmsHttp(
        f"{url}/sms",
        token=key,
        secret=gateway.SECRET,
        most_parts=most_parts,
        **{**HASTY, **members},
    )


Make = Callable[..., Channel]
WAYS: dict[str, Make] = {"twilio": by_twilio, "aliyun": by_aliyun, "gateway": by_http}
every_way = pytest.mark.parametrize("way", WAYS)


class Way:
    """A way with its server."""

    def __init__(self, name: str, servers: dict[str, SmsServer]) -> None:
        self.server = servers[name]
        self.make = WAYS[name]
        self.channel = self.make(self.server.url)

    def deliver(self, *outgoings: Outgoing) -> list[Answer]:
        return list(self.channel.deliver(outgoings))

    def texts(self) -> list[str]:
        return [one["text"] for one in self.server.taken()]


@pytest.fixture
def there(way: str, sms: dict[str, SmsServer]) -> Any:
    made = Way(way, sms)
    yield made
    made.channel.close()


def outgoing(n: int = 1, mobile: str = f"+86{NUMBER}", **rendered: Any) -> Outgoing:
    members: dict[str, Any] = {
        "channel": "sms",
        "text": TEXT,
        "sender": {"signature": "米其林"},
        "template_code": "SMS_100",
        "params": {"name": "王芳", "km": "20000"},
        **rendered,
    }
    return Outgoing(
        message=message(n, channel="sms", address={**ADDRESS, "mobile": mobile}), rendered=Rendered(**members)
    )


@every_way
def test_what_is_taken_is_the_text_to_that_number_and_the_provider_has_an_id_for_it(there: Way) -> None:
    [answer] = there.deliver(outgoing())
    assert isinstance(answer, Receipt)
    [taken] = there.server.taken()
    assert taken["text"] == TEXT
    assert taken["to"].endswith(NUMBER)
    assert answer.provider_id
    assert answer.parts == 1


@every_way
def test_a_group_gets_an_answer_to_each_in_order_whatever_one_of_it_meets(there: Way) -> None:
    group = [outgoing(n, f"+861380000{n:04d}") for n in range(1, 31)]
    group[7] = outgoing(8, "+8612")
    answers = there.deliver(*group)
    assert [n for n, answer in enumerate(answers) if not isinstance(answer, Receipt)] == [7]
    assert len(there.server.taken()) == 29
    assert len({answer.provider_id for answer in answers if isinstance(answer, Receipt)}) == 29


@every_way
def test_connections_are_kept_open(there: Way) -> None:
    for begin in range(1, 41, 10):
        there.deliver(*(outgoing(n, f"+861380000{n:04d}") for n in range(begin, begin + 10)))
    assert there.server.counts()["requests"] == 40
    assert there.server.counts()["connections"] <= 16


@every_way
def test_a_number_that_is_none_is_that_messages_trouble_for_good_and_is_not_named(there: Way) -> None:
    [answer] = there.deliver(outgoing(mobile="+8612"))
    assert isinstance(answer, DeliveryError)
    assert answer.permanent
    assert "8612" not in str(answer)


@every_way
@pytest.mark.parametrize(
    "rendered", [{"text": " \n"}, {"parts": 4}], ids=["without a text", "of too many parts"]
)
def test_what_need_not_be_sent_to_be_refused_is_not_sent(there: Way, rendered: dict[str, Any]) -> None:
    channel = there.make(there.server.url, most_parts=3)
    [answer] = channel.deliver([outgoing(**rendered)])
    channel.close()
    assert isinstance(answer, DeliveryError)
    assert answer.permanent
    assert there.server.counts()["requests"] == 0


@every_way
def test_what_passes_is_tried_again(there: Way, way: str) -> None:
    there.server.befall(status=429, code="Throttling.User" if way == "aliyun" else "20429", times=2)
    [answer] = there.deliver(outgoing())
    assert isinstance(answer, Receipt)
    assert there.server.counts()["requests"] == 3


@every_way
def test_what_does_not_pass_leaves_the_way_for_as_long_as_the_provider_asks(there: Way, way: str) -> None:
    there.server.befall(
        status=503, code="ServiceUnavailable" if way == "aliyun" else "", retry_after=7, times=99
    )
    [answer] = there.deliver(outgoing())
    assert isinstance(answer, ServiceUnavailable)
    assert answer.retry_after_s == (None if way == "aliyun" else 7.0)
    assert there.server.taken() == []


@every_way
def test_nothing_is_kept_while_the_provider_wants_to_be_left_alone(there: Way, way: str) -> None:
    """Whoever withdraws a consent by then would not be heard."""
    there.server.befall(
        status=429, code="Throttling.User" if way == "aliyun" else "20429", retry_after=2, times=99
    )
    channel = there.make(there.server.url, backoff=BACKOFF)
    began = time.monotonic()
    answers = channel.deliver([outgoing(n, f"+861380000{n:04d}") for n in range(1, 30)])
    assert time.monotonic() - began < 2
    channel.close()
    waiting = [one for one in answers if isinstance(one, ServiceUnavailable)]
    assert waiting
    assert {one.passing for one in waiting} == {True}
    if way != "aliyun":
        assert {one.retry_after_s for one in waiting} == {2.0}


@every_way
def test_nobody_waits_for_the_rate_within_but_each_message_counts(there: Way) -> None:
    channel = there.make(there.server.url, per_s=0.01)
    assert channel.room().messages == 1
    answers = channel.deliver([outgoing(n, f"+861380000{n:04d}") for n in range(1, 6)])
    assert {type(one) for one in answers} == {Receipt}
    assert 490 < channel.room().again_s <= 500
    channel.close()


@every_way
def test_a_provider_that_is_not_there_took_nothing(there: Way) -> None:
    [port] = free_ports(1)
    channel = there.make(f"http://127.0.0.1:{port}")
    [answer] = channel.deliver([outgoing()])
    assert isinstance(answer, ServiceUnavailable)
    assert "cannot be reached" in answer.message
    assert NUMBER not in str(answer)
    with pytest.raises(ServiceUnavailable, match="cannot be reached"):
        channel.check()
    channel.close()


@every_way
def test_whom_the_provider_does_not_let_in_nothing_goes_through_and_it_says_the_same_of_each(
    there: Way, way: str
) -> None:
    channel = there.make(there.server.url, key="wrong")
    answers = channel.deliver([outgoing(n) for n in range(1, 51)])
    assert all(isinstance(answer, ServiceUnavailable) for answer in answers)
    assert len({str(answer) for answer in answers}) == 1
    assert "MILEPOST_" in str(answers[0])
    with pytest.raises(ServiceUnavailable, match="does not let"):
        channel.check()
    channel.close()
    assert there.server.counts()["requests"] < 40  # once it is known, the others are not tried


@every_way
@pytest.mark.parametrize("fault", [{"cut": "after"}, {"after_s": 0.6}], ids=["cut", "too slow"])
def test_a_lost_answer_is_settled_by_asking_or_left_open(there: Way, way: str, fault: dict[str, Any]) -> None:
    there.server.befall(**fault)
    [answer] = there.deliver(outgoing())
    assert len(there.server.taken()) == 1
    if way == "aliyun":
        assert isinstance(answer, Receipt)
    else:
        assert isinstance(answer, Unsettled)
        assert NUMBER not in str(answer)


def test_what_alibaba_cloud_does_not_know_yet_is_left_open(sms: dict[str, SmsServer]) -> None:
    there = Way("aliyun", sms)
    there.server.befall(cut="after", unheard=True)
    [answer] = there.deliver(outgoing())
    assert isinstance(answer, Unsettled)
    assert NUMBER not in str(answer)
    assert len(there.server.taken()) == 1
    there.channel.close()


def test_alibaba_cloud_can_be_asked_after_a_crash(sms: dict[str, SmsServer]) -> None:
    there = Way("aliyun", sms)
    there.deliver(outgoing(1))
    assert there.channel.recover(outgoing(1).message) is not None
    assert there.channel.recover(outgoing(2).message) is None
    there.channel.close()


@every_way
def test_it_is_repeatable_only_where_sending_again_leaves_what_sending_once_leaves(there: Way) -> None:
    first = there.deliver(outgoing())
    again = there.deliver(outgoing())
    assert there.channel.repeatable == (len(there.server.taken()) == 1)
    if there.channel.repeatable:
        assert again == first


@every_way
def test_looking_whether_it_can_be_used_sends_nothing(there: Way) -> None:
    assert there.server.url in there.channel.check()
    assert there.server.counts()["requests"] == 0


@every_way
def test_it_can_be_used_again_after_it_was_closed(there: Way) -> None:
    there.deliver(outgoing(1), outgoing(2))
    there.channel.close()
    assert all(isinstance(answer, Receipt) for answer in there.deliver(outgoing(3), outgoing(4)))


# Each by itself


def test_twilio_is_told_until_when_it_counts_and_where_to_tell_of_it(sms: dict[str, SmsServer]) -> None:
    there = Way("twilio", sms)
    one = outgoing()
    there.deliver(one)
    [taken] = there.server.taken()
    assert taken["validity_s"] == 10  # its time was over long ago
    assert taken["callback"] == f"https://care.example.com/hooks/twilio?message={one.message.id}"
    there.channel.close()


@pytest.mark.parametrize("sender", twilio.SENDERS)
def test_a_brand_may_have_a_sender_of_its_own_at_twilio(sms: dict[str, SmsServer], sender: str) -> None:
    there = Way("twilio", sms)
    [answer] = there.deliver(outgoing(sender={"from": sender}, parts=2))
    assert isinstance(answer, Receipt)
    assert there.server.taken()[0]["from"] == sender
    assert answer.parts == (2 if sender.startswith("MG") else 1)  # a service tells the parts later
    there.channel.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("21610", DeliveryError),
        ("21408", DeliveryError),
        ("21606", DeliveryError),
        ("30002", ServiceUnavailable),
    ],
)
def test_whose_trouble_it_is_at_twilio(sms: dict[str, SmsServer], code: str, kind: type[Exception]) -> None:
    there = Way("twilio", sms)
    there.server.befall(status=400, code=code)
    [answer] = there.deliver(outgoing())
    assert type(answer) is kind
    assert code in str(answer) or kind is ServiceUnavailable
    there.channel.close()


@pytest.mark.parametrize(
    ("code", "kind", "permanent"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", DeliveryError, False),
        ("isv.TEMPLATE_MISSING_PARAMETERS", DeliveryError, True),
        ("isv.SMS_SIGNATURE_ILLEGAL", DeliveryError, False),
        ("isv.AMOUNT_NOT_ENOUGH", ServiceUnavailable, None),
        ("isp.SYSTEM_ERROR", Unsettled, None),
    ],
)
def test_whose_trouble_it_is_at_alibaba_cloud(
    sms: dict[str, SmsServer], code: str, kind: type[Exception], permanent: bool | None
) -> None:
    there = Way("aliyun", sms)
    there.server.befall(code=code)
    [answer] = there.deliver(outgoing())
    assert type(answer) is kind
    assert getattr(answer, "permanent", None) == permanent
    assert NUMBER not in str(answer)
    there.channel.close()


def test_a_text_without_a_code_is_not_sent_by_alibaba_cloud(sms: dict[str, SmsServer]) -> None:
    there = Way("aliyun", sms)
    [answer] = there.deliver(outgoing(template_code=""))
    assert isinstance(answer, DeliveryError)
    assert "template_code" in answer.message
    assert there.server.counts()["requests"] == 0
    there.channel.close()


@pytest.mark.parametrize(
    ("way", "sender"),
    [
        ("aliyun", {"signature": "Michelin"}),
        ("aliyun", {}),
        ("twilio", {"from": "+15005550001"}),
    ],
)
def test_a_sender_that_cannot_send_stops_nobody_who_sends_by_another(there: Way, sender: Any) -> None:
    """A brand may have one for each language. Somebody can mend it, so such messages are tried again."""
    answers = there.deliver(
        *(outgoing(n, sender=sender) for n in range(1, 20)), outgoing(20, mobile="+8613900000001")
    )
    assert isinstance(answers[-1], Receipt)
    assert all(isinstance(one, DeliveryError) and not one.permanent for one in answers[:-1])
    assert len({str(one) for one in answers[:-1]}) == 1
    assert "brand" in str(answers[0])
    assert len(there.server.taken()) == 1


def test_without_any_sender_nothing_is_asked_of_twilio(sms: dict[str, SmsServer]) -> None:
    account = TwilioAccount(account=twilio.ACCOUNT, token=twilio.TOKEN, url=sms["twilio"].url)
    channel = SmsTwilio(account)
    [answer] = channel.deliver([outgoing(sender={})])
    channel.close()
    assert isinstance(answer, DeliveryError)
    assert not answer.permanent
    assert sms["twilio"].counts()["requests"] == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, DeliveryError), (404, ServiceUnavailable), (302, ServiceUnavailable), (500, Unsettled)],
)
def test_what_a_status_of_the_generic_provider_means(
    sms: dict[str, SmsServer], status: int, kind: type[Exception]
) -> None:
    there = Way("gateway", sms)
    there.server.befall(status=status, code="no-money")
    [answer] = there.deliver(outgoing())
    assert type(answer) is kind
    there.channel.close()


def test_the_generic_provider_gets_all_that_there_is(sms: dict[str, SmsServer]) -> None:
    there = Way("gateway", sms)
    one = outgoing(parts=2)
    [answer] = there.deliver(one)
    assert answer == Receipt(provider_id="gw-1", parts=2)
    [taken] = there.server.taken()
    assert taken == {
        "id": one.message.id,
        "key": one.message.id,
        "to": f"+86{NUMBER}",
        "text": TEXT,
        "sender": "米其林",
        "brand": "michelin",
        "parts": 2,
        "not_after": msgspec.to_builtins(one.message.not_after),
        "template_code": "SMS_100",
        "params": {"name": "王芳", "km": "20000"},
    }
    there.channel.close()
