"""The schemas in a real editor's language server: it completes keys and event types, tells what they mean, and
underlines a key that there is not."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.editor.server import Editor, EditorError, editor
from tests.support import ROOT, care_plan, milepost

pytestmark = pytest.mark.xdist_group("editor")

KINDS = {
    "journey": "journeys/*.yaml",
    "tests": "journeys/tests/*.yaml",
    "policy": "journeys/policy.yaml",
    "dealers": "journeys/dealers.yaml",
    "own-events": "journeys/events.yaml",
}
OWN = "test-drive.booked:\n  about: A test drive.\n  data: {model: text}\n"
JOURNEY = "journeys/welcome.yaml"
TESTS = "journeys/tests/welcome.yaml"
POLICY, DEALERS, EVENTS = "journeys/policy.yaml", "journeys/dealers.yaml", "journeys/events.yaml"
_SHOPS = count(1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """With the schemas as `milepost schema` prints them, for the files they are for."""
    folder = tmp_path_factory.mktemp("schemas")
    project = care_plan(tmp_path_factory.mktemp("project") / "shop")
    (project / EVENTS).write_text(OWN, "utf-8")
    schemas = {}
    for kind, pattern in KINDS.items():
        path = folder / f"{kind}.schema.json"
        path.write_text(milepost("schema", kind, cwd=project).stdout, "utf-8")
        globs = [f"/{pattern}", *(f"!/{one}" for one in (POLICY, DEALERS, EVENTS))]
        schemas[path.as_uri()] = globs if kind == "journey" else [f"/{pattern}"]
    try:
        with editor(schemas) as started:  # type: ignore[arg-type]
            yield started
    except EditorError as error:
        pytest.fail(str(error))


def opening(opened: Editor, file: str, text: str) -> str:
    """Opens the file, each time in a project of its own."""
    uri = f"file:///shop{next(_SHOPS)}/{file}"
    opened.open(uri, text)
    return uri


def shown(opened: Editor, file: str, text: str) -> list[str]:
    """What can stand at `|` in the text."""
    before, _, after = text.partition("|")
    uri = opening(opened, file, before + after)
    return opened.completions(uri, before.count("\n"), len(before.rpartition("\n")[2]))


def test_it_completes_the_keys_of_a_journey(opened: Editor) -> None:
    assert {"purpose", "start", "steps", "grace"} <= set(shown(opened, JOURNEY, "journey: welcome\n|"))


def test_it_completes_event_types(opened: Editor) -> None:
    there = shown(opened, JOURNEY, "journey: welcome\npurpose: care\nstart:\n  on: |\n")
    assert {"purchase.recorded", "service.visited", "test-drive.booked"} <= set(there)
    there = shown(
        opened,
        TESTS,
        "journey: welcome\ntests:\n  - name: it\n    events:\n      - 2025-03-08 14:20:\n          type: |\n",
    )
    assert {"purchase.recorded", "service.visited", "test-drive.booked"} <= set(there)


def test_it_completes_the_names_that_the_project_has(opened: Editor) -> None:
    assert {"care", "newsletter"} <= set(shown(opened, JOURNEY, "journey: welcome\npurpose: |\n"))
    assert "michelin" in shown(opened, JOURNEY, "journey: welcome\nbrand: |\n")
    start = "journey: welcome\npurpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - send: |\n"
    assert "welcome-pack" in shown(opened, JOURNEY, start)


def test_names_that_the_project_does_not_have_yet_are_no_fault(opened: Editor) -> None:
    text = "journey: w\npurpose: later\nstart: {on: test-drive.over}\nsteps: [{send: to-come, by: email}]\n"
    assert opened.faults(opening(opened, JOURNEY, text)) == []


def test_it_completes_the_steps_and_what_belongs_to_them(opened: Editor) -> None:
    start = "journey: welcome\npurpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - "
    assert {"send", "wait", "repeat"} <= set(shown(opened, JOURNEY, start + "|"))
    assert "by" in shown(opened, JOURNEY, start + "send: hello\n    |")


def test_it_completes_the_members_of_an_event_in_a_test(opened: Editor) -> None:
    happened = "      - 2025-03-08 14:20:\n          type: purchase.recorded\n          |\n"
    text = f"journey: w\ntests:\n  - name: it\n    events:\n{happened}    expect: []\n"
    assert {"tyres", "vehicle", "recordedtime"} <= set(shown(opened, TESTS, text))


def test_it_completes_the_policy(opened: Editor) -> None:
    assert {"purposes", "quiet_hours", "caps"} <= set(shown(opened, POLICY, "timezone: Asia/Shanghai\n|"))


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        (JOURNEY, "journey: welcome\npurpos: care\n", "purpos"),
        (TESTS, "journey: welcome\ntests:\n  - name: it\n    expekt: []\n", "expekt"),
        (POLICY, "timezon: Asia/Shanghai\n", "timezon"),
        (DEALERS, "d001: {nmae: 驰加}\n", "nmae"),
        (EVENTS, "test-drive.booked: {dta: {model: text}}\n", "dta"),
    ],
)
def test_it_underlines_an_unknown_key(opened: Editor, file: str, text: str, key: str) -> None:
    assert any(key in one for one in opened.faults(opening(opened, file, text)))


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        (JOURNEY, "journey: welcome\npurpose: care\n", 1, "the consent that its messages need"),
        (POLICY, "locale: zh-CN\ntimezone: Asia/Shanghai\n", 0, "the language"),
        (TESTS, "journey: welcome\ntests: []\n", 0, "the journey that is tested"),
        (DEALERS, "d001:\n  city: 北京市\n", 1, "city"),
        (EVENTS, "test-drive.booked:\n  about: A test drive.\n", 1, "what it tells"),
    ],
)
def test_it_says_what_a_key_means(opened: Editor, file: str, text: str, line: int, said: str) -> None:
    column = 3 if line or file == JOURNEY else 1
    assert said in opened.hover(opening(opened, file, text), line, column)


SHIPPED = [
    one
    for one in sorted((ROOT / "journeys").rglob("*.yaml"))
    if one.name not in ("dealers.yaml", "events.yaml")
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_it_finds_nothing_wrong_with_the_shipped_files(path: Path, opened: Editor) -> None:
    uri = opening(opened, path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    assert opened.faults(uri) == []
