"""The code of an SMS's registered text, and its values: checked like all texts, and asked for where some have one."""

from pathlib import Path

import pytest

from engine.language.front_matter import split_front_matter
from tests.language.projects import load
from tests.support import write_project

_AT_ONCE = (
    "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\nsteps:\n  - send: hello\n    by: sms\n"
)
_BODY = "您好。回T退订\n"


def project_of(folder: Path, head: str, other: str = _BODY) -> Path:
    files = {
        "templates/hello/sms.zh-CN.txt": f"---\n{head}---\n{_BODY}" if head else _BODY,
        "templates/other/sms.zh-CN.txt": other,
    }
    return write_project(folder, {"hello": _AT_ONCE}, files=files)


def said(folder: Path) -> list[tuple[str, str, int]]:
    return [(one.code, one.file.removeprefix("templates/"), one.line) for one in load(folder).diagnostics]


def test_values_below_params_are_each_a_text_of_its_own() -> None:
    head = (
        "template_code: SMS_1\n"
        "params:\n"
        "  name: {{ customer.name }}, {{ customer.salutation or '车主' }}\n"
        '  plate: "{{ vehicle.plate }}: 1"\n'
    )
    found: list[object] = []
    read = split_front_matter(f"---\n{head}---\nhello", "a.txt", found)  # type: ignore[arg-type]
    assert found == []
    assert read.values == {
        "template_code": "SMS_1",
        "params.name": "{{ customer.name }}, {{ customer.salutation or '车主' }}",
        "params.plate": "{{ vehicle.plate }}: 1",
    }
    assert (read.lines["params.plate"], read.body, read.body_line) == (5, "hello", 7)


@pytest.mark.parametrize(
    ("head", "code", "line"),
    [
        ("params: {name: x}\n", "bad-front-matter", 2),
        ("params:\n  name\n", "bad-front-matter", 3),
        ("params:\n  my name: x\n", "bad-front-matter", 3),
        ("params:\n  name: x\n  name: y\n", "duplicate-key", 4),
        ("params:\n  name: {{ customer.nmae }}\n", "unknown-name", 3),
        ("params:\n  name: {{ customer.name\n", "template-syntax", 3),
    ],
)
def test_what_is_wrong_with_them_is_told_at_its_place(
    tmp_path: Path, head: str, code: str, line: int
) -> None:
    found = said(project_of(tmp_path, f"{head}template_code: SMS_1\n", "---\ntemplate_code: SMS_2\n---\nx"))
    assert found == [(code, "hello/sms.zh-CN.txt", line)]


def test_a_message_carries_what_the_values_need(tmp_path: Path) -> None:
    head = "template_code: SMS_1\nparams:\n  km: {{ vehicle.odometer_km }}\n"
    loaded = load(project_of(tmp_path, head, "---\ntemplate_code: SMS_2\n---\nx"))
    assert loaded.diagnostics == []
    assert "odometer_km" in repr(loaded.program)


@pytest.mark.parametrize(
    ("head", "other", "expected"),
    [
        ("", _BODY, []),
        ("template_code: SMS_1\n", "---\ntemplate_code: SMS_2\n---\nx", []),
        ("template_code: SMS_1\n", _BODY, [("no-template-code", "other/sms.zh-CN.txt", 1)]),
        ("params:\n  name: x\n", _BODY, [("no-template-code", "hello/sms.zh-CN.txt", 2)]),
    ],
)
def test_a_code_is_asked_for_where_others_have_one_or_there_are_values(
    tmp_path: Path, head: str, other: str, expected: list[tuple[str, str, int]]
) -> None:
    assert said(project_of(tmp_path, head, other)) == expected
