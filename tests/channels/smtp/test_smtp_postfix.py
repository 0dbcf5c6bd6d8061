"""Against a real mail server: what it takes arrives, and what it cannot deliver comes back and is understood."""

import email
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.policy import default

import pytest

from engine.channels.smtp.bounces import heard
from engine.channels.smtp.mailboxes import mails_of
from engine.channels.smtp.server import Limits, Tls
from engine.model.errors import DeliveryError, ServiceUnavailable
from tests.channels.smtp.smtp_world import RETURNS, channel, outgoing, taken
from tests.contracts.samples import message
from tests.services.postfix import GONE, KEPT, Postfix
from tests.services.server import HOST

pytestmark = pytest.mark.xdist_group("postfix")
LIMITS = Limits(connections=3)


def until(found: Callable[[], bool]) -> None:
    """Waits for what the server does by itself."""
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ids_in(mails: list[bytes]) -> set[str]:
    return {str(email.message_from_bytes(one, policy=default)["Message-ID"])[1:33] for one in mails}


def test_what_it_takes_arrives_once_over_an_encrypted_line(postfix: Postfix) -> None:
    numbers = range(100, 160)
    with channel(postfix.port, LIMITS, tls=Tls.REQUIRED, ca_file=postfix.authority) as made:
        assert "TLSv1.3" in made.check()
        answers = made.deliver([outgoing(n, f"w{n}@{KEPT}") for n in numbers])
    assert taken(answers) == [True] * len(numbers)
    wanted = {message(n).id for n in numbers}
    until(lambda: wanted <= ids_in(postfix.kept("customers")))
    assert len([one for one in postfix.kept("customers") if ids_in([one]) <= wanted]) == len(numbers)


def test_a_certificate_that_nobody_vouches_for_is_not_taken(postfix: Postfix) -> None:
    with channel(postfix.port, tls=Tls.REQUIRED) as made:
        [answer] = made.deliver([outgoing(1, f"w1@{KEPT}")])
        with pytest.raises(ServiceUnavailable, match="not to be trusted"):
            made.check()
    assert isinstance(answer, ServiceUnavailable)


def test_what_it_cannot_deliver_comes_back_and_is_understood(postfix: Postfix) -> None:
    with channel(postfix.port) as made:
        assert taken(made.deliver([outgoing(7, f"li@{GONE}")])) == [True]

    def told() -> list[dict[str, object]]:
        found = (raw for _, raw in mails_of(postfix.mail / "bounces") if (postfix.mail / "bounces").is_dir())
        events = (heard(raw, RETURNS, datetime.now(UTC), lambda _: None).events for raw in found)
        return [one for each in events for one in each if one["data"]["message_id"] == message(7).id]

    until(lambda: (postfix.mail / "bounces").is_dir() and bool(told()))
    [event] = told()
    assert event["type"] == "message.bounced"
    assert event["data"] == {
        "message_id": message(7).id,
        "reason": "5.1.1 user unknown",
        "permanent": True,
    }


def test_what_it_refuses_at_once_is_that_messages_trouble(postfix: Postfix) -> None:
    with channel(postfix.port) as made:
        answers = made.deliver([outgoing(8, "x@elsewhere.example"), outgoing(9, f"w9@{KEPT}")])
    assert taken(answers) == [False, True]
    assert isinstance(answers[0], DeliveryError)
    assert answers[0].permanent


def test_restarted_under_it_the_next_group_goes_over_new_connections(postfix: Postfix) -> None:
    with channel(0, address=f"smtp://{HOST}:{postfix.port}") as made:
        assert taken(made.deliver([outgoing(10, f"w10@{KEPT}")])) == [True]
        postfix.stop()
        [answer] = made.deliver([outgoing(11, f"w11@{KEPT}")])
        assert isinstance(answer, ServiceUnavailable)
        postfix.start()
        assert taken(made.deliver([outgoing(11, f"w11@{KEPT}")])) == [True]
