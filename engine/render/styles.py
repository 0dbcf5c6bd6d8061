"""CSS written into the elements of an email, once per template and brand instead of once per message.

Mail programs drop style sheets, so each element needs its `style`. css-inline does that on a whole HTML
document; a template becomes one in three steps:
1. `compose`: a message's blocks are put into its layout, and so on outwards, so that rules of the layouts meet the
   elements of the message. Plain statements are understood.
2. `mask`: what stands between braces becomes a comment (in text) or a word (in attributes), neither of
   which an HTML parser touches.
3. After inlining, the masks are taken off, and it is checked that tags and masks still stand in the same
   order: a parser moves what may not stand in a table, and would tear loops apart.
Where any step does not understand a template, it gives None, and the message is inlined after rendering
instead: slower, never wrong. Rules that count elements or look at conditional classes need that too.
"""

import re
from collections.abc import Iterator

import css_inline

_STATEMENT = re.compile(r"\{%[-+]?\s*(\w+)\s*(.*?)\s*[-+]?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_PLAIN = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set", "block", "endblock", "extends"})
_FROM_FILES = frozenset({"include", "import", "from"})
_NAMING = frozenset({"set", "import", "from"})
_OF_A_TEXT = re.compile(r"['\"][^'\"]+\.txt['\"].*", re.DOTALL)
_LAYOUT = re.compile(r"brand\.(\w+)|['\"]([^'\"]+)['\"]")
_CALLS_BLOCKS = re.compile(r"\b(super|self)\b|\bloop\s*\(")
_COUNTING = re.compile(r":(nth|first|last|only|empty|not|has|is|where)\b|[+~]")

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_STYLE_FIRST = re.compile(r"(<head>)(<style>.*?</style>)(.*?)(</head>)", re.DOTALL)


def inline(html: str) -> str:
    """A whole HTML document with its style sheets inlined; `@media` rules stay in the head, behind the rest
    of it, so that the character set is told first."""
    return _STYLE_FIRST.sub(r"\1\3\2\4", _INLINER.inline(html), count=1)


def inline_template(source: str) -> str | None:
    """The same for a template's source; None where that cannot be done once and for all."""
    try:
        masked, masks = _mask(_COMMENT.sub("", source))
    except _CannotMaskError:
        return None
    done = _unpad_tables(inline(masked), masked)
    if _skeleton(done) != _skeleton(masked) or any(
        word not in done for word in masks if f"<!--{word}-->" in masked
    ):
        return None
    return _unmask(done, masks)


def can_be_inlined(source: str) -> bool:
    """Whether `inline_template` gets as far as inlining, which takes time; it may give it up later."""
    try:
        _mask(_COMMENT.sub("", source))
    except _CannotMaskError:
        return False
    return True


# 1. compose


def layout_of(source: str) -> tuple[str, str] | None:
    """What a message extends: (`brand`, `email`) or (`file`, path); None for nothing or anything else."""
    found = [match for match in _STATEMENT.finditer(source) if match[1] == "extends"]
    match = _LAYOUT.fullmatch(found[0][2]) if len(found) == 1 else None
    if match is None:
        return None
    return ("brand", match[1]) if match[1] else ("file", match[2])


def compose(*sources: str) -> str | None:
    """The last of `sources`, a layout or a message by itself, with the blocks of those before it in their places:
    a message's, then those of the layouts between, each of which extends the next."""
    *inner, whole = (_COMMENT.sub("", one) for one in sources)
    if not all(map(_is_plain, (*inner, whole))) or "extends" in _verbs(whole):
        return None
    blocks: dict[str, str] = {}
    outside = ""
    for source in inner:
        parts = _blocks(source)
        if parts is None:
            return None
        blocks = {**parts[0], **blocks}  # who is nearer to the message has the say
        outside += parts[1]
    filled = _fill(whole, blocks)
    return None if filled is None else outside + filled


def _verbs(source: str) -> list[str]:
    return [match[1] for match in _STATEMENT.finditer(source)]


def _is_plain(source: str) -> bool:
    sets = (match[2] for match in _STATEMENT.finditer(source) if match[1] == "set")
    files = (match[2] for match in _STATEMENT.finditer(source) if match[1] in _FROM_FILES)
    return (
        (_PLAIN | _FROM_FILES).issuperset(_verbs(source))
        and all("=" in one for one in sets)
        and all(_OF_A_TEXT.fullmatch(one) for one in files)  # a text has no elements to style
        and not any(
            _CALLS_BLOCKS.search(match[0]) for match in re.finditer(r"\{[{%].*?[%}]\}", source, re.DOTALL)
        )
    )


