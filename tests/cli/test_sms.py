"""The whole way of an SMS: decided, sent by a provider, its receipt and its customer's answer heard."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.channels.hooks import Heard
from engine.wiring.settings import load_settings
from engine.wiring.ways import aliyun, sms_http, twilio
from tests.cli.conftest import Call
from tests.cli.sites import line, write_lines
from tests.services.sms import aliyun as aliyun_server
from tests.services.sms import gateway as gateway_server
from tests.services.sms import twilio as twilio_server
from tests.services.sms.client import SmsServer
from tests.services.sms.receiver import Receiver
from tests.support import POLICY, write_project

AT_ONCE = """\
purpose: care
start: {on: purchase.recorded, per: vehicle, again: restart}
steps:
  - send: hello
    by: sms
"""
BRAND = "name: {zh-CN: 米其林}\nsenders: {email: care@michelin.example, sms: {signature: 米其林}}\n"
SMS = """\
---
template_code: SMS_100
params:
  name: {{ customer.name or '车主' }}
  km: {{ vehicle.odometer_km | default(20000) }}
---
【{{ brand.senders.sms.signature }}】{{ customer.name or '车主' }}，您好。回T退订
"""
PUBLIC = "https://care.example.net"


def settings_of(way: str, server: SmsServer) -> dict[str, str]:
    by_way: Mapping[str, dict[str, str]] = {
        "twilio": {
            "MILEPOST_SMS": "twilio",
            "MILEPOST_TWILIO_URL": server.url,
            "MILEPOST_TWILIO_ACCOUNT_SID": twilio_server.ACCOUNT,
            "MILEPOST_TWILIO_AUTH_TOKEN": twilio_server.TOKEN,
            "MILEPOST_TWILIO_FROM": twilio_server.SENDERS[0],
        },
        "aliyun": {
            "MILEPOST_SMS": "aliyun",
            "MILEPOST_ALIYUN_ENDPOINT": server.url,
            "MILEPOST_ALIYUN_KEY_ID": aliyun_server.KEY_ID,
            "MILEPOST_ALIYUN_KEY_SECRET": aliyun_server.KEY_SECRET,
            "MILEPOST_ALIYUN_HOOK_KEY": "a-key",
        },
        "gateway": {
            "MILEPOST_SMS": f"{server.url}/sms",
            "MILEPOST_SMS_TOKEN": gateway_server.TOKEN,
            "MILEPOST_SMS_SECRET": gateway_server.SECRET,
        },
    }
    return {"MILEPOST_CLOCK": "real", "MILEPOST_PUBLIC_URL": PUBLIC, **by_way[way]}


HOOKS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "twilio": ("/hooks/twilio", twilio.webhook),
    "aliyun": ("/hooks/aliyun?key=a-key", aliyun.webhook),
    "gateway": ("/hooks/sms", sms_http.webhook),
}
every_way = pytest.mark.parametrize("way", HOOKS)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A project that writes at once by SMS, and two purchases of this moment."""
    policy = f"{POLICY}prices: {{sms: 0.05}}\n"
    files = {
        "templates/brands/michelin/brand.yaml": BRAND,
        "templates/hello/sms.zh-CN.txt": SMS,
    }
    write_project(tmp_path, {"hello": AT_ONCE}, policy=policy, brands=("michelin",), files=files)
    write_lines(tmp_path / "events.jsonl", [now(1), now(2)])
    return tmp_path


def now(number: int, **members: Any) -> dict[str, Any]:
    """A minute ago: some providers tell whole seconds, and an answer comes after what it answers."""
    return {**line(number), "time": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(), **members}


def ledger(call: Call, site: Path, settings: dict[str, str]) -> list[dict[str, Any]]:
    done = call("messages", "--format", "json", cwd=site, **settings)
    return list(json.loads(done.stdout)["messages"])


