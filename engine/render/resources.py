"""The files that a letter or an email may use: those in the project's `templates/`, and nothing else.

An address in a template is a path: in the brand's own folder of the template, in the template's, in the brand's, or
from `templates/` on; the first of these that exists. What is refused is remembered, and makes the rendering fail: a
letter with a hole in it is not sent.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import plutoprint

from engine.language.pictures import folders_of
from engine.language.template_files import TEMPLATES, Brand, TemplateFile
from engine.render.sources import inside

BASE_URL = "templates:///"
MOST_BYTES = 16_000_000

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".ics": "text/calendar",
}
"""By a file name's end; others are `application/octet-stream`. The machine's own table is not asked."""


def media_type(path: Path) -> str:
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


class Resources:
    """The files within reach of one message: `folders` are relative to `templates/`, asked in order."""

    def __init__(self, project: Path, folders: Sequence[str]) -> None:
        self._root = project / TEMPLATES
        self._folders = folders

    def find(self, name: str) -> Path | None:
        """The file called `name`, None where there is none within `templates/`, or it is too large."""
        for folder in self._folders:
            path = inside(self._root, f"{folder}/{name}" if folder else name)
            if path is not None and path.stat().st_size <= MOST_BYTES:
                return path
        return None


def resources_of(project: Path, file: TemplateFile, brand: Brand) -> Resources:
    """The files that a message of `file` may use."""
    return Resources(project, folders_of(file.template, brand.id))


class Fetcher(plutoprint.ResourceFetcher):
    """What PlutoPrint asks for files. `refused` are the addresses it was not given."""

    def __init__(self, resources: Resources) -> None:
        super().__init__()
        self._resources = resources
        self.refused: list[str] = []

    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        parts = urlsplit(url)
        if parts.scheme == "data":
            return plutoprint.default_resource_fetcher.fetch_url(url)
        path = None
        if url.startswith(BASE_URL):
            path = self._resources.find(unquote(parts.path).lstrip("/"))
        if path is None:
            self.refused.append(url.removeprefix(BASE_URL)[:100])
            return plutoprint.ResourceData(b"", mime_type="text/css")
        return plutoprint.ResourceData(path.read_bytes(), mime_type=media_type(path))
