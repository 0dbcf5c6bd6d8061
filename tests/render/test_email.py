"""Emails: escaping, headers, inlined CSS, the plain part."""

import re

import pytest

from engine.language.template_files import scan
from engine.model.errors import TemplateError
from engine.render import TemplateRenderer
from engine.render.brands import BrandView
from engine.render.plain import plain_text
from engine.render.styles import compose, inline, inline_template
from tests.render.samples import LINKS, PROJECT, Project, message, renderer_of, values

CARE_PLAN = ("welcome-pack", "tyre-health", "alignment-check", "replacement", "newsletter/2026-q1")
HOSTILE = '<script>alert("1")</script>'


def hostile() -> dict[str, dict[str, object]]:
    given = values()
    given["customer"]["name"] = HOSTILE
    return given


def test_what_customers_wrote_is_escaped_in_html_and_not_in_text(project: Project) -> None:
    project.write("t/email.zh-CN.txt", "{{ customer.name }}")
    project.write("t/email.zh-CN.html", '<p title="{{ customer.name }}">{{ customer.name }}</p>')
    email = project.render("email", hostile())
    assert "<script>" not in email.html
    assert "&lt;script&gt;" in email.html
    assert '"1"' not in email.html
    assert email.text == f"{HOSTILE}\n"


@pytest.mark.parametrize("name", ["a\r\nBcc: x@example.com", "a\nb", "a\u2028b", "a\x00b", "a\x85b"])
def test_a_subject_is_one_line_whatever_the_name(project: Project, name: str) -> None:
    given = values()
    given["customer"]["name"] = name
    project.write(
        "t/email.zh-CN.html",
        "---\nsubject: 您好 {{ customer.name }}\npreheader: {{ customer.name }}\n---\n<p>a</p>",
    )
    email = project.render("email", given)
    assert email.subject.isprintable()
    assert email.preheader.isprintable()
    assert email.subject.startswith("您好 a")


def test_a_preheader_is_escaped_and_unseen(project: Project) -> None:
    project.write(
        "t/email.zh-CN.html",
        "---\nsubject: s\npreheader: '{{ customer.name }}'\n---\n<html><body class=x><p>a</p></body></html>",
    )
    email = project.render("email", hostile())
    assert re.search(r'<body class="?x"?><div style="display:none[^>]*>&lt;script&gt;', email.html)
    assert "script" not in email.text


def test_without_a_subject_it_is_the_title_and_without_that_the_brand(project: Project) -> None:
    project.write("t/email.zh-CN.html", "<title>A \n title</title><p>a</p>")
    assert project.render().subject == "A title"
    project.write("t/email.zh-CN.html", "<p>a</p>")
    assert project.render().subject == "米其林"


@pytest.mark.parametrize(
    ("said", "sender"),
    [
        ("", {"name": "米其林"}),
        ("senders: {sms: {signature: 米其林}}", {"name": "米其林"}),
        ("senders: {email: care@example.com}", {"name": "米其林", "email": "care@example.com"}),
        ("senders: {email: {email: care@example.com}}", {"name": "米其林", "email": "care@example.com"}),
        (
            "senders: {email: {name: '', email: care@example.com}}",
            {"name": "米其林", "email": "care@example.com"},
        ),
        ("senders: {email: 车主关怀}", {"name": "车主关怀"}),
        (
            "senders: {email: {name: {zh-CN: 车主关怀, en: Care}, email: care@example.com}}",
            {"name": "车主关怀", "email": "care@example.com"},
        ),
    ],
)
def test_an_email_comes_from_the_brand_where_nothing_else_is_said(
    project: Project, said: str, sender: dict[str, str]
) -> None:
    project.write("brands/michelin/brand.yaml", f"name: {{zh-CN: 米其林, en: Michelin}}\n{said}\n")
    project.write("t/email.zh-CN.html", "---\nsubject: s\n---\n<p>a</p>")
    assert project.render().sender == sender


