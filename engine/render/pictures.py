"""Pictures in emails: each goes along once, and the HTML shows it by its Content-ID, which its content gives."""

from hashlib import blake2b
from html import escape
from pathlib import Path

from engine.language.pictures import pictures_in
from engine.language.template_files import Brand, TemplateFile
from engine.model.errors import TemplateError
from engine.ports.renderer import Attachment
from engine.render.resources import media_type, resources_of

Placed = tuple[str, tuple[Attachment, ...]]
"""An email's HTML, and the pictures that it shows."""

_MOST_KEPT_BYTES = 30_000_000


class Pictures:
    """The pictures of the project in the folder `project`, each read when it is first needed."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._kept: dict[tuple[str, str, str], Attachment] = {}
        self._kept_bytes = 0

    def placed(self, html: str, file: TemplateFile, brand: Brand) -> Placed:
        """The email of `file` as it is sent. Raises `TemplateError` where a picture is not there."""
        pieces: list[str] = []
        pictures: dict[str, Attachment] = {}
        at = 0
        for name, value in pictures_in(html):
            picture = self._picture(name, file, brand)
            pictures.setdefault(picture.content_id, picture)
            pieces += (html[at : value.start], f'"cid:{escape(picture.content_id)}"')
            at = value.end
        return ("".join([*pieces, html[at:]]), tuple(pictures.values())) if pieces else (html, ())

    def _picture(self, name: str, file: TemplateFile, brand: Brand) -> Attachment:
        key = file.template, brand.id, name
        if key not in self._kept:
            path = resources_of(self._project, file, brand).find(name)
            if path is None:
                raise TemplateError(f"{file.path}: there is no picture '{name[:100]}' in templates/")
            content = path.read_bytes()
            self._kept_bytes += len(content)
            if self._kept_bytes > _MOST_KEPT_BYTES:
                self._kept.clear()
                self._kept_bytes = len(content)
            named = f"{blake2b(content, digest_size=10).hexdigest()}@milepost"
            self._kept[key] = Attachment(
                name=path.name, media_type=media_type(path), content=content, content_id=named
            )
        return self._kept[key]
