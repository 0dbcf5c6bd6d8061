"""The lines between two `---` at the head of a template: `subject`, `preheader`, `attachments`; of an SMS the code
under which its text is registered (`template_code`) and the values that go with it (`params`).

Read line by line, not as YAML, because `subject: {{ vehicle.plate }}: it is time` is what people write:
everything behind the first colon is the text, outer quotes taken off. An indented line, or one that begins
with a dash, goes on with the value before it; list items are joined by commas. Below `params:` each indented line is a
value of its own, `name: {{ customer.name }}`, and is kept as `params.name`.
"""

from difflib import get_close_matches

import msgspec

from engine.model.diagnostics import Diagnostic, Severity

FENCE = "---"
KEYS = ("subject", "preheader", "attachments", "template_code", "params")
PARAMS = "params"
PARAM = f"{PARAMS}."
"""What the keys of the values below `params:` begin with."""

_ONE_A_LINE = "the values of `params` stand below it, one a line"
_AS_PARAM = "write them so:\nparams:\n  name: {{ customer.name }}"


class FrontMatter(msgspec.Struct, frozen=True):
    """`values` by key, the `lines` they begin in (from 1), the rest of the text and the line it begins in."""

    values: dict[str, str]
    lines: dict[str, int]
    body: str
    body_line: int


def split_front_matter(text: str, file: str, found: list[Diagnostic]) -> FrontMatter:
    """Parts a template's text into front matter and body; what is wrong with it goes to `found`."""
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != FENCE:
        return FrontMatter({}, {}, text, 1)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        found.append(
            _fault(
                "bad-front-matter",
                "the front matter has no end",
                file,
                1,
                3,
                "close it with a line of three dashes: ---",
            )
        )
        return FrontMatter({}, {}, "".join(lines[1:]), 2)
    values, places = _read(lines[1:end], file, found)
    return FrontMatter(values, places, "".join(lines[end + 1 :]), end + 2)


def _read(lines: list[str], file: str, found: list[Diagnostic]) -> tuple[dict[str, str], dict[str, int]]:
    values: dict[str, str] = {}
    places: dict[str, int] = {}
    key = ""
    for number, raw in enumerate(lines, 2):
        line = raw.rstrip()
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if key and (line[0].isspace() or line.startswith("- ")):
            if key != PARAMS:
                values[key] = _joined(values[key], line.strip())
            elif fault := _read_param(line, number, values, places, file):
                found.append(fault)
            continue
        name, colon, value = line.partition(":")
        key = name.strip()
        if fault := _key_fault(key, bool(colon), key in places, file, number, len(line)):
            found.append(fault)
            key = ""
            continue
        values[key], places[key] = _unquoted(value.strip()), number
        if key == PARAMS and values.pop(key):
            found.append(_fault("bad-front-matter", _ONE_A_LINE, file, number, len(line), _AS_PARAM))
    return values, places


def _read_param(
    line: str, number: int, values: dict[str, str], places: dict[str, int], file: str
) -> Diagnostic | None:
    """A value below `params:`; else what is wrong with the line."""
    name, colon, value = line.partition(":")
    key = f"{PARAM}{name.strip()}"
    if not colon or not name.strip().isidentifier():
        return _fault("bad-front-matter", _ONE_A_LINE, file, number, len(line), _AS_PARAM)
    if key in values:
        return _fault("duplicate-key", f"'{key}' is given twice", file, number, len(name), "keep one of them")
    values[key], places[key] = _unquoted(value.strip()), number
    return None


def _key_fault(
    key: str, has_colon: bool, known: bool, file: str, line: int, length: int
) -> Diagnostic | None:
    if not has_colon:
        hint = "a line is `key: text`, such as `subject: Your tyres`"
        return _fault("bad-front-matter", "this line has no colon", file, line, length, hint)
    if key not in KEYS:
        near = get_close_matches(key, KEYS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(KEYS)}"
        return _fault("unknown-key", f"unknown key '{key}' in the front matter", file, line, len(key), hint)
    if known:
        return _fault("duplicate-key", f"'{key}' is given twice", file, line, len(key), "keep one of them")
    return None


def _joined(before: str, more: str) -> str:
    if more.startswith("- "):
        item = _unquoted(more[2:].strip())
        return f"{before}, {item}" if before else item
    return more if before in ("", ">", "|") else f"{before} {more}"


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _fault(code: str, message: str, file: str, line: int, length: int, hint: str) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=Severity.ERROR,
        message=message,
        file=file,
        line=line,
        column=1,
        end_column=1 + length,
        hint=hint,
    )
