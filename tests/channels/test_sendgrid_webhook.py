"""SendGrid's event webhook: who may post, and what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from engine.channels.hooks import Call, Heard, Refused
from engine.channels.sendgrid.webhook import checked_key, hear
from engine.intake.parse import Parser
from engine.model.errors import UsageError
from tests.services.sendgrid.taken import Mail
from tests.services.sendgrid.webhooks import SIGNATURE, TIMESTAMP, Signer, body_of, event

NOW = datetime(2026, 3, 8, 6, 20, tzinfo=UTC)
AGE_S = 600.0
OURS = "0123456789abcdef0123456789abcdef"
SIGNER = Signer()
MAIL = Mail(
    request="abc",
    sg_message_id="abc.recvd-1-2-3.0",
    to="w@example.cn",
    name="王芳",
    sender={},
    subject="",
    contents={},
    headers={},
    custom_args={"message_id": OURS},
    categories=["welcome"],
    attachments=[],
    at=0.0,
)


def happened(kind: str, **more: Any) -> dict[str, Any]:
    return event(kind, MAIL, NOW.timestamp() - 60, **{"sg_event_id": f"e-{kind}", **more})


def posted(*events: dict[str, Any], age_s: float = 1.0, **headers: str) -> Call:
    body = body_of(list(events))
    signed = SIGNER.headers(body, NOW.timestamp() - age_s)
    return Call(
        url="https://care.example.com/hooks/sendgrid",
        headers={name.lower(): value for name, value in {**signed, **headers}.items()},
        body=body,
    )


def heard(*events: dict[str, Any]) -> Heard:
    found = hear(SIGNER.public, AGE_S, posted(*events), NOW)
    assert isinstance(found, Heard)
    return found


def told(*events: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(one["type"], one["data"]) for one in heard(*events).events]


WITHDRAWN = {"customer": {"email": "w@example.cn"}, "channel": "email", "purpose": "all"}


def withdrawn(kind: str) -> tuple[str, dict[str, Any]]:
    return ("consent.withdrawn", {**WITHDRAWN, "proof": f"told by SendGrid: {kind}"})


SAID: list[tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    ("delivered", {}, [("message.delivered", {})]),
    ("bounce", {}, [("message.bounced", {"permanent": True, "reason": "550 5.1.1 no such user"})]),
    ("blocked", {}, [("message.bounced", {"permanent": False, "reason": "421 4.7.1 refused by policy"})]),
    ("dropped", {}, [("message.bounced", {"permanent": True, "reason": "Bounced Address"})]),
    ("dropped", {"reason": "Spam Content"}, [("message.failed", {"reason": "Spam Content"})]),
    (
        "dropped",
        {"reason": "Unsubscribed Address"},
        [("message.failed", {"reason": "Unsubscribed Address"}), withdrawn("dropped")],
    ),
    ("open", {}, [("message.opened", {})]),
    ("open", {"sg_machine_open": True}, [("message.opened", {"machine": True})]),
    ("click", {}, [("message.clicked", {"url": "https://care.example.com/tyres"})]),
    ("spamreport", {}, [("message.complained", {})]),
    ("unsubscribe", {}, [withdrawn("unsubscribe")]),
    ("group_unsubscribe", {}, [withdrawn("group_unsubscribe")]),
    ("processed", {}, []),
    ("deferred", {}, []),
    ("group_resubscribe", {}, []),
]


@pytest.mark.parametrize(("kind", "more", "expected"), SAID)
def test_each_kind_of_event_becomes_what_it_is_here(
    kind: str, more: dict[str, Any], expected: list[tuple[str, dict[str, Any]]]
) -> None:
    ours = {"message_id": OURS}
    assert told(happened(kind, **more)) == [
        (name, {**ours, **data} if name.startswith("message.") else data) for name, data in expected
    ]


@pytest.mark.parametrize(("kind", "more", "expected"), SAID)
def test_what_it_becomes_the_engine_takes(kind: str, more: dict[str, Any], expected: list[Any]) -> None:
    parser = Parser()
    for one in heard(happened(kind, **more)).events:
        parsed = parser.parse(msgspec.json.encode(one))
        assert not isinstance(parsed, list), parsed


def test_an_event_has_sendgrids_id_and_moment() -> None:
    [one] = heard(happened("delivered")).events
    assert one["source"] == "/providers/sendgrid"
    assert one["id"] == "e-delivered"
    assert datetime.fromisoformat(one["time"]) == NOW - timedelta(seconds=60)


def test_one_that_comes_twice_has_the_id_it_had_and_two_of_one_have_two() -> None:
    dropped = happened("dropped", reason="Spam Reporting Address")
    ids = [one["id"] for one in heard(dropped, dropped).events]
    assert ids == ["e-dropped", "e-dropped/withdrawn"] * 2
    nameless = happened("delivered", sg_event_id="")
    first, second = heard(nameless, nameless).events
    assert first["id"] == second["id"] != heard(happened("open", sg_event_id="")).events[0]["id"]


def test_a_batch_in_any_order_is_heard_whole_and_what_says_nothing_is_counted() -> None:
    found = heard(happened("click"), happened("processed"), happened("delivered"), happened("processed"))
    assert [one["type"] for one in found.events] == ["message.clicked", "message.delivered"]
    assert found.ignored == {"processed": 2}


def test_a_late_bounce_knows_only_the_address() -> None:
    late = happened("bounce", message_id="", sg_message_id="")
    assert told(late) == [withdrawn("bounce")]
    assert told(happened("blocked", message_id="")) == []


def test_what_another_system_sends_is_no_message_of_ours() -> None:
    found = heard(happened("delivered", message_id="order-7"), happened("open", message_id=7))
    assert found.events == ()
    assert found.ignored == {"of another system": 2}
    assert told(happened("spamreport", message_id="order-7")) == [withdrawn("spamreport")]


def test_a_reason_names_no_person() -> None:
    [(_, data)] = told(happened("bounce", reason="550 <w@example.cn>: unknown " + "x" * 500))
    assert "@" not in data["reason"]
    assert len(data["reason"]) <= 200


def test_what_is_no_event_does_not_keep_the_others() -> None:
    found = heard({"event": ["delivered"]}, happened("delivered"), {})
    assert len(found.events) == 1
    assert found.ignored == {"not an event": 1, "another kind": 1}


# Who may post


def refused(call: Call, key: str = SIGNER.public) -> str:
    found = hear(key, AGE_S, call, NOW)
    assert isinstance(found, Refused)
    assert found.status in (400, 403)
    return found.reason


def test_who_did_not_sign_is_refused() -> None:
    call = posted(happened("delivered"))
    assert "not signed" in refused(Call(url=call.url, headers={}, body=call.body))
    assert "not right" in refused(call, Signer().public)
    assert "not right" in refused(Call(url=call.url, headers=call.headers, body=call.body + b" "))
    assert "not right" in refused(posted(happened("delivered"), **{SIGNATURE: "%%%"}))
    assert "not right" in refused(posted(happened("delivered"), **{TIMESTAMP: "1"}))
    assert "not signed" in refused(posted(happened("delivered"), **{TIMESTAMP: "-1"}))


@pytest.mark.parametrize("age_s", [AGE_S + 1, -AGE_S - 1])
def test_what_is_old_or_of_tomorrow_is_refused_although_it_is_signed(age_s: float) -> None:
    assert "too old" in refused(posted(happened("delivered"), age_s=age_s))


def test_what_is_signed_but_no_list_is_refused() -> None:
    headers = {name.lower(): value for name, value in SIGNER.headers(b"{}", NOW.timestamp()).items()}
    assert "no list" in refused(Call(url="", headers=headers, body=b"{}"))


def test_a_key_that_is_none_is_a_wrong_setting() -> None:
    assert checked_key(SIGNER.public) == SIGNER.public
    with pytest.raises(UsageError, match="MILEPOST_SENDGRID_WEBHOOK_KEY"):
        checked_key("MFkw")
