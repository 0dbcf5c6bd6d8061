"""Jinja2's parser, made to tell places.

Jinja2's nodes carry line numbers only. Here each token is given, in place of its line, its offset in the text
(plus a base, to tell it from a line); the parser copies it into the nodes. So a node's `lineno` is the offset
of the token it was made at.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from engine.language.guesses import ordinary
from engine.language.nearest import did_you_mean
from engine.language.report import Fault
from engine.language.source.slips import WIDE

MOST_CHARACTERS = 2_000
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_BARE_DATE = re.compile(r"(?<![\w.-])\d{4}-\d{1,2}-\d{1,2}(?![\w.-])")
_BASE = 1 << 40

Stream = Iterable[tuple[int, str, str]]


class PlacingEnvironment(Environment):
    """Only parses: nothing is ever loaded or rendered by it."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        source = str(source)
        stream = _with_offsets(self.lexer.tokeniter(source, name, filename, state), source)
        return TokenStream(self.lexer.wrap(stream, name, filename), name, filename)


def _with_offsets(stream: Stream, source: str) -> Iterator[tuple[int, str, str]]:
    """Each token with its offset in place of its line. Between tokens only blanks are dropped, so a token's
    text is found at the next place where it stands."""
    at = 0
    for _, token, text in stream:
        found = source.find(text, at)
        if found >= 0:
            at = found
        yield _BASE + at, token, text
        at += len(text)


ENVIRONMENT = PlacingEnvironment(autoescape=False, cache_size=0)


def offset_of(node: nodes.Node) -> int:
    """Where in the text `node` was made: for a member behind a dot the dot, for an operator its left side."""
    return _offset(node.lineno)


def start_of(node: nodes.Node) -> int:
    """Where the text of `node` begins."""
    while True:
        inner = _first_part(node)
        if inner is None:
            return offset_of(node)
        node = inner


def _first_part(node: nodes.Node) -> nodes.Node | None:
    match node:
        case nodes.Getattr() | nodes.Getitem() | nodes.Call() | nodes.Test():
            return node.node
        case nodes.Filter():
            return node.node
        case nodes.BinExpr():
            return node.left
        case nodes.Compare():
            return node.expr
        case nodes.CondExpr():
            return node.expr1
        case nodes.Concat():
            return node.nodes[0]
    return None


_WORD = re.compile(r"(\.\s*)?(\w+|\d[\d.]*)|'[^']*'|\"[^\"]*\"|.", re.DOTALL)


def end_of(node: nodes.Node, text: str) -> int:
    """Where the text of `node` ends; of a longer one, where its last word does, as far as that is known."""
    match node:
        case nodes.BinExpr():
            return end_of(node.right, text)
        case nodes.Compare():
            return end_of(node.ops[-1].expr, text)
        case nodes.Concat():
            return end_of(node.nodes[-1], text)
        case nodes.CondExpr():
            return end_of(node.expr2 or node.test, text)
        case nodes.List() if node.items:
            return text.find("]", end_of(node.items[-1], text)) + 1
        case nodes.Neg() | nodes.Pos() | nodes.Not():
            return end_of(node.node, text)
    word = _WORD.match(text, offset_of(node))
    return word.end() if word else offset_of(node) + 1


def _offset(lineno: int) -> int:
    return max(lineno - _BASE, 0)


def parse_expression(text: str) -> nodes.Expr | Fault:
    """The tree of an expression."""
    if len(text) > MOST_CHARACTERS:
        return Fault("too-complex", f"an expression has at most {MOST_CHARACTERS} characters")
    if bare := _BARE_DATE.search(_QUOTED.sub(lambda found: "'" + "_" * (len(found[0]) - 2) + "'", text)):
        written = text[bare.start() : bare.end()]
        message = f"{written} without quotes is a subtraction"
        return Fault("bad-date", message, f"write '{written}'", bare.start(), len(written))
    try:
        parser = Parser(ENVIRONMENT, text, state="variable")
        tree = parser.parse_expression()
        if parser.stream.eos:
            return tree
        return _left_over(text, _offset(parser.stream.current.lineno))
    except TemplateSyntaxError as error:
        return syntax_fault(error, text, "expression-syntax")
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return Fault("too-complex", "this expression is too deeply nested, or a number in it too long")


