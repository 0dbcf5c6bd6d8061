"""Templates: which values they use, and that a message will carry them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.model.journeys import Expression, Send
from tests.language.projects import SOUND, complete, load, made
from tests.language.scopes import scope


def _send(folder: Path, template: str, more: dict[str, str] | None = None, journey: str = "") -> Send:
    steps = journey or "steps: [{repeat: {every: 1 month, times: 2, do: [{send: holiday, by: sms}]}}]\n"
    files: dict[str, str | bytes | None] = {
        "journeys/example.yaml": complete(steps),
        "templates/holiday/sms.zh-CN.txt": template,
        **(more or {}),
    }
    loaded = load(made(folder, files, alone=True))
    assert loaded.diagnostics == []
    assert loaded.program is not None
    return next(one for one in loaded.program.journeys["example"].steps if isinstance(one, Send))


def _used(send: Send) -> dict[str, Expression]:
    """What the texts of all brands and channels use, by path."""
    return {
        f"{root}.{rest}" if rest else root: get
        for context in send.context.values()
        for root, members in context
        for rest, get in members
    }


def _paths(send: Send) -> list[str]:
    return sorted(_used(send))


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ("{{ customer.name }}", ["customer.name"]),
        ("{{ customer['name'] }}", ["customer.name"]),
        ("{{ event.tyre_count + loop.index }}", ["event.tyre_count", "loop.index"]),
        ("{% for t in event.tyres %}{{ loop.index }}{{ t.brand }}{% endfor %}", ["event.tyres"]),
        ("{{ event.tyres[0].brand }}", ["event.tyres"]),
        ("{{ event.tyres | map(attribute='brand') | join }}", ["event.tyres"]),
        ("{% set a = customer.address %}{{ a.city }}", ["customer.address.city"]),
        (
            "{% if customer.email is defined and not vehicle.plate %}{% endif %}",
            ["customer.email", "vehicle.plate"],
        ),
        ("{{ 'a' if dealer.name else now | date }}", ["dealer.name", "now"]),
        ("{{ customer.last('service.visited').next_due }}", ["customer.last('service.visited').next_due"]),
        ('{{ customer.count("service.visited") }}', ["customer.count('service.visited')"]),
        ("{% if customer.last('service.visited') %}{% endif %}", ["customer.last('service.visited').time"]),
        ("{{ 'a' if not customer.last('service.visited') }}", ["customer.last('service.visited').time"]),
        ("{{ customer.last('service.visited') is none }}", ["customer.last('service.visited').time"]),
        ("{{ run.event.amount }}{{ today }}", ["run.event.amount", "today"]),
        ("{{ customer.consent.email.care }}", ["customer.consent.email.care"]),
        ("{{ brand.name }}{{ message.date | date }}", []),
        ("{# {{ customer.name }} #}", []),
        (
            "{% macro m(x) %}{{ x }}{{ customer.name }}{% endmacro %}{{ m(dealer.city) }}",
            ["customer.name", "dealer.city"],
        ),
        ("{% with a = event.customer %}{{ a.name }}{% endwith %}", ["event.customer.name"]),
        ("{% filter upper %}{{ customer.name }}{% endfilter %}", ["customer.name"]),
        ("{% set x %}{{ customer.name }}{% endset %}{{ x }}", ["customer.name"]),
        ("{{ {'a': customer.name}['a'] }}", ["customer.name"]),
        ("{{ customer.name[:1] }}", ["customer.name"]),
    ],
)
def test_the_paths_that_a_text_uses(template: str, paths: list[str], tmp_path: Path) -> None:
    assert _paths(_send(tmp_path, template)) == paths


def test_a_record_used_whole_is_all_of_its_members(tmp_path: Path) -> None:
    send = _send(tmp_path, "{% macro m(x) %}{{ x.city }}{% endmacro %}{{ m(customer.address) }}")
    names = ("city", "country", "district", "line", "postcode", "region")
    assert _paths(send) == [f"customer.address.{name}" for name in names]


def test_a_shorter_path_covers_the_longer_ones(tmp_path: Path) -> None:
    send = _send(tmp_path, "{{ event.tyres | length }}{{ event.tyres[0].brand }}")
    assert _paths(send) == ["event.tyres"]


def test_each_path_has_the_expression_that_gives_it(tmp_path: Path) -> None:
    template = (
        "{{ customer.name }}{{ customer.address.city }}{{ event.amount }}{{ vehicle.inspection_due }}"
        "{{ loop.index }}"
        "{{ customer.last('service.visited').next_due }}{{ customer.count('purchase.recorded') }}{{ today }}"
    )
    values: dict[str, Any] = {path: get(scope()) for path, get in _used(_send(tmp_path, template)).items()}
    assert values == {
        "customer.address.city": "北京市",
        "customer.count('purchase.recorded')": 3,
        "customer.last('service.visited').next_due": date(2025, 9, 1),
        "customer.name": "王芳",
        "event.amount": 1560,
        "loop.index": 2,
        "today": date(2025, 3, 9),
        "vehicle.inspection_due": date(2025, 6, 30),
    }


def test_layouts_includes_and_front_matter_count_too(tmp_path: Path) -> None:
    more = {
        "templates/holiday/email.zh-CN.html": "---\nsubject: {{ event.reason }}\n---\n"
        "{% extends brand.email %}",
        "templates/brands/warrior/email.html": "{{ vehicle.plate }}{% include 'shared/foot.html' %}",
        "templates/shared/foot.html": "{{ dealer.phone }}",
    }
    send = _send(tmp_path, "x", more, "steps: [{send: holiday, by: [sms, email]}]\n")
    assert _paths(send) == ["dealer.phone", "event.reason", "vehicle.plate"]


def test_each_brand_and_channel_has_what_its_own_texts_use(tmp_path: Path) -> None:
    more = {
        "templates/holiday/email.zh-CN.html": "---\nsubject: s\n---\n{% extends brand.email %}",
        "templates/brands/warrior/email.html": "{{ vehicle.plate }}{{ now }}",
    }
    send = _send(tmp_path, "{{ customer.name }}", more, "steps: [{send: holiday, by: [sms, email]}]\n")
    used = {
        key: {root: [rest for rest, _ in members] for root, members in context}
        for key, context in send.context.items()
    }
    assert used["warrior", "email"] == {"now": [""], "vehicle": ["plate"]}
    assert used["warrior", "sms"] == {"customer": ["name"]}


def test_texts_of_channels_that_are_not_sent_do_not_count(tmp_path: Path) -> None:
    more = {"templates/holiday/email.zh-CN.html": "<title>a</title>{{ event.no_such_member }}"}
    assert _paths(_send(tmp_path, "{{ dealer.name }}", more)) == ["dealer.name"]


def test_names_set_at_the_top_reach_the_layout(tmp_path: Path) -> None:
    more = {
        "templates/holiday/email.zh-CN.html": (
            "---\nsubject: a\n---\n{% extends brand.email %}{% set heading = 'a' %}"
        ),
        "templates/brands/michelin/email.html": "{{ heading }}",
        "templates/brands/warrior/email.html": "{{ heading }}",
    }
    assert _paths(_send(tmp_path, "x", more, "steps: [{send: holiday, by: [sms, email]}]\n")) == []


def test_a_layout_may_extend_one_that_all_brands_share(tmp_path: Path) -> None:
    brand = "{% extends 'shared/email.html' %}{% block head %}{{ vehicle.plate }}{% endblock %}"
    more = {
        "templates/holiday/email.zh-CN.html": "---\nsubject: a\n---\n{% extends brand.email %}",
        "templates/brands/michelin/email.html": brand,
        "templates/brands/warrior/email.html": brand,
        "templates/shared/email.html": "{% block head %}{% endblock %}{{ dealer.name }}",
    }
    send = _send(tmp_path, "x", more, "steps: [{send: holiday, by: email}]\n")
    assert _paths(send) == ["dealer.name", "vehicle.plate"]


def test_what_is_wrong_in_a_layout_behind_a_layout_is_told_at_its_place(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "templates/brands/warrior/email.html": "{% extends 'shared/email.html' %}",
        "templates/shared/email.html": "<p>\n{{ dealer.nmae }}</p>",
    }
    [one] = load(made(tmp_path, files)).diagnostics
    assert (one.code, one.file, one.line) == ("unknown-name", "templates/shared/email.html", 2)


def test_macros_can_be_imported(tmp_path: Path) -> None:
    more = {"templates/shared/macros.txt": "{% macro bold(text) %}*{{ text }}*{% endmacro %}"}
    template = (
        "{% from 'shared/macros.txt' import bold %}{% import 'shared/macros.txt' as m %}"
        "{{ bold(customer.name) }}{{ m.bold(dealer.name) }}"
    )
    assert _paths(_send(tmp_path, template, more)) == ["customer.name", "dealer.name"]


def test_what_texts_ask_of_the_past_is_kept() -> None:
    program = load(SOUND).program
    assert program is not None
    assert program.asked == {"service.visited"}


def test_two_journeys_may_send_one_template_each_with_its_own_event(tmp_path: Path) -> None:
    files = {
        "journeys/bought.yaml": complete(
            "start: {on: purchase.recorded}\nsteps: [{send: hello, by: sms}]\n", "bought"
        ),
        "journeys/asked.yaml": complete(
            "start: {on: survey.answered}\nsteps: [{send: hello, by: sms}]\n", "asked"
        ),
        "templates/hello/sms.zh-CN.txt": "{{ event.amount }}",
    }
    loaded = load(made(tmp_path, files, alone=True))
    (fault,) = loaded.diagnostics
    assert (fault.code, fault.file, fault.line, fault.column) == (
        "unknown-name",
        "templates/hello/sms.zh-CN.txt",
        1,
        10,
    )
    assert "journey 'asked' sends this" in fault.hint
