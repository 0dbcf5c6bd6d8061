"""A journey as a picture: SVG, and Mermaid for pages that draw it themselves.

Laws
1. Steps are told in the words of the file; what a verb shows is one entry of `shapes.TOLD`.
2. The same journey gives the same bytes.

`shapes` reads the journey into a tree of shapes, `svg` lays the tree out (a row goes down, branches stand side by side,
a repeat is a frame around its steps), `mermaid` writes it as a flowchart.
"""

from engine.render.graph.mermaid import mermaid
from engine.render.graph.shapes import Picture, picture_of
from engine.render.graph.svg import svg

__all__ = ["Picture", "mermaid", "picture_of", "svg"]
