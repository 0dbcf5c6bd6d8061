"""Email by SendGrid's v3 API, and what SendGrid's event webhook tells.

Laws
1. mail/send knows no idempotency: a request is made again only where SendGrid certainly took nothing of the one before.
   Whatever else happens to it, its messages are `Unsettled`, and the webhook tells what became of them, as each carries
   its id in `custom_args`.
2. One faulty recipient fails alone: the others of the request are sent without it.
3. What is sent is what was rendered. Of messages of one form, SendGrid puts in the values; the marks that stand for
   them are such that no value and no text holds one.
4. Once SendGrid does not answer, or wants nothing of this account, the messages whose requests have not begun are given
   back untried: what hangs costs no more than what was under way.
5. No error names a person or quotes what SendGrid says about one.

Modules: `channel` (the `Channel`), `sending` (what becomes of one hand-over: tries, splits), `plan` (which messages go
into which request), `mails` (a request's JSON, by the `sendgrid` package's objects), `answers` (what SendGrid's mean),
`transport` (connections), `pace`, `webhook`.
"""

from engine.channels.sendgrid.channel import SendGrid
from engine.channels.sendgrid.settings import SendGridSettings

__all__ = ["SendGrid", "SendGridSettings"]
