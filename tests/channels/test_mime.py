"""Emails, held against the standard library's reading of them."""

import email
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import compat32, default, strict
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.mime import Email, build
from engine.model.errors import DeliveryError
from engine.ports import Attachment, Outgoing, Rendered
from tests.contracts.samples import message

SHANGHAI = ZoneInfo("Asia/Shanghai")
LINK = "https://care.example.com/unsubscribe/0123"
SENDER = {"name": "米其林轮胎", "email": "care@michelin.example"}


def built(address: dict[str, str] | None = None, **members: object) -> Email:
    rendered = {
        "channel": "email",
        "subject": "您的轮胎已行驶 10000 公里",
        "text": "您好，\n请到店检查。\n",
        "html": "<p>您好</p>\n",
        "sender": SENDER,
        "unsubscribe_url": LINK,
        **members,
    }
    to = {"email": "w@example.cn", "name": "王芳"} if address is None else address
    return build(
        Outgoing(message=message(1, channel="email", address=to), rendered=Rendered(**rendered)),  # type: ignore[arg-type]
        SHANGHAI,
    )


def read(one: Email) -> EmailMessage:
    """As a strict reader reads it: any defect is an error."""
    parsed = email.message_from_bytes(one.content, policy=strict)
    assert isinstance(parsed, EmailMessage)
    return parsed


def mailbox(parsed: EmailMessage, field: str) -> tuple[str, str]:
    header = parsed[field]
    assert isinstance(header, AddressHeader)
    [address] = header.addresses
    return address.display_name, address.addr_spec


def test_an_email_reads_as_it_was_meant() -> None:
    parsed = read(built())
    assert mailbox(parsed, "From") == ("米其林轮胎", "care@michelin.example")
    assert mailbox(parsed, "To") == ("王芳", "w@example.cn")
    assert parsed["Subject"] == "您的轮胎已行驶 10000 公里"
    assert parsed["Date"] == "Sat, 08 Mar 2025 14:20:00 +0800"
    assert parsed["Message-ID"] == f"<{message(1).id}@michelin.example>"
    assert parsed["MIME-Version"] == "1.0"
    assert parsed.get_content_type() == "multipart/alternative"
    plain, html = parsed.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content() == "您好，\r\n请到店检查。\r\n"
    assert html.get_content() == "<p>您好</p>\r\n"


def test_pictures_are_parts_beside_the_html_that_shows_them() -> None:
    pictures = tuple(
        Attachment(name=name, media_type="image/png", content=name.encode(), content_id=f"{name[0]}@milepost")
        for name in ("a.png", "图.png")
    )
    file = Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF")
    parsed = read(built(html='<img src="cid:a@milepost">', pictures=pictures[:1], attachments=(file,)))
    alternative, attached = parsed.iter_parts()
    assert attached.get_filename() == "a.pdf"
    assert attached.get_content_disposition() == "attachment"
    plain, related = alternative.iter_parts()  # type: ignore[attr-defined]
    assert plain.get_content_type() == "text/plain"
    assert (related.get_content_type(), related.get_param("type")) == ("multipart/related", "text/html")
    html, picture = related.iter_parts()
    assert html.get_content_type() == "text/html"
    assert picture["Content-ID"] == "<a@milepost>"
    assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/png", "inline")
    assert (picture.get_filename(), picture.get_content()) == ("a.png", b"a.png")
    [_, related] = read(built(pictures=pictures)).iter_parts()
    assert [one.get_filename() for one in related.iter_parts()][1:] == ["a.png", "图.png"]  # type: ignore[attr-defined]


def test_the_same_message_gives_the_same_bytes() -> None:
    assert built().content == built().content


def test_lines_are_short_ascii_and_end_as_the_standard_says() -> None:
    content = built(subject="您的轮胎" * 40, text="字" * 3000).content
    assert content.isascii()
    assert content.replace(b"\r\n", b"").count(b"\n") == content.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_stopping_is_one_click() -> None:
    parsed = read(built())
    assert parsed["List-Unsubscribe"] == f"<{LINK}>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_link_stopping_is_an_email_to_the_sender() -> None:
    parsed = read(built(unsubscribe_url=""))
    expected = f"<mailto:care@michelin.example?subject=unsubscribe%20{message(1).id}>"
    assert parsed["List-Unsubscribe"] == expected
    assert parsed["List-Unsubscribe-Post"] is None


