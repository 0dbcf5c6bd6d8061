"""How a lookup is written, from the plain values of a profile."""

from datetime import date, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from engine.cli.lookup_screen import ahead, show

TODAY = date(2025, 3, 8)


def profile(**values: Any) -> dict[str, Any]:
    return {
        "at": f"{TODAY}T10:00:00+08:00",
        "customer": {"name": "王芳"},
        "consents": {},
        "paused_until": None,
        "vehicles": [],
        "purchases": [],
        "visits": [],
        "runs": [],
        "messages": [],
        "next": [],
        **values,
    }


def run(**values: Any) -> dict[str, Any]:
    return {
        "title": "Welcome",
        "status": "live",
        "vehicle": None,
        "started_at": "2025-03-01T10:00:00+08:00",
        "since": "2025-03-01T10:00:00+08:00",
        "step": "wait",
        "step_title": "",
        "round": None,
        "rounds": None,
        "waits_for": "time",
        "distance_km": None,
        "due_at": "2025-04-01T10:00:00+08:00",
        **values,
    }


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-3, "today"),
        (0, "today"),
        (1, "tomorrow"),
        (13, "in 13 days"),
        (35, "in 5 weeks"),
        (180, "in 6 months"),
        (729, "in 24 months"),
        (3 * 365, "in 3 years"),
    ],
)
def test_how_far_off_a_day_is(days: int, said: str) -> None:
    assert ahead(TODAY, TODAY + timedelta(days=days)) == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "since 2025-03-01; waits; goes on 2025-04-01, in 3 weeks"),
        ({"step_title": "Let it settle"}, "since 2025-03-01; Let it settle; goes on 2025-04-01, in 3 weeks"),
        ({"status": "paused"}, "since 2025-03-01; waits; paused; goes on 2025-04-01, in 3 weeks"),
        ({"due_at": "2025-03-01T10:00:00+08:00"}, "since 2025-03-01; waits; due since 2025-03-01"),
        (
            {"waits_for": "distance", "distance_km": 10000, "round": 2, "rounds": 3, "due_at": None},
            "since 2025-03-01; waits for round 2 of 3, every 10,000 km; nobody can tell until when",
        ),
        (
            {"waits_for": "distance", "distance_km": 40000, "due_at": "2028-03-01T10:00:00+08:00"},
            "since 2025-03-01; waits for 40,000 km; goes on about 2028-03, in 3 years",
        ),
        ({"waits_for": None, "due_at": None}, "since 2025-03-01; stands at wait; until when is not known"),
        (
            {"since": "2025-03-05T10:00:00+08:00"},
            "since 2025-03-01; waits since 2025-03-05; goes on 2025-04-01, in 3 weeks",
        ),
    ],
)
def test_where_a_run_stands(
    values: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    show(profile(runs=[run(**values)]))
    assert said in [one.strip() for one in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("columns", [30, 60, 80])
def test_consents_and_addresses_are_broken_to_the_width(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    channels = {"letter": True, "email": True, "sms": True, "phone": True}
    consents = dict.fromkeys(("care", "newsletter", "service", "safety"), channels)
    customer = {"name": "王芳", "address.city": "北京市", "address.line": "朝阳区" + "幸福路一号" * 20}
    show(profile(customer=customer, consents=consents))
    shown = capsys.readouterr().out
    assert max(cell_len(one) for one in shown.splitlines()) <= columns
    said = "".join(one.strip("│ ") for one in shown.splitlines()).replace(" ", "")
    assert "幸福路一号" * 20 in said
    for name in consents:
        assert f"{name}:letter,email,sms,phone" in said


def test_a_pause_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show(profile(paused_until="2025-05-01T10:00:00+08:00"))
    assert "a pause until 2025-05-01" in " ".join(capsys.readouterr().out.split())


def test_what_an_event_brought_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show(profile(customer={"name": "\x1b[2J\u202e[bold]Eve[/]", "address.city": "北京\u3000市"}))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]Eve[/]" in shown
    assert "北京\u3000市" in shown


def test_long_histories_leave_room_for_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    visits = [
        {
            "at": f"20{year}-01-01T10:00:00+08:00",
            "dealer": "d1",
            "vehicle": None,
            "odometer_km": None,
            "work": [],
        }
        for year in range(10, 25)
    ]
    show(profile(visits=visits))
    shown = capsys.readouterr().out
    assert "… and 5 earlier" in shown
    assert shown.index("2024-01-01") < shown.index("2015-01-01")
