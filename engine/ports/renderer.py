"""From a message to what is sent."""

from base64 import b64encode
from typing import Protocol

import msgspec
from msgspec.structs import replace

from engine.model.messages import Message
from engine.ports.forms import Form, Values


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """`content_id` is that of a picture, by which the HTML shows it: `<img src="cid:…">`."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A message made ready: a letter has `pdf` (and the `html` it was set from), an email `subject`, `html`
    and `text`, an SMS `text` (whole, signature and all) and the `parts` that it takes. `sender` holds the
    brand's sender of the channel (`name`, `email`, `signature`, …). `unsubscribe_url` is where the customer
    can stop. `template_code` is that of the registered text which the SMS is, where it says so, and `params` the
    values that go with it.

    `pictures` are those that an email's HTML shows; they go along as parts of it, `attachments` beside it.

    With a `form`, the email's texts are empty, and what they are is `form.fill(values)`; what else there is, is
    the same for all messages of the form, but for `unsubscribe_url`."""

    channel: str
    text: str = ""
    html: str = ""
    subject: str = ""
    preheader: str = ""
    pdf: bytes = b""
    parts: int = 1
    unsubscribe_url: str = ""
    sender: dict[str, str] = {}
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()
    template_code: str = ""
    params: dict[str, str] = {}
    form: Form | None = None
    values: Values = ()

    def whole(self) -> "Rendered":
        """The same without a form."""
        if self.form is None:
            return self
        subject, preheader, html, text = self.form.fill(self.values)
        return replace(self, subject=subject, preheader=preheader, html=html, text=text, form=None, values=())

    def page(self) -> str:
        """The HTML to look at by itself, its pictures within."""
        html = self.html
        for one in self.pictures:
            data = f"data:{one.media_type};base64,{b64encode(one.content).decode('ascii')}"
            html = html.replace(f'"cid:{one.content_id}"', f'"{data}"')
        return html


class Renderer(Protocol):
    def render(self, message: Message, *, as_form: bool = False) -> Rendered:
        """Renders `message` for its channel, brand and locale; with `as_form` as a form and its values, where it is
        an email that can be.

        Raises `TemplateError` where the template cannot be rendered; the same message always renders to the
        same bytes.
        """
        ...