def parse_text(text: str) -> nodes.Template | Fault:
    """The tree of a text with `{{ … }}` in it, or of a whole template."""
    try:
        return nodes.Template(Parser(ENVIRONMENT, text).subparse(), lineno=1)
    except TemplateSyntaxError as error:
        return syntax_fault(error, text, "template-syntax")
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return Fault("too-complex", "this is too deeply nested, or a number in it too long")


_OPERATORS = {
    "=": ("one '=' compares nothing", "write '==' to compare"),
    "&": ("'&' is no operator here", "write 'and'"),
    "|": ("'||' is no operator here", "write 'or'"),
    "!": ("'!' is no operator here", "write 'not', or '!=' to compare"),
    "?": ("'?' is no operator here", "write 'A if CONDITION else B'"),
    "<": ("'<>' is no operator here", "write '!='"),
    "}": ("there is a closing brace too many", "take it out"),
    ")": ("there is a closing parenthesis too many", "take it out, or open one before"),
    "]": ("there is a closing bracket too many", "take it out, or open one before"),
}


def _ordinary(character: str) -> str:
    if character not in WIDE:
        return ""
    what = "curly" if character in "“”„‘’" else "Chinese (full-width)"
    return f"this is a {what} one; write {WIDE[character]}"


def _left_over(text: str, offset: int) -> Fault:
    rest = text[offset:]
    if _COMPARING.search(text[:offset]):
        hint = "write ==, !=, <, <=, > or >="
        return Fault("expression-syntax", "things are not compared by words", hint, offset, 1)
    said = next((one for one in _SLIPS if one.found.match(rest)), None)
    if said is not None:
        return Fault("expression-syntax", said.message, said.hint, offset, 1)
    message, hint = _OPERATORS.get(rest[:1], ("", ""))
    if not message or rest.startswith("=="):
        word = rest.split(None, 1)[0] if rest.strip() else rest
        message = f"'{word}' does not go on the expression before it"
        hint = "join two conditions by 'and' or 'or'; put quotes around a text"
    return Fault("expression-syntax", message, hint, offset, 1)


def syntax_fault(error: TemplateSyntaxError, text: str, code: str) -> Fault:
    """Jinja2's message in our words, at its place."""
    said = str(error.message or "")
    lineno: Any = error.lineno or 0
    offset = _offset(lineno) if lineno >= _BASE else _offset_in_line(text, lineno, said)
    if said.startswith("unexpected char"):
        offset = int(said.rsplit(" ", 1)[-1]) if said.rsplit(" ", 1)[-1].isdigit() else offset
        character = text[offset : offset + 1]
        if character in "\"'":
            return Fault(code, "a quotation mark that was opened is not closed", "close it", offset, 1)
        message, hint = _OPERATORS.get(character, (f"'{character}' cannot stand here", _ordinary(character)))
        return Fault(code, message, hint, offset, 1)
    if unclosed := _UNCLOSED.search(said):
        begun = [one.start() for one in re.finditer(rf"\{{%[-+]?\s*{unclosed['tag']}\b", text)]
        hint = f"write {{% end{unclosed['tag']} %}} where it ends"
        return Fault(code, f"'{unclosed['tag']}' is not closed", hint, begun[-1] if begun else offset, 2)
    at = text[offset : offset + 2]
    if at == "||" or (at[:1] == "|" and text[offset - 1 : offset] == "|"):
        return Fault(code, *_OPERATORS["|"], offset, 1)
    if text[max(offset - 1, 0) : offset + 1] == "<>":
        return Fault(code, *_OPERATORS["<"], offset - 1, 2)
    if said.lower() == "invalid character in identifier" and not text[offset : offset + 1].isascii():
        written = re.match(r"\w+", text[offset:])
        hint = (
            f"write {ordinary(written[0])}"
            if written and ordinary(written[0]).isascii()
            else "put a text in quotes"
        )
        return Fault(code, f"'{text[offset]}' cannot stand here", hint, offset, 1)
    if text[offset : offset + 2] == "=>" or text[offset : offset + 2] == "=<":
        wanted = {"=>": ">=", "=<": "<="}[text[offset : offset + 2]]
        return Fault(code, f"'{text[offset : offset + 2]}' is no operator", f"write '{wanted}'", offset, 2)
    if text[offset : offset + 1] == "=" and "got '='" in said:
        return Fault(code, *_OPERATORS["="], offset, 1)
    return Fault(code, _reworded(said), _remedy(said, text[offset:]), offset, 1)