def test_attachments_come_from_templates_only(project: Project) -> None:
    project.write("t/a.pdf", b"%PDF").write("brands/michelin/b.png", b"PNG")
    project.write("t/email.zh-CN.html", "---\nsubject: s\nattachments: [a.pdf, b.png]\n---\n<p>a</p>")
    found = project.render().attachments
    assert [(one.name, one.media_type, one.content) for one in found] == [
        ("a.pdf", "application/pdf", b"%PDF"),
        ("b.png", "image/png", b"PNG"),
    ]
    for name in ("../../../etc/passwd", "/etc/passwd", "../journeys/policy.yaml", "nothing.pdf"):
        project.write("t/email.zh-CN.html", f"---\nsubject: s\nattachments: {name}\n---\n<p>a</p>")
        with pytest.raises(TemplateError, match="no file"):
            project.render()


def test_links_hold_the_messages_id_and_nothing_else(project: Project) -> None:
    text = project.text("{{ message.unsubscribe_url }} {{ message.preferences_url }}")
    assert text == f"{LINKS.unsubscribe('0f' * 16)} {LINKS.preferences('0f' * 16)}"


STYLED = """<html><head><style>
p { color: {{ brand.colours.ink }} } .b { margin: 0 } td { padding: 2px }
@media (max-width: 600px) { p { color: red } }
</style></head><body>{% block content %}{% endblock %}</body></html>"""


def test_css_of_a_layout_reaches_the_elements_of_a_message(project: Project) -> None:
    project.write("brands/michelin/email.html", STYLED)
    html = project.html(
        "{% extends brand.email %}{% block content %}<p class=b>{{ customer.name }}</p>{% endblock %}"
    )
    assert re.search(r'<p class="b" style="color: #123456;\s*margin: 0;?">王芳</p>', html)
    assert "@media" in html
    assert html.index("<style>") < html.index("</head>")


def test_a_layout_may_extend_one_that_all_brands_share(project: Project) -> None:
    project.write(
        "shared/email.html",
        "<html><head><style>p { color: red } {% block style %}{% endblock %}</style></head>"
        "<body>{% block head %}<p>shared</p>{% endblock %}{% block content %}{% endblock %}</body></html>",
    )
    project.write(
        "brands/michelin/email.html",
        "{% extends 'shared/email.html' %}{% block style %}p { color: blue }{% endblock %}"
        "{% block head %}<p>the brand's</p>{% endblock %}{% block content %}<p>nothing</p>{% endblock %}",
    )
    message = "{% extends brand.email %}{% block content %}<p>{{ customer.name }}</p>{% endblock %}"
    html = project.html(message)
    assert re.findall(r'<p style="color: (\w+);?">(.+?)</p>', html) == [
        ("blue", "the brand's"),
        ("blue", "王芳"),
    ]


def test_layouts_of_more_than_one_level_are_inlined_once_for_all_messages() -> None:
    message = "{% extends brand.email %}{% set a = 1 %}{% block c %}{{ a }}{% endblock %}"
    layout = "{% extends 'shared.html' %}{% set b = 2 %}{% block c %}no{% endblock %}{% block d %}{{ b }}{% endblock %}"
    shared = "<p>{% block c %}{% endblock %} {% block d %}{% endblock %} {% block e %}own{% endblock %}</p>"
    assert compose(message, layout, shared) == "{% set a = 1 %}{% set b = 2 %}<p>{{ a }} {{ b }} own</p>"
    assert compose(message, layout) is None  # what it extends is not known


LOOPS = """<table>{% for tyre in event.tyres %}<tr>{% if tyre.size %}<td>{{ tyre.size }}</td>{% endif %}
<td><a href="{{ message.unsubscribe_url }}?a=1&amp;b=2">x</a></td></tr>{% endfor %}</table>"""


def test_loops_in_tables_stay_where_they_are(project: Project) -> None:
    assert inline_template(STYLED.replace("{% block content %}{% endblock %}", LOOPS)) is not None
    given = values()
    given["event"]["tyres"] = [{"size": "a"}, {"size": "b"}, {"size": None}]
    html = project.html(STYLED.replace("{% block content %}{% endblock %}", LOOPS), given)
    assert html.count("<tr>") == 3
    assert re.findall(r"<td[^>]*>([ab])</td>", html) == ["a", "b"]
    assert html.count('style="padding: 2px;"') == 5


