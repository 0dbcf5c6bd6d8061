"""The report of a simulation says what the simulation said, and stays in its folder."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Done
from tests.cli.histories import NAMES, UNTIL, Numbers, write_history
from tests.cli.sites import write_lines


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_history(tmp_path)


def simulate(call: Call, site: Path, *more: object) -> Done:
    return call("--project", "before", "simulate", "events.jsonl", "--until", UNTIL, *more, cwd=site)


def test_its_numbers_are_those_of_the_simulation(site: Path, call: Call) -> None:
    done = simulate(call, site, "--report", "out", "--format", "json")
    told = json.loads(done.stdout)
    page = Numbers(site / "out" / "index.html")
    last = {one["message_id"]: one["outcome"] for one in told["messages"]}
    assert page["decided"] == len(last)
    assert page["sent"] == sum(one == "sent" for one in last.values())
    assert page["skipped"] == sum(one == "skipped" for one in last.values())
    summary = told["summary"]
    for name in ("read", "accepted", "duplicates", "rejected"):
        assert page[name] == summary[name]
    assert page["cost"] == 2 * 0.05
    assert "report: out/index.html" in done.stderr


def test_the_summary_has_runs_goals_and_tasks(site: Path, call: Call) -> None:
    summary = json.loads(simulate(call, site, "--format", "json").stdout)["summary"]
    assert summary["runs"] == {"late": 3, "welcome": 3}
    assert summary["held_out"] == {}
    assert summary["tasks"] == {"late, call": 3}
    [goal] = summary["goals"]
    assert goal["journey"] == "welcome"
    assert goal["sent"] == {"runs": 3, "reached": 1, "open": 2, "share": 0.3333}
    people = simulate(call, site).stderr
    assert "sent: 1 of 3 (33.3%, 2 open)" in people


def test_a_run_that_ends_where_it_begins_is_counted_and_so_are_those_held_out(site: Path, call: Call) -> None:
    journey = site / "before" / "journeys" / "late.yaml"
    journey.write_text(
        "journey: late\npurpose: care\nstart: {on: purchase.recorded}\nholdout: 100%\n"
        "goal: {on: service.visited, within: 3 months}\nsteps:\n  - {send: thanks, by: sms}\n",
        "utf-8",
    )
    done = simulate(call, site, "--format", "json")
    summary = json.loads(done.stdout)["summary"]
    assert summary["runs"]["late"] == summary["held_out"]["late"] == 3
    assert [one["held_out"] for one in summary["goals"] if one["journey"] == "late"] == [
        {"runs": 3, "reached": 1, "open": 2, "share": 0.3333}
    ]
    assert "3 of 3 runs held out: late" in done.stderr


def test_it_tells_what_was_held_and_what_was_skipped(site: Path, call: Call) -> None:
    simulate(call, site, "--report", "out")
    page = (site / "out" / "index.html").read_text("utf-8")
    row = page.split('data-hold="quiet hours"')[1].split("</tr>")[0]
    assert row.count("11 h") == 2  # from 22:00 to 09:00, the middle one and the longest
    assert 'data-reason="no consent"' in page
    assert "time is no time as RFC 3339 has it" in page
    assert "events.jsonl:5" in page


def test_each_customer_has_a_list_of_their_own(site: Path, call: Call) -> None:
    simulate(call, site, "--report", "out")
    index = (site / "out" / "index.html").read_text("utf-8")
    lists = (site / "out" / "customers.html").read_text("utf-8")
    for anchor in index.split('href="customers.html#')[1:]:
        assert f'id="{anchor.split(chr(34))[0]}"' in lists
    first = lists.split('<details class="person"')[1].split("</details>")[0]
    assert NAMES[0] in first
    assert [one in first for one in ("2025-03-09 22:00", "2025-03-10 09:00", "2025-04-08 10:00")] == [
        True
    ] * 3


def test_names_are_escaped_and_stay_out_of_what_is_told_on_the_way(site: Path, call: Call) -> None:
    done = simulate(call, site, "--report", "out")
    for file in ("index.html", "customers.html"):
        page = (site / "out" / file).read_text("utf-8")
        assert "<b>&#34;" not in page
        assert '<b>"O’Neil"' not in page
        assert "&lt;b&gt;&#34;O’Neil&#34; &amp; Sons&lt;/b&gt;" in page
    assert not [one for one in NAMES if one in done.stderr]


def test_it_shows_the_journeys_that_are_asked_for(site: Path, call: Call) -> None:
    simulate(call, site, "--report", "out", "--journey", "late")
    page = Numbers(site / "out" / "index.html")
    assert 'data-journey="late"' in page.text
    assert 'data-journey="welcome"' not in page.text
    assert 'data-runs="welcome"' not in page.text
    assert page["decided"] == 3


def contents(out: Path) -> dict[str, bytes]:
    return {str(one.relative_to(out)): one.read_bytes() for one in out.rglob("*") if one.is_file()}


def test_made_again_it_is_the_same_and_what_somebody_put_beside_it_stays(site: Path, call: Call) -> None:
    simulate(call, site, "--report", "out", "--compare", "now")
    (site / "out" / "now" / "notes.md").write_text("mine")
    simulate(call, site, "--report", "out")
    first = contents(site / "out")
    assert first.pop("now/notes.md") == b"mine"
    assert set(first) == {".milepost-report", "chinese.otf", "customers.html", "index.html"}
    simulate(call, site, "--report", "out")
    assert {**first, "now/notes.md": b"mine"} == contents(site / "out")


def test_a_folder_that_is_somebody_elses_is_refused_before_anything_is_done(site: Path, call: Call) -> None:
    done = simulate(call, site, "--report", "now")
    assert done.code == 2
    assert "now is not empty and holds no earlier report" in done.stderr
    assert done.stdout == ""
    assert not (site / "now" / "index.html").exists()
    assert simulate(call, site, "--report", "events.jsonl").code == 2


def test_a_file_that_is_not_there_leaves_no_folder_behind(site: Path, call: Call) -> None:
    done = call("--project", "before", "simulate", "nowhere.jsonl", "--report", "out", cwd=site)
    assert done.code == 2
    assert not (site / "out").exists()


@pytest.mark.parametrize("lines", [[], [{"broken": 1}]], ids=["empty", "all refused"])
def test_where_nothing_is_replayed_the_page_says_so(
    lines: list[dict[str, int]], site: Path, call: Call
) -> None:
    write_lines(site / "events.jsonl", lines)
    done = simulate(call, site, "--report", "out")
    assert done.code == (1 if lines else 0)
    page = (site / "out" / "index.html").read_text("utf-8")
    assert "Nothing was replayed" in page


def test_a_policy_without_prices_is_told(site: Path, call: Call) -> None:
    policy = site / "before" / "journeys" / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").split("prices:")[0], "utf-8")
    simulate(call, site, "--report", "out")
    assert "the policy has no <code>prices</code>" in (site / "out" / "index.html").read_text("utf-8")
