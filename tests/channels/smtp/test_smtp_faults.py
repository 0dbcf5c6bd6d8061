"""Whatever a server does, each message has an answer that is true: taken, certainly not taken, or nobody can tell."""

import time

import pytest

from engine.channels.rate import Rate
from engine.channels.smtp.server import Limits
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Receipt
from tests.channels.smtp.smtp_world import channel, outgoing, sent, taken
from tests.services.smtp_scripted import CUT, PIPELINING, SILENT, Said, Script, Scripted

QUICK = Limits(connections=1, answer_s=0.2)
EVERY_SERVER = pytest.mark.parametrize("extensions", [PIPELINING, ()], ids=["pipelining", "plain"])
BEFORE_THE_DOT = ("EHLO", "MAIL", "RCPT", "DATA")


def once(state: str, does: str, nth: int = 1) -> Script:
    return lambda said: does if said.state == state and said.nth == nth else None


def always(state: str, does: str) -> Script:
    return lambda said: does if said.state == state else None


def three(server: Scripted, limits: Limits = QUICK) -> list[Answer]:
    return sent(server.port, [outgoing(n) for n in range(3)], limits=limits)


@EVERY_SERVER
@pytest.mark.parametrize("does", [CUT, SILENT])
@pytest.mark.parametrize("state", BEFORE_THE_DOT[1:])
@pytest.mark.parametrize("nth", [1, 2])
def test_cut_before_the_final_dot_it_goes_by_another_connection(
    extensions: tuple[str, ...], does: str, state: str, nth: int
) -> None:
    with Scripted(once(state, does, nth), extensions) as server:
        answers = three(server)
        assert taken(answers) == [True] * 3
        assert sorted(one.recipient for one in server.taken) == [f"w{n}@example.cn" for n in range(3)]
        assert server.connections == 2


@EVERY_SERVER
@pytest.mark.parametrize("does", [CUT, SILENT])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_cut_after_the_final_dot_nobody_can_tell_and_it_is_not_sent_again(
    extensions: tuple[str, ...], does: str, nth: int
) -> None:
    with Scripted(once("CONTENT", does, nth), extensions) as server:
        answers = three(server)
        assert [isinstance(one, Unsettled) for one in answers] == [n + 1 == nth for n in range(3)]
        assert taken(answers) == [n + 1 != nth for n in range(3)]
        said = [one.line for one in server.said if one.state == "RCPT" and f"w{nth - 1}@" in one.line]
        assert len(said) == 1


@EVERY_SERVER
def test_greylisted_it_is_tried_again_later(extensions: tuple[str, ...]) -> None:
    with Scripted(once("RCPT", "450 4.2.0 <w0@example.cn>: greylisted", 1), extensions) as server:
        answers = three(server)
        assert taken(answers) == [False, True, True]
    assert isinstance(answers[0], DeliveryError)
    assert not answers[0].permanent
    assert "450 4.2.0" in str(answers[0])


@EVERY_SERVER
@pytest.mark.parametrize(
    ("state", "does", "permanent"),
    [
        ("RCPT", "550 5.1.1 <w0@example.cn>: no such user", True),
        ("RCPT", "452 4.2.2 full", False),
        ("DATA", "451 4.3.0 later", False),
        ("CONTENT", "554 5.7.1 looks like spam to w0@example.cn", True),
        ("CONTENT", "451 4.3.0 disk", False),
        ("MAIL", "552 5.3.4 too large", True),
    ],
)
def test_one_that_is_refused_costs_the_others_nothing(
    extensions: tuple[str, ...], state: str, does: str, permanent: bool
) -> None:
    with Scripted(once(state, does), extensions) as server:
        answers = three(server)
        assert taken(answers) == [False, True, True]
        assert server.connections == 1
    assert isinstance(answers[0], DeliveryError)
    assert answers[0].permanent == permanent
    assert "w0" not in str(answers[0])  # no person is named


@EVERY_SERVER
@pytest.mark.parametrize(
    ("state", "does", "said"),
    [
        ("CONNECT", "554 5.7.1 listed", "takes no connection"),
        ("CONNECT", "421 4.7.0 too many", "takes no connection"),
        ("EHLO", "554 5.7.1 who are you", "takes no mail from this machine"),
        ("MAIL", "550 5.7.1 over quota", "does not take mail from this sender"),
        ("MAIL", "530 5.7.0 log in, sender", "does not take mail from this sender"),
        ("MAIL", "451 4.7.1 slow down", "does not take mail from this sender"),
        ("MAIL", "421 4.3.2 shutting down", "takes no mail at present"),
        ("RCPT", "454 4.7.1 <w0@example.cn>: Relay access denied", "does not take mail to others"),
        ("RCPT", "550 5.7.1 relaying denied", "does not take mail to others"),
        ("RCPT", "530 5.7.0 authentication required", "does not take mail to others"),
        ("RCPT", "421 4.7.0 later", "takes no mail at present"),
    ],
)
def test_where_none_would_get_through_all_wait_and_are_told_the_same(
    extensions: tuple[str, ...], state: str, does: str, said: str
) -> None:
    with Scripted(always(state, does), extensions) as server:
        answers = three(server)
    assert all(isinstance(one, ServiceUnavailable) for one in answers)
    [told] = {(str(one)) for one in answers}
    assert said in told
    assert "w0" not in told
    assert all(one.hint for one in answers if isinstance(one, ServiceUnavailable))


