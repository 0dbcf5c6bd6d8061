"""What stands in a cell, read as a person reads it.

A cell comes as a text, or as what a workbook holds: a number, a date, yes or no. Each reader gives the value, None for
a cell that says nothing, or raises `Unreadable` with a reason that does not repeat what stands there.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from unicodedata import normalize

Cell = Any
"""str, int, float, bool, date, datetime, time, timedelta or None."""


def _words(told: str) -> frozenset[str]:
    return frozenset(told.split("|"))


class Unreadable(ValueError):  # noqa: N818 - named for what is so
    """A cell that cannot be read; its text is the reason."""


def text_of(cell: Cell) -> str:
    """The cell as a person sees it, in usual characters, without blanks around it."""
    if cell.__class__ is str:
        return _usual(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, datetime):
        at_midnight = cell.time() == datetime.min.time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return _usual(str(cell))


@lru_cache(maxsize=16384)
def _usual(text: str) -> str:
    return " ".join(normalize("NFKC", text).split())


_NOTHING = _words(
    "|#n/a|-|--|/|?|??|\\|n/a|na|nil|none|null|unknown|—|——|不清楚|不知道|不详|无|暂无|"
    "未填|未提供|未知|没有|空|？"
)


def said(cell: Cell) -> str:
    """The cell's text, empty where it says that there is nothing (无, 不详, n/a)."""
    text = text_of(cell)
    return "" if text.casefold() in _NOTHING else text


# Numbers

_UNITS = re.compile(r"(?:公里数?|千米|km|公里|米)$", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_TEN_THOUSANDS = re.compile(r"(\d+(?:\.\d+)?)(?:万|w)(\d{1,4})?", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:约|大约|大概|近|about|approx\.?|ca\.?|~)\s*", re.IGNORECASE)
_SCIENCE = re.compile(r"\d(?:\.\d+)?e\+?\d{1,2}", re.IGNORECASE)
_DIGIT_WORDS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "仨": 3,
    "四": 4,
    "五": 5,
    "六": 6,
}
_DIGIT_WORDS |= {"七": 7, "八": 8, "九": 9, "十": 10, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6}
_ENGLISH_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_COUNTED = re.compile(r"(?:条|只|个|支|套|件|胎|pcs?\.?|pieces?|tyres?|tires?)$", re.IGNORECASE)
_MOST_TYRES = 100


def kilometres(cell: Cell) -> float | None:
    """`45,000`, `3.2万`, `3万2`, `45000公里`, `约 4.5 万 km` → km."""
    text = said(cell)
    if not text:
        return None
    bare = _UNITS.sub("", _ABOUT.sub("", text).replace(" ", ""))
    ten_thousands = _TEN_THOUSANDS.fullmatch(bare)
    if ten_thousands:
        more = ten_thousands[2]
        rest = int(more) * 10 ** (4 - len(more)) if more else 0
        return round(float(ten_thousands[1]) * 10_000, 3) + rest
    if _NUMBER.fullmatch(bare):
        return float(bare.replace(",", ""))
    raise Unreadable("is no number of kilometres; write it like 45000, 45,000 or 4.5万, or leave it empty")


def count(cell: Cell) -> int | None:
    """`2`, `2.0`, `两`, `4条`, `two` → how many."""
    text = said(cell)
    if not text:
        return None
    bare = _COUNTED.sub("", text.replace(" ", "")).casefold()
    words = _DIGIT_WORDS.get(bare, _ENGLISH_WORDS.get(bare))
    if words is not None:
        return words
    try:
        number = float(bare) if re.fullmatch(r"\d+(\.0*)?", bare) else -1.0
    except OverflowError:
        number = -1.0
    if not 0 < number <= _MOST_TYRES:
        raise Unreadable(f"is no number of tyres; write a whole number from 1 to {_MOST_TYRES}")
    return int(number)


def money(cell: Cell) -> float | None:
    """`780`, `1,560.00`, `￥780元` → in the currency's unit."""
    text = said(cell)
    if not text:
        return None
    bare = re.sub(r"^(?:¥|￥|rmb|cny|\$)|(?:元|rmb|cny|块)$", "", text.replace(" ", ""), flags=re.IGNORECASE)
    if _NUMBER.fullmatch(bare):
        return float(bare.replace(",", ""))
    raise Unreadable("is no amount; write it like 780 or 1,560.00, or leave it empty")


def whole_digits(cell: Cell) -> str:
    """A number that stands for its digits (a mobile), though the spreadsheet has kept it as a quantity:
    `13800000001.0`, `1.3800000001E+10`. Raises `Unreadable` where the spreadsheet has rounded some of them away."""
    text = said(cell)
    bare = text.replace(" ", "")
    if re.fullmatch(r"\d+\.0+", bare):
        return bare.partition(".")[0]
    if _SCIENCE.fullmatch(bare):
        mantissa, _, exponent = bare.casefold().partition("e")
        digits = mantissa.replace(".", "")
        if len(digits) - 1 < int(exponent):
            raise Unreadable("has been rounded by the spreadsheet; make the column text and type it again")
        if len(digits) - 1 == int(exponent):
            return digits
    return text


# Dates

_DATE = re.compile(
    r"(?P<y>\d{4})\s*(?:[-/.年]\s*)(?P<m>\d{1,2})\s*(?:[-/.月]\s*)(?P<d>\d{1,2})\s*(?:日|号)?(?P<rest>.*)",
    re.DOTALL,
)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<rest>)")
_TIME_OF_DAY = re.compile(
    r"[\sT]*(?:上午|下午|早上|晚上|am|pm)?\s*(?:\d{1,2}[:时点]\d{0,2}(?::\d{2}(?:\.\d+)?|分)?)?\s*(?:am|pm|Z|\+08:?00)?",
    re.I,
)
_SERIAL_EPOCH = date(1899, 12, 30)  # as spreadsheets count days, ECMA-376 part 1, 18.17.4.1
_SERIALS = range(20_000, 80_000)  # 1954 to 2119


def day(cell: Cell) -> date | None:
    """`2024-03-05`, `2024/3/5`, `2024年3月5日`, `20240305`, a spreadsheet's number of a day → the date."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | timedelta):
        raise Unreadable(_NO_DATE)
    text = said(cell)
    if not text:
        return None
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found and _TIME_OF_DAY.fullmatch(found["rest"]):
        try:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            raise Unreadable("is a day that the calendar does not have") from None
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and int(float(text)) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(days=int(float(text)))
    raise Unreadable(_NO_DATE)


_NO_DATE = "is no date; write it like 2024-03-05 or 2024年3月5日"

# Yes and no

_YES = _words(
    "1|agree|agreed|ok|on|opt-in|t|true|v|x√|y|yes|√|■|☑|✅|✓|✔|可以|同意|对|已同意|"
    "愿意|接受|是|是的|有|要|订阅|需要"
)
_NO = _words(
    "0|disagree|f|false|n|no|off|opt-out|x|×|□|☐|✗|✘|不|不同意|不愿意|不接受|不是|不要|"
    "不订阅|不需要|否|拒绝|未同意|退订"
)


def yes_or_no(cell: Cell) -> bool | None:
    """`√`, `是`, `Y`, `true`, 1 → True; `否`, `N`, `×`, 0 → False; an empty cell says neither."""
    text = text_of(cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if text in _SAYS_NEITHER:
        return None
    raise Unreadable("is neither yes nor no; write 是 or 否, Y or N, or leave it empty")


_SAYS_NEITHER = _words("|-|--|/|?|n/a|unknown|—|——|不详|未勾选|未填|未知|空|？")
