"""What the page is made of, piece by piece."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from engine.demo.arrivals import Arrivals
from engine.demo.gallery import choose
from engine.demo.next_steps import path_from
from engine.demo.odometer_story import marks_of, odometer_story
from engine.demo.shipped import shipped_project, shipped_sample
from engine.model.customer import Reading, Vehicle
from engine.model.diagnostics import Rejection
from engine.model.messages import Message, Status
from engine.ports import MessageRow
from engine.wiring.projects import load_runnable
from tests.support import SHANGHAI, local, visit


def test_what_is_shipped_is_there() -> None:
    assert (shipped_project() / "journeys" / "policy.yaml").is_file()
    assert shipped_sample().is_file()


# What came in


def test_a_duplicate_is_counted_once_and_a_late_one_by_its_delay() -> None:
    arrivals = Arrivals(SHANGHAI)
    on_time = visit("2025-03-01 10:00", recorded="2025-03-01 18:00")
    late = visit("2025-03-02 10:00", recorded="2025-03-07 18:00")
    for one in (on_time, late, on_time):
        arrivals.event(one)
    arrivals.refused(Rejection(file="x/e.jsonl", line=4, field="id", reason="id is missing", raw=b"{}"))
    report = arrivals.report({})
    assert (report.read, report.accepted, report.duplicates, report.rejected) == (4, 2, 1, 1)
    assert report.late == 1
    assert {one.label: one.events for one in report.delays if one.events} == {
        "within a day": 1,
        "3 to 7 days": 1,
    }
    assert report.causes[0].refusals[0].file == "e.jsonl"


def test_lines_refused_for_one_reason_are_told_together() -> None:
    arrivals = Arrivals(SHANGHAI)
    arrivals.event(visit("2025-03-01 10:00"))
    for line, reason in ((1, "a"), (2, "b"), (3, "b")):
        raw = b'{"data": {"dealer": "d007"}}' if line == 3 else b"\xff"
        arrivals.refused(Rejection(file="e", line=line, field="", reason=reason, raw=raw))
    causes = arrivals.report({}).causes
    assert [(one.reason, len(one.refusals)) for one in causes] == [("b", 2), ("a", 1)]
    assert [one.dealer for one in causes[0].refusals] == ["", "d007"]


# The gallery


def row(brand: str, channel: str, locale: str) -> MessageRow:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    message = Message(
        id=f"{brand}{channel}{locale}",
        journey="j",
        step="s",
        run="r",
        customer_id="c",
        customer=None,
        vehicle=None,
        template="t",
        purpose="care",
        channel=channel,
        brand=brand,
        locale=locale,
        status=Status.SENT,
        at=at,
        due_at=at,
        not_after=at,
    )
    return MessageRow(message=message, place="x")


def test_one_of_each_brand_and_channel_is_chosen_and_one_in_each_further_language() -> None:
    brands, channels = ("b1", "b2", "b3"), ("letter", "sms")
    rows = [row(*kind) for kind in _kinds(brands, channels)] * 3
    chosen = [one.message for one in choose(rows, channels, "zh-CN")]
    assert [(one.brand, one.channel) for one in chosen[:6]] == [
        (brand, channel) for brand in brands for channel in channels
    ]
    assert {one.locale for one in chosen[:6]} == {"zh-CN"}
    assert [(one.brand, one.channel, one.locale) for one in chosen[6:]] == [
        ("b1", "letter", "en"),
        ("b2", "sms", "en"),
    ]


def _kinds(brands: tuple[str, ...], channels: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [(b, c, locale) for b in brands for c in channels for locale in ("zh-CN", "en")]


# The car


def test_the_marks_of_the_care_plan_are_those_of_its_journeys() -> None:
    program = load_runnable(shipped_project(), drafts=False)
    marks = {one.id: [km for km, _ in marks_of(one)] for one in program.journeys.values()}
    assert marks["tyre-health"] == [10_000, 20_000, 30_000]
    assert marks["alignment-check"] == [20_000]
    assert marks["welcome-pack"] == marks["quarterly-newsletter"] == []


def test_marks_are_counted_from_each_fitting_and_the_next_one_is_shown_ahead() -> None:
    program = load_runnable(shipped_project(), drafts=False)
    first, second, now = local("2025-01-01 10:00"), local("2025-07-01 10:00"), local("2025-10-01 10:00")
    readings = tuple(
        Reading(first + timedelta(days=days), 50_000 + 100.0 * days) for days in (0, 90, 181, 273)
    )
    story = odometer_story(
        program, Vehicle(id="京A12345", readings=readings), "a car", (second, first), (), now
    )
    assert story is not None
    assert [(one.km, one.counted_from) for one in story.marks] == [
        (10_000, date(2025, 1, 1)),
        (10_000, date(2025, 7, 1)),
    ]
    crossed, ahead = story.marks
    assert abs((crossed.day - date(2025, 4, 11)).days) <= 3
    assert ahead.day > story.today == date(2025, 10, 1)
    assert story.line[-1].day > ahead.day


# What to try


def test_a_path_is_told_as_seen_from_the_page(tmp_path: Path) -> None:
    assert path_from(tmp_path / "project", tmp_path / "out") == "../project"
    far = tmp_path / "a" / "b" / "c" / "d" / "e"
    assert path_from(tmp_path / "project", far) == str(tmp_path / "project")
