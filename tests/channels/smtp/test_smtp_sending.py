"""What a mail server gets, in which order, over how many connections."""

import email
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.mime import Email
from engine.channels.smtp.conversation import _content
from engine.channels.smtp.server import Limits
from engine.model.errors import DeliveryError
from engine.ports import Attachment, Receipt
from tests.channels.smtp.smtp_world import RETURNS, channel, outgoing, sent, taken
from tests.contracts.samples import message
from tests.services.smtp_scripted import PIPELINING, Scripted
from tests.store.meanwhile import until

EVERY_SERVER = pytest.mark.parametrize("extensions", [PIPELINING, ()], ids=["pipelining", "plain"])


@EVERY_SERVER
def test_every_message_arrives_once_with_its_own_envelope(extensions: tuple[str, ...]) -> None:
    with Scripted(extensions=extensions) as server:
        answers = sent(server.port, [outgoing(n) for n in range(20)])
        assert [one.recipient for one in server.taken] == [f"w{n}@example.cn" for n in range(20)]
        assert [one.sender for one in server.taken] == [RETURNS.of(message(n).id).bounce for n in range(20)]
        assert server.connections == 1
    domain = "michelin.example"
    assert answers == [Receipt(provider_id=f"<{message(n).id}@{domain}>") for n in range(20)]
    for n, mail in enumerate(server.taken):
        read = email.message_from_bytes(mail.content, policy=default)
        assert read["Message-ID"] == f"<{message(n).id}@{domain}>"
        assert read["Subject"] == "您的轮胎已行驶 10000 公里"


def test_commands_of_the_next_go_out_with_the_content_of_the_one_before() -> None:
    with Scripted() as server:
        sent(server.port, [outgoing(1), outgoing(2)])
        states = [one.state for one in server.said]
    assert states[:3] == ["CONNECT", "EHLO", "MAIL"]
    assert states.count("RSET") == 0


def test_connections_stay_open_between_groups_and_are_left_politely() -> None:
    with Scripted() as server:
        with channel(server.port) as made:
            for n in range(3):
                assert taken(made.deliver([outgoing(n)])) == [True]
        assert server.connections == 1
        until(lambda: server.said[-1].state == "QUIT")  # nobody waits for the answer to it


def test_a_connection_carries_only_so_many_messages() -> None:
    with Scripted() as server:
        answers = sent(server.port, [outgoing(n) for n in range(7)], limits=Limits(connections=1, messages=3))
        assert taken(answers) == [True] * 7
        assert [one.connection for one in server.taken] == [1, 1, 1, 2, 2, 2, 3]


def test_several_connections_share_a_group() -> None:
    with Scripted() as server:
        answers = sent(server.port, [outgoing(n) for n in range(40)], limits=Limits(connections=4))
        assert taken(answers) == [True] * 40
        assert server.connections <= 4
        assert sorted(one.recipient for one in server.taken) == sorted(f"w{n}@example.cn" for n in range(40))


def test_one_that_was_idle_is_asked_whether_it_lives() -> None:
    with Scripted() as server, channel(server.port, Limits(connections=1, doubt_s=0.0)) as made:
        for n in range(2):
            made.deliver([outgoing(n)])
        assert [one.state for one in server.said].count("NOOP") == 1
        assert server.connections == 1


def test_the_server_may_end_an_idle_connection_in_any_way() -> None:
    for ending in ("421 4.4.2 idle for too long", "cut"):
        with (
            Scripted(lambda said, ending=ending: ending if said.state == "NOOP" else None) as server,
            channel(server.port, Limits(connections=1, doubt_s=0.0)) as made,
        ):
            assert taken(made.deliver([outgoing(1)])) == [True]
            assert taken(made.deliver([outgoing(2)])) == [True]
            assert server.connections == 2


