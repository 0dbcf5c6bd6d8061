"""Previews: messages made from sample data, or from a customer's, to be looked at before anything goes out.

Laws
1. A preview is rendered as the message would be: by the same expressions, the same templates, the same renderer.
2. Sample data is made from the table of event types: whatever a journey can name has a value.

`samples` makes the data, `making` the messages, `gallery` the page of all of them.
"""

from engine.wiring.previews.gallery import Card, gallery_page
from engine.wiring.previews.making import Asked, Made, Previews

__all__ = ["Asked", "Card", "Made", "Previews", "gallery_page"]
