"""Which files `validate` checks: those that are named, in the project in which they lie."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.support import write_project

WRONG = "purpose: nonsense\nstart: {on: purchase.recorded}\nsteps: []\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two journeys, each with faults."""
    return write_project(tmp_path / "project", {"one": WRONG, "two": WRONG})


def files(done_stdout: str) -> set[str]:
    return {one["file"] for one in json.loads(done_stdout)["diagnostics"]}


@pytest.mark.parametrize(
    ("here", "arguments"),
    [
        (".", ["project/journeys/one.yaml"]),
        ("project", ["journeys/one.yaml"]),
        ("project/journeys", ["one.yaml"]),
        (".", ["--project", "project", "journeys/one.yaml"]),
        (".", ["--project", "project", "project/journeys/one.yaml"]),
    ],
)
def test_a_file_is_found_from_everywhere(here: str, arguments: list[str], project: Path, call: Call) -> None:
    done = call("validate", *arguments, "--format", "json", cwd=project.parent / here)
    assert done.code == 1
    assert files(done.stdout) == {"journeys/one.yaml"}


@pytest.mark.parametrize("paths", [["project"], ["project/journeys"], ["project/journeys", "project"]])
def test_a_folder_stands_for_all_that_is_in_it(paths: list[str], project: Path, call: Call) -> None:
    done = call("validate", *paths, "--format", "json", cwd=project.parent)
    assert files(done.stdout) == {"journeys/one.yaml", "journeys/two.yaml"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "There is no file or folder nowhere.yaml"),
        (["project/journeys/one.yaml", "nowhere.yaml"], "nowhere.yaml"),
        (["notes.txt"], "lies in no project"),
        (["project/README.md"], "none of the files that are checked"),
        (["--project", "project", "notes.txt"], "none of the files that are checked"),
        (["project/journeys", "other/journeys"], "several projects"),
    ],
)
def test_what_cannot_be_checked_is_never_called_faultless(
    arguments: list[str], said: str, project: Path, call: Call
) -> None:
    write_project(project.parent / "other", {})
    (project.parent / "notes.txt").write_text("mine")
    (project / "README.md").write_text("ours")
    done = call("validate", *arguments, cwd=project.parent)
    assert done.code == 2
    assert said in done.stderr
    assert "no faults" not in done.stderr


def test_what_cannot_be_sent_in_batches_is_noted_and_no_fault(tmp_path: Path, call: Call) -> None:
    folder = write_project(tmp_path / "project", {})
    email = folder / "templates/t/email.zh-CN.html"
    email.parent.mkdir(parents=True)
    email.write_text("---\nsubject: s\n---\n<p style='color: {{ customer.name }}'>a</p>", "utf-8")
    (told,) = json.loads(call("validate", "--format", "json", cwd=folder).stdout)["notes"]
    assert (told["file"], told["line"]) == ("templates/t/email.zh-CN.html", 4)
    done = call("validate", cwd=folder)
    assert done.code == 0
    assert "t/email.zh-CN.html:4: not sent in batches: a value stands in the attribute style" in done.stderr
    assert not json.loads(call("validate", "journeys", "--format", "json", cwd=folder).stdout)["notes"]
