"""Pages for the disk: what the demo and the reports of simulations share, so that they look and behave alike.

Laws
1. A page needs nothing: no network, no server, no script to be read. It is as good on a phone and on paper.
2. Whatever comes from data is escaped; the same data make the same page.
3. A chart has its exact numbers beside it: in titles, and in a table.
4. Nothing is removed but what an earlier page of the kind left; a folder that is somebody else's is refused.

`writing` makes the templates' environment, with the layout and the styles in `templates/` · `charts` is geometry ·
`room` makes room in a folder · `words` says things in a marketer's words · `calendar`, `brands` and `order` are for all
who count messages.
"""

from engine.pages.room import Room
from engine.pages.writing import lay_font, pages_of

__all__ = ["Room", "lay_font", "pages_of"]
