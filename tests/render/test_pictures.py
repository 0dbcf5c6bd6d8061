"""Pictures of emails: files of `templates/` that go along."""

import re
from base64 import b64encode
from itertools import product

import pytest

from engine.language.template_files import scan
from engine.model.errors import TemplateError
from engine.render import TemplateRenderer
from tests.render.samples import PROJECT, Project, message, renderer_of, values

HEAD = "---\nsubject: s\n---\n"
CID = re.compile(r'"cid:([0-9a-f]{20}@milepost)"')


def test_a_picture_goes_along_once_and_is_shown_by_its_content(project: Project) -> None:
    project.write("t/tread.png", b"TREAD").write("t/same.png", b"TREAD").write("t/b/c d.jpg", b"OTHER")
    project.write(
        "t/email.zh-CN.html",
        f"{HEAD}<IMG alt='a>b src=x' SRC='tread.png'><img src=same.png/><img src=\"b/c%20d.jpg?1\">",
    )
    email = project.render()
    assert [(one.name, one.media_type, one.content) for one in email.pictures] == [
        ("tread.png", "image/png", b"TREAD"),
        ("c d.jpg", "image/jpeg", b"OTHER"),
    ]
    ids = [one.content_id for one in email.pictures]
    assert CID.findall(email.html) == [ids[0], ids[0], ids[1]]
    assert project.render() == email


@pytest.mark.parametrize(
    "src", ["https://example.com/a.png", "//example.com/a.png", "data:image/gif;base64,R0", "cid:a@b", ""]
)
def test_what_has_an_address_stays_as_it_is(project: Project, src: str) -> None:
    html = f'<p>a</p><img src="{src}"><!-- <img src="old.png"> -->'
    email = project.write("t/email.zh-CN.html", f"{HEAD}{html}").render()
    assert html in email.html
    assert email.pictures == ()


def test_each_brand_shows_its_own_where_it_has_one(project: Project) -> None:
    project.write("brands/warrior/brand.yaml", "name: 回力").write("logo.png", b"ALL")
    project.write("brands/michelin/logo.png", b"M").write("t/hero.png", b"SHARED")
    project.write("t/warrior/hero.png", b"W")
    project.write("t/email.zh-CN.html", f"{HEAD}<img src=hero.png><img src=logo.png>")
    renderer = renderer_of(project.folder)
    shown = {
        brand: [one.content for one in renderer.render(message("t", brand=brand)).pictures]
        for brand in ("michelin", "warrior")
    }
    assert shown == {"michelin": [b"SHARED", b"M"], "warrior": [b"W", b"ALL"]}


@pytest.mark.parametrize("name", ["none.png", "../../journeys/policy.yaml", "/etc/passwd", "\0.png"])
def test_a_picture_that_is_not_in_templates_is_an_error(project: Project, name: str) -> None:
    project.write("t/email.zh-CN.html", f'{HEAD}<img src="{name}">')
    with pytest.raises(TemplateError, match="there is no picture"):
        project.render()


def test_to_look_at_the_pictures_are_within(project: Project) -> None:
    project.write("t/a.png", b"PNG").write("t/email.zh-CN.html", f"{HEAD}<p>cid:</p><img src='a.png'>")
    picture = f'<img src="data:image/png;base64,{b64encode(b"PNG").decode()}">'
    assert f"<p>cid:</p>{picture}" in project.render().page()


def test_which_picture_may_be_a_matter_of_values(project: Project) -> None:
    """Then it is rendered whole, and the others are not."""
    project.write("t/a.png", b"A").write("t/b.png", b"B")
    project.write("t/email.zh-CN.html", f"{HEAD}<img src='{{{{ customer.name }}}}.png'>")
    renderer = renderer_of(project.folder)
    for name in ("a", "b"):
        given = values()
        given["customer"]["name"] = name
        made = renderer.render(message("t", given=given), as_form=True)
        assert made.form is None
        assert [one.content for one in made.pictures] == [name.upper().encode()]


def test_a_choice_of_pictures_is_a_form_each(project: Project) -> None:
    project.write("t/a.png", b"A").write("t/b.png", b"B")
    project.write(
        "t/email.zh-CN.html",
        f"{HEAD}<p>{{{{ customer.name }}}}</p><img src='{{% if dealer.name %}}a{{% else %}}b{{% endif %}}.png'>",
    )
    renderer = renderer_of(project.folder)
    for dealer, content in (("d", b"A"), (None, b"B")):
        given = {**values(), "dealer": {"name": dealer}}
        made = renderer.render(message("t", given=given), as_form=True)
        assert made.form is not None
        assert [one.content for one in made.pictures] == [content]
        assert made.whole() == renderer.render(message("t", given=given))


@pytest.mark.parametrize(
    ("brand", "locale"), list(product(("michelin", "bfgoodrich", "warrior"), ("zh-CN", "en")))
)
def test_the_issue_goes_out_as_a_form_with_its_pictures(brand: str, locale: str) -> None:
    renderer: TemplateRenderer = renderer_of()
    one = message("newsletter/2026-q1", brand=brand, locale=locale)
    formed = renderer.render(one, as_form=True)
    assert formed.form is not None
    assert formed.whole() == renderer.render(one)
    assert [picture.name for picture in formed.pictures] == ["hero.png", "pressure.png", "tread.png"]
    assert sum(len(picture.content) for picture in formed.pictures) < 100_000
    heads = {
        renderer.render(message("newsletter/2026-q1", brand=other)).pictures[0].content
        for other in scan(PROJECT)[0].brands
    }
    assert len(heads) == 3
    assert all(alt.strip() for alt in re.findall(r'<img[^>]*\balt="([^"]*)"', formed.whole().html))
