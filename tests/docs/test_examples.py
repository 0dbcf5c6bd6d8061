"""Every file and command that the README, the tutorial and the how-tos show is tried out, in their order.

A block that begins with ```` ```yaml file=PATH ```` (or `text`) is written to that path of the project; the commands
of ```` ```sh ```` blocks that are Milepost's are run in it, and those that make and edit files.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.sample import events_path
from tests.support import ROOT, milepost

JOURNEYS = sorted(
    str(one.relative_to(ROOT)) for one in ROOT.glob("docs/howto/journeys/*.md") if one.stem != "README"
)
"""The pages of the journeys that are shipped."""

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLATE = "京"
_TOOLS = ("mkdir ", "cp ", "sed ")


def _project(page: str, folder: Path) -> Path:
    """What the page starts from: the tutorial an empty folder, the others this repository's project."""
    if "tutorial" not in page:
        for name in ("journeys", "templates"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / "engine" / "sample").mkdir(parents=True)
        shutil.copy(events_path(), folder / "engine" / "sample" / "events.jsonl")
        shutil.copy(events_path(), folder / "events.jsonl")
    return folder


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/tutorial/first-journey.md",
        "docs/howto/run.md",
        "docs/howto/rejections.md",
        "docs/howto/test-journeys.md",
        "docs/howto/preview.md",
        "docs/howto/simulate.md",
        "docs/howto/why.md",
        "docs/howto/change-journeys.md",
        "docs/howto/editor.md",
        *JOURNEYS,
    ],
)
def test_what_the_page_shows_works(page: str, tmp_path: Path) -> None:
    folder = _project(page, tmp_path)
    environment = {"SAMPLE": str(events_path())}
    ran = 0
    for language, file, text in _BLOCK.findall((ROOT / page).read_text("utf-8")):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, "utf-8")
        elif language == "sh":
            for line in text.splitlines():
                ran += _run(line.split("#")[0].strip(), folder, environment)
    assert ran


def _run(line: str, folder: Path, environment: dict[str, str]) -> bool:
    """Runs one line, if it is Milepost's; takes `export`s over."""
    if line.startswith("export "):
        name, _, value = line.removeprefix("export ").partition("=")
        environment[name] = value
        return False
    if line.startswith(_TOOLS):
        subprocess.run(shlex.split(line), cwd=folder, check=True)
        return True
    if not line.startswith("milepost ") or line == "milepost run":  # which goes on until it is stopped
        return False
    line = _with_names(line, folder, environment)
    if "rejected" in line and "MILEPOST_CLOCK" not in environment:
        environment["MILEPOST_CLOCK"] = "events"
        milepost("ingest", environment["SAMPLE"], cwd=folder, **environment)
        line = _with_names(line, folder, environment)
    command, _, target = line.partition(" > ")
    done = milepost(*shlex.split(command)[1:], cwd=folder, check="--mended" not in line, **environment)
    if target:
        (folder / target.strip()).parent.mkdir(parents=True, exist_ok=True)
        (folder / target.strip()).write_text(done.stdout, "utf-8")
    return True


def _with_names(line: str, folder: Path, environment: dict[str, str]) -> str:
    """`$NAME`s and `ID` in their values, of what there is by now."""
    for name, value in environment.items():
        line = line.replace(f"${name}", value)
    if "$PLATE" in line:
        listed = milepost("messages", "--limit", "50", "--format", "jsonl", cwd=folder, **environment).stdout
        line = line.replace("$PLATE", re.findall(r'"vehicle":"([^"]+)"', listed)[0])
    if " ID" in line:
        listed = milepost("rejected", "list", "--format", "jsonl", cwd=folder, **environment).stdout
        line = line.replace(" ID", " " + re.findall(r'"id":"(\w+)"', listed)[0])
    return line


def test_what_the_reference_shows_works(tmp_path: Path) -> None:
    folder = _project("docs/reference/language.md", tmp_path)
    shown = [
        text for language, _, text in _BLOCK.findall((ROOT / "docs/reference/language.md").read_text("utf-8"))
    ]
    assert shown
    for text in shown:
        said = re.match(r"journey: (\S+)", text)
        place = "tests/" if "\ntests:\n" in text else ""
        (folder / "journeys" / place / f"{said[1] if said else 'events'}.yaml").open(
            "a" if not said else "w"
        ).write(text)
    milepost("validate", cwd=folder)
    milepost("test", "journeys/welcome-pack.yaml", cwd=folder)


def test_what_the_page_on_kilometres_shows_works(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/explanation/odometer.md").read_text("utf-8")
    [shown] = [text for language, _, text in _BLOCK.findall(page) if language == "python"]
    exec(shown, {})
    assert "km_per_day" in capsys.readouterr().out


@pytest.mark.parametrize("page", JOURNEYS)
def test_what_a_page_shows_of_a_journey_is_in_it(page: str) -> None:
    shipped = [_lines(one.read_text("utf-8")) for one in ROOT.glob("journeys/*.yaml")]
    blocks = _BLOCK.findall((ROOT / page).read_text("utf-8"))
    pieces = [text for language, file, text in blocks if language == "yaml" and not file]
    assert pieces
    for piece in pieces:
        assert any(_lines(piece) in one for one in shipped), piece


def _lines(text: str) -> str:
    """Without the depth at which they stand."""
    return "\n".join(["", *(line.strip() for line in text.strip().splitlines()), ""])


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(str(one.relative_to(ROOT)) for one in ROOT.glob("docs/**/*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text("utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_verb_is_in_the_reference_and_nothing_is_stale() -> None:
    from docs import build  # noqa: PLC0415 - docs is a package of this repository only

    pages = dict(build.pages())
    for path, made in pages.items():
        assert path.read_text("utf-8") == made.rstrip() + "\n", f"{path.name}: run `make docs`"
    assert build.left_over(set(pages)) == []


def test_the_environment_has_no_settings_of_its_own() -> None:
    """Otherwise these tests would tell something about this machine only."""
    assert not [name for name in os.environ if name.startswith("MILEPOST_DATABASE")]
