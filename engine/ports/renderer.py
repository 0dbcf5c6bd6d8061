"""From a message to what is sent."""

from typing import Protocol

import msgspec

from engine.model.messages import Message


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    content: bytes


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A message made ready: a letter has `pdf` (and the `html` it was set from), an email `subject`, `html`
    and `text`, an SMS `text` (whole, signature and all) and the `parts` that it takes. `sender` holds the
    brand's sender of the channel (`name`, `email`, `signature`, …). `unsubscribe_url` is where the customer
    can stop."""

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


class Renderer(Protocol):
    def render(self, message: Message) -> Rendered:
        """Renders `message` for its channel, brand and locale.

        Raises `TemplateError` where the template cannot be rendered; the same message always renders to the
        same bytes.
        """
        ...