def _blocks(source: str) -> tuple[dict[str, str], str] | None:
    """A message's blocks by name, and the statements that stand outside of them."""
    blocks: dict[str, str] = {}
    outside: list[str] = []
    name, begin, depth = "", 0, 0
    for match in _STATEMENT.finditer(source):
        if match[1] == "block":
            if depth == 0:
                name, begin = match[2].split()[0], match.end()
            depth += 1
        elif match[1] == "endblock":
            depth -= 1
            if depth < 0:
                return None
            if depth == 0:
                blocks[name] = source[begin : match.start()]
        elif depth == 0 and match[1] in _NAMING:
            outside.append(match[0])
        elif depth == 0 and match[1] != "extends":
            return None
    if depth or any({"block", *_NAMING}.intersection(_verbs(body)) for body in blocks.values()):
        return None
    return blocks, "".join(outside)


def _fill(layout: str, blocks: dict[str, str]) -> str | None:
    pieces: list[str] = []
    at, name = 0, ""
    for match in _STATEMENT.finditer(layout):
        if match[1] == "block":
            if name:
                return None
            pieces.append(layout[at : match.start()])
            name, at = match[2].split()[0], match.end()
        elif match[1] == "endblock":
            pieces.append(blocks.get(name, layout[at : match.start()]))
            name, at = "", match.end()
    pieces.append(layout[at:])
    return "".join(pieces)


# 2. mask

_TOKEN = re.compile(
    r"(?P<jinja>\{\{.*?\}\}|\{%.*?%\})"
    r"|(?P<comment><!--.*?-->)"
    r"|(?P<raw><(?P<rawname>style|title|textarea|script)\b[^>]*>.*?</(?P=rawname)\s*>)"
    r"|(?P<tag><[/!a-zA-Z](?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>\"'])*>)",
    re.DOTALL | re.IGNORECASE,
)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"(?P<name>[\w:-]+)\s*=\s*(?P<quote>[\"'])(?P<value>.*?)(?P=quote)", re.DOTALL)


class _CannotMaskError(Exception):
    """The template says something that only a rendered message shows."""


class _Masks(dict[str, str]):
    """Masks and what is behind them."""

    def word(self, match: re.Match[str]) -> str:
        name = f"jmask{len(self)}x"
        self[name] = match[0]
        return name


def _mask(source: str) -> tuple[str, _Masks]:
    masks = _Masks()

    def masked(match: re.Match[str]) -> str:
        if match["jinja"]:
            return f"<!--{masks.word(match)}-->"
        if match["raw"]:
            _check_raw(match["raw"], match["rawname"].lower())
            return _JINJA.sub(masks.word, match["raw"])
        if match["tag"]:
            _check_tag(match["tag"])
            return _JINJA.sub(masks.word, match["tag"])
        return match[0]

    return _TOKEN.sub(masked, source), masks


def _check_raw(text: str, name: str) -> None:
    if name != "style":
        return
    selectors = re.sub(r"\{[^{}]*\}", " ", _JINJA.sub("x", text))
    if "{%" in text or _COUNTING.search(selectors.partition(">")[2].rpartition("<")[0]):
        raise _CannotMaskError


def _check_tag(tag: str) -> None:
    if not _JINJA.search(tag):
        return
    outside = _QUOTED.sub("", tag)
    if "{%" in outside:
        raise _CannotMaskError
    for match in _QUOTED.finditer(tag):
        name, value = match["name"].lower(), match["value"]
        if _JINJA.search(value) and (name in ("class", "id") or (name == "style" and "{%" in value)):
            raise _CannotMaskError


def _unmask(done: str, masks: _Masks) -> str:
    done = re.sub(r"<!--(jmask\d+x)-->", lambda match: masks[match[1]], done)
    return re.sub(r"(jmask\d+x)(=\"\")?", lambda match: masks[match[1]], done)


# 3. check

_STEP = re.compile(r"<!--(jmask\d+x)-->|<(/?[a-zA-Z][a-zA-Z0-9]*)")
_FRAME = frozenset(["html", "head", "body", "style", "/html", "/head", "/body", "/style"])
_CLOSED_BY_NOTHING = frozenset(f"/{one}" for one in ["br", "img", "hr", "meta", "link", "input", "col"])


def _skeleton(html: str) -> list[str]:
    return [step for step in _steps(html) if step not in _FRAME and step not in _CLOSED_BY_NOTHING]


def _steps(html: str) -> Iterator[str]:
    outside_styles = re.sub(r"<style\b.*?</style\s*>", "", html, flags=re.DOTALL | re.IGNORECASE)
    for match in _STEP.finditer(outside_styles):
        yield match[1] or match[2].lower()


def _unpad_tables(done: str, masked: str) -> str:
    """Takes out the `tbody` that the parser puts into every table, perhaps into the middle of a loop."""
    if re.search(r"<tbody\b", masked, re.IGNORECASE):
        return done
    return re.sub(r"</?tbody>", "", done)