def test_one_click_is_promised_over_https_only() -> None:
    parsed = read(built(unsubscribe_url="http://localhost:8000/unsubscribe"))
    assert parsed["List-Unsubscribe-Post"] is None


def test_a_brand_without_a_sender_gets_one_that_leads_nowhere() -> None:
    assert mailbox(read(built(sender={})), "From") == ("", "no-reply@milepost.invalid")


def test_html_alone_and_text_alone_are_emails_too() -> None:
    assert read(built(html="")).get_content_type() == "text/plain"
    assert read(built(text="")).get_content_type() == "text/html"


def test_attachments_come_after_the_text_with_their_names() -> None:
    files = (
        Attachment(name="优惠券.pdf", media_type="application/pdf", content=b"%PDF" + bytes(range(256))),
        Attachment(name="a b.txt", media_type="text/plain", content=b"text"),
    )
    parsed = read(built(attachments=files))
    assert parsed.get_content_type() == "multipart/mixed"
    body = parsed.get_body(("html",))
    assert body is not None
    assert body.get_content() == "<p>您好</p>\r\n"
    found = list(parsed.iter_attachments())
    assert [one.get_filename() for one in found] == ["优惠券.pdf", "a b.txt"]
    assert [one.get_payload(decode=True) for one in found] == [one.content for one in files]


@pytest.mark.parametrize(
    "members",
    [
        {"subject": "offer\r\nBcc: everybody@example.com"},
        {"subject": "offer\nBcc: everybody@example.com"},
        {"subject": "offer\x00"},
        {"subject": "offer\u2028Bcc: everybody@example.com"},
        {"address": {"email": "w@example.cn\r\nBcc: x@example.com", "name": ""}},
        {"address": {"email": "w@example.cn", "name": "王\r\nBcc: x@example.com"}},
        {"sender": {"email": "care@example.com\r\nBcc: x@example.com"}},
        {"unsubscribe_url": "https://example.com/\r\nBcc: x@example.com"},
        {"unsubscribe_url": "https://example.com/>, <mailto:x@example.com"},
        {"attachments": (Attachment(name="a\r\nX: y", media_type="text/plain", content=b""),)},
        {"attachments": (Attachment(name="a", media_type="text/plain\r\nX: y", content=b""),)},
    ],
)
def test_no_header_can_be_smuggled_in(members: dict[str, object]) -> None:
    with pytest.raises(DeliveryError) as refused:
        built(**members)  # type: ignore[arg-type]
    assert refused.value.permanent


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "a b@example.cn", "a@", "@b", "a@b..c", f"{'a' * 250}@b.cn"]
)
def test_what_is_no_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        built({"email": address})
    assert refused.value.permanent
    assert address == "" or address not in str(refused.value)


def test_a_domain_of_another_script_goes_out_in_ascii() -> None:
    assert mailbox(read(built({"email": "w@例子.cn"})), "To") == ("", "w@xn--fsqu00a.cn")


_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=120)


def _visible(value: str) -> bool:
    return value == value.strip()


@given(_TEXT.filter(_visible))
def test_any_subject_comes_back(subject: str) -> None:
    content = built(subject=subject).content
    assert email.message_from_bytes(content, policy=default)["Subject"] == subject
    assert max(map(len, content.split(b"\r\n"))) <= 78


@given(_TEXT.map(lambda name: " ".join(name.split())).filter(bool))
def test_any_name_comes_back(name: str) -> None:
    content = built({"email": "w@example.cn", "name": name}).content
    # The parts are read one by one: the newer parser of Python 3.11 puts blanks between encoded words.
    raw = email.message_from_bytes(content, policy=compat32)["To"].replace("\r\n", "")
    shown, address = parseaddr(raw)
    assert (str(make_header(decode_header(shown))), address) == (name, "w@example.cn")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_line_by_line(text: str) -> None:
    parsed = email.message_from_bytes(built(text=f"{text}.", html="").content, policy=default)
    payload = parsed.get_payload(decode=True)
    assert isinstance(payload, bytes)
    lines = f"{text}.".replace("\r\n", "\n").replace("\r", "\n")
    assert payload.decode().replace("\r\n", "\n") == lines
