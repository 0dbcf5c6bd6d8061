"""The fonts of many letters as few: each letter carries those glyphs that it uses, numbered in the order of their use,
so that no two letters' fonts are alike. In a run the glyphs of all stand once, in one font for each face, and the
letters' texts are written in its numbers.

Fonts whose glyphs cannot be told apart stay as they are; where two letters have the very same, it is there once.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from engine.channels.letters_print.glyphs import Outline, font_of, outlines_of

MOST_GLYPHS = 60_000
"""Of one font; a number has two bytes."""

_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")
_TOKEN = re.compile(
    rb"\((?:\\.|[^\\()])*\)"  # a text in a font of single bytes
    rb"|<<|>>|<(?P<codes>[0-9a-fA-F\s]*)>"
    rb"|/(?P<font>[^\s/<>\[\]()]+)\s+[-+.\d]+\s+Tf\b"
    rb"|(?<![^\s])(?P<state>[qQ])(?![^\s])",
    re.DOTALL,
)


class _Glyph(NamedTuple):
    outline: Outline
    width: float
    text: bytes  # what it says, as UTF-16 in hexadecimal


class SharedFont:
    """One face of the run; `object` stands in the letters' resources from the start, and is filled at the end."""

    def __init__(self, run: Pdf, face: str, descriptor: Mapping[str, Any]) -> None:
        self.object = run.make_indirect(Dictionary(Type=Name.Font))
        self._run = run
        self._face = face
        self._descriptor = descriptor
        self._glyphs: dict[_Glyph, int] = {}
        self._boxes: list[list[int]] = []

    @property
    def is_full(self) -> bool:
        return len(self._glyphs) >= MOST_GLYPHS

    def take(self, glyphs: list[_Glyph], box: list[int]) -> list[int]:
        """The numbers that the glyphs have here."""
        self._boxes.append(box)
        return [self._glyphs.setdefault(one, len(self._glyphs)) for one in glyphs]

    def fill(self, prefix: str) -> None:
        """Writes the font."""
        glyphs = list(self._glyphs)
        name = f"{prefix}+{self._face}"
        low = [min(column) for column in list(zip(*self._boxes, strict=True))[:2]]
        high = [max(column) for column in list(zip(*self._boxes, strict=True))[2:]]
        font = font_of(name, [one.outline for one in glyphs], [*low, *high])
        stream = self._run.make_stream(font, Subtype=Name.CIDFontType0C)
        descriptor = self._run.make_indirect(
            Dictionary({
                **self._descriptor, "/Type": Name.FontDescriptor, "/FontName": Name(f"/{name}"),
                "/FontBBox": Array([*low, *high]), "/FontFile3": stream,
            })
        )  # fmt: skip
        system = Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        )
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name(f"/{name}"), CIDSystemInfo=system,
            FontDescriptor=descriptor, W=Array([0, Array([_plain(one.width) for one in glyphs])]),
        )  # fmt: skip
        self.object.Subtype = Name.Type0
        self.object.BaseFont = Name(f"/{name}")
        self.object.Encoding = Name("/Identity-H")
        self.object.DescendantFonts = Array([self._run.make_indirect(descendant)])
        self.object.ToUnicode = self._run.make_stream(_to_unicode([one.text for one in glyphs]))


class SharedFonts:
    """All faces of one run."""

    def __init__(self, run: Pdf) -> None:
        self._run = run
        self._fonts: dict[str, list[SharedFont]] = {}

    def taken(self, font: Object) -> tuple[SharedFont, list[int]] | None:
        """Where a letter's font is found in the run, and by which numbers its glyphs; None where it stays its own."""
        read = _read(font)
        if read is None:
            return None
        face, glyphs, box, descriptor = read
        fonts = self._fonts.setdefault(face, [])
        if not fonts or fonts[-1].is_full:
            fonts.append(SharedFont(self._run, face, descriptor))
        return fonts[-1], fonts[-1].take(glyphs, box)

    def fill(self) -> None:
        for n, one in enumerate(one for fonts in self._fonts.values() for one in fonts):
            one.fill("MP" + "".join(chr(65 + n // 26**k % 26) for k in (3, 2, 1, 0)))


def _read(font: Object) -> tuple[str, list[_Glyph], list[int], Mapping[str, Any]] | None:
    if font.get("/Subtype") != Name.Type0 or font.get("/Encoding") != Name("/Identity-H"):
        return None
    descendant = font.DescendantFonts[0]
    descriptor = descendant.get("/FontDescriptor")
    if (
        descriptor is None
        or "/FontFile3" not in descriptor
        or "/ToUnicode" not in font
        or "/W2" in descendant
    ):
        return None
    outlines = outlines_of(descriptor.FontFile3.read_bytes())
    texts = _texts(font.ToUnicode.read_bytes())
    if outlines is None or texts is None:
        return None
    widths = dict(_widths(descendant.get("/W", Array())))
    default = float(descendant.get("/DW", 1000))
    glyphs = [
        _Glyph(outline, widths.get(n, default), texts.get(n, b"")) for n, outline in enumerate(outlines)
    ]
    kept = {
        key: descriptor[key]
        for key in ("/Flags", "/ItalicAngle", "/Ascent", "/Descent", "/CapHeight", "/StemV", "/StemH")
        if key in descriptor
    }  # fmt: skip
    box = [int(one) for one in descriptor.FontBBox]
    return str(descriptor.FontName).rpartition("+")[2].lstrip("/"), glyphs, box, kept


def _texts(mapping: bytes) -> dict[int, bytes] | None:
    """What each number says; None where it is told in another way than one by one."""
    if b"beginbfrange" in mapping:
        return None
    pairs = (pair for part in _CHARACTERS.findall(mapping) for pair in _PAIR.findall(part))
    return {int(code, 16): text.lower() for code, text in pairs}


def _widths(array: Object) -> Iterator[tuple[int, float]]:
    items = list(array)
    at = 0
    while at < len(items):
        first, second = int(items[at]), items[at + 1]
        if isinstance(second, Array):
            yield from ((first + n, float(one)) for n, one in enumerate(second))
            at += 2
        else:
            yield from ((n, float(items[at + 2])) for n in range(first, int(second) + 1))
            at += 3


def _plain(width: float) -> Any:
    return int(width) if width.is_integer() else width


def _to_unicode(texts: list[bytes]) -> bytes:
    told = [b"<%04x> <%s>" % (n, text) for n, text in enumerate(texts) if text]
    parts = [told[n : n + 100] for n in range(0, len(told), 100)]
    return b"\n".join([
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap",
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def",
        b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange",
        *(b"%d beginbfchar\n%s\nendbfchar" % (len(part), b"\n".join(part)) for part in parts),
        b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n",
    ])  # fmt: skip


def rewritten(content: bytes, numbers: Mapping[str, list[int]]) -> bytes:
    """A page's content, with the texts in the fonts `numbers` (by their names there) written in their new numbers."""
    present: str | None = None
    stack: list[str | None] = []

    def replace(token: re.Match[bytes]) -> bytes:
        nonlocal present
        if token["font"] is not None:
            present = token["font"].decode("latin-1")
        elif token["state"] == b"q":
            stack.append(present)
        elif token["state"] == b"Q":
            present = stack.pop() if stack else None
        elif token["codes"] is not None and present is not None and present in numbers:
            codes = b"".join(token["codes"].split())  # lines are broken anywhere
            new = numbers[present]
            pairs = (int(codes[n : n + 4], 16) for n in range(0, len(codes), 4))
            return b"<" + b"".join(b"%04x" % new[one] for one in pairs) + b">"
        return token[0]

    return _TOKEN.sub(replace, content)
