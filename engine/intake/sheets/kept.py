"""A refused row as it is kept: as JSON, by the names that the dealer's columns have, so that it can be seen, mended and
sent in again like a refused event. The file's name and the line are not in it: the same row is kept once.
"""

from collections.abc import Sequence

import msgspec

from engine.intake.sheets.cells import Cell, text_of

FORM = "milepost-row"


class KeptRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="form", tag=FORM):
    """`cells` are pairs of a column's name and what stood there."""

    kind: str
    dealer: str
    cells: tuple[tuple[str, str], ...]


_decode = msgspec.json.Decoder(KeptRow).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def kept(kind: str, dealer: str, titles: Sequence[str], cells: Sequence[Cell]) -> bytes:
    width = max(len(titles), len(cells))
    pairs = []
    for place in range(width):
        title = titles[place] if place < len(titles) else ""
        text = text_of(cells[place]) if place < len(cells) else ""
        if title or text:
            pairs.append((title, text))
    return _encode(KeptRow(kind=kind, dealer=dealer, cells=tuple(pairs)))


def kept_row(raw: bytes) -> KeptRow | None:
    """The row that was kept so; None where `raw` is none (an event, or nothing that can be read)."""
    if FORM.encode() not in raw:
        return None
    try:
        return _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
