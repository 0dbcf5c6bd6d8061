"""Links in messages: what leads a customer, without a login, to what can be said of one message.

A link holds the message's id and a signature of it, nothing else: nobody can make one for a message of somebody
else's, and it tells nothing of the person. It is signed for what it is for, so that one to unsubscribe opens no
preferences. One by which clicks are counted also holds where it leads, which is signed with it: nobody can make one
that leads from here to a place of theirs. The address under which the pages are found is no part of what is signed:
links that are under way go on working when it changes.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from enum import StrEnum
from typing import NamedTuple

_ID_BYTES = 16
_SIGNATURE_BYTES = 16
_TOKEN_LENGTH = 43  # 32 bytes in base64, without padding

_WEB = ("http://", "https://")
_MOST_TARGET_CHARS = 1_500
"""Longer addresses are let be: some mail programs cut what is longer than 2 000."""

SAMPLE_KEY = bytes(32)
"""What the links of previews, simulations and demos are signed with: they open nothing."""


class Page(StrEnum):
    """What a link is for; its value is the first part of its path."""

    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    CLICK = "c"


class Click(NamedTuple):
    """A link of a message that was followed, and where it leads."""

    message_id: str
    target: str


class Links:
    """Links under `base`, signed with `key` (32 bytes that stay the same for as long as links are to work)."""

    def __init__(self, base: str, key: bytes) -> None:
        self._base = base.rstrip("/")
        self._key = key
        self._under = {page: f"{self._base}/{page}/" for page in Page}
        self._begun = {page: hmac.new(key, b"link/%b/" % page.encode(), "sha256") for page in Page}

    def unsubscribe(self, message_id: str) -> str:
        return self._url(Page.UNSUBSCRIBE, message_id)

    def preferences(self, message_id: str) -> str:
        return self._url(Page.PREFERENCES, message_id)

    @property
    def clicks(self) -> str:
        """What stands before the tokens of links that are counted."""
        return self._under[Page.CLICK]

    @property
    def open_nothing(self) -> bool:
        """Whether they are those of previews."""
        return self._key == SAMPLE_KEY

    def may_count(self, target: str) -> bool:
        """Whether a link to `target` can be counted: one of the web that is none of ours already."""
        return (
            target[:8].lower().startswith(_WEB)
            and len(target) <= _MOST_TARGET_CHARS
            and target.isprintable()
            and not target.startswith(tuple(self._under.values()))
        )

    def click_token(self, message_id: str, target: str) -> str:
        """What stands in a counted link of a message to `target`."""
        named, led = bytes.fromhex(message_id), target.encode("utf-8", "replace")
        whole = b"%b%b%b" % (named, self._signature(Page.CLICK, named + led), led)
        return urlsafe_b64encode(whole).rstrip(b"=").decode()

    def click_of(self, token: str) -> Click | None:
        """What a counted link says; None where it is none of ours."""
        if len(token) <= _TOKEN_LENGTH or not token.isascii():
            return None
        try:
            whole = urlsafe_b64decode(f"{token}{'=' * (-len(token) % 4)}")
            click = Click(whole[:_ID_BYTES].hex(), whole[_ID_BYTES + _SIGNATURE_BYTES :].decode())
            genuine = self.click_token(*click)
        except (Error, ValueError):
            return None
        return click if hmac.compare_digest(genuine, token) else None

    def _url(self, page: Page, message_id: str) -> str:
        return self._under[page] + self.token(page, message_id)

    def token(self, page: Page, message_id: str) -> str:
        """What stands in a link of `page` for a message, whose id is 32 hexadecimal digits."""
        named = bytes.fromhex(message_id)
        return urlsafe_b64encode(named + self._signature(page, named))[:_TOKEN_LENGTH].decode()

    def message_of(self, page: Page, token: str) -> str | None:
        """The id of the message that `token` stands for; None where it is none of ours, or not for this page."""
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            return None
        try:
            named = urlsafe_b64decode(f"{token}=")[:_ID_BYTES].hex()
            genuine = self.token(page, named)
        except (Error, ValueError):
            return None
        return named if hmac.compare_digest(genuine, token) else None

    def _signature(self, page: Page, named: bytes) -> bytes:
        signing = self._begun[page].copy()  # the key's part is worked out once
        signing.update(named)
        return signing.digest()[:_SIGNATURE_BYTES]
