"""A project as a whole."""

from datetime import time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.language import Loaded
from engine.model.diagnostics import Diagnostic
from engine.model.event_types import Subject
from engine.model.policy import AfterAll, Cap, Dealer, Fleet, Purpose, QuietHours, Unsettled
from engine.model.times import Duration
from tests.language.projects import SOUND, complete, load, made


def test_a_sound_project_gives_a_program_and_no_diagnostics() -> None:
    loaded = load(SOUND)
    assert loaded.diagnostics == []
    program = loaded.program
    assert program is not None
    assert list(program.journeys) == ["quarterly-newsletter", "tyre-health", "welcome-pack"]
    assert [one.id for one in program.starting["purchase.recorded"]] == ["tyre-health", "welcome-pack"]
    assert [one.id for one in program.scheduled] == ["quarterly-newsletter"]
    assert program.stopping == {}
    assert program.brands == {"michelin", "warrior"}
    assert program.dealers["d001"] == Dealer(
        id="d001", name="驰加北京乐平店", city="北京市", district="朝阳区", phone="010-5550-0101"
    )


RULES = """\
quiet_hours:
  sms: "21:00-09:00"
  email: none
caps:
  - {at_most: 1, within: 1 day, over: [sms, email]}
  - {at_most: 4, within: 30 days, purposes: [care, newsletter]}
hold_while:
  - complaint open
"""


def _with_policy(folder: Path, more: str) -> Loaded:
    text = (SOUND / "journeys" / "policy.yaml").read_text() + more
    return load(made(folder, {"journeys/policy.yaml": text}))


def test_the_policy_is_read_whole(tmp_path: Path) -> None:
    policy = _with_policy(tmp_path, RULES).policy
    assert policy.zone == ZoneInfo("Asia/Shanghai")
    assert (policy.locale, policy.brand, policy.country) == ("zh-CN", "michelin", "CN")
    assert policy.channels == ("letter", "email", "sms")
    assert policy.purposes == {
        "care": Purpose(True),
        "newsletter": Purpose(True),
        "service": Purpose(False),
        "safety": Purpose(False, frozenset({"caps"})),
    }
    assert policy.quiet_hours == {"sms": QuietHours(time(21), time(9))}
    assert policy.caps == (
        Cap(at_most=1, within=Duration(days=1), over=frozenset({"sms", "email"})),
        Cap(at_most=4, within=Duration(days=30), purposes=frozenset({"care", "newsletter"})),
    )
    assert policy.hold_while == {"complaint open"}
    assert (policy.send_at, policy.grace) == (time(10), Duration(days=7))
    assert policy.fleet == Fleet(km_per_day=38.0, spread=0.5)


def test_rules_that_hold_messages_back_are_nothing_to_be_told(tmp_path: Path) -> None:
    loaded = _with_policy(tmp_path, RULES)
    assert loaded.diagnostics == []
    assert loaded.program is not None
    assert loaded.program.policy.restrains


def test_what_becomes_of_unsettled_messages_is_left_to_a_person_or_said(tmp_path: Path) -> None:
    assert _with_policy(tmp_path / "unsaid", "").policy.unsettled.then is AfterAll.LEAVE
    loaded = _with_policy(tmp_path / "said", "unsettled: {after: 2 weeks, then: send again}\n")
    assert loaded.diagnostics == []
    assert loaded.policy.unsettled == Unsettled(after=Duration(days=14), then=AfterAll.SEND_AGAIN)
    [fault] = _with_policy(tmp_path / "wrong", "unsettled: {after: 2 weeks, then: forget}\n").diagnostics
    assert fault.code == "bad-choice"


def test_prices_are_kept_to_the_last_digit(tmp_path: Path) -> None:
    loaded = _with_policy(tmp_path, "prices: {letter: 4.20, sms: 0.045}\ncurrency: CNY\n")
    assert loaded.diagnostics == []
    assert loaded.policy.prices == {"letter": Decimal("4.20"), "sms": Decimal("0.045")}
    assert loaded.policy.currency == "CNY"


@pytest.mark.parametrize(
    "nothing", ["quiet_hours: {sms: none, email: none}\n", "caps: []\n", "hold_while: []\n"]
)
def test_rules_that_hold_nothing_back_are_none(nothing: str, tmp_path: Path) -> None:
    loaded = _with_policy(tmp_path, nothing)
    assert loaded.diagnostics == []
    assert (loaded.policy.quiet_hours, loaded.policy.caps, loaded.policy.hold_while) == ({}, (), frozenset())