@EVERY_SERVER
@pytest.mark.parametrize(
    "does",
    [
        "550 5.7.1 sender not allowed",
        "553 5.7.1 not owned by user",
        "450 4.1.8 no such domain",
        "501 5.1.7 syntax",
    ],
)
def test_a_sender_that_is_refused_stops_nobody_who_writes_from_another(
    extensions: tuple[str, ...], does: str
) -> None:
    """A brand may have one for each language. Somebody can mend it, so such mail is tried again."""

    def script(said: Said) -> str | None:
        return does if said.state == "MAIL" and "other@" in said.line else None

    from_there = [outgoing(n, sender={"email": "other@michelin.example"}) for n in range(2)]
    with Scripted(script, extensions) as server:
        *answers, last = sent(server.port, [*from_there, outgoing(2)], channel={"returns": None})
    assert isinstance(last, Receipt)
    assert all(isinstance(one, DeliveryError) and not one.permanent for one in answers)
    assert len({str(one) for one in answers}) == 1
    assert "brand.yaml" in str(answers[0])


def test_where_the_sender_is_the_same_for_all_its_refusal_is_of_all() -> None:
    """`MILEPOST_BOUNCE_ADDRESS` stands on every envelope."""
    with Scripted(always("MAIL", "550 5.7.1 sender not allowed")) as server:
        answers = sent(server.port, [outgoing(n) for n in range(3)])
    assert all(isinstance(one, ServiceUnavailable) for one in answers)


def test_a_server_that_breaks_off_after_a_few_gets_the_rest_by_another_connection() -> None:
    for state in ("MAIL", "RCPT", "CONTENT"):
        with Scripted(once(state, "421 4.7.0 enough for this connection", 3)) as server:
            answers = sent(server.port, [outgoing(n) for n in range(6)])
            assert taken(answers) == [True] * 6
            assert len(server.taken) == 6
            assert server.connections == 2


def test_one_at_which_the_server_always_breaks_is_that_messages_trouble() -> None:
    def script(said: Said) -> str | None:
        return CUT if said.state == "RCPT" and "w1@" in said.line else None

    with Scripted(script) as server:
        answers = three(server)
        assert taken(answers) == [True, False, True]
    assert isinstance(answers[1], DeliveryError)
    assert not answers[1].permanent


@pytest.mark.parametrize("state", ["CONNECT", *BEFORE_THE_DOT])
@pytest.mark.parametrize("does", [CUT, SILENT])
def test_a_server_that_always_cuts_is_away(state: str, does: str) -> None:
    with Scripted(always(state, does)) as server:
        began = time.monotonic()
        answers = three(server)
        assert time.monotonic() - began < 10
    assert all(isinstance(one, ServiceUnavailable) for one in answers)
    assert len({str(one) for one in answers}) == 1


def test_where_nobody_listens_it_says_where_and_what_to_look_at() -> None:
    with Scripted() as server:
        port = server.port
    [answer] = sent(port, [outgoing(1)])
    assert isinstance(answer, ServiceUnavailable)
    assert f"127.0.0.1:{port} cannot be reached" in answer.message
    assert "MILEPOST_EMAIL" in answer.hint


@pytest.mark.parametrize(
    "nonsense", ["HTTP/1.1 400 Bad Request", "25 x", "250x", "999 x", "250-a\r\n251 b", "220 " + "x" * 3000]
)
def test_an_answer_that_is_none_ends_the_connection(nonsense: str) -> None:
    with Scripted(once("CONNECT", f"{nonsense}\r\n")) as server:
        [answer] = sent(server.port, [outgoing(1)], limits=QUICK)
    assert isinstance(answer, ServiceUnavailable)
    assert "spoke no SMTP" in answer.message


def test_an_answer_that_nobody_asked_for_ends_the_connection_too() -> None:
    with (
        Scripted(once("CONTENT", "250 2.0.0 ok\r\n250 2.0.0 ok\r\n")) as server,
        channel(server.port) as made,
    ):
        assert taken(made.deliver([outgoing(1)])) == [True]
        assert taken(made.deliver([outgoing(2)])) == [True]


def test_long_answers_of_several_lines_are_read() -> None:
    text = "\n".join(["250 2.1.5 ok", *(f"2.1.5 line {n}" for n in range(50))])
    with Scripted(always("RCPT", text)) as server:
        assert taken(three(server)) == [True] * 3


def test_cut_in_the_middle_of_a_content_the_rest_goes_on() -> None:
    with Scripted(once("HALF", CUT)) as server:
        answers = three(server)
    assert isinstance(answers[0], Receipt | Unsettled | DeliveryError | ServiceUnavailable)
    assert taken(answers[1:]) == [True, True]


def test_nobody_waits_for_the_rate_within_but_each_counts() -> None:
    rate = Rate(0.1, seconds=lambda: 0.0)
    with Scripted() as server, channel(server.port, channel={"rate": rate}) as made:
        assert made.room().messages == 1
        assert taken(made.deliver([outgoing(n) for n in range(5)])) == [True] * 5
        assert made.room().again_s == 50


def test_it_may_be_used_again_after_it_was_closed() -> None:
    with Scripted() as server, channel(server.port) as made:
        assert taken(made.deliver([outgoing(1)])) == [True]
        made.close()
        assert taken(made.deliver([outgoing(2)])) == [True]
        assert server.connections == 2
