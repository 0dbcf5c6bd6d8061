"""Emails: as forms where they can be, else whole."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.language.template_files import Brand, TemplateFile, TemplateIndex
from engine.model.errors import TemplateError
from engine.model.links import Links
from engine.ports.forms import Form, Texts, Values
from engine.ports.renderer import Attachment, Rendered
from engine.render.brands import sender_of
from engine.render.clicks import counted
from engine.render.email import EmailBodies, text_beside, title_of, with_preheader
from engine.render.failures import told
from engine.render.forms import Forms, FormSandbox
from engine.render.pictures import Pictures
from engine.render.plain import plain_text
from engine.render.resources import media_type, resources_of
from engine.render.sandbox import Sandbox, budget

Names = dict[str, Any]
Line = Callable[[TemplateFile, str, Names], str]
"""Gives a text of the front matter, rendered."""

_NOTHING = Texts("", "", "", "")
_MOST_ATTACHMENTS = 8
"""Of so many emails attachments are kept: messages of one template have the same ones."""


class Emails:
    """The emails of the project in the folder `project`. `line` renders with `environment`, too. With `counting`, links
    are counted by it."""

    def __init__(
        self,
        project: Path,
        index: TemplateIndex,
        environment: Sandbox,
        marking: FormSandbox,
        line: Line,
        counting: Links | None,
    ) -> None:
        self._project = project
        self._index = index
        self._environment = environment
        self._line = line
        self._counting = counting
        self._pictures = Pictures(project)
        self.bodies = EmailBodies(environment)
        self.forms = Forms(marking, self.bodies, index, self._pictures, counting)
        self._body_lines = {file.path: file.body_line for file in index.files}
        self._senders: dict[tuple[str, str], dict[str, str]] = {}
        self._attached: OrderedDict[tuple[str, str, str], tuple[Attachment, ...]] = OrderedDict()

    def render(self, file: TemplateFile, brand: Brand, names: Names, *, as_form: bool) -> Rendered:
        """The email of `file`. Raises `TemplateError`."""
        formed = self.forms.of(
            file,
            brand,
            names,
            lambda: self._listed(file, names),
            lambda: self._whole(file, brand, names)[0],
        )
        if formed is None:
            texts, listed, pictures = self._whole(file, brand, names)
            return self._rendered(file, brand, names, listed, pictures, texts=texts)
        form, values, listed, pictures = formed
        if as_form:
            return self._rendered(file, brand, names, listed, pictures, form=form, values=values)
        return self._rendered(file, brand, names, listed, pictures, texts=form.fill(values))

    def _whole(
        self, file: TemplateFile, brand: Brand, names: Names
    ) -> tuple[Texts, str, tuple[Attachment, ...]]:
        """The texts, the names of the attachments, and the pictures."""
        with self._told(file):
            html = self.bodies.html(file, brand, names)
            preheader = self._line(file, "preheader", names)
            subject = self._line(file, "subject", names) or title_of(html) or str(names["brand"])
            beside = text_beside(self._index, file, brand)
            if beside is None:
                text = plain_text(html)
            else:
                text = self._environment.get_template(beside.path).render(names).strip() + "\n"
            html, pictures = self._pictures.placed(html, file, brand)
            if self._counting is not None:
                html = counted(html, self._counting, names["message"]["id"])
            texts = Texts(subject, preheader, with_preheader(html, preheader), text)
            return texts, self._listed(file, names), pictures

    @contextmanager
    def _told(self, file: TemplateFile) -> Iterator[None]:
        with budget(), told(file.path, self._body_lines):
            yield

    def _rendered(
        self,
        file: TemplateFile,
        brand: Brand,
        names: Names,
        listed: str,
        pictures: tuple[Attachment, ...],
        *,
        texts: Texts = _NOTHING,
        form: Form | None = None,
        values: Values = (),
    ) -> Rendered:
        subject, preheader, html, text = texts
        return Rendered(
            channel="email",
            subject=subject,
            preheader=preheader,
            html=html,
            text=text,
            form=form,
            values=values,
            unsubscribe_url=names["message"]["unsubscribe_url"],
            sender=self._sender(brand.id, file.locale, names),
            attachments=self._attachments(file, brand, listed) if listed else (),
            pictures=pictures,
        )

    def _sender(self, brand: str, locale: str, names: Names) -> dict[str, str]:
        sender = self._senders.get((brand, locale))
        if sender is None:
            sender = self._senders[brand, locale] = sender_of(names["brand"], "email")
        return sender

    def _listed(self, file: TemplateFile, names: Names) -> str:
        return self._line(file, "attachments", names).strip("[] ") if "attachments" in file.front else ""

    def _attachments(self, file: TemplateFile, brand: Brand, listed: str) -> tuple[Attachment, ...]:
        key = file.path, brand.id, listed
        if key not in self._attached:
            self._attached[key] = tuple(self._read(file, brand, listed))
            if len(self._attached) > _MOST_ATTACHMENTS:
                self._attached.popitem(last=False)
        return self._attached[key]

    def _read(self, file: TemplateFile, brand: Brand, listed: str) -> Iterator[Attachment]:
        resources = resources_of(self._project, file, brand)
        for name in filter(None, (one.strip(" \"'") for one in listed.split(","))):
            path = resources.find(name)
            if path is None:
                raise TemplateError(f"{file.path}: there is no file '{name}' in templates/ to attach")
            yield Attachment(name=path.name, media_type=media_type(path), content=path.read_bytes())
