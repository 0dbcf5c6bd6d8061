"""How SendGrid is reached."""

from dataclasses import dataclass, field

from engine.channels.backoff import BACKOFF, Backoff

URL = "https://api.sendgrid.com"


@dataclass(frozen=True, kw_only=True)
class SendGridSettings:
    """`sandbox`: SendGrid checks everything and sends nothing. `tracking`: it counts opens and clicks, for which it
    rewrites links and adds a picture. `per_s` is how many messages go in a second at most, 0 for as many as can."""

    api_key: str = field(repr=False)
    url: str = URL
    sandbox: bool = False
    tracking: bool = False
    connections: int = 16
    connect_s: float = 5.0
    answer_s: float = 30.0
    per_s: float = 0.0
    backoff: Backoff = BACKOFF