@pytest.mark.parametrize(
    "body",
    [
        '<p class="{{ brand.id }}">a</p>',  # only a rendered message shows what the rule applies to
        "<p {% if dealer.name %}class=b{% endif %}>a</p>",
        "<p>a<div>b</div></p>",  # the parser closes the paragraph
        "{% include 'piece.html' %}",
        "<style>p:first-child { color: red }</style><p>a</p>",
    ],
)
def test_what_cannot_be_inlined_once_is_inlined_for_each_message(project: Project, body: str) -> None:
    project.write("piece.html", "<p>piece</p>")
    source = STYLED.replace("{% block content %}{% endblock %}", body)
    composed = compose("", source)
    assert composed is None or inline_template(composed) is None
    assert re.search(r"<p[^>]* style=", project.html(source))


@pytest.mark.parametrize("brand", ["michelin", "bfgoodrich", "warrior"])
def test_inlined_once_and_inlined_for_each_message_are_the_same(
    renderer: TemplateRenderer, brand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, _ = scan(PROJECT)
    slow = renderer_of()
    monkeypatch.setattr(slow._emails.bodies, "_inlined", lambda *_: None)
    for file in index.files:
        is_sent = file == index.find(file.template, "email", brand, file.locale, "html", file.locale)
        if file.template in CARE_PLAN and is_sent:
            one = message(file.template, "email", brand, file.locale)
            quick, plain = renderer.render(one).html, slow.render(one).html
            assert renderer._emails.bodies._ready[file.path, brand] is not None
            assert _shape(quick) == _shape(plain)


@pytest.mark.parametrize("brand", ["michelin", "bfgoodrich", "warrior"])
def test_every_email_that_is_shipped_is_inlined_once(renderer: TemplateRenderer, brand: str) -> None:
    index, _ = scan(PROJECT)
    known = index.brands[brand]
    for file in index.files:
        if file.channel == "email" and file.kind == "html" and file.brand in (None, brand):
            assert renderer._emails.bodies._inlined(file, known, BrandView(known, file.locale)), file.path


def _shape(html: str) -> str:
    return re.sub(r"\s+", "", html.replace("<tbody>", "").replace("</tbody>", "").replace("&#x27;", "&#39;"))


def test_texts_that_an_email_takes_from_files_are_no_hindrance(project: Project) -> None:
    project.write("shared/draw.txt", "{% set prize = 'a journey & more' %}")
    project.write("shared/year.txt", "of {{ message.date | date('y') }}")
    imported = "{% from 'shared/draw.txt' import prize %}"
    body = "{% block content %}<p>{{ prize }} {% include 'shared/year.txt' %}</p>{% endblock %}"
    source = f"{{% extends 'shared/l.html' %}}{imported}{body}"
    project.write("shared/l.html", STYLED)
    assert inline_template(compose(source, STYLED) or "") is not None
    assert re.search(r'<p style="[^"]+">a journey &amp; more of 2025</p>', project.html(source))


def test_inlining_keeps_a_document_that_has_no_styles() -> None:
    assert inline("<html><head></head><body><p>a</p></body></html>") == (
        "<html><head></head><body><p>a</p></body></html>"
    )


def test_the_plain_part_is_the_text_template_beside_it_else_read_from_the_html(project: Project) -> None:
    project.write("t/email.zh-CN.html", "<h1>T</h1><p>a &amp; <a href='https://x.example'>b</a></p>")
    assert project.render().text == "T\n\na & b (https://x.example)\n"
    project.write("t/email.zh-CN.txt", "own")
    assert project.render().text == "own\n"
    # a brand's own HTML does not go with the shared text, which says something else
    project.write("t/michelin/email.zh-CN.html", "<p>the brand's own</p>")
    assert project.render().text == "the brand's own\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        ("a<br>b", "a\nb\n"),
        ("<ul><li>a</li>\n <li>b</li></ul>", "- a\n- b\n"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
        ("<head><title>x</title><style>y</style></head><p>a\n b</p>", "a b\n"),
        ("<div style='display:none'><p>x</p></div>a<img src=i alt=pic>", "apic\n"),
        ("<a href='https://x.example'>https://x.example</a>", "https://x.example\n"),
        ("<a href='tel:1'>call</a>", "call\n"),
    ],
)
def test_html_is_read_aloud(html: str, text: str) -> None:
    assert plain_text(html) == text
