"""Where a message lies, as links from the page."""

from pathlib import PurePosixPath

import msgspec

from engine.ports import MessageRow


class Links(msgspec.Struct, frozen=True):
    """`main` is for opening (a letter's PDF, an email's HTML, an SMS's text); `also` an email's `.eml`."""

    main: str
    also: str = ""


def links_of(row: MessageRow) -> Links | None:
    """The files of a message, relative to the demo's folder; None where it left none."""
    if not row.place:
        return None
    place = PurePosixPath(row.place)
    if place.suffix == ".eml":
        return Links(place.with_suffix(".html").as_posix(), place.as_posix())
    return Links(place.as_posix())
