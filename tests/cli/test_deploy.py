"""`plan` and `deploy`, from outside: what they say is what happens then."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.cli import deploy as verb
from engine.ports import DeployedMeanwhile
from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import milepost

HEAD = (
    "journey: welcome\npurpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\nsteps:\n"
)
WEEKS = '  - wait: 3 weeks\n    at: "09:00"\n  - {send: hello, by: [sms]}\n'
TWICE = WEEKS + "  - wait: 2 days\n  - {send: hello, by: sms}\n"
NEWS = (
    'journey: news\npurpose: care\nstart: {schedule: weekly, at: "10:00", audience: customer.mobile}\n'
    "steps:\n  - {send: hello, by: sms}\n"
)
UNTIL = "2025-04-17T14:20"


@pytest.fixture
def site(tmp_path: Path, call: Call) -> Path:
    """Eight customers, each of whom waits a month; that is deployed."""
    folder = write_site(tmp_path / "site")
    write_lines(folder / "events.jsonl", [line(n) for n in range(1, 9)])
    call("ingest", "events.jsonl", cwd=folder)
    assert call("deploy", "--yes", "--note", "the first", cwd=folder).code == 0
    return folder


def journey(site: Path, steps: str) -> None:
    (site / "journeys" / "welcome.yaml").write_text(HEAD + steps, "utf-8")


def said(call: Call, site: Path, *arguments: object) -> dict[str, Any]:
    done = call(*arguments, "--format", "json", cwd=site)
    assert done.code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ledger(call: Call, site: Path) -> list[tuple[str, str, str]]:
    rows = call("messages", "--format", "jsonl", cwd=site).stdout.splitlines()
    return sorted((one["at"], one["customer"], one["status"]) for one in map(json.loads, rows))


def test_what_is_planned_is_what_comes(site: Path, call: Call) -> None:
    journey(site, TWICE)
    (site / "journeys" / "news.yaml").write_text(NEWS, "utf-8")
    plan = said(call, site, "plan", "--days", "40")
    assert (plan["deployed"], plan["number"], plan["differs"]) == (1, 2, True)
    told = [(one["sign"], one["what"], one["name"]) for one in plan["changes"]]
    assert told == [
        ("+", "journey", "news"),
        ("~", "journey", "welcome"),
        ("~", "step", "wait"),
        ("~", "step", "hello"),
        ("+", "step", "wait-2"),
        ("+", "step", "hello-2"),
    ]
    assert plan["runs"] == [{"journey": "welcome", "step": "wait", "to": "wait", "why": None, "runs": 8}]
    counts = {one["journey"]: (one["appears"], one["moves"]) for one in plan["messages"]["by_journey"]}
    assert counts == {"news": (48, 0), "welcome": (8, 8)}
    assert (plan["messages"]["before"], plan["messages"]["after"]) == (8, 64)
    moved = next(one for one in plan["messages"]["examples"] if one["what"] == "moves")
    assert (moved["before"]["at"], moved["after"]["at"]) == (
        "2025-04-08T10:00:00+08:00",
        "2025-03-29T09:00:00+08:00",
    )
    assert said(call, site, "deploy", "--yes", "--days", "40")["plan"] == plan
    call("run", "--until-idle", "--until", UNTIL, cwd=site)
    assert len(ledger(call, site)) == plan["messages"]["after"]


def test_a_plan_writes_nothing(site: Path, call: Call) -> None:
    journey(site, TWICE)
    before = said(call, site, "plan")
    assert said(call, site, "plan") == before
    assert len(said(call, site, "deploy", "--list")["deployments"]) == 1
    call("run", "--until-idle", "--until", "2025-04-01", cwd=site)
    assert ledger(call, site) == []


def test_until_something_is_deployed_the_folder_is_in_force(tmp_path: Path, call: Call) -> None:
    folder = write_site(tmp_path / "site")
    call("ingest", "events.jsonl", cwd=folder)
    journey(folder, WEEKS)
    call("run", "--until-idle", "--until", "2025-04-01", cwd=folder)
    assert [at for at, *_ in ledger(call, folder)] == ["2025-03-29T09:00:00+08:00"] * 2
    plan = said(call, folder, "plan")
    assert (plan["deployed"], plan["number"]) == (None, 1)
    assert {one["sign"] for one in plan["changes"]} == {"+"}


def test_what_is_deployed_needs_no_folder_beside_the_store(site: Path, call: Call) -> None:
    shutil.rmtree(site / "journeys")
    shutil.rmtree(site / "templates")
    done = call("run", "--until-idle", "--until", UNTIL, cwd=site)
    assert (done.code, done.stdout) == (0, "8 decided, 8 sent\n")
    assert len(ledger(call, site)) == 8
    assert call("lookup", "13800000001", cwd=site).stderr == ""
    assert call("ingest", "events.jsonl", cwd=site).code == 0


def test_a_folder_that_differs_is_told_of_and_left_alone(site: Path, call: Call) -> None:
    assert call("run", "--until-idle", cwd=site).stderr == ""
    journey(site, WEEKS)
    done = call("run", "--until-idle", "--until", "2025-04-01", cwd=site)
    assert "milepost plan" in done.stderr
    assert ledger(call, site) == []


def test_deploying_the_same_again_changes_nothing(site: Path, call: Call) -> None:
    welcome = site / "journeys" / "welcome.yaml"
    text = welcome.read_text("utf-8")
    assert said(call, site, "deploy", "--yes")["changed"] is False
    journey(site, WEEKS)
    assert said(call, site, "deploy", "--yes")["number"] == 2
    welcome.write_text(text, "utf-8")
    assert said(call, site, "deploy", "--yes")["number"] == 3
    assert [one["number"] for one in said(call, site, "deploy", "--list")["deployments"]] == [3, 2, 1]


def test_one_can_go_back(site: Path, call: Call) -> None:
    journey(site, WEEKS)
    call("deploy", "--yes", cwd=site)
    assert said(call, site, "plan", "--to", "1")["restores"] == 1
    done = said(call, site, "deploy", "--to", "1", "--yes", "--note", "back")
    assert (done["number"], done["restores"]) == (3, 1)
    newest, _, oldest = said(call, site, "deploy", "--list")["deployments"]
    assert (newest["hash"], newest["note"]) == (oldest["hash"], "back")
    call("run", "--until-idle", "--until", UNTIL, cwd=site)
    assert {at for at, *_ in ledger(call, site)} == {"2025-04-08T10:00:00+08:00"}
    assert call("deploy", "--to", "9", "--yes", cwd=site).code == 2


def test_where_nobody_can_be_asked_nothing_is_deployed(site: Path, call: Call) -> None:
    journey(site, WEEKS)
    done = call("deploy", cwd=site)
    assert (done.code, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert len(said(call, site, "deploy", "--list")["deployments"]) == 1


@pytest.mark.parametrize("steps", ["  - wait: soon\n", "  - {send: unknown, by: sms}\n"])
def test_a_project_with_errors_is_not_deployed(site: Path, call: Call, steps: str) -> None:
    journey(site, steps)
    for verb_ in (["plan"], ["deploy", "--yes"], ["deploy", "--yes", "--skip-tests"]):
        done = call(*verb_, cwd=site)
        assert (done.code, "milepost validate" in done.stderr) == (1, True)
    assert len(said(call, site, "deploy", "--list")["deployments"]) == 1


def test_a_project_whose_tests_fail_is_deployed_only_on_demand(site: Path, call: Call) -> None:
    journey(site, WEEKS)
    (site / "journeys" / "tests").mkdir()
    (site / "journeys" / "tests" / "welcome.yaml").write_text(
        "journey: welcome\ntests:\n  - name: never\n    given: {customer: {mobile: '13800000001'}, "
        "consent: {sms: [care]}}\n    events:\n      - 2025-03-08 14:20: {type: purchase.recorded, "
        "tyres: [{quantity: 2}]}\n    expect: []\n",
        "utf-8",
    )
    done = call("deploy", "--yes", cwd=site)
    assert (done.code, "milepost test" in done.stderr) == (1, True)
    assert call("deploy", "--yes", "--skip-tests", cwd=site).code == 0


def test_of_two_who_deploy_at_once_one_is_told(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_arguments: object) -> None:
        raise DeployedMeanwhile("Deployment 2 is there already.")

    journey(site, WEEKS)
    monkeypatch.setattr(verb, "put_in_force", late)
    done = call("deploy", "--yes", "--skip-plan", cwd=site)
    assert (done.code, "milepost plan" in done.stderr) == (1, True)


def test_the_exit_code_tells_of_changes_where_that_is_asked_for(site: Path, call: Call) -> None:
    assert call("plan", "--detailed-exitcode", cwd=site).code == 0
    journey(site, WEEKS)
    assert call("plan", "--detailed-exitcode", cwd=site).code == 4
    assert call("plan", cwd=site).code == 0


def test_a_sample_is_said_to_be_one(site: Path, call: Call) -> None:
    journey(site, WEEKS)
    done = call("plan", "--sample", "3", cwd=site)
    assert "of 3 customers looked at, out of about 8" in done.stdout
    plan = said(call, site, "plan", "--sample", "3")
    assert (plan["looked_at"], plan["customers"], plan["runs"][0]["runs"]) == (3, 8, 3)


def test_a_message_goes_out_as_it_was_decided_though_its_template_is_gone(site: Path, call: Call) -> None:
    """Decided, and waiting to be sent, when what is deployed next has no such template any more."""
    journey(site, "  - {send: hello, by: sms}\n")
    call("deploy", "--yes", cwd=site)
    write_lines(site / "more.jsonl", [{**line(9), "id": "later", "time": "2025-03-09T10:00:00+08:00"}])
    call("ingest", "more.jsonl", cwd=site)
    shutil.move(site / "templates" / "hello", site / "templates" / "other")
    journey(site, "  - {send: other, by: sms}\n")
    assert call("deploy", "--yes", cwd=site).code == 0
    call("run", "--until-idle", cwd=site)
    assert {status for *_, status in ledger(call, site)} == {"sent"}


def test_a_renamed_step_is_told_of_with_what_keeps_the_runs_there(site: Path, call: Call) -> None:
    journey(site, WEEKS.replace("  - wait", "  - id: pause\n    wait"))
    done = call("plan", "--days", "40", cwd=site)
    assert "~ welcome: 8 at wait go on at hello: their step is gone" in done.stdout
    assert "`id:` with its former name keeps runs there" in done.stdout
    journey(site, WEEKS.replace("  - wait", "  - id: wait\n    wait"))
    assert "go on at" not in call("plan", cwd=site).stdout


def test_policy_and_templates_are_told_of_by_key_and_file(site: Path, call: Call) -> None:
    policy = site / "journeys" / "policy.yaml"
    policy.write_text(policy.read_text("utf-8") + 'quiet_hours: {sms: "09:00-16:00"}\n', "utf-8")
    (site / "templates" / "hello" / "sms.zh-CN.txt").write_text("another text\n", "utf-8")
    (site / "templates" / "hello" / ".draft.swp").write_text("left lying about", "utf-8")
    plan = said(call, site, "plan", "--days", "40")
    assert [(one["sign"], one["what"], one["name"]) for one in plan["changes"]] == [
        ("+", "policy", "quiet_hours.sms"),
        ("~", "template", "hello/sms.zh-CN.txt"),
    ]
    [moved] = plan["messages"]["by_journey"]
    assert moved["moves"] == 8


def test_in_a_folder_that_is_no_project_no_database_is_made(tmp_path: Path, call: Call) -> None:
    for verb_, code in (
        (("plan",), 1),
        (("deploy", "--yes"), 1),
        (("deploy", "--list"), 3),
        (("deploy", "--to", "1"), 3),
    ):
        assert call(*verb_, cwd=tmp_path).code == code
    assert list(tmp_path.iterdir()) == []


def test_a_plan_of_what_was_never_taken_in_says_that_there_is_no_database(tmp_path: Path, call: Call) -> None:
    folder = write_site(tmp_path / "site")
    done = call("plan", cwd=folder)
    assert (done.code, "There is no database" in done.stderr) == (3, True)
    assert call("deploy", "--yes", cwd=folder).code == 0


def test_moments_are_those_of_the_policys_clock(site: Path, call: Call) -> None:
    assert said(call, site, "deploy", "--yes")["at"].endswith("+08:00")
    listed = call("deploy", "--list", cwd=site).stdout.split()
    assert len(listed[2]) == len("10:30")


def test_of_a_long_step_what_differs_is_shown(site: Path, call: Call) -> None:
    long = '  - wait: 3 weeks\n    title: {}\n    at: "{}"\n  - {{send: hello, by: sms}}\n'
    journey(site, long.format("A title so long that a line can show no more than its beginning", "09:00"))
    call("deploy", "--yes", cwd=site)
    journey(site, long.format("A title so long that a line can show no more than its beginning", "11:00"))
    assert "~ step wait: at: 09:00 → 11:00\n" in call("plan", cwd=site).stdout


def test_a_folder_that_cannot_be_written_to_is_named_with_what_to_do(site: Path, call: Call) -> None:
    done = call("plan", cwd=site, MILEPOST_CACHE_DIR=str(site / "events.jsonl" / "cache"))
    assert (done.code, "MILEPOST_CACHE_DIR" in done.stderr) == (3, True)


def test_what_is_laid_out_for_one_process_goes_with_it(site: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    nowhere = str(site / "events.jsonl")
    milepost("lookup", "13800000001", cwd=site, TMPDIR=str(temporary), XDG_CACHE_HOME=nowhere, **EVENTS)
    assert list(temporary.iterdir()) == []


def test_a_message_that_only_comes_later_does_not_vanish(site: Path, call: Call) -> None:
    """Beyond the days that are looked at, on either side."""
    journey(site, WEEKS.replace("3 weeks", "6 weeks"))
    plan = said(call, site, "plan", "--days", "35")
    [line_] = plan["messages"]["by_journey"]
    assert (line_["moves"], line_["vanishes"]) == (8, 0)
    assert (plan["messages"]["before"], plan["messages"]["after"]) == (8, 0)
    assert plan["messages"]["examples"][0]["after"]["at"] == "2025-04-19T09:00:00+08:00"
    call("deploy", "--yes", cwd=site)
    call("run", "--until-idle", cwd=site)
    plan = said(call, site, "plan", "--to", "1", "--days", "35")
    assert [(one["moves"], one["appears"]) for one in plan["messages"]["by_journey"]] == [(8, 0)]
    assert (plan["messages"]["before"], plan["messages"]["after"]) == (0, 8)
