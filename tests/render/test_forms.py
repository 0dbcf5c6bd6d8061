"""Forms: what is filled in is what would have been rendered whole, whatever the values."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.language.template_files import scan
from engine.model.errors import TemplateError
from engine.model.messages import Message
from engine.ports import Form, Rendered, size_bytes
from engine.render import TemplateRenderer
from engine.render.forms.reasons import Reasons
from tests.render.samples import PROJECT, Project, message, renderer_of, values

BRANDS = ("michelin", "bfgoodrich", "warrior")
LOCALES = ("zh-CN", "en")
INDEX, _ = scan(PROJECT)
EMAILS = sorted({file.template for file in INDEX.files if file.channel == "email"})
GIVEN: dict[str, Any] = {
    "days": 30, "from_km": 40000, "until_km": 50000, "gift": "tyre gauge", "hours": 24, "km": 20000,
    "reminder": 1, "reward": 100, "saving": 200, "until": "2025-12-28",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "time": "2025-12-28T06:20:00Z", "amount": 1560.5, "city": "北京", "claim_by": "2026-01-31",
    "complaint_id": "d001-3cf5a8", "entries": 3, "entry": "A7", "friend": "李雷", "kind": "typhoon",
    "level": "red", "next_due": "2026-12-28", "origin": "referral", "prize": "a journey", "region": "华北",
    "referred.name": "韩梅梅", "result_url": "https://care.example.com/draw?a=1&b=2", "text": "方向盘抖动",
    "tyres": [{"brand": "michelin", "pattern": "PRIMACY 4", "size": "205/55R16", "quantity": 2}],
    "valid_until": "2026-03-31", "vehicle.odometer_km": 43210, "voucher": "V-1",
}  # fmt: skip
HOSTILE: tuple[Any, ...] = (
    *("", None, " ", "-", "- a", "a-", "-v0-", "-m3.", "~m0.", "\x020\x03", "\x02", "\ue0000\ue001"),
    *(
        "a\nb",
        "a\n\n\n- b",
        "a\r\nBcc: x@y.example",
        " a",
        "a ",
        "a  b",
        "a\u00a0b",
        "\u3000a",
        "a\u3000b",
        "a\tb",
    ),
    *("a\u200cb", "\u200fשלום", "שלום", "👩\u200d👧", "😀", "\x00", "\u2028", "a\u2028b", "\x85", "\ud7ff"),
    *(
        "<b>x</b>",
        "</p>",
        "<",
        "&",
        "&amp;",
        "&lt;b&gt;",
        "amp;",
        "copy",
        "#38;",
        "\"'",
        "' onclick='x",
        "-->",
    ),
    *(
        "%s",
        "%(x)s",
        "{{ x }}",
        "{% x %}",
        "http",
        "https://care.example.com",
        "mailto:a@b.example",
        "display:none",
    ),
    *("x" * 20_000, "王" * 300, 0, 1.5, True, [], ["a", "b"], {"a": 1}),
)


class _NoForms:
    def of(self, *_: object) -> None:
        return None


def whole_renderer(project: Path = PROJECT) -> TemplateRenderer:
    """One that knows no forms."""
    renderer = renderer_of(project)
    renderer._emails.forms = _NoForms()  # type: ignore[assignment]
    return renderer


@pytest.fixture(scope="module")
def slow() -> TemplateRenderer:
    return whole_renderer()


def outcome(renderer: TemplateRenderer, one: Message, **how: bool) -> Rendered | str:
    try:
        return renderer.render(one, **how).whole()
    except TemplateError as error:
        return f"{error}"


def agree(quick: TemplateRenderer, slow: TemplateRenderer, one: Message) -> Rendered | str:
    expected = outcome(slow, one)
    assert outcome(quick, one, as_form=True) == expected
    assert outcome(quick, one) == expected
    return expected


def known(brand: str, locale: str) -> dict[str, Any]:
    sound = values("t", brand, locale)
    dates = {"licence_renewal": "2025-12-28"}
    due = {"inspection_due": "2025-12-28", "insurance_due": "2025-12-28"}
    return {
        **sound,
        "with": GIVEN,
        "event": EVENT,
        "customer": sound["customer"] | dates,
        "vehicle": sound["vehicle"] | due,
    }


@pytest.mark.parametrize("template", EMAILS)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_every_email_that_is_shipped_is_a_form(
    renderer: TemplateRenderer, slow: TemplateRenderer, template: str, brand: str, locale: str
) -> None:
    given = known(brand, locale)
    one = message(template, "email", brand, locale, given)
    rendered = renderer.render(one, as_form=True)
    assert rendered.form is not None
    assert (rendered.subject, rendered.preheader, rendered.html, rendered.text) == ("", "", "", "")
    assert agree(renderer, slow, one) == rendered.whole()
    again = message(
        template, "email", brand, locale, {**given, "customer": {**given["customer"], "name": "李雷"}}
    )
    assert renderer.render(again, as_form=True).form is rendered.form
    agree(renderer, slow, again)


_ANY = st.sampled_from(HOSTILE) | st.text(max_size=8)
_VALUES = st.dictionaries(
    st.sampled_from(
        [f"customer.{one}" for one in ("name", "salutation", "licence_renewal")]
        + [f"dealer.{one}" for one in ("name", "address", "hours", "phone")]
        + [f"vehicle.{one}" for one in ("plate", "make", "model", "inspection_due")]
        + [f"event.{one}" for one in EVENT]
        + [f"with.{one}" for one in GIVEN]
    ),
    _ANY,
    max_size=6,
)


@given(
    template=st.sampled_from(EMAILS),
    brand=st.sampled_from(BRANDS),
    locale=st.sampled_from(LOCALES),
    other=_VALUES,
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_values_a_form_filled_in_is_the_message_as_a_whole(
    renderer: TemplateRenderer,
    slow: TemplateRenderer,
    template: str,
    brand: str,
    locale: str,
    other: dict[str, Any],
) -> None:
    given = {root: dict(members) for root, members in known(brand, locale).items()}
    for path, value in other.items():
        root, _, name = path.partition(".")
        given[root][name] = value
    agree(renderer, slow, message(template, "email", brand, locale, given))


# Templates that could tell a form from a message as a whole

NAME = "{{ customer.name }}"
FORMS = {
    "branches and loops": "<ul>{% for t in event.tyres %}<li>{{ loop.index }} {{ t.size }}</li>{% endfor %}</ul>",
    "a value in attributes": f'<p title="{NAME}" data-x=\'{NAME}\'>x<img alt="{NAME}"></p>',
    "a link to a value": f'<a href="{NAME}">go</a> <a href="https://x.example/{NAME}">{NAME}</a>',
    "a macro": "{% macro b(x) %}<b>{{ x }}</b>{% endmacro %}{{ b('y') }}{{ b(customer.name) }}",
    "a captured text": f"{{% set x %}}<i>{NAME}</i>{{% endset %}}{{{{ x }}}}{{% if x %}}{{{{ x }}}}{{% endif %}}",
    "a call": "{% macro b() %}<b>{{ caller() }}</b>{% endmacro %}{% call b() %}" + NAME + "{% endcall %}",
    "a choice": "<p>{{ customer.name if customer.name else 'you' }} {{ customer.name | default('-') | upper }}</p>",
    "an escaped value": "<p>{{ customer.name | e }}</p>",
    "lines and lists": f"<p>- {NAME}</p><p>{NAME}</p><p>- a</p>",
    "a title": f"<title>{NAME} and more</title><p>a</p>",
    "headers": f"---\nsubject: ' {NAME}, {NAME}'\npreheader: '{NAME} & co'\n---\n<body><p>a</p></body>",
    "a text template's name": "<p>%s {{ customer.name }} %d</p>",
    "no quotes, which inlining mends": "<p title={{ customer.name }}>a</p>",
    "an entity, which inlining mends": "<p>&{{ customer.name }}; &#{{ customer.name }}</p>",
    "a comment": f"<!-- a {NAME} b --><p>a</p>",
    "a comparison": "{% if customer.name == 'a' %}<p>a</p>{% elif customer.name in ['b'] %}b{% endif %}"
    + NAME,
    "an undefined name": "<p>{{ nothing }}</p>",
    "an earlier event": "<p>{{ customer.last('service.visited').dealer }}{{ customer.count('x') }}</p>",
}
WHOLES = {
    "a filter over a text": (
        "{% filter upper %}" + NAME + "{% endfilter %}",
        "a filter is applied to a whole text",
    ),
    "a captured text's filter": ("{% set x | upper %}" + NAME + "{% endset %}{{ x }}", "a filter is applied"),
    "a captured text looked at": (
        "{% set x %}" + NAME + "{% endset %}{{ x | length }}{{ x[0] }}{{ x is string }}",
        "",
    ),
    "a captured text compared": (
        "{% set x %}" + NAME + "{% endset %}{{ 1 if x in 'abc' else 2 }}{{ x < 'b' }}",
        "",
    ),
    "a macro's text looked at": (
        "{% macro m() %}" + NAME + "{% endmacro %}{{ m() | upper }}{{ m() ~ 'a' }}",
        "",
    ),
    "a style": ("<p style='color: {{ customer.name }}'>a</p>", "the attribute style"),
    "a style sheet": ("<style>p { color: {{ customer.name }} }</style><p>a</p>", "<style>"),
    "no quotes": ("{% macro m() %}{% endmacro %}<p title={{ customer.name }}>a</p>", "is no tag"),
    "an entity": (
        "{% macro m() %}{% endmacro %}<p>&{{ customer.name }}; &#{{ customer.name }}</p>",
        "continues what '&' begins",
    ),
    "a tag's name": ("<{{ customer.name }}>a</b>", "is no tag"),
    "a comment's end": ("<!-- {{ customer.name }}-> a --><p>a</p>", "might end a comment"),
    "tags in a value": ("<p>{{ ('<b>' ~ customer.name ~ '</b>') | safe }}</p>", "'safe' may bring in tags"),
    "another meaning": (
        "{% set customer = {'name': event.time} %}{{ customer.name }}",
        "given another meaning",
    ),
    "a link in a link": (f'<a href="{NAME}"><a href="{NAME}">a</a>b</a>', ""),
    "marks of its own": ("<p>\x020\x03{{ customer.name }}</p>", ""),
}


def named(name: Any) -> Message:
    given = values()
    given["customer"]["name"] = name
    return message("t", "email", given=given)


@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS)
def test_templates_that_are_forms_give_what_they_give_as_a_whole(project: Project, source: str) -> None:
    project.write("t/email.zh-CN.html", source)
    quick, slow = renderer_of(project.folder), whole_renderer(project.folder)
    expected = agree(quick, slow, named("王芳"))
    assert isinstance(expected, str) or quick.render(named("王芳"), as_form=True).form is not None
    assert not Reasons(project.folder, scan(project.folder)[0]).all()
    for name in (*HOSTILE, "a", "b", "李雷"):
        agree(quick, slow, named(name))


@pytest.mark.parametrize(("source", "reason"), WHOLES.values(), ids=WHOLES)
def test_templates_that_are_none_are_rendered_whole_and_say_why(
    project: Project, source: str, reason: str
) -> None:
    project.write("t/email.zh-CN.html", f"---\nsubject: s\n---\n\n{source}")
    quick, slow = renderer_of(project.folder), whole_renderer(project.folder)
    for name in ("王芳", *HOSTILE, "李雷"):
        agree(quick, slow, named(name))
    assert (
        isinstance(outcome(quick, named("王芳")), str)
        or quick.render(named("王芳"), as_form=True).form is None
    )
    said = Reasons(project.folder, scan(project.folder)[0]).all()
    assert bool(said) == bool(reason)
    assert all(reason in one.message and one.line == 5 for one in said[:1]), said


def test_files_of_texts_are_taken_into_account(project: Project) -> None:
    project.write("shared/m.html", "{% set y = 'y' %}{% macro m(x) %}<b>{{ x }}{{ y }}</b>{% endmacro %}")
    project.write("shared/i.txt", "{{ customer.name }}")
    project.write("t/email.zh-CN.txt", "  {{ customer.name }}\n\n")
    project.write(
        "t/email.zh-CN.html",
        "{% from 'shared/m.html' import m, y %}<p>{{ m(customer.name) }}{{ y }}{% include 'shared/i.txt' %}</p>",
    )
    quick, slow = renderer_of(project.folder), whole_renderer(project.folder)
    for name in ("王芳", *HOSTILE, "李雷"):
        agree(quick, slow, named(name))
    assert quick.render(named("王芳"), as_form=True).form is not None
    assert quick.render(named("<b>"), as_form=True).form is None  # in a text, tags would be tags


def test_a_template_of_which_every_message_differs_is_not_tried_for_ever(project: Project) -> None:
    project.write(
        "t/email.zh-CN.html",
        "{% if customer.name > 'a' %}a{% endif %}{% for c in customer.name %}{{ c }}{% endfor %}",
    )
    quick, slow = renderer_of(project.folder), whole_renderer(project.folder)
    for number in range(1, 230):
        one = named("x" * number)
        assert outcome(quick, one) == outcome(slow, one)
    assert quick.render(named("y"), as_form=True).form is None


# Emails that say what stands where and no more

_STRAIGHT = """---
subject: "{{ customer.name }} {{ offer }}"
preheader: "{% if customer.salutation %}{{ customer.salutation }}{% else %}{{ offer }}{% endif %}"
---
<body>{% if customer.name and not customer.address.city %}<p>{{ customer.name }}</p>
{% elif customer.name == 'a' or customer.address != 'b' %}{{ customer.address.city }}{{ brand.colours.ink }}{% endif %}
<p>{{ offer }} {{ offer }} {{ today }} {{ customer.address }} {{ event.time }}</p>
<a href="{{ message.unsubscribe_url }}">{{ customer.name }}{{ customer.address.city }}</a></body>
"""
_MEMBERS = ("name", "salutation", "address", "address.city")


@pytest.fixture(scope="module")
def straight_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[TemplateRenderer, TemplateRenderer]:
    project = Project(tmp_path_factory.mktemp("straight")).write("t/email.zh-CN.html", _STRAIGHT)
    return renderer_of(project.folder), whole_renderer(project.folder)


@given(
    members=st.dictionaries(st.sampled_from(_MEMBERS), _ANY),
    offer=_ANY,
    today=st.sampled_from(("2026-03-01", None)),
    time=st.sampled_from(("2026-03-01T00:00:00Z", "soon", None)),
)
@settings(max_examples=300, deadline=None)
def test_of_straight_ones_it_is_told_without_a_run_what_a_run_would_tell(
    straight_one: tuple[TemplateRenderer, TemplateRenderer],
    members: dict[str, Any],
    offer: Any,
    today: str | None,
    time: str | None,
) -> None:
    quick, slow = straight_one
    values = {"customer": members, "event": {"time": time}, "with": {"offer": offer}, "today": today}
    agree(quick, slow, message("t", "email", given=values))


# Marks of a provider


def form_of(project: Project, *names: str) -> tuple[Form, list[tuple[str, ...]]]:
    project.write("t/email.zh-CN.html", f"---\nsubject: '{NAME}'\n---\n<p>- {NAME} & {NAME}m0.</p>")
    rendered = [renderer_of(project.folder).render(named(name), as_form=True) for name in names]
    assert len({one.form.id for one in rendered if one.form}) == 1
    assert rendered[0].form is not None
    return rendered[0].form, [one.values for one in rendered]


@pytest.mark.parametrize("name", ["王芳", "x-m0.", "x-", "a~", "-~^|_*+!:;"[1:], "m1.", "<-m1.>"])
def test_values_put_in_one_after_the_other_make_the_same_message(project: Project, name: str) -> None:
    form, many = form_of(project, name, "李雷")
    marks = form.marks(many)
    assert marks is not None
    assert all(one.isascii() for one in marks)
    for theirs in many:
        for order in (marks, marks[::-1]):
            texts = form.fill(marks)
            for mark in order:
                value = theirs[marks.index(mark)]
                texts = type(texts)(*(one.replace(mark, value) for one in texts))
            assert texts == form.fill(theirs)


def test_where_no_mark_is_left_there_is_none(project: Project) -> None:
    form, many = form_of(project, *(f"x{one}" for one in "-~^|_*+!:;=$"))
    assert form.marks(many) is None


def test_the_room_that_values_take_is_told() -> None:
    assert size_bytes(("a", "王"), ("-m0.", "-m1.")) == 1 + 3 + 8
