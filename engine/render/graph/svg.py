"""A journey as an SVG drawing, laid out by itself: rows go down, branches stand side by side, a repeat frames its
steps."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import msgspec

from engine.language.frames import width
from engine.render.graph.shapes import Look, Picture, Shape

_BOX = 264.0
_PAD = 12.0
_GAP = 30.0
_COLUMN_GAP = 26.0
_LINE = 18.0
_HEAD_COLUMNS, _LINE_COLUMNS = 27, 31
_LABEL = 22.0
_FRAME = 16.0
_MARGIN = 24.0
_MOST_LINES = 4
_JOINTS = ("([", ",-_/.")
"""Behind these a line may end where it has no blank, the first rather than the others."""
_FONT = "'Source Sans 3','Noto Sans SC',system-ui,sans-serif"
_STYLE = (
    f"text{{font:14px {_FONT};fill:#1c2320}}.h{{font-weight:600}}.s{{font-size:13px;fill:#4a5550}}"
    ".t{font-size:19px;font-weight:700}.l{font-size:13px;fill:#6b5310;font-weight:600}"
    ".w{fill:none;stroke:#7a8480;stroke-width:1.6}.c{font-size:12px;font-weight:700;fill:#fff}"
    ".m{font-size:12px;fill:#7a8480}.f{fill:#f3f6fd;stroke:#3b5aa6;stroke-width:1.5;stroke-dasharray:6 4}"
    ".p{fill:#fff}.r .p{fill:#f3f6fd}.e{fill:#dfe6f7;stroke:#3b5aa6;stroke-width:1.5}"
)
_PAINT = {
    Look.WAIT: ("#eef1f0", "#7a8480"),
    Look.SEND: ("#e3f2ec", "#0a6b4f"),
    Look.CHOICE: ("#fff6dd", "#a37b14"),
    Look.WORK: ("#f3eafa", "#7b4aa0"),
    Look.END: ("#1c2320", "#1c2320"),
}
_CHANNEL_PAINT = {"letter": "#9a5b13", "email": "#2257a8", "sms": "#0a6b4f"}


class Drawn(NamedTuple):
    """A part of the drawing: its size, the axis on which lines come and go (from its left), what it is made of, and
    whether anything goes on below it. The parts are drawn from its own corner."""

    width: float
    height: float
    axis: float
    parts: list[str]
    goes_on: bool = True


class _Text(msgspec.Struct, frozen=True):
    text: str
    style: str


def svg(picture: Picture) -> str:
    """The drawing, as a file of its own."""
    head = _start(picture)
    rows = [head, *(_drawn(step) for step in picture.steps)]
    body = _row(rows, last=_END)
    title_width = max(width(picture.title) * 11.8, *(width(one) * 7.8 for one in picture.stops), 0)
    whole = max(body.width, title_width) + 2 * _MARGIN
    shift = (whole - body.width) / 2
    top = _MARGIN + 30 + (_LINE * len(picture.stops) + 8 if picture.stops else 0)
    height = top + body.height + _MARGIN
    parts = [_at(_MARGIN, _MARGIN + 16, picture.title, "t")]
    parts += [_at(_MARGIN, _MARGIN + 40 + i * _LINE, one, "s") for i, one in enumerate(picture.stops)]
    parts.append(_moved(body.parts, shift, top))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(whole)} {_n(height)}" '
        f'width="{_n(whole)}" height="{_n(height)}" role="img" aria-label="{escape(picture.title)}">'
        f"<title>{escape(picture.id)}</title><style>{_STYLE}</style>"
        '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#7a8480"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


# Rows and branches


def _row(rows: Sequence[Drawn], last: Drawn | None = None) -> Drawn:
    """Parts below one another on one axis, joined by arrows; `last` stands below them where anything goes on."""
    parts = list(rows)
    if last is not None and (not parts or parts[-1].goes_on):
        parts.append(last)
    if not parts:
        return Drawn(_BOX * 0.6, 0, _BOX * 0.3, [])
    axis = max(one.axis for one in parts)
    right = max(one.width - one.axis for one in parts)
    made: list[str] = []
    y = 0.0
    for i, one in enumerate(parts):
        if i and parts[i - 1].goes_on:
            made.append(_arrow(axis, y, axis, y + _GAP))
        y += _GAP if i else 0
        made.append(_moved(one.parts, axis - one.axis, y))
        y += one.height
    return Drawn(axis + right, y, axis, made, parts[-1].goes_on)


def _drawn(step: Shape) -> Drawn:
    if step.look is Look.END:
        return _END._replace(goes_on=False)
    if step.look is Look.REPEAT:
        return _repeat(step)
    return _branched(step) if len(step.ways) > 1 else _single(step)


def _single(step: Shape) -> Drawn:
    """A box, and below it the steps of its only way, if it has one."""
    box = _box(step)
    return _row([box, *(_drawn(one) for way in step.ways for one in way.steps)])


def _branched(step: Shape) -> Drawn:
    """A box with its ways side by side below it, which meet again."""
    box = _box(step)
    ways = [_row([_drawn(one) for one in way.steps]) for way in step.ways]
    labels = [_wrapped(way.label, _LINE_COLUMNS) for way in step.ways]
    fork = max(len(one) for one in labels) * _LINE + _LABEL
    widths = [max(one.width, _BOX * 0.75) for one in ways]
    total = sum(widths) + _COLUMN_GAP * (len(ways) - 1)
    lefts = [sum(widths[:i]) + _COLUMN_GAP * i + (widths[i] - one.width) / 2 for i, one in enumerate(ways)]
    axes = [left + one.axis for left, one in zip(lefts, ways, strict=True)]
    axis = (axes[0] + axes[-1]) / 2
    left = min(0.0, axis - box.axis)
    deepest = max(one.height for one in ways)
    top = box.height + fork
    bottom = top + deepest + _GAP
    parts = [_moved(box.parts, axis - box.axis, 0), _line(axis, box.height, axis, box.height + 8)]
    parts.append(_line(axes[0], box.height + 8, axes[-1], box.height + 8))
    for one, x, at, label in zip(ways, lefts, axes, labels, strict=True):
        parts.append(
            _line(at, box.height + 8, at, top) if not one.parts else _arrow(at, box.height + 8, at, top)
        )
        parts += [_on_line(at, box.height + 26 + i * _LINE, text) for i, text in enumerate(label)]
        parts.append(_moved(one.parts, x, top))
        if one.goes_on:
            parts.append(_line(at, top + one.height, at, bottom))
    open_axes = [at for at, one in zip(axes, ways, strict=True) if one.goes_on]
    if open_axes:
        parts.append(_line(min(*open_axes, axis), bottom, max(*open_axes, axis), bottom))
    wide = max(total, axis - left + box.width - box.axis)
    return Drawn(wide - left, bottom, axis - left, [_moved(parts, -left, 0)], bool(open_axes))


def _repeat(step: Shape) -> Drawn:
    """A frame around the steps, its head told at the top; an arrow leads from their end back to the head."""
    body = _row([_drawn(one) for way in step.ways for one in way.steps])
    texts = [_Text(one, "h") for one in _wrapped(step.head, _HEAD_COLUMNS)]
    texts += [_Text(one, "s") for line in step.lines for one in _wrapped(line, _LINE_COLUMNS)]
    head = len(texts) * _LINE + 14
    side = _FRAME + 22
    axis = max(body.axis, _BOX / 2) + side
    wide = axis + max(body.width - body.axis, _BOX / 2) + side
    top = _FRAME + head + _GAP
    end = top + body.height
    height = end + _FRAME + 14
    parts = [
        f'<rect class="f" width="{_n(wide)}" height="{_n(height)}" rx="14"/>',
        f'<rect class="e" x="{_n(axis - _BOX / 2)}" y="{_n(_FRAME)}" width="{_n(_BOX)}" height="{_n(head)}" rx="8"/>',
        _loop_icon(axis - _BOX / 2 + 18, _FRAME + 17),
        *_texts(texts, axis - _BOX / 2 + 36, _FRAME + 22),
        _arrow(axis, _FRAME + head, axis, top),
        f'<g class="r">{_moved(body.parts, axis - body.axis, top)}</g>',
    ]
    if body.goes_on:
        x, y = wide - 16, _FRAME + head / 2
        parts.append(
            f'<path class="w" stroke-dasharray="5 4" marker-end="url(#a)" d="M{_n(axis)} {_n(end)}V{_n(end + 12)}'
            f'H{_n(x)}V{_n(y)}H{_n(axis + _BOX / 2 + 2)}"/>'
        )
    return Drawn(wide, height, axis, parts)


# Boxes


def _start(picture: Picture) -> Drawn:
    texts = [
        _Text(one, "h" if i == 0 else "s")
        for i, line in enumerate(picture.start)
        for one in _wrapped(line, _HEAD_COLUMNS if i == 0 else _LINE_COLUMNS)
    ]
    height = len(texts) * _LINE + 2 * _PAD - 4
    box = (
        f'<rect width="{_n(_BOX)}" height="{_n(height)}" rx="{_n(min(22.0, height / 2))}" fill="#1c2320"/>'
        f"{''.join(_texts(texts, 20, _PAD + 12, fill='#fff'))}"
    )
    return Drawn(_BOX, height, _BOX / 2, [box])


def _box(step: Shape) -> Drawn:
    fill, stroke = _PAINT[step.look]
    indent = 38.0 if step.look in (Look.WAIT, Look.SEND) else 16.0
    texts = [_Text(one, "h") for one in _wrapped(step.head, _HEAD_COLUMNS - (4 if indent > 20 else 0))]
    texts += [_Text(one, "s") for line in step.lines for one in _wrapped(line, _LINE_COLUMNS - 4)]
    chips = 26.0 if step.channels else 0.0
    height = len(texts) * _LINE + 2 * _PAD - 4 + chips
    radius = min(22.0, height / 2) if step.look is Look.WAIT else 8.0
    parts = [
        f'<rect width="{_n(_BOX)}" height="{_n(height)}" rx="{_n(radius)}" fill="{fill}" stroke="{stroke}" '
        'stroke-width="1.5"/>',
        *_texts(texts, indent, _PAD + 12),
    ]
    if step.look is Look.CHOICE:
        parts[0] = _hexagon(height, fill, stroke)
    if step.look is Look.WAIT:
        parts.append(_clock_icon(20, _PAD + 7))
    if step.look is Look.SEND:
        parts.append(_envelope_icon(12, _PAD + 1))
    parts.append(f"<title>{escape(step.id)}</title>")
    x = indent
    for i, channel in enumerate(step.channels):
        if i:
            parts.append(_at(x, height - 13, "›", "s"))
            x += 10
        wide = len(channel) * 7.0 + 16
        paint = _CHANNEL_PAINT.get(channel, "#4a5550")
        parts.append(
            f'<rect x="{_n(x)}" y="{_n(height - 28)}" width="{_n(wide)}" height="20" rx="10" fill="{paint}"/>'
            + _at(x + 8, height - 14, channel, "c")
        )
        x += wide + 4
    return Drawn(_BOX, height, _BOX / 2, [f'<g data-step="{escape(step.id)}">{"".join(parts)}</g>'])


_END = Drawn(
    26.0,
    26.0,
    13.0,
    ['<circle cx="13" cy="13" r="12" class="w"/><circle cx="13" cy="13" r="7" fill="#1c2320"/>'],
)


def _hexagon(height: float, fill: str, stroke: str) -> str:
    half = height / 2
    return (
        f'<path d="M12 0H{_n(_BOX - 12)}L{_n(_BOX)} {_n(half)}L{_n(_BOX - 12)} {_n(height)}H12L0 {_n(half)}Z" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
    )


def _clock_icon(x: float, y: float) -> str:
    return f'<g class="w"><circle cx="{_n(x)}" cy="{_n(y)}" r="8"/><path d="M{_n(x)} {_n(y - 4.5)}v4.5l3.5 2"/></g>'


def _envelope_icon(x: float, y: float) -> str:
    path = f"M{_n(x)} {_n(y)}h17v12h-17zl8.5 7 8.5-7"
    return f'<path d="{path}" fill="none" stroke="#0a6b4f" stroke-width="1.6"/>'


def _loop_icon(x: float, y: float) -> str:
    arrow = f'<path d="M{_n(x + 2)} {_n(y - 5)}h7v-7z" fill="#3b5aa6"/>'
    return f'<path class="w" style="stroke:#3b5aa6" d="M{_n(x + 6)} {_n(y - 4)}a7 7 0 1 0 1 5"/>{arrow}'


# Texts and lines


def _wrapped(text: str, columns: int) -> list[str]:
    """`text` in lines of at most so many columns, broken at blanks where there are any, else where words stay whole;
    what is too long for a few lines is cut."""
    lines: list[str] = []
    text = " ".join(text.split())
    while text:
        if width(text) <= columns:
            lines.append(text)
            break
        end = 1
        while end < len(text) and width(text[: end + 1]) <= columns:
            end += 1
        blank = text.rfind(" ", 1, end + 1)
        cut = blank if blank > 0 else _joint(text, end)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][: columns - 1] + "…"]
    return lines or [""]


def _joint(text: str, end: int) -> int:
    """Where a line of at most `end` characters without a blank ends: anywhere but within a word."""
    if text[end - 1].isascii() and text[end].isascii():
        for joints in _JOINTS:
            at = max(text.rfind(one, 0, end) for one in joints)
            if at >= 0:
                return at + 1
    return end


def _texts(texts: Sequence[_Text], x: float, y: float, fill: str = "") -> list[str]:
    return [_at(x, y + i * _LINE, one.text, one.style, fill) for i, one in enumerate(texts)]


def _at(x: float, y: float, text: str, style: str, fill: str = "") -> str:
    paint = f' style="fill:{fill}"' if fill else ""
    return f'<text class="{style}" x="{_n(x)}" y="{_n(y)}"{paint}>{escape(text)}</text>'


def _on_line(x: float, y: float, text: str) -> str:
    """A label over a line, with the paper behind it."""
    wide = width(text) * 6.9 + 10
    return (
        f'<rect x="{_n(x - wide / 2)}" y="{_n(y - 13)}" width="{_n(wide)}" height="18" class="p"/>'
        f'<text class="l" x="{_n(x)}" y="{_n(y)}" text-anchor="middle">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="w" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>'


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="w" marker-end="url(#a)" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>'


def _moved(parts: Sequence[str], x: float, y: float) -> str:
    return f'<g transform="translate({_n(x)} {_n(y)})">{"".join(parts)}</g>'


def _n(value: float) -> str:
    """A number as short as it can be written."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
