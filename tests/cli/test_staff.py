"""`milepost staff`: who may log in."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.sites import write_site

DEALERS = "d001: {name: 乐平店}\nd002: {name: 宝山店}\n"
SECRET = "tyres and coffee"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write_site(tmp_path)
    (tmp_path / "journeys" / "dealers.yaml").write_text(DEALERS, "utf-8")
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n" * 9))


@pytest.mark.usefixtures("typed")
def test_somebody_is_added_listed_given_a_new_password_and_removed(site: Path, call: Call) -> None:
    added = call("staff", "add", "Wang.Fang", "--dealer", "d001", cwd=site)
    assert (added.code, added.stdout) == (0, "wang.fang may log in, as reception of dealer d001\n")
    assert call("staff", "add", "Li", "--role", "headquarters", cwd=site).code == 0
    told = json.loads(call("staff", "list", "--format", "json", cwd=site).stdout)["staff"]
    assert [(one["name"], one["role"], one["dealer"]) for one in told] == [
        ("li", "headquarters", None),
        ("wang.fang", "reception", "d001"),
    ]
    assert "wang.fang" not in call("staff", "list", "--dealer", "d002", cwd=site).stdout
    assert call("staff", "password", "WANG.FANG", cwd=site).code == 0
    assert call("staff", "remove", "wang.fang", cwd=site).code == 0
    assert call("staff", "remove", "wang.fang", cwd=site).code == 2
    assert SECRET.encode() not in (site / "milepost.db").read_bytes()


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("wang", "--dealer", "d009"), "The project knows no dealer 'd009'"),
        (("wang",), "Somebody of the role reception has a dealer"),
        (("wang", "--role", "headquarters", "--dealer", "d001"), "has no dealer"),
        (("<wang>", "--dealer", "d001"), "is no name to log in by"),
    ],
)
def test_what_is_wrong_is_told(site: Path, call: Call, arguments: tuple[str, ...], said: str) -> None:
    done = call("staff", "add", *arguments, cwd=site)
    assert done.code == 2
    assert said in done.stderr


@pytest.mark.usefixtures("typed")
def test_there_is_one_of_a_name(site: Path, call: Call) -> None:
    assert call("staff", "add", "王芳", "--dealer", "d001", cwd=site).code == 0
    again = call("staff", "add", "王芳", "--dealer", "d002", cwd=site)
    assert again.code == 2
    assert "There is somebody called 王芳 already" in again.stderr


@pytest.mark.parametrize("typed", ["short\n", "\n", ""])
def test_a_short_password_is_none(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert call("staff", "add", "wang", "--dealer", "d001", cwd=site).code == 2
    assert call("staff", "list", "--format", "jsonl", cwd=site).stdout == ""
