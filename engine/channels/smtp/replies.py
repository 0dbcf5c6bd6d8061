"""What a server answers (RFC 5321, section 4.2; RFC 2034 for the enhanced codes), read strictly: an answer that is none
means that the two sides no longer speak of the same thing, and then nothing it says can be believed."""

import re
from functools import lru_cache
from typing import NamedTuple

MOST_LINE_BYTES = 2048
"""Four times what is allowed (section 4.5.3.1.5); real servers do write long lines."""
MOST_LINES = 200

_LINE = re.compile(rb"([2-5][0-9]{2})([ -]|$)([^\r\n]*)")
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?: |$)")


class NoReply(Exception):  # noqa: N818 - named for what it was
    """What came is no answer of SMTP."""


class Reply(NamedTuple):
    """`status` is the enhanced code such as `5.1.1`, empty where there is none; `lines` the texts without either."""

    code: int
    status: str
    lines: tuple[str, ...]

    @property
    def positive(self) -> bool:
        return self.code < 400

    @property
    def permanent(self) -> bool:
        return self.code >= 500

    @property
    def text(self) -> str:
        return " ".join(self.lines)


class ReplyReader:
    """Bytes as they come → replies, each as soon as it is whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._code = 0
        self._lines: list[str] = []

    @property
    def between(self) -> bool:
        """Whether nothing of a further reply has come."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> list[Reply]:
        """Raises `NoReply`; nothing of the connection is of use then."""
        if self._rest:
            data = self._rest + data
        *lines, self._rest = data.split(b"\n")
        replies = []
        for line in lines:
            reply = self._line(line.removesuffix(b"\r"))
            if reply is not None:
                replies.append(reply)
        if len(self._rest) > MOST_LINE_BYTES:
            raise NoReply("a line without an end")
        return replies

    def _line(self, line: bytes) -> Reply | None:
        code, last, text = _read(line)
        if not self._lines and last:
            return _reply(code, (text,))
        if self._lines and code != self._code:
            raise NoReply("an answer of two codes")
        self._code = code
        self._lines.append(text)
        if not last:
            if len(self._lines) >= MOST_LINES:
                raise NoReply("an answer without an end")
            return None
        lines, self._lines = tuple(self._lines), []
        return _reply(code, lines)


@lru_cache(256)  # most answers are those of before
def _read(line: bytes) -> tuple[int, bool, str]:
    """Its code, whether it is the last of an answer, and its text."""
    read = _LINE.fullmatch(line)
    if read is None or len(line) > MOST_LINE_BYTES:
        raise NoReply("a line that is none of an answer")
    code, more, text = read.groups()
    return int(code), more != b"-", text.decode("utf-8", "replace")


@lru_cache(256)
def _reply(code: int, lines: tuple[str, ...]) -> Reply:
    read = _ENHANCED.match(lines[-1])
    if read is None or read[1] != str(code)[0]:
        return Reply(code, "", lines)
    status = read[0].strip()
    return Reply(code, status, tuple(line.removeprefix(status).lstrip() for line in lines))
