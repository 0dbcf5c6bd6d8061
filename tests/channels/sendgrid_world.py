"""Messages for the channel SendGrid, and the channel to a server that stands for SendGrid."""

from typing import Any

from engine.channels.backoff import Backoff
from engine.channels.sendgrid import SendGrid, SendGridSettings
from engine.ports import Outgoing, Rendered
from engine.ports.forms import Form
from tests.contracts.samples import message
from tests.services.sendgrid.client import SendGrid as Server

SENDER = {"name": "米其林关怀", "email": "care@michelin.example.cn"}
FORM = Form(("致", 0), ("",), ("<p>", 1, "</p>"), (2, "，您好"))
SOON = Backoff(most=4, first_s=0.01, longest_s=0.05, deadline_s=5.0)


def settings(server: Server, **members: Any) -> SendGridSettings:
    return SendGridSettings(**{"api_key": server.key, "url": server.url, "backoff": SOON, **members})


def channel(server: Server, **members: Any) -> SendGrid:
    return SendGrid(settings(server, **members))


def rendered(n: int, **members: Any) -> Rendered:
    return Rendered(
        **{
            "channel": "email",
            "sender": SENDER,
            "unsubscribe_url": f"https://care.example.com/u/{n}",
            **members,
        }
    )


def formed(
    n: int, name: str = "王芳", *, form: Form = FORM, address: dict[str, Any] | None = None, **members: Any
) -> Outgoing:
    """A message as a form and its values: to `p<n>@example.cn`, unless another `address` is given."""
    values = (name, name.replace("&", "&amp;"), name)[: form.size]
    return Outgoing(message=email_to(n, address, **members), rendered=rendered(n, form=form, values=values))


def whole(n: int, address: dict[str, Any] | None = None, **members: Any) -> Outgoing:
    """One that was rendered whole."""
    texts = {"subject": f"您好 {n}", "html": f"<p>{n}</p>", "text": f"{n}"}
    return Outgoing(message=email_to(n, address), rendered=rendered(n, **{**texts, **members}))


def email_to(n: int, address: dict[str, Any] | None = None, **members: Any) -> Any:
    address = {"email": f"p{n}@example.cn", "name": f"王{n}"} if address is None else address
    return message(n, channel="email", address=address, **members)
