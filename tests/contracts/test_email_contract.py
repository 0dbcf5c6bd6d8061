"""What every way for email promises, from the folder to SendGrid: what was rendered arrives, each message gets its own
answer, and one that cannot be sent keeps no other. A new way gets a row in `WAYS`."""

import base64
import email
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.channels.emails_folder import EmailsFolder
from engine.model.errors import DeliveryError, ServiceUnavailable
from engine.ports import Answer, Attachment, Channel, Outgoing, Receipt, Rendered
from engine.ports.forms import Form
from tests.channels import sendgrid_world
from tests.channels.smtp import smtp_world
from tests.contracts.samples import message
from tests.services.sendgrid.client import SendGrid
from tests.services.server import free_ports
from tests.services.smtp_scripted import Scripted
from tests.support import SHANGHAI

FORM = Form(("致", 0), ("",), ("<p>", 1, "</p>\n"), (0, "，您好\n"))


class Got(NamedTuple):
    """An email as its recipient has it."""

    subject: str
    html: str
    text: str
    unsubscribe: str
    one_click: str
    files: tuple[bytes, ...]


class Way(NamedTuple):
    """`got` is what arrived, by address."""

    channel: Channel
    got: Callable[[], dict[str, Got]]


def read(content: bytes) -> tuple[str, Got]:
    mail = email.message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None and text is not None
    ways = mail["List-Unsubscribe"].split(",")
    got = Got(
        mail["Subject"],
        html.get_content().replace("\r\n", "\n"),
        text.get_content().replace("\r\n", "\n"),
        ways[0].strip(),
        mail["List-Unsubscribe-Post"] or "",
        tuple(one.get_content() for one in mail.iter_attachments()),
    )
    return mail["To"].addresses[0].addr_spec, got


@contextmanager
def by_folder(folder: Path, _sendgrid: SendGrid) -> Iterator[Way]:
    made = EmailsFolder(folder, SHANGHAI)
    yield Way(made, lambda: dict(read(one.read_bytes()) for one in folder.rglob("*.eml")))


@contextmanager
def by_smtp(_folder: Path, _sendgrid: SendGrid) -> Iterator[Way]:
    with Scripted() as server, smtp_world.channel(server.port) as made:
        yield Way(made, lambda: dict(read(one.content) for one in server.taken))


@contextmanager
def by_sendgrid(_folder: Path, sendgrid: SendGrid) -> Iterator[Way]:
    made = sendgrid_world.channel(sendgrid)
    yield Way(made, lambda: dict(map(as_got, sendgrid.taken())))
    made.close()


def as_got(mail: dict[str, object]) -> tuple[str, Got]:
    contents, headers = mail["contents"], mail["headers"]
    assert isinstance(contents, dict) and isinstance(headers, dict)
    files = mail["attachments"]
    assert isinstance(files, list)
    got = Got(
        str(mail["subject"]),
        contents["text/html"],
        contents["text/plain"],
        headers["List-Unsubscribe"],
        headers.get("List-Unsubscribe-Post", ""),
        tuple(base64.b64decode(one["content"]) for one in files),
    )
    return str(mail["to"]), got


WAYS = {"folder": by_folder, "smtp": by_smtp, "sendgrid": by_sendgrid}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, sendgrid: SendGrid) -> Iterator[Way]:
    with WAYS[request.param](tmp_path, sendgrid) as made:
        yield made


def outgoing(n: int, name: str = "王芳", *, as_form: bool = False, **members: object) -> Outgoing:
    """To `p<n>@example.cn`."""
    values = (name, name.replace("&", "&amp;"))
    rendered = Rendered(
        channel="email",
        sender={"name": "米其林轮胎", "email": "care@michelin.example"},
        unsubscribe_url=f"https://care.example.com/u/{n}",
        form=FORM,
        values=values,
        **members,  # type: ignore[arg-type]
    )
    to = message(n, channel="email", address={"email": f"p{n}@example.cn", "name": name})
    return Outgoing(message=to, rendered=rendered if as_form else rendered.whole())