def test_a_refused_recipient_leaves_no_trace_on_the_next() -> None:
    def script(said):  # type: ignore[no-untyped-def]
        return "550 5.1.1 <w1@example.cn> unknown" if said.state == "RCPT" and said.nth == 2 else None

    for extensions in (PIPELINING, ()):
        with Scripted(script, extensions) as server:
            answers = sent(server.port, [outgoing(n) for n in range(3)])
            assert taken(answers) == [True, False, True]
            assert [one.recipient for one in server.taken] == ["w0@example.cn", "w2@example.cn"]
            assert [one.sender for one in server.taken] == [RETURNS.of(message(n).id).bounce for n in (0, 2)]


def test_one_that_is_refused_last_leaves_no_trace_on_the_next_group() -> None:
    def script(said):  # type: ignore[no-untyped-def]
        return "550 5.1.1 unknown" if said.state == "RCPT" and said.nth == 1 else None

    with Scripted(script) as server, channel(server.port) as made:
        made.deliver([outgoing(1)])
        assert taken(made.deliver([outgoing(2)])) == [True]
        assert server.taken[0].sender == RETURNS.of(message(2).id).bounce


def test_a_server_that_would_take_a_mail_to_nobody_gets_none() -> None:
    def script(said):  # type: ignore[no-untyped-def]
        if said.state == "RCPT" and said.nth == 1:
            return "550 5.1.1 unknown"
        if said.state == "DATA" and said.nth == 1:
            return "354 go on"
        return "554 5.5.1 no valid recipients" if said.state == "CONTENT" and said.nth == 1 else None

    with Scripted(script) as server:
        assert taken(sent(server.port, [outgoing(1), outgoing(2)])) == [False, True]
        assert len(server.taken) == 1


def test_what_cannot_be_an_email_is_passed_by() -> None:
    with Scripted() as server:
        answers = sent(server.port, [outgoing(0), outgoing(1, "nobody"), outgoing(2)])
        assert taken(answers) == [True, False, True]
    refused = answers[1]
    assert isinstance(refused, DeliveryError)
    assert refused.permanent


def test_one_that_is_too_large_is_not_even_tried() -> None:
    large = (Attachment(name="a", media_type="application/pdf", content=bytes(2_000_000)),)
    with Scripted() as server:
        answers = sent(server.port, [outgoing(1, attachments=large), outgoing(2)])
        assert taken(answers) == [False, True]
        assert len([one for one in server.said if one.state == "MAIL"]) == 1
    assert isinstance(answers[0], DeliveryError)
    assert answers[0].permanent


def test_a_long_content_arrives_whole() -> None:
    content = bytes(range(256)) * 12_000
    large = (Attachment(name="a", media_type="application/pdf", content=content),)
    with Scripted(extensions=("PIPELINING",)) as server:
        assert taken(sent(server.port, [outgoing(1, attachments=large), outgoing(2)])) == [True, True]
        read = email.message_from_bytes(server.taken[0].content, policy=default)
    [attached] = read.iter_attachments()
    assert attached.get_payload(decode=True) == content


def test_an_address_in_another_script_goes_where_that_is_taken() -> None:
    with Scripted() as server:
        assert taken(sent(server.port, [outgoing(1, "王芳@例子.cn")])) == [True]
        assert server.taken[0].recipient == "王芳@xn--fsqu00a.cn"
        assert "SMTPUTF8" in next(one.line for one in server.said if one.state == "MAIL")
    with Scripted(extensions=("PIPELINING",)) as server:
        answers = sent(server.port, [outgoing(1, "王芳@例子.cn"), outgoing(2)])
        assert taken(answers) == [False, True]


@given(st.lists(st.sampled_from([".", "..", "a", "", ".a", "a."]), max_size=6), st.booleans())
def test_what_is_stuffed_reads_as_it_was(lines: list[str], ended: bool) -> None:
    body = "\r\n".join(lines).encode() + (b"\r\n" if ended else b"")
    one = Email(
        message_id="", sender="", envelope_sender="", envelope_recipient="", head=b"A: b\r\n", body=body
    )
    said = _content(one)
    assert said.endswith(b"\r\n.\r\n")
    assert said.find(b"\r\n.\r\n") == len(said) - 5  # it ends nowhere else
    read = b"".join(line.removeprefix(b".") for line in said[:-3].splitlines(keepends=True))
    assert read in (one.content, one.content + b"\r\n")
