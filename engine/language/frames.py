"""A diagnostic as people read it: the line of the file, carets under the place, what to do.

error[unknown-key]: unknown key 'by_channel' beside `send`
  --> journeys/welcome-pack.yaml:14:5
   |
14 |     by_channel: letter
   |     ^^^^^^^^^^
   = did you mean 'by'?
"""

from unicodedata import east_asian_width

from engine.model.diagnostics import Diagnostic

_TAB = "    "
_WIDEST = 120
_LEAD = 40


def frame(diagnostic: Diagnostic, source_text: str | None) -> str:
    """`diagnostic` in several lines, without a line end. `source_text` is the file's, None if there is
    none."""
    head = f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    number = str(diagnostic.line)
    margin = " " * len(number)
    lines = [head]
    if diagnostic.line:
        lines.append(f"{margin}--> {diagnostic.file}:{diagnostic.line}:{diagnostic.column}")
        lines += _excerpt(diagnostic, source_text, number)
    elif diagnostic.file:
        margin = " "
        lines.append(f" --> {diagnostic.file}")
    if diagnostic.hint:
        first, *more = diagnostic.hint.split("\n")
        lines.append(f"{margin} = {first}")
        lines += [f"{margin}   {line}" for line in more]
    return "\n".join(lines)


def _excerpt(diagnostic: Diagnostic, source_text: str | None, number: str) -> list[str]:
    source_lines = (source_text or "").split("\n")
    if diagnostic.line > len(source_lines) or source_text is None:
        return []
    line = source_lines[diagnostic.line - 1].rstrip("\r")
    start = max(diagnostic.column - 1, 0)
    end = max(diagnostic.end_column - 1, start + 1)
    line, start, end = _cropped(line, start, end)
    blank = " " * len(number)
    before, under = line[:start], line[start:end]
    carets = "^" * max(width(_shown(under)), 1)
    indent = "".join(_TAB if one == "\t" else " " * width(one) for one in before)
    return [f"{blank} |", f"{number} | {_shown(line)}", f"{blank} | {indent}{carets}"]


def _cropped(line: str, start: int, end: int) -> tuple[str, int, int]:
    """A line too wide for a terminal, cut to the part around `start` to `end`, with the new indexes."""
    if len(line) <= _WIDEST:
        return line, start, end
    cut = max(min(start - _LEAD, len(line) - _WIDEST), 0)
    head, tail = "…" if cut else "", "…" if cut + _WIDEST < len(line) else ""
    shift = len(head) - cut
    last = len(head) + min(_WIDEST, len(line) - cut)
    return (
        f"{head}{line[cut : cut + _WIDEST]}{tail}",
        start + shift,
        max(min(end + shift, last), start + shift + 1),
    )


def _shown(text: str) -> str:
    """What a terminal can be given: no control characters."""
    text = text.replace("\t", _TAB)
    return text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: Chinese characters take two (Unicode's UAX 11)."""
    return sum(_width_of(one) for one in text)


def _width_of(character: str) -> int:
    if east_asian_width(character) in "WF":
        return 2
    return 0 if character in "\u200b\u200d\ufe0f\ufeff" else 1
