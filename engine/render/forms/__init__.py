"""Emails as forms: all messages that differ in values only are made ready once, and then filled in.

Laws
1. A filled form is the message rendered whole, byte for byte. Where that is in doubt, there is no form: the message is
   rendered whole, and so are its errors.
2. A form holds no value, and no value decides about a form but by being there, by branches and loops, and by whether a
   link's text says its address.

A template is compiled a second time, to give marks in place of values (`marking`, `code`). The marked texts of a
message are its key: messages of one key are of one form, for which styles, plain part and headers are worked out once
(`cache`). Of templates that say what stands where and no more, it is told without running them (`straight`). A mark
may stand only where its value could not change what is around it (`places`). `reasons` tells authors what keeps a
template from being a form.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from jinja2.exceptions import TemplateError as JinjaError

from engine.language.template_files import Brand, TemplateFile, TemplateIndex
from engine.model.links import Links
from engine.ports.forms import Texts
from engine.render.brands import BrandView
from engine.render.email import EmailBodies, text_beside
from engine.render.forms.cache import MOST_FORMS, Formed, FormsOfTemplate, Line, Sources
from engine.render.forms.code import FormSandbox, is_shared_text
from engine.render.forms.marking import NotAFormError
from engine.render.forms.straight import Straight, straight
from engine.render.pictures import Pictures


class Forms:
    """The forms of a project's emails."""

    def __init__(
        self,
        environment: FormSandbox,
        emails: EmailBodies,
        index: TemplateIndex,
        pictures: Pictures,
        counting: Links | None,
    ) -> None:
        self._environment = environment
        self._pictures = pictures
        self._counting = counting
        self._emails = emails
        self._index = index
        self._templates: dict[tuple[str, str], FormsOfTemplate | None] = {}
        self._kept = 0
        self._lock = Lock()  # the environment gathers the values of one message at a time

    def of(
        self,
        file: TemplateFile,
        brand: Brand,
        names: dict[str, Any],
        attached: Callable[[], str],
        whole: Callable[[], Texts],
    ) -> Formed | None:
        """A message's form and values, what `attached` gave, the names of its attachments, and its pictures; None where
        it has to be rendered whole, also to learn what is wrong with it. `whole` renders it so."""
        place = file.path, brand.id
        if place not in self._templates:
            self._templates[place] = self._forms(file, brand, names["brand"])
        forms = self._templates[place]
        if forms is None:
            return None
        try:
            with self._lock:
                return forms.of(names, attached, whole)
        except Exception:  # whatever it is, rendering it whole will tell
            return None

    def _make_room(self) -> None:
        """For one more form."""
        self._kept += 1
        if self._kept > MOST_FORMS:
            self._kept = 1
            for one in self._templates.values():
                if one is not None:
                    one.forget()

    def _forms(self, file: TemplateFile, brand: Brand, view: BrandView) -> FormsOfTemplate | None:
        environment = self._environment
        try:
            source = self._emails.source(file, brand, view)
            beside = text_beside(self._index, file, brand)
            return FormsOfTemplate(
                Sources(
                    html=environment.get_template(file.path)
                    if source is None
                    else environment.made(source, file.path),
                    preheader=self._line(file, "preheader"),
                    subject=self._line(file, "subject"),
                    text=None if beside is None else environment.get_template(beside.path),
                    is_whole=source is None,
                    brand=str(view),
                    beside=f"{file.path}\n{brand.id}",
                    placed=lambda html: self._pictures.placed(html, file, brand),
                    counting=self._counting,
                    straight=self._straight(file, source, beside),
                ),
                environment,
                self._make_room,
            )
        except (NotAFormError, JinjaError):
            return None

    def _straight(
        self, file: TemplateFile, source: str | None, beside: TemplateFile | None
    ) -> Straight | None:
        if source is None:
            return None
        texts = [source, *(file.front[key] for key in ("preheader", "subject") if key in file.front)]
        if beside is not None:
            texts.append(beside.body)
        return straight(map(self._environment.parse, texts))

    def _line(self, file: TemplateFile, key: str) -> Line | None:
        if key not in file.front:
            return None
        environment, place, source = self._environment, f"{file.path}#{key}", file.front[key]
        is_alike = is_shared_text(environment.parse(source))
        return Line(environment.made(source, place), environment.number(place), is_alike)


__all__ = ["FormSandbox", "Forms"]
