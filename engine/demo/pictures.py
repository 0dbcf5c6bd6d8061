"""Pictures of letters for the gallery: the first page, as it is in the PDF. The page's font lies beside them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.demo.folder import PICTURES
from engine.demo.gallery import Shelf
from engine.language.pictures import folders_of
from engine.model.messages import Message
from engine.ports import Renderer
from engine.render.letter import letter_picture
from engine.render.resources import Resources

WIDTH_PX = 480
"""Twice what the page shows, for dense screens."""

FONT = f"{PICTURES}/chinese.otf"


def with_pictures(
    out: Path, project: Path, renderer: Renderer, shelves: Sequence[Shelf], tell: Callable[[], None]
) -> tuple[Shelf, ...]:
    """The shelves, with a picture for each letter; `tell` is called after each."""
    done = []
    for shelf in shelves:
        examples = []
        for one in shelf.examples:
            name = f"{PICTURES}/{one.message.id}.png"
            if one.channel == "letter":
                (out / name).write_bytes(first_page(project, renderer, one.message))
                tell()
            examples.append(replace(one, picture=name if one.channel == "letter" else ""))
        done.append(replace(shelf, examples=tuple(examples)))
    return tuple(done)


def first_page(project: Path, renderer: Renderer, message: Message) -> bytes:
    """A PNG of the letter's first page."""
    own = folders_of(message.template, message.brand)
    return letter_picture(
        renderer.render(message).html,
        Resources(project, own),
        locale=message.locale or "",
        name=message.template,
        width_px=WIDTH_PX,
    )
