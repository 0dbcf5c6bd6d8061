"""A dealer's names of columns: which member of a card each of them means.

Names are compared by their letters and digits alone: case, blanks, punctuation, and what stands in brackets or behind
a unit (`里程(公里)`, `里程/km`, `*手机`) do not matter.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import yaml

from engine.intake.sheets.cells import Cell, text_of

_BRACKETS = re.compile(r"[(\[{【〔（].*?[)\]}】〕）]")
_UNIT = re.compile(r"(?:/|:|,)?\s*(?:km|公里|元|rmb|cny|yyyy.*)$", re.IGNORECASE)
_OTHER = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """A column's name as it is compared."""
    usual = normalize("NFKC", name).casefold().strip()
    short = _UNIT.sub("", _BRACKETS.sub("", usual)).strip()
    return _OTHER.sub("", short) or _OTHER.sub("", usual)


def _columns() -> dict[str, Mapping[str, str]]:
    """By kind of file, the members by the bare names of their columns."""
    told = yaml.load((Path(__file__).parent / "columns.yaml").read_bytes(), yaml.BaseLoader)  # noqa: S506 - texts alone
    shared = {**told["person"], **told["consents"], **told["passed_over"]}
    return {
        kind: {bare(name): member for member, names in {**shared, **told[kind]}.items() for name in names}
        for kind in KINDS
    }


KINDS = ("registration", "prospects")
"""What a file of rows can hold."""
NAMES = _columns()
NEEDED = {"registration": ("mobile", "date", "brand"), "prospects": ("date",)}
LOOK_AT = 30
"""A header stands within the first so many rows that hold anything."""

_MAY_BE_CONSENT = re.compile(
    r"同意|许可|授权|订阅|短信|电邮|consent|agree|opt.?in|opt.?out|subscri|newsletter|sms|permission|marketing",
    re.I,
)


class Header(NamedTuple):
    """Where the header ends (the place of its last row, from 0) and, by member, the columns that mean it, in order
    (from 0); `unknown` are the columns whose names are not known, `titles` all names as they stand."""

    row: int
    columns: dict[str, tuple[int, ...]]
    unknown: dict[int, str]
    titles: tuple[str, ...]

    @property
    def may_be_consent(self) -> list[str]:
        """Names that are not known, and look like a customer's word on being written to."""
        return [name for name in self.unknown.values() if _MAY_BE_CONSENT.search(normalize("NFKC", name))]


def header_of(titles: Sequence[str], row: int, kind: str, mapping: Mapping[str, Sequence[str]]) -> Header:
    """What columns with these titles mean. `mapping` has, by member, a dealer's own names of columns; they count
    before all others."""
    own = {bare(name): member for member, names in mapping.items() for name in names}
    columns: dict[str, tuple[int, ...]] = {}
    unknown = {}
    for place, title in enumerate(titles):
        if not title:
            continue
        member = own.get(bare(title)) or NAMES[kind].get(bare(title))
        if member is None:
            unknown[place] = title
        elif not (member in mapping and bare(title) not in own):
            columns[member] = (*columns.get(member, ()), place)
    return Header(row, columns, unknown, tuple(titles))


def find_header(
    rows: Sequence[Sequence[Cell]], kind: str, mapping: Mapping[str, Sequence[str]]
) -> Header | None:
    """The header among the first rows of a sheet: the row, or the two rows that make one together, in which most
    names are known. None where nothing there looks like one."""
    best: tuple[int, Header] | None = None
    for place, row in enumerate(rows):
        titles = [text_of(cell) for cell in row]
        candidates = [header_of(titles, place, kind, mapping)]
        if place + 1 < len(rows):
            candidates.append(header_of(_in_two_lines(titles, rows[place + 1]), place + 1, kind, mapping))
        for one in candidates:
            known = sum(member != "ignored" for member in one.columns)
            if known >= 2 and (best is None or known > best[0]):
                best = known, one
    return None if best is None else best[1]


def _in_two_lines(above: Sequence[str], below: Sequence[Cell]) -> list[str]:
    """Names of which the upper line says the group (客户) and the lower the member (姓名): the lower where it says
    something known by itself, else both together."""
    lower = [text_of(cell) for cell in below]
    width = max(len(above), len(lower))
    filled = ""
    titles = []
    for place in range(width):
        upper = above[place] if place < len(above) else ""
        filled = upper or filled
        under = lower[place] if place < len(lower) else ""
        titles.append(under or upper)
        if under and upper and bare(f"{filled}{under}") in _EVERY_NAME and bare(under) not in _EVERY_NAME:
            titles[-1] = f"{filled}{under}"
    return titles


_EVERY_NAME = frozenset(name for names in NAMES.values() for name in names)