def hear(way: str, receiver: Receiver, site: Path) -> list[dict[str, Any]]:
    """What the last call to us says, as the gateway would hear it; written down as events."""
    call = receiver.calls[-1]
    heard = HOOKS[way][1](load_settings())(call, datetime.now(UTC))
    assert isinstance(heard, Heard), heard
    write_lines(site / "heard.jsonl", heard.events)
    return list(heard.events)


@every_way
def test_an_sms_goes_out_its_receipt_comes_in_and_an_answer_ends_it(
    way: str, site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    server = sms[way]
    settings = settings_of(way, server)
    call("ingest", "events.jsonl", cwd=site, **settings)
    done = call("run", "--until-idle", cwd=site, **settings)
    assert (done.code, done.stdout) == (0, "0 decided, 2 sent\n"), done.stderr
    assert {one["to"][-11:] for one in server.taken()} == {"13800000001", "13800000002"}
    rows = ledger(call, site, settings)
    assert [(one["status"], one["parts"], one["cost_estimated"]) for one in rows] == [("sent", 1, 0.05)] * 2

    with Receiver(public=PUBLIC) as receiver:
        hook = receiver.url + HOOKS[way][0]
        server.tell_receipts(receiver.url if way == "twilio" else hook)
        hear(way, receiver, site)
        call("ingest", "heard.jsonl", cwd=site, **settings)
        statuses = sorted(one["status"] for one in ledger(call, site, settings))
        assert statuses == (
            ["delivered", "sent"] if way == "twilio" else ["delivered"] * 2
        )  # it tells one by one

        sender = "13800000001" if way == "aliyun" else "+8613800000001"
        known_as = PUBLIC + HOOKS[way][0]
        server.tell_answer(hook, sender, "Ｔ。", known_as=known_as)
        hear(way, receiver, site)
        call("ingest", "heard.jsonl", cwd=site, **settings)

    server.reset()
    later = [now(n, id=f"later-{n}") for n in (1, 2)]
    for one in later:
        del one["data"]["consent"]
    write_lines(site / "later.jsonl", later)
    call("ingest", "later.jsonl", cwd=site, **settings)
    call("run", "--until-idle", cwd=site, **settings)
    assert [one["to"][-11:] for one in server.taken()] == ["13800000002"]


def test_a_message_whose_answer_was_lost_is_not_sent_again_and_is_settled_by_its_receipt(
    site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    server = sms["twilio"]
    settings = settings_of("twilio", server)
    write_lines(site / "events.jsonl", [now(1)])
    call("ingest", "events.jsonl", cwd=site, **settings)
    server.befall(cut="after")
    call("run", "--until-idle", cwd=site, **settings)
    assert [one["status"] for one in ledger(call, site, settings)] == ["unknown"]
    call("run", "--until-idle", cwd=site, **settings)
    assert len(server.taken()) == 1
    with Receiver(public=PUBLIC) as receiver:
        server.tell_receipts(receiver.url)
        hear("twilio", receiver, site)
    call("ingest", "heard.jsonl", cwd=site, **settings)
    assert [one["status"] for one in ledger(call, site, settings)] == ["delivered"]


@every_way
def test_doctor_looks_whether_it_can_be_used_and_shows_no_secret(
    way: str, site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    settings = settings_of(way, sms[way])
    done = call("doctor", "--format", "json", cwd=site, **settings)
    told = [one for one in json.loads(done.stdout)["checks"] if one["message"].startswith("sms: by ")]
    assert [one["outcome"] for one in told] == ["ok"]
    assert sms[way].counts()["requests"] == 0
    for secret in (
        twilio_server.TOKEN,
        aliyun_server.KEY_SECRET,
        gateway_server.SECRET,
        gateway_server.TOKEN,
    ):
        assert secret not in done.stdout


def test_doctor_names_what_alibaba_cloud_would_not_send(
    site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    settings = settings_of("aliyun", sms["aliyun"])

    def texts() -> list[dict[str, str]]:
        done = call("doctor", "--format", "json", cwd=site, **settings)
        return [one for one in json.loads(done.stdout)["checks"] if one["check"] == "texts"]

    assert [one["outcome"] for one in texts()] == ["ok"]
    (site / "templates/hello/sms.zh-CN.txt").write_text("您好", "utf-8")
    (site / "templates/brands/michelin/brand.yaml").write_text("name: {zh-CN: 米其林}\n", "utf-8")
    code, signature = texts()
    assert "1 of 1 SMS have no code" in code["message"]
    assert "templates/hello/sms.zh-CN.txt" in code["message"]
    assert "'michelin' has no signature" in signature["message"]


def in_two_languages(site: Path, english: str) -> None:
    """The project with an English text, signed so; the first purchase is by somebody who reads English."""
    brand = BRAND.replace("signature: 米其林", f"signature: {{zh-CN: 米其林, en: {english}}}")
    (site / "templates/brands/michelin/brand.yaml").write_text(brand, "utf-8")
    (site / "templates/hello/sms.en.txt").write_text(SMS, "utf-8")
    first = now(1)
    first["data"]["customer"]["locale"] = "en"
    write_lines(site / "events.jsonl", [first, now(2)])


def test_a_signature_that_is_refused_in_one_language_stops_no_other(
    site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    in_two_languages(site, "Michelin")
    server = sms["aliyun"]
    settings = settings_of("aliyun", server)
    call("ingest", "events.jsonl", cwd=site, **settings)
    done = call("run", "--until-idle", cwd=site, **settings)
    assert (done.code, done.stdout) == (0, "0 decided, 1 sent, 1 put off\n"), done.stderr
    assert "milepost messages --status queued" in done.stderr
    assert [one["to"][-11:] for one in server.taken()] == ["13800000002"]
    [waiting] = [one for one in ledger(call, site, settings) if one["status"] == "queued"]
    assert "the signature 'Michelin'" in waiting["note"]
    assert "senders.sms.signature" in waiting["note"]


def test_doctor_names_signatures_and_texts_that_are_not_approved(
    site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    in_two_languages(site, "Michelin")
    (site / "templates/hello/sms.en.txt").write_text(SMS.replace("SMS_100", "SMS_300"), "utf-8")
    done = call("doctor", "--format", "json", cwd=site, **settings_of("aliyun", sms["aliyun"]))
    signature, code = [one for one in json.loads(done.stdout)["checks"] if one["check"] == "texts"]
    assert done.code == 0
    assert (signature["outcome"], code["outcome"]) == ("warning", "warning")
    assert "signature 'Michelin': SMS of the brand 'michelin' in en do" in signature["message"]
    assert "templates/brands/michelin/brand.yaml (百路驰、米其林)" in signature["hint"]
    assert "no text SMS_300: SMS of templates/hello/sms.en.txt" in code["message"]


def test_what_cannot_be_asked_about_is_not_called_approved(
    site: Path, sms: dict[str, SmsServer], call: Call
) -> None:
    settings = {**settings_of("aliyun", sms["aliyun"]), "MILEPOST_ALIYUN_KEY_SECRET": "another"}
    done = call("doctor", "--format", "json", cwd=site, **settings)
    [found] = [one for one in json.loads(done.stdout)["checks"] if one["check"] == "texts"]
    assert found["outcome"] == "warning"
    assert "dysms:QuerySmsTemplateList" in found["hint"]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"MILEPOST_SMS": "twilio"}, "MILEPOST_TWILIO_AUTH_TOKEN"),
        ({"MILEPOST_SMS": "aliyun"}, "MILEPOST_ALIYUN_KEY_ID"),
    ],
)
def test_a_way_without_its_account_says_what_is_missing(
    site: Path, call: Call, settings: dict[str, str], names: str
) -> None:
    call("ingest", "events.jsonl", cwd=site)
    done = call("run", "--until-idle", cwd=site, **settings)
    assert done.code == 2
    assert names in done.stderr
