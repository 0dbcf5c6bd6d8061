"""What libyaml says of a syntax error, in words for people who write journeys."""

from typing import NamedTuple

import yaml

from engine.language.report import Fault, Span
from engine.language.source.nodes import Source
from engine.language.source.slips import CODE, slip


class _Wording(NamedTuple):
    problem: str  # a part of what libyaml says
    message: str
    hint: str


_WORDINGS = (
    _Wording(
        "mapping values are not allowed",
        "a colon followed by a blank cannot stand here",
        'put a text with a colon in quotes: title: "Welcome: your gift"; else check the indentation',
    ),
    _Wording(
        "block sequence entries are not allowed",
        "a list cannot begin here",
        "put the first `-` on a line of its own, under the key",
    ),
    _Wording(
        "did not find expected '-' indicator",
        "this line belongs neither to the list above nor to what contains it",
        "lines of one list begin with `-` in the same column",
    ),
    _Wording(
        "did not find expected ',' or '}'",
        "a brace that was opened is not closed, or a comma is missing",
        "write {key: value, key: value}",
    ),
    _Wording(
        "did not find expected ',' or ']'",
        "a bracket that was opened is not closed, or a comma is missing",
        "write [one, two]",
    ),
    _Wording(
        "could not find expected ':'",
        "this line has no colon",
        "a line is `key: value`; a longer text goes on with more indentation",
    ),
    _Wording(
        "found unexpected end of stream",
        "a quotation mark that was opened is not closed",
        "close it, with the same mark",
    ),
    _Wording(
        "found unknown escape character",
        "a backslash in double quotes must be followed by a letter that YAML knows",
        "use single quotes around a text with backslashes",
    ),
    _Wording(
        "did not find expected alphabetic or numeric character",
        "a text that begins with * or & needs quotes",
        'write "*…"',
    ),
    _Wording(
        "control characters are not allowed",
        "the file holds a control character",
        "delete it: it cannot be seen, but it is there",
    ),
    _Wording(
        "did not find expected key",
        "this line does not fit the indentation above",
        "keys of one group begin in the same column; check quotation marks in the line above, too",
    ),
    _Wording(
        "did not find expected <document start>",
        "what stands here belongs to nothing",
        "write `key: value`, or indent it under the key it belongs to",
    ),
    _Wording("found undefined tag handle", "a text that begins with ! needs quotes", 'write "!…"'),
    _Wording("directive", "a line that begins with % needs quotes", 'write "%…"'),
    _Wording(
        "did not find expected node content",
        "a value is missing here, or a bracket that was opened is not closed",
        "write [one, two] or {key: value}",
    ),
    _Wording("mapping keys are not allowed", "a text that begins with ? needs quotes", 'write "? …"'),
    _Wording(
        "did not find expected comment or line break",
        "the text behind | or > begins in the next line",
        "write it there, two blanks further in; a short text needs no | or >",
    ),
    _Wording("exceeded maximum depth", "this is nested too deep", "write it flatter"),
)

_TOLD_TOO_LATE = ("end of stream", "',' or", "could not find expected ':'", "alphabetic or numeric character")
"""Problems of something that began further up: a quotation, a bracket, a key, a `*`."""

_CHARACTERS = {
    "\t": ("a tab stands here; YAML knows blanks only", "replace the tab by two blanks"),
    "@": ("a text that begins with @ needs quotes", 'write "@…"'),
    "`": ("a text that begins with ` needs quotes", 'write "`…"'),
    "%": ("a text that begins with % needs quotes", 'write "%…"'),
}


def syntax_fault(error: yaml.YAMLError, source: Source) -> tuple[Fault, Span]:
    """The fault to report for `error`, and where."""
    problem = str(getattr(error, "problem", "") or getattr(error, "reason", "") or error)
    span = _place(error, source)
    if "cannot start any token" in problem or "\t" in source.line(span.line)[: span.column]:
        line = source.line(span.line)
        character = "\t" if "\t" in line[: span.column] else line[span.column - 1 : span.column]
        if character in _CHARACTERS:
            column = line.index(character) + 1 if character == "\t" else span.column
            message, hint = _CHARACTERS[character]
            return Fault(CODE, message, hint), Span(source.file, span.line, column, column + 1)
    begun = getattr(getattr(error, "context_mark", None), "line", span.line - 1) + 1
    slipped = slip(problem, source, span.line, span.column, begun)
    if slipped is not None:
        return slipped
    for wording in _WORDINGS:
        if wording.problem in problem:
            return Fault(CODE, wording.message, wording.hint), span
    return Fault(CODE, f"this is not YAML: {problem.splitlines()[0] if problem else 'unreadable'}"), span


def _place(error: yaml.YAMLError, source: Source) -> Span:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", ""))
    if any(one in problem for one in _TOLD_TOO_LATE):
        mark = getattr(error, "context_mark", None) or mark
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    else:
        index = getattr(error, "position", 0) or 0
        line = source.text.count("\n", 0, index) + 1
        column = index - (source.text.rfind("\n", 0, index) + 1) + 1
    while (
        line > 1 and not source.line(line).strip()
    ):  # the end of the file: the last line that says something
        line -= 1
        column = len(source.line(line).rstrip()) + 1
    return Span(source.file, line, column, column + 1)
