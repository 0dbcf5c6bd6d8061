"""What is told of a test copy is passed by, whoever tells it; of others, all is heard."""

from typing import Any

from engine.channels.hooks import Heard, without_copies
from engine.channels.sms import receipts
from engine.model.ids import derive, derive_copy, is_copy
from tests.support import local

AT = local("2025-04-01 10:00")


def told(message_id: str) -> dict[str, Any]:
    return receipts.failed("way", "notice", message_id, AT, "refused")


def test_a_copys_id_looks_like_any_other_and_can_be_told() -> None:
    copy = derive_copy("message", "me@example.cn", "now")
    assert (len(copy), int(copy, 16) > 0, is_copy(copy)) == (32, True, True)
    assert derive_copy("message", "boss@example.cn", "now") != copy
    assert not is_copy(derive("message", "1"))


def test_what_is_told_of_copies_is_ignored_and_counted() -> None:
    wish = receipts.withdrawn("way", "notice", "+8613800000001", AT, "answer to an SMS")
    ours = told(derive("message", "1"))
    heard = Heard(events=(told(derive_copy("1")), wish, ours), ignored={"processed": 2}, answer=b"ok")
    left = without_copies(heard)
    assert left.events == (wish, ours), "what a person wishes is heard, whatever the message was"
    assert (left.ignored, left.answer) == ({"processed": 2, "test copy": 1}, b"ok")