def to(n: int, address: dict[str, object]) -> Outgoing:
    return Outgoing(message=message(n, channel="email", address=address), rendered=outgoing(n).rendered)


def kinds(answers: Sequence[Answer]) -> list[type]:
    return [type(one) for one in answers]


@pytest.mark.parametrize("as_form", [False, True])
def test_what_was_rendered_arrives_and_each_has_its_answer(way: Way, as_form: bool) -> None:
    names = ["王芳", "Tom & Söhne", "%s", "-m1.", "李雷"]
    sent = [outgoing(n, name, as_form=as_form) for n, name in enumerate(names)]
    answers = way.channel.deliver(sent)
    assert kinds(answers) == [Receipt] * 5
    got = way.got()
    for n, one in enumerate(sent):
        whole = one.rendered.whole()
        assert got[f"p{n}@example.cn"] == Got(
            whole.subject,
            whole.html,
            whole.text,
            f"<https://care.example.com/u/{n}>",
            "List-Unsubscribe=One-Click",
            (),
        )


def test_more_than_one_attachment_arrives_in_order(way: Way) -> None:
    files = tuple(
        Attachment(name=f"{n}.pdf", media_type="application/pdf", content=b"%PDF" + str(n).encode())
        for n in (1, 2)
    )
    assert kinds(way.channel.deliver([outgoing(1, attachments=files)])) == [Receipt]
    assert way.got()["p1@example.cn"].files == (b"%PDF1", b"%PDF2")


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"email": "w@"},
        {"email": "w@example.cn\r\nBcc: x@example.cn"},
        {"email": "w@example.cn", "name": "W\r\nBcc: x@example.cn"},
    ],
    ids=["none", "no address", "a header in the address", "a header in the name"],
)
def test_one_that_cannot_be_addressed_fails_alone_and_for_good(way: Way, address: dict[str, object]) -> None:
    answers = way.channel.deliver([outgoing(1), to(2, address), outgoing(3)])
    assert kinds(answers) == [Receipt, DeliveryError, Receipt]
    bad = answers[1]
    assert isinstance(bad, DeliveryError) and bad.permanent
    assert "@" not in str(bad)  # errors name no person
    assert set(way.got()) == {"p1@example.cn", "p3@example.cn"}


@pytest.mark.parametrize("as_form", [False, True])
def test_a_line_break_smuggles_no_header_in(way: Way, as_form: bool) -> None:
    broken = "王芳\nBcc: x@example.cn"
    answers = way.channel.deliver(
        [outgoing(n, name, as_form=as_form) for n, name in enumerate(["a", broken, "b"])]
    )
    assert kinds(answers) == [Receipt, DeliveryError, Receipt]


def test_nothing_to_send_is_no_trouble(way: Way) -> None:
    assert list(way.channel.deliver([])) == []


def test_it_can_be_asked_whether_it_works_and_sends_nothing_by_that(way: Way) -> None:
    assert way.channel.check()
    assert way.got() == {}


def test_closed_it_opens_anew(way: Way) -> None:
    for n in (1, 2):
        assert kinds(way.channel.deliver([outgoing(n)])) == [Receipt]
        way.channel.close()
    assert len(way.got()) == 2


def nobody_there() -> Iterator[Channel]:
    [port] = free_ports(1)
    yield smtp_world.Smtp(smtp_world.read_url(f"smtp://127.0.0.1:{port}"), SHANGHAI)
    settings = sendgrid_world.SendGridSettings
    yield sendgrid_world.SendGrid(
        settings(api_key="SG.key", url=f"http://127.0.0.1:{port}", backoff=sendgrid_world.SOON)
    )


def test_where_nobody_answers_all_wait_and_it_says_the_same_of_each() -> None:
    for channel in nobody_there():
        answers = channel.deliver([outgoing(n) for n in range(3)])
        assert kinds(answers) == [ServiceUnavailable] * 3
        assert len({str(one) for one in answers}) == 1
        with pytest.raises(ServiceUnavailable):
            channel.check()
        channel.close()
