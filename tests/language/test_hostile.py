"""Whatever stands in a file, the answer is diagnostics: nothing is raised, nothing hangs."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.language.expressions.vocabulary import Reach
from engine.language.report import Report
from engine.language.source import read_yaml
from tests.language.projects import complete, load, made
from tests.language.scopes import EMPTY, LEXICON, compiled, event, scope

_WORDS = (
    *(
        "event",
        "customer",
        "vehicle",
        "run",
        "loop",
        "dealer",
        "now",
        "today",
        "none",
        "true",
        "x",
        "__class__",
    ),
    *(
        ".amount",
        ".tyres",
        ".name",
        ".address",
        ".last('service.visited')",
        ".count('x')",
        ".__globals__",
        "[0]",
    ),
    *(
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "not",
        "and",
        "or",
        "is",
        "if",
        "else",
        "+",
        "-",
        "*",
        "/",
        "//",
    ),
    *(
        "%",
        "**",
        "~",
        "|",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "'a'",
        '"',
        "'",
        "1",
        "9" * 30,
        "1.5",
        "\\",
    ),
    *("length", "round", "join", "first", "default('x')", "{{", "}}", "{%", "%}", "#", "\n", "王", "\u2028"),
)
_EXPRESSIONS = st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join)
_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_EXPRESSIONS, st.text(max_size=40).filter(str.isprintable)))
def test_no_expression_raises_when_it_is_read_or_run(text: str) -> None:
    if not text.strip():
        return
    result, _ = compiled(text)
    if result is not None:
        for one in (scope(), EMPTY):
            result.get(one)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [
            "event.answers.a < event.answers.b",
            "event.answers.a + event.answers.b",
            "event.answers.a * event.answers.b",
            "event.answers.a % event.answers.b",
            "event.answers.a / event.answers.b",
            "event.answers.a in event.answers.b",
            "event.answers.a.b.name",
            "event.answers.a[0].b",
            "-event.answers.a",
            "event.answers.a | length",
            "event.answers.a | round(2)",
            "event.answers.a | int",
            "event.answers.a | join",
            "event.answers.a | first | upper",
            "event.answers.a ~ event.answers.b",
            "event.answers.a == event.answers.b",
            "today - event.answers.a",
            "today + event.answers.a",
            "now - event.answers.a",
            "event.answers.a and not event.answers.b",
        ]
    ),
    _JSON,
    _JSON,
)
def test_no_data_makes_an_expression_raise(text: str, a: Any, b: Any) -> None:
    """The answers of a survey may be anything."""
    vocabulary = LEXICON.in_steps(Reach(event_type="survey.answered", vehicle=False))
    result, faults = compiled(text, vocabulary)
    assert result is not None, faults
    result.get(scope(start=event({"answers": {"a": a, "b": b}}, "survey.answered")))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`, \n\t\\?~1", max_size=60))
def test_no_yaml_raises(text: str) -> None:
    report = Report()
    node = read_yaml(text, "x.yaml", report)
    assert node is not None or report.error_count


_LINES = st.sampled_from(
    [
        *(
            "start:",
            "start: {on: purchase.recorded}",
            "  on: purchase.recorded",
            "  when: event.tyres",
            "steps:",
        ),
        *("  - wait: 3 days", "  - end", "  - repeat:", "      every: 1 month", "      do:", "        - end"),
        *(
            "  - if: customer.email",
            "    then: [end]",
            "    else: []",
            "  - send: newsletter",
            "    by: email",
        ),
        *(
            "    with: {a: 1}",
            "stop:",
            "  - on: complaint.opened",
            "purpose: care",
            "brand: [michelin, x]",
            "title:",
        ),
        *(
            "grace: 1 day",
            "pace: 1 per hour",
            "status: draft",
            "- - -",
            "journey: example",
            "  at: 10:00",
            "? a",
        ),
    ]
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(_LINES, max_size=12))
def test_no_journey_raises(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    project = _shared(tmp_path_factory)
    (project / "journeys" / "example.yaml").write_text("\n".join(lines) + "\n")
    loaded = load(project)
    assert (loaded.program is None) == any(one.is_error for one in loaded.diagnostics)


_PROJECTS: dict[str, Path] = {}


def _shared(factory: pytest.TempPathFactory) -> Path:
    if "one" not in _PROJECTS:
        _PROJECTS["one"] = made(factory.mktemp("hostile"), {})
    return _PROJECTS["one"]


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9" * 5000,
        "(" * 900 + "1" + ")" * 900,
        "[" * 1500,
        "not " * 480 + "1",
        "-" * 1900 + "1",
        "1" + " + 1" * 480,
        "1" + " and 1" * 330,
        "'a' * 999999999",
        "'%0999999999d' % 1",
        "event.amount.__class__.__mro__",
        "customer.last('purchase.recorded').data.__class__",
        "''.join(['a'])",
        "event.tyres | map('upper')",
        "lipsum.__globals__['os'].popen('id')",
        "{% for i in [1] %}",
        "a.b" * 600,
    ],
)
def test_attacks_are_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    result, faults = compiled(text)
    assert time.perf_counter() - began < 2
    if result is not None:
        assert text.startswith("1 and")
        result.get(scope())
    else:
        assert faults


@pytest.mark.parametrize(
    "text",
    [
        "{% include '../../../../etc/passwd' %}",
        "{% include '/etc/passwd' %}",
        "{% include 'templates/../journeys/policy.yaml' %}",
        "{{ customer.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ self.__init__.__globals__ }}{{ cycler.__init__ }}",
        "{{ range(10**9) }}",
        "{% for a in range(9) %}{% endfor %}",
        "{{ lipsum(9) }}",
        "{{ customer.name.format(1) }}",
        "{% set x = namespace() %}",
        "{{ '%s' | format(1) }}",
        "{{ customer | attr('x') }}",
        "{% extends 'newsletter/email.zh-CN.html' %}{{ customer.nam }}",
        "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
    ],
)
def test_templates_that_mean_harm_are_refused(text: str, tmp_path: Path) -> None:
    journey = complete("steps: [{send: holiday, by: sms}]\n")
    files = {"journeys/example.yaml": journey, "templates/holiday/sms.zh-CN.txt": text}
    loaded = load(made(tmp_path, files))
    assert loaded.program is None
    assert {one.file for one in loaded.diagnostics} == {"templates/holiday/sms.zh-CN.txt"}


def test_templates_that_include_one_another_come_to_an_end(tmp_path: Path) -> None:
    files = {
        "journeys/example.yaml": complete("steps: [{send: holiday, by: sms}]\n"),
        "templates/holiday/sms.zh-CN.txt": "{% include 'shared/a.txt' %}",
        "templates/shared/a.txt": "{% include 'shared/b.txt' %}",
        "templates/shared/b.txt": "{% include 'shared/a.txt' %}{{ customer.name }}",
    }
    loaded = load(made(tmp_path, files))
    assert loaded.diagnostics == []


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
@pytest.mark.parametrize("file", ["journeys/example.yaml", "templates/brands/warrior/brand.yaml"])
def test_a_file_of_nothing_but_brackets_takes_no_time(file: str, bracket: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    loaded = load(made(tmp_path, {file: f"name:\n {bracket * 200_000}"}))
    assert "too-complex" in {one.code for one in loaded.diagnostics if one.file == file}
    assert time.monotonic() - begun < 5


def _faults_of(folder: Path, link: str, target: Path) -> list[tuple[str, str]]:
    project = made(folder, {})
    path = project / link
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return [(one.code, one.file) for one in load(project).diagnostics if one.is_error]


@pytest.mark.parametrize(
    "link",
    [
        "journeys/example.yaml",
        "journeys/policy.yaml",
        "templates/newsletter/email.zh-CN.html",
        "templates/brands/michelin/brand.yaml",
    ],
)
def test_links_that_lead_out_of_the_project_are_refused(link: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password: 12345")
    assert ("unreadable-file", link) in _faults_of(tmp_path, link, secret)


def test_a_link_to_itself_is_a_fault(tmp_path: Path) -> None:
    link = "templates/newsletter/email.zh-CN.html"
    assert _faults_of(tmp_path, link, Path("email.zh-CN.html"))


def test_links_within_the_folder_are_followed(tmp_path: Path) -> None:
    """As a mounted configuration has them."""
    project = made(tmp_path, {"journeys/..data/example.yaml": complete("title: Hello\n")})
    (project / "journeys" / "example.yaml").symlink_to("..data/example.yaml")
    program = load(project).program
    assert program is not None
    assert program.journeys["example"].title == "Hello"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 1_100_000, "unreadable-file"),
        ("{{ customer.name }}" * 6_000, "too-complex"),
        ("{{ 1" + " + 1" * 20_000 + " }}", "too-complex"),
        ("{{ customer.name" + " | upper" * 20_000 + " }}", "too-complex"),
        ("{{ customer.name | map(attribute='x') | list }}", "wrong-type"),
        ("{{ ''.__class__ }}", "wrong-type"),
        ("{{ cycler.__init__ }}", "unknown-name"),
    ],
    ids=["long", "tags", "sum", "filters", "map", "class", "cycler"],
)
def test_templates_that_would_do_harm_are_refused_soon(text: str, code: str, tmp_path: Path) -> None:
    began = time.process_time()
    send = complete("steps: [{send: holiday, by: sms}]\n")
    files = {"journeys/example.yaml": send, "templates/holiday/sms.zh-CN.txt": text}
    assert code in {one.code for one in load(made(tmp_path, files)).diagnostics}
    assert time.process_time() - began < 5
