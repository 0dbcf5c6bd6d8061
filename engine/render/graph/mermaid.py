"""A journey as a Mermaid flowchart: for READMEs, wikis and everything else that draws Mermaid."""

from collections.abc import Sequence

from engine.render.graph.shapes import Look, Picture, Shape

_FRAMES = {
    Look.WAIT: ('(["', '"])'),
    Look.SEND: ('["', '"]'),
    Look.CHOICE: ('{"', '"}'),
    Look.REPEAT: ('{{"', '"}}'),
    Look.WORK: ('[/"', '"/]'),
    Look.END: ('(("', '"))'),
}
_STYLES = (
    "classDef wait fill:#eef1f0,stroke:#7a8480,color:#1c2320",
    "classDef send fill:#e3f2ec,stroke:#0a6b4f,color:#0f2a21",
    "classDef choice fill:#fff6dd,stroke:#a37b14,color:#3a2c05",
    "classDef repeat fill:#e9eefb,stroke:#3b5aa6,color:#14244d",
    "classDef work fill:#f3eafa,stroke:#7b4aa0,color:#331a47",
    "classDef end_ fill:#1c2320,stroke:#1c2320,color:#ffffff",
)
_START = "start_"

Loose = list[tuple[str, str]]
"""Ends that the next shape is tied to: the node they come from, and what stands on the way."""


def mermaid(picture: Picture) -> str:
    """The flowchart's text."""
    return _Chart(picture).text()


class _Chart:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._lines = ["flowchart TD"]
        self._count = 0

    def text(self) -> str:
        head = "<br>".join(map(_safe, (self._picture.title, *self._picture.start)))
        self._lines.append(f'  {_START}(["{head}"])')
        ends = self._row(self._picture.steps, [(_START, "")], "  ")
        if ends:
            self._lines.append('  end_(("end"))')
            self._tie(ends, "end_", "  ")
        for number, stop in enumerate(self._picture.stops, start=1):
            self._lines.append(f'  stop{number}>"{_safe(stop)}"]')
        self._lines += [f"  {style}" for style in _STYLES]
        return "\n".join(self._lines) + "\n"

    def _row(self, steps: Sequence[Shape], ends: Loose, indent: str) -> Loose:
        for step in steps:
            ends = self._shape(step, ends, indent)
        return ends

    def _shape(self, step: Shape, ends: Loose, indent: str) -> Loose:
        self._count += 1
        name = f"s{self._count}"
        left, right = _FRAMES[step.look]
        texts = [step.head, *step.lines]
        if step.channels:
            texts.append("by " + " › ".join(step.channels))
        kind = "end_" if step.look is Look.END else step.look.value
        label = "<br>".join(map(_safe, texts))
        self._lines.append(f"{indent}{name}{left}{label}{right}:::{kind}")
        self._tie(ends, name, indent)
        if step.look is Look.END:
            return []
        if step.look is Look.REPEAT:
            return self._repeat(step, name, indent)
        if not step.ways:
            return [(name, "")]
        return [end for way in step.ways for end in self._row(way.steps, [(name, way.label)], indent)]

    def _repeat(self, step: Shape, name: str, indent: str) -> Loose:
        self._lines.append(f'{indent}subgraph {name}_["{_safe(step.head)}"]')
        for way in step.ways:
            for end, label in self._row(way.steps, [(name, way.label)], f"{indent}  "):
                tied = f'|"{_safe(label)}"|' if label else ""
                self._lines.append(f"{indent}  {end} -.->{tied} {name}")
        self._lines.append(f"{indent}end")
        return [(name, "afterwards")]

    def _tie(self, ends: Loose, name: str, indent: str) -> None:
        for end, label in ends:
            tied = f'|"{_safe(label)}"|' if label else ""
            self._lines.append(f"{indent}{end} -->{tied} {name}")


def _safe(text: str) -> str:
    """As Mermaid has texts in quotes: without what would end or mark them up."""
    escaped = text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return " ".join(escaped.replace("`", "#96;").split())
