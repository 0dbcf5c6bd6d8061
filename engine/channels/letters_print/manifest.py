"""A run's manifest: a line for each letter, in the order of the pages, as CSV (UTF-8, RFC 4180).

It holds what a printer needs to sort, to count, to find a letter among the pages and to answer for it: no name and no
street. The postcode and the country stand in it because the post's rates and bundles go by them.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

COLUMNS = ("position", "message_id", "first_page", "last_page", "pages", "country", "postcode", "sha256")


class Line(NamedTuple):
    """A letter of a run; positions and pages count from 1. `sha256` is that of the letter's own PDF."""

    position: int
    message_id: str
    first_page: int
    last_page: int
    pages: int
    country: str
    postcode: str
    sha256: str


def written(lines: Iterable[Line]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return text.getvalue().encode()


def read(path: Path) -> Iterator[Line]:
    """The lines of a manifest that `written` made."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Line(
                position=int(row["position"]),
                message_id=row["message_id"],
                first_page=int(row["first_page"]),
                last_page=int(row["last_page"]),
                pages=int(row["pages"]),
                country=row["country"],
                postcode=row["postcode"],
                sha256=row["sha256"],
            )