_COMPARING = re.compile(
    r"\bis( not)? (greater|less|more|bigger|smaller|higher|lower|equal|before|after)\b[\s\w]*$"
)


class _Slip(NamedTuple):
    """What stands where an expression could have ended, and what is meant by it."""

    found: re.Pattern[str]
    message: str
    hint: str


_SLIPS = (
    _Slip(re.compile(r"AND\b"), "'AND' is no operator here", "write 'and'"),
    _Slip(re.compile(r"OR\b"), "'OR' is no operator here", "write 'or'"),
    _Slip(re.compile(r"NOT\b"), "'NOT' is no operator here", "write 'not'"),
    _Slip(re.compile(r"IN\b"), "'IN' is no operator here", "write 'in'"),
    _Slip(re.compile(r"=>"), "'=>' is no operator", "write '>='"),
    _Slip(re.compile(r"=<"), "'=<' is no operator", "write '<='"),
    _Slip(re.compile(r",\d{3}"), "a comma in a number means nothing here", "write it without: 1000"),
    _Slip(
        re.compile(r"(yuan|rmb|cny|eur|usd|km|days?|元)\b", re.IGNORECASE),
        "a number has no unit here",
        "take it out",
    ),
    _Slip(
        re.compile(r"(equals?|contains|matches|like|between|has|starts|ends)\b", re.IGNORECASE),
        "this is no operator",
        "there are ==, !=, <, <=, >, >=, in, not in, and, or, not",
    ),
)

_EXPECTED = re.compile(r"expected token '(?P<wanted>.+?)', got '(?P<got>.+?)'\.?$")
_AT_END = re.compile(r"unexpected end of template(, expected '(?P<wanted>.+?)')?\.?$", re.IGNORECASE)
_UNCLOSED = re.compile(r"The innermost block that needs to be closed is '(?P<tag>\w+)'")
_UNKNOWN_TAG = re.compile(r"Encountered unknown tag '(?P<tag>\w+)'")
_NAMES = {
    "end of template": "the end",
    "end of print statement": "}}",
    "end of statement block": "%}",
    "name": "a name",
    "string": "a text",
}


def _reworded(said: str) -> str:
    if said.lower().startswith("expected an expression"):
        return "an expression is missing here"
    if unknown := _UNKNOWN_TAG.search(said):
        return f"unknown tag '{unknown['tag']}'"
    if at_end := _AT_END.search(said):
        return f"{_named(at_end['wanted'] or 'something')} is missing at the end"
    if expected := _EXPECTED.search(said):
        if expected["got"] == "end of template":
            return f"{_named(expected['wanted'])} is missing at the end"
        return f"{_named(expected['got'])} stands where {_named(expected['wanted'])} is expected"
    if "'end of template'" in said:
        return "something is missing at the end"
    return said[:1].lower() + said[1:].rstrip(".")


_TAGS = (
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "include",
    "extends",
    "block",
    "endblock",
    "macro",
)


def _remedy(said: str, rest: str) -> str:
    """What to do about what Jinja2 said."""
    if unknown := _UNKNOWN_TAG.search(said):
        return did_you_mean(
            unknown["tag"], _TAGS, "there are if, for, set, include, extends, block and macro"
        )
    if said.lower().startswith("expected name or number"):
        return "name a member behind the dot"
    if rest.startswith("}"):
        return "close what {{ began with }}"
    if rest.startswith(")"):
        return "take it out, or open one before"
    if "'}}'" in _reworded(said) or "stands where }}" in _reworded(said):
        return "join two values by ~, or close the braces before: }}"
    if "is missing at the end" in _reworded(said) and "something" not in _reworded(said):
        return "write it at the end"
    return ""


def _named(symbol: str) -> str:
    return _NAMES.get(symbol, symbol if symbol == "something" else f"'{symbol}'")


def _offset_in_line(text: str, line: int, said: str) -> int:
    """The offset of line `line`; in it, of the character that the message names first, if it does."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    named = re.match(r"unexpected '(.)'", said)
    end = text.find("\n", start)
    return max(text.rfind(named[1], start, end if end >= 0 else len(text)), start) if named else start
