"""`TemplateRenderer`: the port `Renderer` over a project's `templates/`."""

from pathlib import Path
from typing import Any

from jinja2 import Template

from engine.language.front_matter import PARAM
from engine.language.template_files import Brand, TemplateFile, TemplateIndex, canonical_locale
from engine.model.errors import TemplateError
from engine.model.links import Links
from engine.model.messages import Message
from engine.model.policy import Policy
from engine.ports.renderer import Rendered
from engine.render.brands import BrandView, message_view, sender_of
from engine.render.email import one_line
from engine.render.emails import Emails
from engine.render.failures import told
from engine.render.filters import COUNTRY, LOCALE, babel_locale, filters
from engine.render.forms import FormSandbox
from engine.render.letter import letter_pdf
from engine.render.resources import resources_of
from engine.render.sandbox import Sandbox, budget
from engine.render.sms import segments
from engine.render.sources import Sources
from engine.render.views import names_of

Names = dict[str, Any]


class TemplateRenderer:
    """Renders messages from the templates of `index`, which was scanned from `project`. `links` makes
    those to the pages on which customers unsubscribe and say what they like, and, where the policy says so, those by
    which clicks are counted; where they would open nothing, all others lead where they are meant to."""

    def __init__(self, project: Path, index: TemplateIndex, policy: Policy, *, links: Links) -> None:
        self._project = project
        self._index = index
        self._policy = policy
        self._links = links
        self._country = policy.country
        self._environment = Sandbox(Sources(project, index), filters())
        marking = FormSandbox(Sources(project, index), filters())
        counting = links if policy.count_clicks and not links.open_nothing else None
        self._emails = Emails(project, index, self._environment, marking, self._line, counting)
        self._lines: dict[tuple[str, str], Template] = {}
        self._brand_views: dict[tuple[str, str], BrandView] = {}
        self._body_lines = {file.path: file.body_line for file in index.files}

    def render(self, message: Message, *, as_form: bool = False) -> Rendered:
        """Renders `message` for its channel, brand and locale.

        Raises `TemplateError` where there is no text for it, or the text cannot be rendered.
        """
        brand = self._brand(message)
        locale = canonical_locale(message.locale or self._policy.locale)
        kind = "txt" if message.channel == "sms" else "html"
        file = self._file(message, brand, locale, kind)
        names = self._names(message, brand, file.locale)
        if message.channel == "email":
            return self._emails.render(file, brand, names, as_form=as_form)
        with budget(), told(file.path, self._body_lines):
            if message.channel == "sms":
                return self._sms(file, names)
            return self._letter(message, file, brand, names)

    def _brand(self, message: Message) -> Brand:
        brand = self._index.brands.get(message.brand) or self._index.brands.get(self._policy.brand)
        if brand is None:
            raise TemplateError(
                f"no brand '{message.brand}' in templates/brands/",
                f"make templates/brands/{message.brand}/brand.yaml",
            )
        return brand

    def _file(self, message: Message, brand: Brand, locale: str, kind: str) -> TemplateFile:
        found = self._index.find(
            message.template, message.channel or "", brand.id, locale, kind, self._policy.locale
        )
        if found is None:
            raise TemplateError(
                f"template '{message.template}' has no {message.channel} for {brand.id} in {locale}",
                f"make templates/{message.template}/{message.channel}.{locale}.{kind}",
            )
        return found

    def _names(self, message: Message, brand: Brand, locale: str) -> Names:
        zone = self._policy.zone
        return {
            **names_of(message.values, zone),
            "brand": self._brand_view(brand, locale),
            "message": message_view(
                message, locale, message.at.astimezone(zone), self._links, self._policy.country
            ),
            LOCALE: babel_locale(locale),
            COUNTRY: self._country,
        }

    def _brand_view(self, brand: Brand, locale: str) -> BrandView:
        view = self._brand_views.get((brand.id, locale))
        if view is None:
            view = self._brand_views[brand.id, locale] = BrandView(brand, locale)
        return view

    def _sms(self, file: TemplateFile, names: Names) -> Rendered:
        text = self._environment.get_template(file.path).render(names)
        lines = (line.strip() for line in text.strip().splitlines())
        whole = "\n".join(lines)
        return Rendered(
            channel="sms",
            text=whole,
            parts=segments(whole).parts,
            unsubscribe_url=names["message"]["unsubscribe_url"],
            sender=sender_of(names["brand"], "sms"),
            template_code=self._line(file, "template_code", names),
            params={
                key.removeprefix(PARAM): self._line(file, key, names)
                for key in file.front
                if key.startswith(PARAM)
            },
        )

    def _letter(self, message: Message, file: TemplateFile, brand: Brand, names: Names) -> Rendered:
        html = self._environment.get_template(file.path).render(names)
        pdf = letter_pdf(
            html, resources_of(self._project, file, brand), locale=file.locale, at=message.at, name=file.path
        )
        return Rendered(
            channel=message.channel or "letter",
            html=html,
            pdf=pdf,
            unsubscribe_url=names["message"]["unsubscribe_url"],
            sender=sender_of(names["brand"], "letter"),
        )

    def _line(self, file: TemplateFile, key: str, names: Names) -> str:
        """A text of the front matter, rendered; in one line, whatever the values hold, because it becomes the
        header of an email."""
        if key not in file.front:
            return ""
        cached = self._lines.get((file.path, key))
        if cached is None:
            source = "\n" * (file.front_lines.get(key, 1) - 1) + file.front[key]
            place = f"{file.path}#{key}"
            cached = self._lines[file.path, key] = self._environment.made(source, place, place)
        return one_line(cached.render(names))
