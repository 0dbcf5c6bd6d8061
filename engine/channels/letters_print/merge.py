"""Many letters as one PDF, in which what they have in common stands once."""

import hashlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Object, Page, Pdf, Stream

from engine.channels.letters_print.fonts import SharedFonts, rewritten

_SHARED = ("/Font", "/XObject", "/ExtGState", "/Pattern", "/Shading", "/ColorSpace")
"""The kinds of resources that letters may have in common."""


def merge(letters: Iterable[bytes], path: Path, *, duplex: bool, title: str) -> list[tuple[int, int]]:
    """Writes the letters to `path`, one after the other: the same letters always as the same bytes. With `duplex` each
    begins on an odd page, behind a blank one where need be. Returns the first and last page of each, from 1."""
    ranges = []
    with Pdf.new() as run:
        common = _Common(run)
        for pdf in letters:
            if duplex and len(run.pages) % 2:
                common.append_blank()
            first = len(run.pages) + 1
            with pikepdf.open(io.BytesIO(pdf)) as letter:
                for page in letter.pages:
                    common.append(letter, page)
            ranges.append((first, len(run.pages)))
        common.fill()
        run.docinfo["/Title"] = pikepdf.String(title)
        run.save(
            path,
            compress_streams=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
    return ranges


class _Common:
    """What the run's pages have in common."""

    def __init__(self, run: Pdf) -> None:
        self._run = run
        self._fonts = SharedFonts(run)
        self._objects: dict[bytes, Object] = {}
        self._nothing = run.make_stream(b"q Q\n")  # there are machines that stumble over no content at all

    def append_blank(self) -> None:
        """Adds an empty page of the size of the last one."""
        box = [float(one) for one in self._run.pages[-1].mediabox]
        self._run.add_blank_page(page_size=(box[2] - box[0], box[3] - box[1]))
        self._run.pages[-1].obj["/Contents"] = self._nothing

    def append(self, letter: Pdf, page: Page) -> None:
        """Adds a letter's page to the run. What may be there already does not come with it, but is put to it."""
        resources = page.obj.get("/Resources", Dictionary())
        given = {kind: dict(_items(resources[kind])) for kind in _SHARED if kind in resources}
        members = {
            kind: {name: self._common(letter, one) for name, one in own.items()}
            for kind, own in given.items()
            if kind != "/Font"
        }
        members["/Font"] = self._fonts_of(letter, page, given.get("/Font", {}), given.get("/XObject", {}))
        page.obj["/Resources"] = Dictionary(
            {key: one for key, one in _items(resources) if key not in _SHARED}
        )
        self._run.pages.append(page)
        mine = self._run.pages[-1].obj["/Resources"]
        for kind, own in members.items():
            if own:
                mine[kind] = Dictionary(own)

    def fill(self) -> None:
        """Writes what could only be known in the end."""
        self._fonts.fill()

    def _fonts_of(
        self, letter: Pdf, page: Page, fonts: dict[str, Object], inside: dict[str, Object]
    ) -> dict[str, Object]:
        """The page's fonts as objects of the run; its texts are written in their numbers."""
        if any("/Font" in one.get("/Resources", Dictionary()) for one in inside.values()):
            return {name: self._common(letter, one) for name, one in fonts.items()}
        mine: dict[str, Object] = {}
        numbers: dict[str, list[int]] = {}
        for name, font in fonts.items():
            taken = self._fonts.taken(font)
            if taken is None:
                mine[name] = self._common(letter, font)
            else:
                mine[name] = taken[0].object
                numbers[name.lstrip("/")] = taken[1]
        if numbers:
            page.contents_coalesce()
            content = rewritten(page.obj["/Contents"].read_bytes(), numbers)
            page.obj["/Contents"] = letter.make_stream(content)
        return mine

    def _common(self, letter: Pdf, one: Object) -> Object:
        """The run's object that is the same as this one of a letter."""
        key = _digest(one)
        found = self._objects.get(key)
        if found is None:
            whole = one if one.is_indirect else letter.make_indirect(one)
            found = self._objects[key] = self._run.copy_foreign(whole)
        return found


def _items(dictionary: Object) -> list[tuple[str, Object]]:
    return list(dictionary.items())


def _digest(one: Object) -> bytes:
    """The same for objects that say the same, however they are numbered."""
    digest = hashlib.sha256()
    _say(one, digest.update, ())
    return digest.digest()


def _say(one: Any, tell: Callable[[bytes], None], above: tuple[tuple[int, int], ...]) -> None:
    if isinstance(one, Object) and one.is_indirect:
        if one.objgen in above:  # it names what it is part of
            tell(b"^%d" % above.index(one.objgen))
            return
        above = (*above, one.objgen)
    if isinstance(one, Stream):
        tell(b"stream")
        _say_members(one.stream_dict, tell, above)
        raw = one.read_raw_bytes()
        tell(b"%d:" % len(raw))
        tell(raw)
    elif isinstance(one, Dictionary):
        _say_members(one, tell, above)
    elif isinstance(one, Array):
        tell(b"[%d" % len(one))
        for item in one:
            _say(item, tell, above)
    else:
        tell(one.unparse() if isinstance(one, Object) else repr(one).encode())
        tell(b" ")


def _say_members(one: Any, tell: Callable[[bytes], None], above: tuple[tuple[int, int], ...]) -> None:
    members = sorted(_items(one), key=lambda item: item[0])
    tell(b"<%d" % len(members))
    for name, item in members:
        tell(name.encode() + b" ")
        _say(item, tell, above)
