"""What keeps an email from being a form, told to its author, as far as the template itself shows it.

What only values show is not told: a message whose value is odd (tags by `safe`, a line break, a blank at its end) is
rendered whole, and the others are not.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from jinja2 import nodes
from jinja2.exceptions import TemplateError as JinjaError

from engine.language.template_files import Brand, TemplateFile, TemplateIndex
from engine.render.brands import BrandView
from engine.render.email import EmailBodies, is_styled
from engine.render.filters import filters
from engine.render.forms.code import FormSandbox, fixed_names, is_fixed, looked_at, referred, renamed
from engine.render.forms.marking import CLOSE, OPEN
from engine.render.forms.places import misplaced
from engine.render.sources import Sources
from engine.render.styles import can_be_inlined

_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{-?(?P<said>.*?)-?\}\}", re.DOTALL)


class Reason(msgspec.Struct, frozen=True):
    """Why the emails of `template` are rendered one by one: `file` is relative to the project, `line` counts from 1."""

    template: str
    file: str
    line: int
    message: str


class Reasons:
    """Looks into the emails of the project in the folder `project`."""

    def __init__(self, project: Path, index: TemplateIndex) -> None:
        self._index = index
        self._environment = FormSandbox(Sources(project, index), filters())
        self._emails = EmailBodies(self._environment)
        self._trees: dict[str, nodes.Template] = {}
        self._found: dict[str, tuple[list[tuple[int, str]], list[tuple[int, str]]]] = {}
        self._lines = {file.path: file.body_line for file in index.files}

    def all(self) -> list[Reason]:
        """Those of every email, each place once."""
        found = {
            (one.file, one.line, one.message): one
            for file in self._index.files
            if file.channel == "email" and file.kind == "html"
            for one in self.formable(file)
        }
        return list(found.values())

    def formable(self, file: TemplateFile) -> list[Reason]:
        """Why the email of `file` is no form; nothing where it is one, or where it is faulty."""
        brands = [one for one in self._index.brands.values() if file.brand in (None, one.id)]
        found: list[Reason] = []
        misplacings: list[Reason] = []
        try:
            for path in self._files(file.path, brands):
                first = self._lines.get(path, 1) - 1
                statements, places = self._of_file(path)
                found += [Reason(file.template, path, first + line, said) for line, said in statements]
                misplacings += [Reason(file.template, path, first + line, said) for line, said in places]
            if misplacings and not (brands and self._is_mended(file, brands[0])):
                found += misplacings
            if not found and brands and self._is_inlined_late(file, brands[0]):
                message = "its styles can be inlined only when it is rendered"
                found.append(Reason(file.template, file.path, self._lines[file.path], message))
        except JinjaError:
            return []
        return found

    def _files(self, path: str, brands: list[Brand]) -> Iterator[str]:
        """A file and all that it brings in."""
        seen: list[str] = []
        left = [path]
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.append(one)
            yield one
            tree = self._tree(one)
            left += [name for name in referred(tree) if name]
            for extended in tree.find_all(nodes.Extends):
                name = extended.template.attr if isinstance(extended.template, nodes.Getattr) else ""
                left += [brand.layouts[name] for brand in brands if name in brand.layouts]

    def _of_file(self, path: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """What its statements do, and where its values stand: by line."""
        if path not in self._found:
            tree = self._tree(path)
            places = self._of_places(path, self._source(path), tree)
            self._found[path] = (list(_of_statements(tree)), list(places))
        return self._found[path]

    def _tree(self, path: str) -> nodes.Template:
        if path not in self._trees:
            self._trees[path] = self._environment.parse(self._source(path))
        return self._trees[path]

    def _source(self, path: str) -> str:
        loader = self._environment.loader
        assert loader is not None
        return loader.get_source(self._environment, path)[0]

    def _of_places(self, path: str, source: str, tree: nodes.Template) -> Iterator[tuple[int, str]]:
        if path.endswith(".html"):
            html = self._marked(source, tree)
            for at, message in misplaced(html):
                yield html.count("\n", 0, at) + 1, message

    def _marked(self, source: str, tree: nodes.Template) -> str:
        """`source` with marks for its values, and without statements, line by line."""
        fixed = fixed_names(tree)

        def marked(tag: re.Match[str]) -> str:
            breaks = "\n" * tag[0].count("\n")
            if tag["said"] is None:
                return breaks
            said = self._environment.parse(f"{{{{{tag['said']}}}}}")
            output = next(iter(said.find_all(nodes.Output)), None)
            if output is None or all(is_fixed(one, fixed) for one in output.nodes):
                return f"x{breaks}"
            return f"{OPEN}0{CLOSE}{breaks}"

        return _TAG.sub(marked, source)

    def _is_mended(self, file: TemplateFile, brand: Brand) -> bool:
        """Whether inlining the styles writes the HTML so that every value has its place."""
        source = self._emails.source(file, brand, BrandView(brand, file.locale))
        if source is None:
            return False
        return not any(True for _ in misplaced(self._marked(source, self._environment.parse(source))))

    def _is_inlined_late(self, file: TemplateFile, brand: Brand) -> bool:
        whole = "".join(map(self._source, self._files(file.path, [brand])))
        if not is_styled(whole):
            return False
        composed = self._emails.composed(file, brand, BrandView(brand, file.locale))
        return composed is None or not can_be_inlined(composed)


def _of_statements(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    yield from ((node.lineno, message) for node, message in looked_at(tree))
    for name, line in renamed(tree):
        yield line, f"'{name}' is given another meaning"
    for one in tree.find_all(nodes.Filter):
        if one.name == "safe":
            yield one.lineno, "'safe' may bring in tags"
    for imported in tree.find_all((nodes.Import, nodes.FromImport)):
        if not isinstance(imported.template, nodes.Const):  # type: ignore[attr-defined]
            yield imported.lineno, "which file is imported is known only when it is rendered"
