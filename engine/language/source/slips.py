"""Slips that people make with YAML, looked for in the lines around the place at which it could not be read further:
what libyaml says is true of its grammar, and seldom what went wrong.
"""

import re

from engine.language.report import Fault, Span
from engine.language.source.nodes import Source

CODE = "yaml-syntax"

WIDE = {
    **dict(zip("：，｛｝［］（）＂＇－＃％＞＜＝！", ":,{}[]()\"'-#%><=!", strict=True)),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
}
"""Punctuation of Chinese and of word processors, and what YAML and expressions know in its place."""

_BLANKS = "\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
_BLANK_NAMES = {
    "\u00a0": "a no-break space",
    "\u202f": "a narrow no-break space",
    "\u3000": "a Chinese (full-width) blank",
    "\u200b": "a blank without width",
    "\ufeff": "a byte order mark",
}
_WITHOUT_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_STRANGE_BLANK = re.compile(
    rf"^[ ]*(?:-[ ]+)?(?P<before>[{_BLANKS}])[ {_BLANKS}]*(?:-[ ]+end$|(?:-[ ]+)?[a-z_]+:(?:\s|$))"
    rf"|^[ ]*-(?P<dash>[{_BLANKS}])"
    rf"|^[ ]*(?:- )?[a-z_]+:(?P<behind>[{_BLANKS}])"
)
_KEY = re.compile(r"^(?P<indent> *)(?P<dash>- +)?(?P<key>[A-Za-z_][\w.-]*)\s*:(?=\s|$)")
_NO_BLANK_BEHIND_COLON = re.compile(r"^ *(?:- )?(?P<key>[a-z_]+):(?P<value>[^\s:/].*)$")
_NO_BLANK_BEHIND_DASH = re.compile(r"^ *(?P<dash>-)(?P<rest>[a-z_]+(?::.*)?)$")
_WIDE_COLON = re.compile(r"^ *(?:- )?(?P<key>[a-z_]+)\s*(?P<wide>：)")
_WIDE_BETWEEN = re.compile(r"(?<=[\w\"'\]})])(?P<wide>[：，｛｝［］])(?=\s*[\w\"'\[{(]|\s*$)")
_SEVERAL = re.compile(r"^ *(?:- )?(?P<key>[a-z_]+): [^\"'{\[]*,\s*[a-z_]+$")
_QUOTED = re.compile(r":\s+(?P<mark>[\"'])")


def strange_blank(source: Source) -> tuple[Fault, Span] | None:
    """A blank at the head of a line, or behind its key, that looks like one and is none."""
    for number, line in enumerate(source.lines, 1):
        if line.isascii():
            continue
        found = _STRANGE_BLANK.match(line)
        if found is None:
            continue
        group = next(name for name, text in found.groupdict().items() if text is not None)
        name = _BLANK_NAMES.get(found[group], f"the character U+{ord(found[group]):04X}")
        hint = "delete it" if found[group] in _WITHOUT_WIDTH else "replace it by a blank"
        fault = Fault(CODE, f"{name} stands here, which YAML does not take for a blank", hint)
        return fault, _at(source, number, found.start(group))
    return None


def slip(problem: str, source: Source, number: int, column: int, begun: int) -> tuple[Fault, Span] | None:
    """The slip behind `problem`, which libyaml met in line `number` at `column`, in something that began in line
    `begun`; None where there is none that is known."""
    for look, at in ((_in_key, begun), (_in_key, number), (_between, begun), (_between, number)):
        found = look(source, at)
        if found is not None:
            return found
    for looked in (_too_deep, _astray, _several_in_a_line, _behind_quotes):
        found = looked(problem, source, number, column)
        if found is not None:
            return found
    return None


def _in_key(source: Source, number: int) -> tuple[Fault, Span] | None:
    line = source.line(number)
    if found := _WIDE_COLON.match(line):
        fault = Fault(CODE, "this colon is a Chinese (full-width) one", f"write `{found['key']}: …`")
        return fault, _at(source, number, found.start("wide"))
    if found := _NO_BLANK_BEHIND_COLON.match(line):
        value = found["value"].split("#")[0].strip()[:40]
        fault = Fault(CODE, "a blank is missing behind the colon", f"write `{found['key']}: {value}`")
        return fault, _at(source, number, found.start("value") - 1)
    if found := _NO_BLANK_BEHIND_DASH.match(line):
        fault = Fault(CODE, "a blank is missing behind the dash", f"write `- {found['rest'].strip()[:40]}`")
        return fault, _at(source, number, found.start("dash"))
    return None


