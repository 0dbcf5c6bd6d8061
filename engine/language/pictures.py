"""Pictures in emails: `<img src="tread.png">` names a file of `templates/`, which goes along with the email.

It is looked for in the brand's own folder of the template, in the template's, in the brand's, and from `templates/` on:
so a text that brands share may show each brand's own picture. What has an address (`https://…`) stays as it is.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from engine.language.markup import Value, values_of
from engine.language.template_files import BRANDS

SHOWN = (".png", ".jpg", ".jpeg", ".gif")
"""Types that all mail programs show."""

MOST_BYTES = 300_000
MOST_TOGETHER_BYTES = 1_000_000
"""Of one picture, and of all in an email: what a telephone on the road still loads."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)


def pictures_in(html: str) -> Iterator[tuple[str, Value]]:
    """The files that an email's HTML, or a template of it, shows as pictures: their names, and where they stand."""
    for value in values_of(html, "img", "src"):
        given = value.text.strip()
        if given and not _ADDRESS.match(given):
            yield unquote(given.partition("?")[0].partition("#")[0]), value


def folders_of(template: str, brand: str) -> tuple[str, ...]:
    """Where files lie that a text of `template` may use where `brand` sends it: folders in `templates/`, in order."""
    return (f"{template}/{brand}", template, f"{BRANDS}/{brand}", "")
