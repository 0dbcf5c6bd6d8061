"""Links by which clicks are counted."""

import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.language.template_files import scan
from engine.model.links import SAMPLE_KEY, Links
from engine.render import TemplateRenderer
from tests.render.samples import POLICY, Project, message, values

COUNTING = replace(POLICY, count_clicks=True)
LINKS = Links("https://care.example.com", b"k" * 32)
MESSAGE = "0f" * 16
HREF = re.compile(r'href="([^"]*)"')
SOURCE = """---
subject: s
preheader: p
---
<html><body><p>{{ customer.name }}</p>
<a href="https://shop.example.com/?a=1&region=2&amp;b=3">shop</a>
<a href='HTTP://example.com/{{ customer.name }}'>yours</a>
<A HREF=https://shop.example.com/>again</A> <area href="https://map.example.com">
<a href="{{ message.unsubscribe_url }}">stop</a> <a href="{{ message.preferences_url }}">choose</a>
<a href="mailto:a@example.com">write</a> <a href="tel:+8610">call</a> <a href="#top">up</a>
<a href="{{ customer.work }}">work</a> <a title="href=x">none</a>
</body></html>"""


def renderer_of(folder: Path, links: Links = LINKS) -> TemplateRenderer:
    return TemplateRenderer(folder, scan(folder)[0], COUNTING, links=links)


def html_of(renderer: TemplateRenderer, name: str, work: str = "x") -> tuple[str, str]:
    """Rendered whole; a form says the same."""
    given = values()
    given["customer"] |= {"name": name, "work": work}
    one = message("t", given=given)
    whole = renderer.render(one)
    formed = renderer.render(one, as_form=True)
    assert formed.whole() == whole
    return whole.html, whole.text


def led(html: str) -> list[str]:
    """Where the links lead in the end; those that are counted marked with a star."""
    found = []
    for href in HREF.findall(html):
        click = LINKS.click_of(href.removeprefix("https://care.example.com/c/"))
        assert click is None or click.message_id == MESSAGE
        found.append(f"* {click.target}" if click else href)
    return found


@pytest.fixture
def renderer(project: Project) -> TemplateRenderer:
    project.write("t/email.zh-CN.html", SOURCE)
    return renderer_of(project.folder)


def test_links_of_the_web_lead_through_the_gateway_and_no_others(renderer: TemplateRenderer) -> None:
    html, text = html_of(renderer, "a", "https://work.example.com")
    assert led(html) == [
        "* https://shop.example.com/?a=1&region=2&b=3",
        "* HTTP://example.com/a",
        "* https://shop.example.com/",
        "* https://map.example.com",
        LINKS.unsubscribe(MESSAGE),
        LINKS.preferences(MESSAGE),
        "mailto:a@example.com",
        "tel:+8610",
        "#top",
        "* https://work.example.com",
    ]
    assert "/c/" not in text
    assert "(https://work.example.com)" in text


def test_all_messages_of_a_form_have_their_own_links(renderer: TemplateRenderer) -> None:
    made = [renderer.render(message("t", id=f"{n:032x}"), as_form=True) for n in range(3)]
    assert len({one.form.id for one in made if one.form}) == 1
    for n, one in enumerate(made):
        tokens = re.findall(r"/c/([\w-]+)", one.whole().html)
        assert {click.message_id for token in tokens if (click := LINKS.click_of(token))} == {f"{n:032x}"}
        assert len(tokens) >= 4


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(min_size=1, max_size=12),
    work=st.one_of(st.text(max_size=12), st.builds("https://e.example/{}".format, st.text(max_size=9))),
)
def test_whatever_the_values_form_and_whole_lead_alike(
    tmp_path_factory: pytest.TempPathFactory, name: str, work: str
) -> None:
    renderer = _kept(tmp_path_factory)
    html_of(renderer, name, work)


_renderers: list[TemplateRenderer] = []


def _kept(folders: pytest.TempPathFactory) -> TemplateRenderer:
    if not _renderers:
        project = Project(folders.mktemp("clicks")).write("t/email.zh-CN.html", SOURCE)
        _renderers.append(renderer_of(project.folder))
    return _renderers[0]


def test_nothing_is_counted_but_by_the_policys_word_and_in_previews_never(project: Project) -> None:
    project.write("t/email.zh-CN.html", SOURCE)
    index = scan(project.folder)[0]
    silent = TemplateRenderer(project.folder, index, POLICY, links=LINKS)
    assert "/c/" not in silent.render(message("t")).html
    previews = renderer_of(project.folder, Links("https://care.example.com", SAMPLE_KEY))
    assert "/c/" not in previews.render(message("t")).html


def test_an_address_too_long_is_let_be(project: Project) -> None:
    far = f"https://example.com/{'a' * 1500}"
    project.write("t/email.zh-CN.html", f"---\nsubject: s\n---\n<a href='{escape(far)}'>a</a>")
    assert far in html_of(renderer_of(project.folder), "a")[0]