def _between(source: Source, number: int) -> tuple[Fault, Span] | None:
    """Full-width punctuation between words that are not Chinese."""
    line = source.line(number)
    for found in _WIDE_BETWEEN.finditer(line):
        before = line[: found.start()]
        if before[-1:].isascii() and before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            wide = found["wide"]
            message = f"'{wide}' is Chinese (full-width) punctuation, which YAML takes for a part of the text"
            return Fault(CODE, message, f"write '{WIDE[wide]}'"), _at(source, number, found.start())
    return None


def _too_deep(problem: str, source: Source, number: int, column: int) -> tuple[Fault, Span] | None:
    """`at` one blank further in than the `wait` above."""
    here = _KEY.match(source.line(number))
    if "mapping values are not allowed" not in problem or here is None or here.end() != column:
        return None
    above = _key_above(source, number)
    if above is None or _column(here) <= _column(above):
        return None
    key = here["key"]
    message = f"'{key}' stands further in than '{above['key']}' above it, as if it went on its text"
    hint = f"begin '{key}' in column {_column(above)}, below '{above['key']}'"
    return Fault(CODE, message, hint), _at(source, number, len(here["indent"]), len(key))


def _astray(problem: str, source: Source, number: int, column: int) -> tuple[Fault, Span] | None:
    """A line that begins between the columns of those above."""
    here = _KEY.match(source.line(number))
    expects = ("did not find expected '-' indicator", "did not find expected key")
    if here is None or column != len(here["indent"]) + 1 or not any(one in problem for one in expects):
        return None
    above = _key_above(source, number)
    if above is None or _column(here) == _column(above):
        return None
    message = "this line does not begin in the column of any line above that it could belong to"
    dash = " with its dash" if here["dash"] else ""
    columns = sorted({_column(above), len(above["indent"]) + 1} if above["dash"] else {_column(above)})
    hint = f"begin it in column {columns[-1]}, below '{above['key']}', if it belongs beside that"
    if here["dash"]:
        hint = f"begin it{dash} in the same column as the steps above it"
    return Fault(CODE, message, hint), _at(source, number, len(here["indent"]), 1)


def _several_in_a_line(problem: str, source: Source, number: int, column: int) -> tuple[Fault, Span] | None:
    """`wait: 3 days, send: newsletter`."""
    before = source.line(number)[: column - 1]
    if "mapping values are not allowed" not in problem or not _SEVERAL.match(before):
        return None
    word = before.rpartition(",")[2].strip()
    message = f"'{word}' is a second key in this line"
    return Fault(CODE, message, "write each key in a line of its own"), _at(
        source, number, len(before) - len(word), len(word)
    )


def _behind_quotes(problem: str, source: Source, number: int, column: int) -> tuple[Fault, Span] | None:
    """`'Don't forget'`, `"Welcome" pack`."""
    line = source.line(number)
    opened = _QUOTED.search(line)
    if "did not find expected key" not in problem or opened is None or opened.start("mark") >= column - 1:
        return None
    mark = opened["mark"]
    message = "the text goes on behind the quotation mark that closes it"
    hint = "put it in double quotes" if mark == "'" else "put all of it in single quotes"
    return Fault(CODE, message, f"{hint}: {_requoted(line[opened.start('mark') :], mark)}"), _at(
        source, number, column - 2
    )


def _requoted(text: str, mark: str) -> str:
    inside = text.strip().removeprefix(mark).removesuffix(mark)
    if mark == "'":
        return f'"{inside}"'
    return f"'{mark}{inside}'" if not text.strip().endswith(mark) else f"'{inside}'"


def _key_above(source: Source, number: int) -> re.Match[str] | None:
    """The nearest line above that begins with a key."""
    for above in range(number - 1, 0, -1):
        line = source.line(above)
        if line.strip() and not line.lstrip().startswith("#"):
            return _KEY.match(line)
    return None


def _column(key: re.Match[str]) -> int:
    return key.start("key") + 1


def _at(source: Source, number: int, index: int, length: int = 1) -> Span:
    return Span(source.file, number, index + 1, index + 1 + length)