def test_own_event_types_are_known_to_the_program(tmp_path: Path) -> None:
    types = (
        "test-drive.booked:\n  data: {model: {type: text, required: true}}\nheat.warning: {subject: place}\n"
    )
    loaded = load(made(tmp_path, {"journeys/events.yaml": types}))
    assert loaded.diagnostics == []
    assert loaded.program is not None
    own = loaded.program.event_types["test-drive.booked"]
    assert own.data.members["model"].required
    assert "customer" in own.data.members
    assert loaded.program.event_types["heat.warning"].subject is Subject.PLACE


def test_a_country_of_its_own(tmp_path: Path) -> None:
    loaded = _with_policy(tmp_path, "country: TW\n")
    assert loaded.diagnostics == []
    assert loaded.policy.country == "TW"


def test_the_grace_of_the_policy_holds_where_a_journey_has_none(tmp_path: Path) -> None:
    text = (SOUND / "journeys" / "policy.yaml").read_text().replace("grace: 7 days", "grace: 2 days")
    program = load(made(tmp_path, {"journeys/policy.yaml": text})).program
    assert program is not None
    assert program.journeys["welcome-pack"].grace == Duration(days=2)


def test_what_stops_is_indexed_and_kept(tmp_path: Path) -> None:
    text = complete("stop: [{on: complaint.opened}, {on: complaint.opened, when: event.text}]\n")
    program = load(made(tmp_path, {"journeys/example.yaml": text})).program
    assert program is not None
    assert [one.id for one in program.stopping["complaint.opened"]] == ["example"]
    assert "complaint.opened" in program.asked


def test_without_journeys_there_is_no_project(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.program is None
    assert [(one.code, one.file) for one in loaded.diagnostics] == [("no-journeys", "journeys")]


def test_a_project_without_templates_can_wait(tmp_path: Path) -> None:
    (tmp_path / "journeys").mkdir()
    for name in ("policy.yaml", "example.yaml"):
        text = complete("") if name == "example.yaml" else (SOUND / "journeys" / name).read_text()
        (tmp_path / "journeys" / name).write_text(text)
    loaded = load(tmp_path)
    assert loaded.diagnostics == []
    assert loaded.program is not None
    assert loaded.program.brands == {"michelin"}  # the policy's, in place of any that arrives


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A project with a fault in a journey, one in the policy, one in a template."""
    return made(
        tmp_path,
        {
            "journeys/example.yaml": complete("tilte: x\n"),
            "journeys/policy.yaml": (SOUND / "journeys" / "policy.yaml").read_text() + "colour: red\n",
            "templates/newsletter/email.zh-CN.html": "---\nsubject: a\n---\n{{ customer.nmae }}",
        },
    )


def _files(diagnostics: list[Diagnostic]) -> list[str]:
    return [one.file for one in diagnostics]


def test_all_faults_of_all_files_are_told_in_order(faulty: Path) -> None:
    assert _files(load(faulty).diagnostics) == [
        "journeys/example.yaml",
        "journeys/policy.yaml",
        "templates/newsletter/email.zh-CN.html",
    ]


def test_only_the_named_files_and_folders_are_told_of(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _files(load(faulty, only=[Path("journeys/example.yaml")]).diagnostics) == ["journeys/example.yaml"]
    assert _files(load(faulty, only=[faulty / "templates"]).diagnostics) == [
        "templates/newsletter/email.zh-CN.html"
    ]
    monkeypatch.chdir(faulty / "journeys")
    assert _files(load(faulty, only=[Path("policy.yaml")]).diagnostics) == ["journeys/policy.yaml"]
    assert load(faulty, only=[Path("policy.yaml")]).program is None


def test_diagnostics_are_what_the_contract_says(faulty: Path) -> None:
    first = load(faulty).diagnostics[0]
    assert msgspec.to_builtins(first) == {
        "code": "unknown-key",
        "severity": "error",
        "message": "unknown key 'tilte' in a journey",
        "file": "journeys/example.yaml",
        "line": 1,
        "column": 1,
        "end_column": 6,
        "hint": "did you mean 'title'?",
    }


def test_the_same_files_always_give_the_same(faulty: Path) -> None:
    assert load(faulty).diagnostics == load(faulty).diagnostics


def test_a_warning_alone_does_not_keep_a_program_from_running(tmp_path: Path) -> None:
    loaded = load(made(tmp_path, {"journeys/example.yaml": complete("steps: [end, end]\n")}))
    assert [one.code for one in loaded.diagnostics] == ["unreachable-step"]
    assert loaded.program is not None
