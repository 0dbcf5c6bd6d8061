"""`milepost test`, from outside."""

import json
from pathlib import Path

import pytest

from engine.language.frames import width
from tests.cli.conftest import Call
from tests.cli.sites import JOURNEY
from tests.support import write_project

RIGHT = """\
journey: welcome
tests:
  - name: an SMS after a month
    given: {customer: {mobile: "13800000001"}, consent: {sms: [care]}}
    events:
      - 2025-03-08 14:20: {type: purchase.recorded, tyres: [{quantity: 2}]}
    expect:
      - 2025-04-08 10:00: {send: hello, by: sms}
"""
WRONG = RIGHT.replace("after a month", "after two").replace("by: sms", "by: letter, brand: warrior")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_project(tmp_path, {"welcome": JOURNEY, "other": JOURNEY})


def put(site: Path, name: str, text: str) -> None:
    folder = site / "journeys" / "tests"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")


def test_passing(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", RIGHT)
    done = call("test", cwd=site)
    assert (done.code, "1 passed" in done.stderr) == (0, True)
    assert "ok    an SMS after a month" in done.stdout


def test_a_failure_shows_both_sides_within_80_columns_and_without_colour(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", WRONG)
    done = call("test", cwd=site)
    assert done.code == 1
    assert "  FAIL  an SMS after two (journeys/tests/welcome.yaml:3)" in done.stdout
    assert "  2025-04-08 10:00  ! hello                       | hello\n" in done.stdout
    assert "                    ! by letter                   | by sms\n" in done.stdout
    assert "                    ! brand warrior               | brand michelin\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(width(line) for line in done.stdout.splitlines()) <= 80
    assert "1 failed" in done.stderr


def test_long_and_chinese_values_stay_in_their_columns(site: Path, call: Call) -> None:
    long = "恭喜您获得轮胎压力表一只" * 4
    put(
        site,
        "welcome.yaml",
        WRONG.replace("by: letter", f"by: letter, with: {{gift: {long}, b: {'x' * 70}}}"),
    )
    lines = call("test", cwd=site).stdout.splitlines()
    told = [line for line in lines if " | " in line]
    assert len({width(line.partition(" | ")[0]) for line in told}) == 1
    assert max(map(width, told)) <= 80


def test_paths_choose_files_and_journeys(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", RIGHT)
    put(site, "other.yaml", WRONG.replace("journey: welcome", "journey: other"))
    assert call("test", cwd=site).code == 1
    for path in ("journeys/tests/welcome.yaml", "journeys/welcome.yaml"):
        done = call("test", path, cwd=site)
        assert (done.code, done.stdout.count("ok  ")) == (0, 1)
    assert call("test", "journeys/policy.yaml", cwd=site).stderr.startswith("No journey tests lie there")
    assert call("test", "journeys/tests/nowhere.yaml", cwd=site).code == 2
    assert call("test", "templates", cwd=site).code == 2


def test_no_tests_are_said_clearly(site: Path, call: Call) -> None:
    done = call("test", cwd=site)
    assert done.code == 0
    assert done.stderr.startswith("There are no journey tests here.")


def test_a_faulty_file_is_told_like_a_journey_and_the_others_run(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", RIGHT)
    put(site, "other.yaml", RIGHT.replace("expect:", "expekt:"))
    done = call("test", cwd=site)
    assert done.code == 1
    assert "error[unknown-key]: unknown key 'expekt' in a test" in done.stdout
    assert "ok    an SMS after a month" in done.stdout
    assert "1 passed, 1 fault in files" in done.stderr
    assert call("validate", cwd=site).code == 1
    assert call("simulate", "/dev/null", cwd=site).code == 0


def test_a_faulty_journey_stops_all(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", RIGHT)
    (site / "journeys" / "other.yaml").write_text("journey: other\n", "utf-8")
    done = call("test", cwd=site)
    assert (done.code, done.stdout) == (1, "")
    assert "journeys/other.yaml" in done.stderr


def test_as_json(site: Path, call: Call) -> None:
    put(site, "welcome.yaml", WRONG)
    whole = json.loads(call("test", "--format", "json", cwd=site).stdout)
    assert whole["summary"] | {"ms": 0} == {"passed": 0, "failed": 1, "errors": 0, "ms": 0}
    (test,) = whole["tests"]
    assert (test["passed"], test["journey"], test["line"]) == (False, "welcome", 3)
    (row,) = test["timeline"]
    assert (row["at"], row["differs"]) == ("2025-04-08T10:00:00+08:00", ["by", "brand"])
    assert (row["expected"]["by"], row["actual"]["by"]) == ("letter", "sms")
    lines = call("test", "--format", "jsonl", cwd=site).stdout.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["an SMS after two"]


def test_nobody_is_held_out(site: Path, call: Call) -> None:
    journey = site / "journeys" / "welcome.yaml"
    journey.write_text(f"{journey.read_text('utf-8')}holdout: 100%\n", "utf-8")
    put(site, "welcome.yaml", RIGHT)
    assert call("test", cwd=site).code == 0


REMEMBERING = """\
purpose: care
start: {on: survey.answered}
steps:
  - wait: 1 day
  - set: {customer.last_score: event.score}
  - tag: asked
  - untag: new
  - emit: care.finished
    with: {way: "{{ event.survey }}"}
  - task: thank
    for: headquarters
"""
REMEMBERED = """\
journey: scores
tests:
  - name: what is remembered
    events:
      - 2025-03-08 14:20: {type: survey.answered, survey: visit, answers: {}, score: 9}
    expect:
      - 2025-03-09 14:20: {set: {customer.last_score: 9}}
      - 2025-03-09 14:20: {tag: asked}
      - 2025-03-09 14:20: {untag: new}
      - 2025-03-09 14:20: {emit: care.finished, with: {way: visit}}
      - 2025-03-09: {task: thank}
"""
OWN = {"journeys/events.yaml": "care.finished:\n  data: {way: text, other: text}\n"}


def test_what_a_journey_remembers_and_makes_can_be_expected(tmp_path: Path, call: Call) -> None:
    site = write_project(tmp_path, {"scores": REMEMBERING}, files=OWN)
    put(site, "scores.yaml", REMEMBERED)
    done = call("test", cwd=site)
    assert (done.code, "1 passed" in done.stderr) == (0, True), done.stdout


def test_what_was_not_so_stands_beside_what_was(tmp_path: Path, call: Call) -> None:
    site = write_project(tmp_path, {"scores": REMEMBERING}, files=OWN)
    wrong = REMEMBERED
    for right, one in (
        ("score: 9}}", "score: 8}}"),
        ("{tag: asked}", "{tag: vip}"),
        ("way: visit}", "way: call}"),
    ):
        wrong = wrong.replace(right, one)
    put(site, "scores.yaml", wrong)
    done = call("test", cwd=site)
    assert done.code == 1
    assert (
        done.stdout.partition("\n\n")[2]
        == """\
                      expected                    | what happened
  2025-03-08 14:20    > survey.answered
  2025-03-09 14:20  = untag new                   | untag new
  2025-03-09 14:20  = task thank                  | task thank
  2025-03-09 14:20  ! set customer.last_score     | set customer.last_score
                    ! to 8                        | to 9
  2025-03-09 14:20  ! emit care.finished          | emit care.finished
                    ! with way: call              | with way: visit
  2025-03-09 14:20  ! tag vip                     | tag asked
  noted: emitted scores care.finished

"""
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{emit: care.finishd}", "did you mean 'care.finished'?"),
        ("{set: {customer.a: 1, customer.b: 2}}", "an expectation is about one field"),
        ("{tag: vip, by: sms}", "'by' does not go with 'tag'"),
        ("{emit: care.finished, held: capped}", "'held' does not go with 'emit'"),
        ("{tag: vip, untag: vip}", "'tag' and 'untag' cannot stand together"),
        ("{}", "an expectation needs 'send', 'task', 'emit', 'tag', 'untag' or 'set'"),
    ],
)
def test_faulty_expectations_are_told(line: str, said: str, tmp_path: Path, call: Call) -> None:
    site = write_project(tmp_path, {"scores": REMEMBERING}, files=OWN)
    put(site, "scores.yaml", REMEMBERED.partition("      - 2025-03-09")[0] + f"      - 2025-03-09: {line}\n")
    done = call("validate", cwd=site)
    assert (done.code, said in done.stdout) == (1, True), done.stdout
