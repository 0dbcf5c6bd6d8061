"""Jinja2's parser, made to tell places.

Jinja2's nodes carry line numbers only. Here each token is given, in place of its line, its offset in the text
(plus a base, to tell it from a line); the parser copies it into the nodes. So a node's `lineno` is the offset
of the token it was made at.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from engine.language.report import Fault

MOST_CHARACTERS = 2_000
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


def _left_over(text: str, offset: int) -> Fault:
    rest = text[offset:]
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
        message, hint = _OPERATORS.get(character, (f"'{character}' cannot stand here", ""))
        return Fault(code, message, hint, offset, 1)
    if unclosed := _UNCLOSED.search(said):
        begun = [one.start() for one in re.finditer(rf"\{{%[-+]?\s*{unclosed['tag']}\b", text)]
        return Fault(code, f"'{unclosed['tag']}' is not closed", "", begun[-1] if begun else offset, 2)
    at = text[offset : offset + 2]
    if at == "||" or (at[:1] == "|" and text[offset - 1 : offset] == "|"):
        return Fault(code, *_OPERATORS["|"], offset, 1)
    if text[max(offset - 1, 0) : offset + 1] == "<>":
        return Fault(code, *_OPERATORS["<"], offset - 1, 2)
    if text[offset : offset + 1] == "=" and "got '='" in said:
        return Fault(code, *_OPERATORS["="], offset, 1)
    return Fault(code, _reworded(said), "", offset, 1)


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
