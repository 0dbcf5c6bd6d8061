"""The plain part: HTML is read aloud alike, whether it is taken apart quickly or by `html.parser`."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from engine.render.plain import one_blank
from engine.render.steps import Tag, ordinary_steps
from tests.render.samples import message, renderer_of

_TAGS = (
    *("<p>", "</p>", "<P>", "<br>", "<br/>", "<br />", "<p/>", "<li>", "</li>", "<o:p>", "</ p>", "</p >"),
    *('<a href="x&amp;y">', "<a href='h?a=1&b=2'>", '<a href="h?a=1&amp;copy=2">', "</a>", '<A HREF="h">'),
    *('<img alt="k" src=x>', '<img alt="k"/>', "<img alt=k>", "<p hidden>", '<p a b="c" >', '<p a="1"b="2">'),
    *('<td style="display:none">', "<td STYLE='DISPLAY : NONE'>", '<td style="&#100;isplay:none">', "</td>"),
    *("<style>", "</style>", "<title>", "</title>", "<script>", "</script>", "<textarea>", "</textarea>"),
    *("<!-- c -->", "<!-->", "<!--->", "<!--a--b-->", "<!--[if mso]>", "<![endif]-->", "-->", "<?x?>"),
    *("<!doctype html>", '<!DOCTYPE html PUBLIC "x">', '<p a="x>y">', '<p a="<b>">', '<p\n a="1">', "<p\r>"),
)
_TEXTS = (
    "a",
    " ",
    "\n",
    "&amp;",
    "&lt;",
    "&",
    "&copy",
    "&#39;",
    "&#39",
    "<",
    "< b",
    ">",
    "if(a<b)",
    "\x02",
    "é",
)
_HTML = st.lists(st.sampled_from((*_TAGS, *_TEXTS)), max_size=8).map("".join)


class _Thorough(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.steps: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.steps.append(("begins", tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.steps.append(("ends", tag))

    def handle_data(self, data: str) -> None:
        self.steps.append(data)


def thorough(html: str) -> list[object]:
    parser = _Thorough()
    parser.feed(html)
    parser.close()
    return parser.steps


def quick(html: str) -> list[object] | None:
    found = ordinary_steps(html)
    if found is None:
        return None
    steps: list[object] = []
    for one in found:
        if not isinstance(one, Tag):
            steps.append(one)
            continue
        if one.begins:
            steps.append(("begins", one.begins, one.given))
        if one.ends:
            steps.append(("ends", one.ends))
    return steps


@given(_HTML)
def test_what_is_ordinary_is_taken_apart_as_html_parser_does(html: str) -> None:
    assert quick(html) in (None, thorough(html))


def test_emails_as_they_are_sent_are_ordinary() -> None:
    for template in ("tyre-health", "welcome-pack", "newsletter/2026-q1"):
        html = renderer_of().render(message(template, "email", "warrior", "zh-CN")).html
        assert quick(html) == thorough(html)


@given(st.text(alphabet="ab \t\r\f\v\u00a0\u200c\u3000\n"))
def test_blanks_are_one(text: str) -> None:
    assert one_blank(text) == re.sub(r"[ \t\r\f\v\u00a0\u200c]+", " ", text)
