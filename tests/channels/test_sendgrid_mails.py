"""A request is what the `sendgrid` package would make of the same messages."""

import json
from base64 import b64encode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sendgrid.helpers.mail import (
    Attachment,
    Category,
    ClickTracking,
    Content,
    ContentId,
    CustomArg,
    Disposition,
    FileContent,
    FileName,
    FileType,
    From,
    Header,
    Mail,
    OpenTracking,
    Personalization,
    SubscriptionTracking,
    Substitution,
    To,
    TrackingSettings,
)

from engine.channels.sendgrid import SendGridSettings
from engine.channels.sendgrid.plan import Request, requests
from engine.ports import Attachment as File
from engine.ports import Outgoing
from tests.channels.sendgrid_world import FORM, SENDER, formed, whole

SETTINGS = SendGridSettings(api_key="SG.test")
plain = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
names = st.lists(st.tuples(plain, plain), min_size=2, max_size=6)


def packages_own(outgoings: list[Outgoing]) -> dict[str, Any]:
    """By its objects alone."""
    if outgoings[0].rendered.form is None:
        marks: tuple[str, ...] = ()
        subject, html, text = (getattr(outgoings[0].rendered, one) for one in ("subject", "html", "text"))
    else:
        marks = FORM.marks(one.rendered.values for one in outgoings) or ()
        subject, _, html, text = FORM.fill(marks)
    mail = Mail(From(SENDER["email"], SENDER["name"]), subject=subject)
    mail.add_content(Content("text/html", html))
    mail.add_content(Content("text/plain", text))
    rendered = outgoings[0].rendered
    for file in reversed((*rendered.attachments, *rendered.pictures)):
        content = FileContent(b64encode(file.content).decode())
        name, kind = FileName(file.name), FileType(file.media_type)
        how = Disposition("inline" if file.content_id else "attachment")
        named = ContentId(file.content_id) if file.content_id else None
        mail.add_attachment(Attachment(content, name, kind, how, named))
    for category in ("michelin", "welcome-pack"):
        mail.add_category(Category(category))
    mail.tracking_settings = TrackingSettings(
        ClickTracking(False, False), OpenTracking(False), SubscriptionTracking(False)
    )
    for outgoing in reversed(outgoings):
        one = Personalization()
        one.add_to(To(outgoing.message.address["email"], outgoing.message.address["name"] or None))
        one.add_header(Header("List-Unsubscribe", f"<{outgoing.rendered.unsubscribe_url}>"))
        one.add_header(Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        for mark, value in zip(marks, outgoing.rendered.values, strict=True):
            one.add_substitution(Substitution(mark, value))
        one.add_custom_arg(CustomArg("message_id", outgoing.message.id))
        mail.add_personalization(one)
    made: dict[str, Any] = mail.get()
    return made


PICTURE = File(name="a.png", media_type="image/png", content=b"PNG", content_id="a@milepost")


@given(names)
def test_requests_are_the_packages_own(given_names: list[tuple[str, str]]) -> None:
    outgoings = [
        with_picture(formed(n, value, address={"email": f"p{n}@example.cn", "name": name}))
        for n, (name, value) in enumerate(given_names)
    ]
    made: list[Request] = list(requests(outgoings, SETTINGS, lambda *_: None))
    assert [json.loads(one.body()) for one in made] == [packages_own(outgoings)]


def with_picture(outgoing: Outgoing) -> Outgoing:
    return replace(outgoing, rendered=replace(outgoing.rendered, pictures=(PICTURE,)))


@given(plain, plain, st.booleans())
def test_so_is_one_of_a_whole_message(name: str, said: str, attached: bool) -> None:
    files = (File(name="a.pdf", media_type="application/pdf", content=b"%PDF"),) * 2 if attached else ()
    outgoing = whole(
        1,
        {"email": "w@example.cn", "name": name},
        subject=f"您好{said}",
        html=f"<p>{said}</p>",
        text="a",
        attachments=files,
        pictures=(PICTURE,) if attached else (),
    )
    [made] = requests([outgoing], SETTINGS, lambda *_: None)
    assert json.loads(made.body()) == packages_own([outgoing])
