"""Where Jinja2 finds a project's templates: by path, nothing outside `templates/`.

A name is a path relative to the project (`templates/brands/michelin/letter.html`, which is what
`brand.letter` gives) or to `templates/` (`{% include "shared/footer.html" %}`). A message's own file is its
body, without the front matter.
"""

from collections.abc import Callable
from pathlib import Path

from jinja2 import BaseLoader, Environment
from jinja2.exceptions import TemplateNotFound

from engine.language.template_files import TEMPLATES, TemplateIndex


def inside(root: Path, name: str) -> Path | None:
    """The file `name` under `root`; None where there is none, or where it leads out."""
    if "\0" in name or name.startswith("/"):
        return None
    try:
        path = (root / name).resolve()
        return path if path.is_relative_to(root.resolve()) and path.is_file() else None
    except (OSError, RuntimeError):
        return None


class Sources(BaseLoader):
    """A loader over one project."""

    def __init__(self, project: Path, index: TemplateIndex) -> None:
        self._root = project / TEMPLATES
        self._bodies = {file.path: file.body for file in index.files}

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002 - Jinja2's signature
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = template if template.startswith(f"{TEMPLATES}/") else f"{TEMPLATES}/{template}"
        if path in self._bodies:
            return self._bodies[path], path, None
        file = inside(self._root, path.removeprefix(f"{TEMPLATES}/"))
        if file is None:
            raise TemplateNotFound(template)
        try:
            return file.read_text(encoding="utf-8-sig"), path, None
        except (OSError, UnicodeDecodeError):
            raise TemplateNotFound(template, f"'{template}' cannot be read as UTF-8") from None
