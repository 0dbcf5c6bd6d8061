"""The server that stands for SendGrid refuses what SendGrid refuses, and keeps what it takes."""

import base64
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.services.sendgrid.client import SendGrid


def body(**members: Any) -> dict[str, Any]:
    return {
        "from": {"email": "care@example.cn", "name": "关怀"},
        "subject": "您好 [1]",
        "content": [
            {"type": "text/plain", "value": "[1]，您好"},
            {"type": "text/html", "value": "<p>[1]</p>"},
        ],
        "personalizations": [to("w@example.cn")],
        **members,
    }


def to(*addresses: str, **members: Any) -> dict[str, Any]:
    return {"to": [{"email": one} for one in addresses], **members}


def send(server: SendGrid, given: Any, key: str = "SG.test") -> tuple[int, dict[str, str], Any]:
    """Status, headers, and what the answer says."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(f"{server.url}/v3/mail/send", data=json.dumps(given).encode(), headers=headers)
    try:
        with urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.loads(error.read() or b"null")


def test_what_is_taken_can_be_read_as_its_recipient_would(sendgrid: SendGrid) -> None:
    one = to("w@example.cn", substitutions={"[1]": "王芳"}, custom_args={"message_id": "m1"})
    status, headers, answer = send(sendgrid, body(personalizations=[one], categories=["welcome"]))
    assert (status, answer) == (202, b"")
    [mail] = sendgrid.taken()
    assert mail["sg_message_id"].startswith(headers["X-Message-Id"] + ".")
    assert (mail["to"], mail["subject"]) == ("w@example.cn", "您好 王芳")
    assert mail["contents"] == {"text/plain": "王芳，您好", "text/html": "<p>王芳</p>"}
    assert mail["custom_args"] == {"message_id": "m1"}
    assert mail["categories"] == ["welcome"]


MANY = [to(f"p{n}@example.cn") for n in range(1001)]
WRONG: dict[str, tuple[dict[str, Any], str | None]] = {
    "no from": ({"from": None}, "from"),
    "from that is none": ({"from": {"email": "care"}}, "from.email"),
    "no recipients": ({"personalizations": []}, "personalizations"),
    "too many": ({"personalizations": MANY}, "personalizations"),
    "no to": ({"personalizations": [{}]}, "personalizations.0.to"),
    "an address that is none": (
        {"personalizations": [to("a@example.cn"), to("b@")]},
        "personalizations.1.to.0.email",
    ),
    "twice the same": ({"personalizations": [to("a@example.cn", "A@example.cn")]}, "personalizations.0"),
    "a break in a subject": ({"subject": "a\r\nBcc: b@example.cn"}, "subject"),
    "no subject": ({"subject": ""}, "subject"),
    "no content": ({"content": []}, "content"),
    "empty content": ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
    "HTML first": (
        {"content": [{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "a"}]},
        "content",
    ),
    "eleven categories": ({"categories": [str(n) for n in range(11)]}, "categories"),
    "a category in Chinese": ({"categories": ["欢迎"]}, "categories"),
    "a reserved header": ({"headers": {"DKIM-Signature": "x"}}, "headers.DKIM-Signature"),
    "an argument that is no text": (
        {"personalizations": [to("a@example.cn", custom_args={"n": 1})]},
        "personalizations.0.custom_args",
    ),
    "too large values": (
        {"personalizations": [to("a@example.cn", substitutions={"[1]": "好" * 3334})]},
        "personalizations.0.substitutions",
    ),
    "too many values": (
        {"personalizations": [to("a@example.cn", substitutions={f"[{n}]": "" for n in range(151)})]},
        "personalizations.0.substitutions",
    ),
    "an attachment that is not in base64": (
        {"attachments": [{"content": "%", "filename": "a.pdf"}]},
        "attachments.0.content",
    ),
    "an unknown member": ({"sender": {}}, None),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_sendgrid_refuses_is_refused_whole_with_the_place(sendgrid: SendGrid, what: str) -> None:
    members, field = WRONG[what]
    status, _, answer = send(sendgrid, body(**members))
    assert status == 400
    assert answer["errors"][0]["field"] == field
    assert set(answer["errors"][0]) == {"message", "field", "help"}
    assert sendgrid.taken() == []


def test_limits_may_be_reached(sendgrid: SendGrid) -> None:
    values = {f"[{n}]": "" for n in range(150)}
    full = to("a@example.cn", substitutions=values)
    assert send(sendgrid, body(personalizations=[full, *MANY[:999]]))[0] == 202
    categories = [str(n) for n in range(10)]
    assert send(sendgrid, body(categories=categories))[0] == 202
    assert sendgrid.counts()["taken"] == 1001


def test_a_wrong_key_and_too_much_are_refused(sendgrid: SendGrid) -> None:
    assert send(sendgrid, body(), key="SG.other")[0] == 401
    large = [{"content": base64.b64encode(bytes(23_000_000)).decode(), "filename": "a.bin"}]
    assert send(sendgrid, body(attachments=large))[0] == 413
    assert sendgrid.taken() == []


def test_sandbox_checks_and_sends_nothing(sendgrid: SendGrid) -> None:
    sandbox = {"sandbox_mode": {"enable": True}}
    assert send(sendgrid, body(mail_settings=sandbox))[0] == 200
    assert send(sendgrid, body(mail_settings=sandbox, content=[]))[0] == 400
    assert sendgrid.taken() == []


def test_faults_befall_as_often_as_said(sendgrid: SendGrid) -> None:
    sendgrid.befall({"status": 429, "retry_after": 2, "times": 2}, {"status": 503})
    first, second, third, fourth = (send_raw(sendgrid) for _ in range(4))
    assert (first[0], second[0], third[0], fourth[0]) == (429, 429, 503, 202)
    assert first[1]["Retry-After"] == "2"
    assert first[1]["X-RateLimit-Remaining"] == "0"


def send_raw(server: SendGrid) -> tuple[int, dict[str, str]]:
    try:
        status, headers, _ = send(server, body())
    except json.JSONDecodeError:
        return 503, {}
    return status, headers


def test_a_cut_before_takes_nothing_and_one_after_takes_all(sendgrid: SendGrid) -> None:
    sendgrid.befall({"cut": "before"}, {"cut": "after"})
    for taken in (0, 1):
        with pytest.raises(OSError, match=r"."):
            send(sendgrid, body())
        assert len(sendgrid.taken()) == taken


def test_an_address_can_be_poisonous(sendgrid: SendGrid) -> None:
    sendgrid.befall({"status": 400, "address": "p3@example.cn", "times": None})
    status, _, answer = send(sendgrid, body(personalizations=MANY[:5]))
    assert (status, answer["errors"][0]["field"]) == (400, "personalizations.3.to.0.email")
    assert send(sendgrid, body(personalizations=MANY[:3]))[0] == 202


def test_events_are_signed_as_the_package_checks_it(sendgrid: SendGrid) -> None:
    send(sendgrid, body(personalizations=[to("w@example.cn", custom_args={"message_id": "m1"})]))
    posts: list[tuple[dict[str, str], bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=hook.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{hook.server_port}/"
        assert sendgrid.post_webhooks(url, "processed", "delivered", "open", batch=2, copies=2) == [204] * 4
    finally:
        hook.shutdown()
        hook.server_close()
    assert posts[0][1] == posts[1][1]  # the copy
    events = [one for _, raw in posts[::2] for one in json.loads(raw)]
    assert [one["event"] for one in events] == ["processed", "delivered", "open"]
    assert {one["message_id"] for one in events} == {"m1"}
    helper = EventWebhook(sendgrid.webhook_key())
    for headers, raw in posts:
        signature = headers["X-Twilio-Email-Event-Webhook-Signature"]
        stamp = headers["X-Twilio-Email-Event-Webhook-Timestamp"]
        assert helper.verify_signature(raw.decode(), signature, stamp)
        assert not helper.verify_signature(raw.decode() + " ", signature, stamp)
