"""Email by SendGrid: what goes into a request, and what each message is told of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.channels.backoff import BACKOFF
from engine.channels.sendgrid import SendGrid
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Attachment, Receipt
from engine.ports.forms import Form
from tests.channels.sendgrid_world import FORM, SENDER, SOON, channel, formed, whole
from tests.services.sendgrid.client import SendGrid as Server

Make = Callable[..., SendGrid]


@pytest.fixture
def make(sendgrid: Server) -> Iterator[Make]:
    """The channel to the server; closed at the end."""
    made = []

    def channel_with(**members: Any) -> SendGrid:
        made.append(channel(sendgrid, **members))
        return made[-1]

    yield channel_with
    for one in made:
        one.close()


def by_address(server: Server) -> dict[str, dict[str, Any]]:
    taken = server.taken()
    found = {one["to"]: one for one in taken}
    assert len(found) == len(taken)
    return found


# What is sent


def test_messages_of_one_form_go_in_one_request_and_arrive_as_rendered(sendgrid: Server, make: Make) -> None:
    outgoings = [formed(n, name) for n, name in enumerate(["王芳", "Müller & Söhne", "-m1. ~m0.", "%s", ""])]
    answers = make().deliver(outgoings)
    assert len(sendgrid.requests()) == 1
    taken = by_address(sendgrid)
    for one, answer in zip(outgoings, answers, strict=True):
        mail = taken[one.message.address["email"]]
        expected = one.rendered.whole()
        assert mail["subject"] == expected.subject
        assert mail["contents"] == {"text/plain": expected.text, "text/html": expected.html}
        assert isinstance(answer, Receipt)
        assert answer.provider_id == mail["request"]


def test_each_message_carries_its_id_its_addressee_and_how_to_stop(sendgrid: Server, make: Make) -> None:
    make().deliver([formed(1), whole(2), whole(3, unsubscribe_url=""), formed(4)])
    taken = by_address(sendgrid)
    for n in (1, 2, 3, 4):
        mail = taken[f"p{n}@example.cn"]
        assert mail["custom_args"] == {"message_id": formed(n).message.id}
        assert (mail["name"], mail["sender"]) == (f"王{n}", SENDER)
        assert mail["categories"] == ["welcome-pack", "michelin"]  # journey and template are named the same
    for n in (1, 2):
        assert taken[f"p{n}@example.cn"]["headers"] == {
            "List-Unsubscribe": f"<https://care.example.com/u/{n}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    stop = f"<mailto:care@michelin.example.cn?subject=unsubscribe%20{formed(3).message.id}>"
    assert taken["p3@example.cn"]["headers"] == {"List-Unsubscribe": stop}


def test_nothing_is_counted_and_no_footer_added_unless_it_is_set(sendgrid: Server, make: Make) -> None:
    make().deliver([whole(1)])
    make(tracking=True).deliver([whole(2)])
    off, on = (one["tracking_settings"] for one in sendgrid.requests())
    assert off["click_tracking"]["enable"] is False
    assert off["open_tracking"]["enable"] is False
    assert on["click_tracking"] == {"enable": True, "enable_text": False}
    assert on["open_tracking"]["enable"] is True
    assert on["subscription_tracking"]["enable"] is False


def test_attachments_come_in_their_order(sendgrid: Server, make: Make) -> None:
    files = (
        Attachment(name="保养.pdf", media_type="application/pdf", content=b"%PDF"),
        Attachment(name="a.txt", media_type="text/plain; charset=utf-8", content=b"a"),
    )
    make().deliver([whole(1, attachments=files)])
    [mail] = sendgrid.taken()
    assert [(one["filename"], one["type"]) for one in mail["attachments"]] == [
        ("保养.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
    ]


def test_more_than_a_request_holds_go_in_several(sendgrid: Server, make: Make) -> None:
    answers = make().deliver([formed(n) for n in range(1500)])
    assert all(isinstance(one, Receipt) for one in answers)
    assert sorted(len(one["personalizations"]) for one in sendgrid.requests()) == [500, 1000]
    assert len(set(sendgrid.ids())) == 1500


def test_one_address_stands_in_a_request_once(sendgrid: Server, make: Make) -> None:
    to = [{"email": one} for one in ("a@example.cn", "A@example.cn", "b@example.cn", "a@example.cn")]
    make().deliver([formed(n, address=one) for n, one in enumerate(to)])
    assert sorted(len(one["personalizations"]) for one in sendgrid.requests()) == [1, 1, 2]
    assert len(set(sendgrid.ids())) == 4


def test_forms_journeys_and_brands_are_not_mixed(sendgrid: Server, make: Make) -> None:
    other = Form(("您好 ", 0), ("",), (1,), (2,))
    make().deliver(
        [
            *(formed(n) for n in (1, 2)),
            *(formed(n, form=other) for n in (3, 4)),
            *(formed(n, journey="birthday") for n in (5, 6)),
        ]
    )
    assert len(sendgrid.requests()) == 3
    assert by_address(sendgrid)["p5@example.cn"]["categories"] == ["birthday", "welcome-pack", "michelin"]


def test_what_sendgrid_would_not_take_as_values_goes_by_itself(sendgrid: Server, make: Make) -> None:
    wide = Form(("您好",), ("",), tuple(range(151)), (0,))
    large = formed(3, "好" * 1200)  # three times in 10 000 bytes it would not fit
    many = [formed(n, "x" * 151, form=FORM) for n in (1, 2)]
    values = tuple(str(n) for n in range(151))
    too_many = [whole(n, subject="", html="", text="", form=wide, values=values) for n in (4, 5)]
    answers = make().deliver([*many, large, *too_many])
    assert all(isinstance(one, Receipt) for one in answers)
    assert sorted(len(one["personalizations"]) for one in sendgrid.requests()) == [1, 1, 1, 2]
    assert by_address(sendgrid)["p3@example.cn"]["subject"] == "致" + "好" * 1200


def test_the_sandbox_checks_and_sends_nothing(sendgrid: Server, make: Make) -> None:
    answers = make(sandbox=True).deliver([formed(1), formed(2), whole(3)])
    assert [one.place for one in answers if isinstance(one, Receipt)] == ["sandbox"] * 3
    assert sendgrid.counts()["sandboxed"] == 3
    assert sendgrid.taken() == []


def test_connections_are_kept_open(sendgrid: Server, make: Make) -> None:
    one = make(connections=3)
    for start in (0, 50):
        one.deliver([whole(n) for n in range(start, start + 50)])
    assert sendgrid.counts()["accepted"] == 100
    assert sendgrid.counts()["connections"] <= 3


# One message's trouble


BAD: dict[str, Any] = {
    "no address": ({}, "no email address"),
    "an address that is none": ({"email": "w@"}, "is no email address"),
    "an address in another script": ({"email": "王@example.cn"}, "another script"),
    "a header in the address": ({"email": "w@example.cn\r\nBcc: x@example.cn"}, "line break"),
    "a header in the name": ({"email": "w@example.cn", "name": "W\r\nBcc: x@example.cn"}, "line break"),
    "half a character": ({"email": "w@example.cn", "name": "\ud83d"}, "cannot be written"),
}


@pytest.mark.parametrize("what", BAD)
def test_one_that_cannot_be_addressed_fails_alone(sendgrid: Server, make: Make, what: str) -> None:
    address, said = BAD[what]
    good, bad, other = make().deliver([formed(1), formed(2, address=address), formed(3)])
    assert isinstance(bad, DeliveryError)
    assert bad.permanent
    assert said in bad.message
    assert isinstance(good, Receipt) and isinstance(other, Receipt)
    assert len(sendgrid.taken()) == 2


def test_a_line_break_in_a_subject_is_refused(sendgrid: Server, make: Make) -> None:
    broken = "W\nBcc: x@example.cn"
    answers = make().deliver([formed(1), formed(2, broken), formed(3), whole(4, subject=broken)])
    assert [isinstance(one, DeliveryError) for one in answers] == [False, True, False, True]


def test_a_poisonous_recipient_fails_alone_where_sendgrid_names_him(sendgrid: Server, make: Make) -> None:
    for n in (3, 7):
        sendgrid.befall({"status": 400, "address": f"p{n}@example.cn", "times": None})
    answers = make().deliver([formed(n) for n in range(10)])
    failed = {n for n, one in enumerate(answers) if isinstance(one, DeliveryError) and one.permanent}
    assert failed == {3, 7}
    assert len(set(sendgrid.ids())) == len(sendgrid.ids()) == 8
    assert sendgrid.counts()["requests"] == 3
    assert (
        str(answers[3]) == "SendGrid refuses the message: something is wrong with personalizations.to.email."
    )


def test_a_poisonous_recipient_is_found_where_sendgrid_does_not_name_him(
    sendgrid: Server, make: Make
) -> None:
    sendgrid.befall({"status": 400, "address": "p5@example.cn", "times": None, "vague": True})
    answers = make().deliver([formed(n) for n in range(64)])
    assert [n for n, one in enumerate(answers) if isinstance(one, DeliveryError)] == [5]
    assert len(set(sendgrid.ids())) == len(sendgrid.ids()) == 63
    assert sendgrid.counts()["requests"] <= 13


def test_a_fault_in_what_all_share_is_not_looked_for_in_each(sendgrid: Server, make: Make) -> None:
    said = {"errors": [{"message": "too odd", "field": "content.0.value", "help": None}]}
    sendgrid.befall({"status": 400, "body": said, "times": None})
    answers = make().deliver([formed(n) for n in range(64)])
    assert {str(one) for one in answers} == {
        "SendGrid refuses the message: something is wrong with content.value."
    }
    assert sendgrid.counts()["requests"] == 1


def test_too_large_a_request_goes_in_parts(sendgrid: Server, make: Make) -> None:
    sendgrid.befall({"status": 413, "times": 1})
    answers = make().deliver([formed(n) for n in range(10)])
    assert all(isinstance(one, Receipt) for one in answers)
    assert len(sendgrid.requests()) == 2


def test_too_large_a_message_fails_alone(sendgrid: Server, make: Make) -> None:
    large = Attachment(name="film.mp4", media_type="video/mp4", content=bytes(23_000_000))
    first, second = make().deliver([whole(1, attachments=(large,)), whole(2)])
    assert isinstance(first, DeliveryError) and first.permanent
    assert isinstance(second, Receipt)


def test_what_sendgrid_says_of_a_person_is_not_repeated(sendgrid: Server, make: Make) -> None:
    said = {"errors": [{"message": "王芳 <w@example.cn> is odd", "field": "personalizations.0.headers.王芳"}]}
    sendgrid.befall({"status": 400, "body": said})
    [answer] = make().deliver([formed(1)])
    assert isinstance(answer, DeliveryError)
    assert "王芳" not in str(answer) and "@" not in str(answer)


# The channel's trouble


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_passes_is_tried_again(sendgrid: Server, make: Make, status: int) -> None:
    sendgrid.befall({"status": status, "times": 2, "retry_after": 0})
    answers = make().deliver([formed(1), formed(2)])
    assert all(isinstance(one, Receipt) for one in answers)
    assert sendgrid.counts()["requests"] == 3
    assert len(sendgrid.taken()) == 2


def test_what_does_not_pass_lets_the_channel_rest_and_nothing_is_lost(sendgrid: Server, make: Make) -> None:
    sendgrid.befall({"status": 503, "times": None})
    answers = make(connections=2).deliver([whole(n) for n in range(20)])
    assert {type(one) for one in answers} == {ServiceUnavailable}
    assert len({str(one) for one in answers}) == 1
    assert sendgrid.counts()["requests"] <= 2 * SOON.most
    sendgrid.reset()
    assert {type(one) for one in make().deliver([whole(n) for n in range(20)])} == {Receipt}


def test_where_sendgrid_wants_to_be_left_alone_for_long_the_channel_rests_at_once(
    sendgrid: Server, make: Make
) -> None:
    sendgrid.befall({"status": 429, "retry_after": 120, "times": None})
    [answer] = make().deliver([whole(1)])
    assert isinstance(answer, ServiceUnavailable)
    assert answer.retry_after_s == 120
    assert "MILEPOST_EMAIL_RATE" in answer.hint
    assert sendgrid.counts()["requests"] == 1


def test_nothing_is_kept_while_sendgrid_wants_to_be_left_alone(sendgrid: Server, make: Make) -> None:
    """Whoever withdraws a consent by then would not be heard."""
    sendgrid.befall({"status": 429, "retry_after": 2, "times": 1})
    answers = make(backoff=BACKOFF, connections=1).deliver([whole(n) for n in range(3)])
    assert {type(one) for one in answers} == {ServiceUnavailable}
    assert {(one.retry_after_s, one.passing) for one in answers if isinstance(one, ServiceUnavailable)} == {
        (2, True)
    }
    assert sendgrid.counts()["requests"] == 1


def test_nobody_waits_for_the_rate_within_but_each_message_counts(sendgrid: Server, make: Make) -> None:
    one = make(per_s=0.01)
    assert one.room().messages == 1
    assert {type(answer) for answer in one.deliver([formed(n) for n in range(5)])} == {Receipt}
    assert one.room().messages == 0
    assert 490 < one.room().again_s <= 500


def test_without_retry_after_the_rates_end_counts(sendgrid: Server, make: Make) -> None:
    sendgrid.befall({"status": 429, "reset_s": 100})
    [answer] = make().deliver([whole(1)])
    assert isinstance(answer, ServiceUnavailable)
    assert answer.retry_after_s is not None
    assert 90 < answer.retry_after_s <= 100


CLOSED: dict[str, tuple[dict[str, Any], str]] = {
    "a wrong key": ({"status": 401}, "SENDGRID_API_KEY"),
    "a key that may not": ({"status": 403}, "SENDGRID_API_KEY"),
    "no credits": (
        {"status": 401, "body": {"errors": [{"message": "Maximum credits exceeded", "field": None}]}},
        "plan",
    ),
    "another server": ({"status": 404}, "MILEPOST_SENDGRID_URL"),
    "a redirection": ({"status": 302}, "MILEPOST_SENDGRID_URL"),
    "a page": ({"status": 200}, "MILEPOST_SENDGRID_URL"),
}


@pytest.mark.parametrize("what", CLOSED)
def test_where_nothing_gets_through_it_says_what_to_set_and_asks_no_more(
    sendgrid: Server, make: Make, what: str
) -> None:
    fault, hint = CLOSED[what]
    sendgrid.befall({**fault, "times": None})
    answers = make(connections=1).deliver([whole(n) for n in range(20)])
    assert {type(one) for one in answers} == {ServiceUnavailable}
    assert hint in str(answers[0])
    assert sendgrid.counts()["requests"] == 1
    assert sendgrid.taken() == []


UNKNOWN_SENDER: dict[str, dict[str, Any]] = {
    "that is not verified": {
        "status": 403,
        "body": {"errors": [{"message": "The from address does not match", "field": "from"}]},
    },
    "that is none": {"status": 400, "body": {"errors": [{"message": "Invalid", "field": "from.email"}]}},
}


@pytest.mark.parametrize("what", UNKNOWN_SENDER)
def test_a_sender_stops_nobody_who_writes_from_another(sendgrid: Server, make: Make, what: str) -> None:
    """A brand may have one for each language. Somebody can mend it, so such emails are tried again."""
    sendgrid.befall({**UNKNOWN_SENDER[what], "times": 1})
    from_there = [formed(n) for n in range(5)]
    refused, other = from_there, formed(9, form=Form(("Dear ", 0), ("",), ("<p>", 1, "</p>"), (2, ", hello")))
    *answers, last = make(connections=1).deliver([*refused, other])
    assert isinstance(last, Receipt)
    assert all(isinstance(one, DeliveryError) and not one.permanent for one in answers)
    assert "brand.yaml" in str(answers[0])
    assert sendgrid.counts()["requests"] == 2


def test_messages_without_a_sender_are_not_asked_about_and_stop_no_others(
    sendgrid: Server, make: Make
) -> None:
    without, other = make().deliver([whole(1, sender={"name": "米其林"}), whole(2)])
    assert isinstance(without, DeliveryError)
    assert not without.permanent
    assert isinstance(other, Receipt)
    assert sendgrid.counts()["requests"] == 1


def test_a_server_that_is_not_there_took_nothing(sendgrid: Server, make: Make) -> None:
    sendgrid.stop()
    answers = make().deliver([formed(1), formed(2)])
    assert {type(one) for one in answers} == {ServiceUnavailable}
    assert "cannot be reached" in str(answers[0])


# When nobody can tell


@pytest.mark.parametrize(
    "fault", [{"cut": "after"}, {"cut": "before"}, {"after_s": 1.0}, {"before_s": 1.0}, {"status": 504}]
)
def test_what_may_have_been_taken_is_unsettled_and_never_sent_again(
    sendgrid: Server, make: Make, fault: dict[str, Any]
) -> None:
    sendgrid.befall(fault)
    answers = make(connections=1, answer_s=0.3).deliver([formed(1), formed(2)])
    assert {type(one) for one in answers} == {Unsettled}
    assert len({str(one) for one in answers}) == 1
    assert sendgrid.counts()["requests"] == 1


def test_a_server_that_hangs_costs_only_what_was_under_way(sendgrid: Server, make: Make) -> None:
    sendgrid.befall({"before_s": 5.0, "times": None})
    answers = make(connections=4, answer_s=0.3).deliver([whole(n) for n in range(100)])
    assert sum(isinstance(one, Unsettled) for one in answers) <= 4
    assert sum(isinstance(one, ServiceUnavailable) for one in answers) >= 96


def test_what_was_taken_although_the_answer_says_otherwise_is_not_sent_twice(
    sendgrid: Server, make: Make
) -> None:
    """A gateway's time-out after the request went through."""
    sendgrid.befall({"status": 504, "took": True})
    answers = make().deliver([formed(1), formed(2)])
    assert {type(one) for one in answers} == {Unsettled}
    assert len(sendgrid.ids()) == 2


