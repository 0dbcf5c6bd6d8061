"""What a template may do, and what becomes of one that does more."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.errors import TemplateError
from tests.render.samples import Project, values


def fails(project: Project, source: str) -> str:
    with pytest.raises(TemplateError) as caught:
        project.text(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ custmer.name }}", "there is no 'custmer'"),
        ("{{ brand.motto }}", "there is no 'motto' in this brand"),
        ("{{ message.subject }}", "there is no 'subject' in this message"),
        ("{% include 'nowhere.txt' %}", "there is no template 'nowhere.txt'"),
        ("{% if x %}", "templates/t/sms.zh-CN.txt:1"),
        ("{{ vehicle.plate | km }}", "'km' is for numbers"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
    ],
)
def test_faults_are_told_with_their_place(project: Project, source: str, said: str) -> None:
    told = fails(project, source)
    assert said in told
    assert "templates/t/sms.zh-CN.txt" in told


def test_the_place_counts_the_front_matter(project: Project) -> None:
    with pytest.raises(TemplateError, match=r"templates/t/email\.zh-CN\.html:6: there is no 'nothing'"):
        project.html("---\nsubject: s\n---\n<p>\n\n{{ nothing }}</p>")
    with pytest.raises(TemplateError, match=r"email\.zh-CN\.html#subject:2: there is no 'nothing'"):
        project.html("---\nsubject: '{{ nothing }}'\n---\n<p>a</p>")


def test_a_fault_tells_nothing_of_the_customer(project: Project) -> None:
    assert "王芳" not in fails(project, "{{ customer.name + 1 }}")
    assert "王芳" not in fails(project, "{{ customer.name | money }}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ customer['_values'].x }}{{ brand._members }}{{ nothing }}",
        "{{ 'a'.upper() }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ message.__init__.__globals__ }}",
        "{{ range(9) }}",
        "{{ cycler }}",
        "{{ customer.name | attr('x') }}",
        "{{ self.__init__ }}",
        "{{ lipsum() }}",
        "{% import os %}",
        "{% include '../../brands/../../../etc/passwd' %}",
        "{% include '/etc/passwd' %}",
        "{{ message.id.replace('0', '1') }}",
    ],
)
def test_what_leads_out_is_refused(project: Project, source: str) -> None:
    fails(project, source)


_DOUBLING = "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}"
_CAPTURE = (
    "{% set a %}aaaaaaaaaaaaaaaa{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40 + "{{ a }}"
)
_LONG = "{% set long = 'ab' * 99999 %}{% set few = ('a' * 15000) | list %}"
_WORK = (
    "{% set x = long | upper | title | lower %}",
    "{% set x = long | replace('c', 'd') %}",
    "{% set x = long | striptags | urlencode %}",
    "{% set x = long ~ '' %}",
    "{% set x = long + '' %}",
    "{% if 'ac' in long %}{% endif %}",
    "{% set x = few | sort | unique | list %}",
)
"""Little steps, each of which goes through much."""
_NESTED = "{% set s = 'a' * 9999 %}" + "{% for a in s %}" * 3 + "x" + "{% endfor %}" * 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 'a' * 999999999 }}",
        "{{ 999999999 * 'a' }}",
        "{{ ('a' * 9999) | replace('a', 'b' * 9999) }}",
        "{{ '%999999999d' % 1 }}",
        "{% set n = 9 %}" + "{% set n = n * n %}" * 60 + "{{ n }}",
        _DOUBLING,
        _CAPTURE,
        _NESTED,
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 't/sms.zh-CN.txt' %}{% include 't/sms.zh-CN.txt' %}",
        "{% extends 't/sms.zh-CN.txt' %}",
        "{% for a in 'abc' recursive %}{{ loop('abc') }}{% endfor %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ [[1] * 9999] * 9999 }}",
        "{% set a = [1] %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}",
        "{% set a = {'a': 1} %}" + "{% set a = {'a': a, 'b': a} %}" * 40 + "{{ a }}",
        "{{ 1560 | round(-999999999) }}",
        "{{ 1.5 | round(999999999, 'floor') }}",
        *(f"{_LONG}{{% for i in few %}}{work}{{% endfor %}}" for work in _WORK),
    ],
)
def test_a_bomb_is_an_error_within_a_second(project: Project, source: str) -> None:
    began = time.process_time()
    fails(project, source)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("[{{ customer.birthday }}]", "[]"),
        ("[{{ customer.adviser.nothing }}]", "[]"),
        ("[{{ customer._values }}{{ customer['__class__'] }}{{ event.tyres[0]._members }}]", "[]"),
        ("[{{ event.tyres[7].size }}]", "[]"),
        ("[{{ 'a' ~ customer.birthday }}]", "[a]"),
        ("[{{ customer.birthday | date }}{{ customer.birthday | km }}{{ customer.birthday | upper }}]", "[]"),
        ("[{{ customer.birthday | default('-') }}]", "[-]"),
        ("[{{ customer.birthday + 1 }}]", "[]"),
        ("[{{ 1 if vehicle.odometer_km > 3 else 2 }}]", "[2]"),
        ("[{{ 1 if vehicle.odometer_km <= 3 else 2 }}]", "[2]"),
        ("[{{ 1 if vehicle.odometer_km == none else 2 }}]", "[1]"),
        ("[{{ 1 if 'x' in customer.tags else 2 }}]", "[2]"),
        ("[{{ 1 if 'x' not in customer.tags else 2 }}]", "[1]"),
        ("[{% for a in customer.interests %}{{ a }}{% endfor %}]", "[]"),
        ("[{{ 1 if dealer else 2 }}]", "[1]"),
        ("[{{ 1 if run else 2 }}]", "[2]"),
        ("[{{ customer.last('service.visited').dealer }}]", "[]"),
        ("[{{ 1 < 2 < 3 }}]", "[True]"),
        ("[{{ 1 < 3 < 2 }}]", "[False]"),
    ],
)
def test_none_means_what_it_means_in_journeys(project: Project, source: str, printed: str) -> None:
    assert project.text(source) == printed


def test_an_earlier_event_is_asked_for_by_its_type(project: Project) -> None:
    given = values()
    given["customer"]["last('service.visited')"] = {"time": "2025-02-01T01:00:00Z", "work": ["alignment"]}
    given["customer"]["count('purchase.recorded')"] = 3
    source = "{{ customer.last('service.visited').time | date }} {{ customer.count('purchase.recorded') }}"
    assert project.text(source, given) == "2025年2月1日 3"


def test_moments_are_local_dates(project: Project) -> None:
    given = values()
    given["event"]["time"] = "2025-03-08T20:00:00Z"  # the 9th in Shanghai
    given["customer"]["birthday"] = "1980-05-01"
    source = "{{ event.time | date }} {{ customer.birthday | date('short') }} {{ message.date | date }}"
    assert project.text(source, given) == "2025年3月9日 1980/5/1 2025年4月8日"


@pytest.mark.parametrize(
    ("source", "chinese", "english"),
    [
        ("{{ 40000 | km }}", "40,000 公里", "40,000 km"),
        ("{{ '10000' | km }}", "10,000 公里", "10,000 km"),
        ("{{ 1560 | money }}", "¥1,560", "CN¥1,560"),
        ("{{ 1560.5 | money }}", "¥1,560.50", "CN¥1,560.50"),
        ("{{ 1560 | money('USD') }}", "US$1,560", "$1,560"),
        ("{{ 1234.5 | number }}", "1,234.5", "1,234.5"),
        ("{{ 2 | number(1) }}", "2.0", "2.0"),
        ("{{ message.date | date('full') }}", "2025年4月8日星期二", "Tuesday, April 8, 2025"),
    ],
)
def test_filters_speak_the_customers_language(
    project: Project, source: str, chinese: str, english: str
) -> None:
    project.write("t/sms.en.txt", source)
    assert project.text(source) == chinese
    assert project.text(source, locale="en") == english


@given(st.text())
def test_a_customers_name_is_never_run(name: str) -> None:
    from jinja2 import DictLoader  # noqa: PLC0415 - only here

    from engine.render.filters import filters  # noqa: PLC0415 - only here
    from engine.render.sandbox import Sandbox, budget  # noqa: PLC0415 - only here

    with budget():
        text = Sandbox(DictLoader({"a.txt": "{{ name }}"}), filters()).get_template("a.txt").render(name=name)
    assert text == name
