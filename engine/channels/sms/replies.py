"""What an answer to an SMS asks for.

An answer is a word of these and nothing else, however it is written: case, full-width letters, blanks, quotation marks
and punctuation around it do not count. `T` and `R` (退订, 回T退订) are what Chinese carriers have people send, `TD` is
short for 退订 in pinyin; the English ones are those that carriers elsewhere must heed.

Taking a 'no' for a 'yes' costs more than the reverse, so there is no word for a 'yes': who once said no is written to
again when a form with its proof says so (`consent.granted`), never by a single word from a telephone. China's rules for
commercial SMS ask for consent that can be shown; `START` and 恢复 are told to the operator as answers of that kind.
"""

import re
import unicodedata
from enum import StrEnum


class Reply(StrEnum):
    STOP = "stop"
    START = "start"
    OTHER = "other"


_STOP = frozenset(
    {
        *("t", "td", "r"),
        *("退订", "退訂", "退定", "回t", "回t退订", "t退订", "td退订", "请退订", "我要退订"),
        *("取消订阅", "取消訂閱", "拒收", "拒绝接收", "不要再发"),
        *("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"),
    }
)
_START = frozenset({"start", "unstop", "恢复", "恢復", "重新订阅", "重新訂閱"})
_AROUND = re.compile(r"[\W_]+")


def meaning(text: str) -> Reply:
    """What `text` asks for."""
    word = _AROUND.sub("", unicodedata.normalize("NFKC", text)).casefold()
    if word in _STOP:
        return Reply.STOP
    return Reply.START if word in _START else Reply.OTHER