def test_after_a_crash_nobody_can_be_asked(make: Make) -> None:
    one = make()
    assert not one.repeatable
    assert one.recover(formed(1).message) is None


def test_closed_it_opens_anew(sendgrid: Server, make: Make) -> None:
    one = make()
    for n in (1, 2):
        assert isinstance(one.deliver([whole(n)])[0], Receipt)
        one.close()
    assert len(sendgrid.taken()) == 2


# Whether it can be used


def test_it_says_where_emails_go_and_sends_nothing(sendgrid: Server, make: Make) -> None:
    assert make().check() == f"by SendGrid, {sendgrid.url}"
    assert "in its sandbox" in make(sandbox=True).check()
    assert sendgrid.counts()["requests"] == 0


def test_it_says_what_is_wrong_with_the_key(make: Make) -> None:
    with pytest.raises(ServiceUnavailable, match="does not know the API key") as refused:
        make(api_key="SG.other").check()
    assert "SENDGRID_API_KEY" in refused.value.hint
    assert "SG.other" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 503])
def test_it_says_that_it_cannot_be_asked(sendgrid: Server, make: Make, status: int) -> None:
    sendgrid.befall({"status": status})
    with pytest.raises(ServiceUnavailable, match="cannot be asked at present"):
        make().check()


def test_a_key_that_may_not_send_is_found_before_anything_is_sent() -> None:
    with Server("--scopes", "stats.read") as server:
        one = channel(server)
        with pytest.raises(ServiceUnavailable, match="does not allow"):
            one.check()
        one.close()
