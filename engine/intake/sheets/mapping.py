"""A dealer's own names of columns, as a mapping file (YAML) tells them:

mobile: 联系方式            # member: the column's name, or several
consent_sms: [短信, 可发短信]
ignored: [内部编号]         # columns that are to be passed over
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from engine.intake.sheets.headers import NAMES
from engine.model.errors import MilepostError, UsageError

Mapped = Mapping[str, tuple[str, ...]]
_MOST_BYTES = 64 * 1024


def members_of(kind: str) -> tuple[str, ...]:
    """What a column can mean in files of that kind."""
    return tuple(dict.fromkeys(NAMES[kind].values()))


def read_mapping(path: Path, kind: str) -> Mapped:
    """Raises `UsageError` where there is no such file, `MilepostError` for what is wrong in it."""
    try:
        text = path.read_bytes()[: _MOST_BYTES + 1]
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except OSError as error:
        raise MilepostError(f"{path}: cannot be read: {error.strerror}") from error
    if len(text) > _MOST_BYTES:
        raise MilepostError(f"{path.name}: is no mapping: it is too long")
    return parse_mapping(text.decode("utf-8-sig", "replace"), kind, path.name)


def parse_mapping(text: str, kind: str, name: str = "mapping") -> Mapped:
    try:
        told: Any = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - gives texts, lists and mappings alone
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        raise MilepostError(f"{name}{where}: is no YAML", "Write lines like `mobile: 联系方式`.") from None
    if not isinstance(told, dict):
        raise MilepostError(f"{name}: has no lines like `mobile: 联系方式`")
    known = members_of(kind)
    mapped: dict[str, tuple[str, ...]] = {}
    for named, columns in told.items():
        member = "ignored" if named == "ignore" else named
        if member not in known:
            near = get_close_matches(member, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            raise MilepostError(f"{name}: {member}: no card has such a member.", hint)
        names = [columns] if isinstance(columns, str) else columns
        if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names):
            raise MilepostError(f"{name}: {member}: is to be the name of a column, or a list of names.")
        mapped[member] = tuple(names)
    return mapped
