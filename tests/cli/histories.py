"""A small history for reports: three customers, two versions of a project, everything that a report tells of."""

from pathlib import Path
from typing import Any

from tests.cli.sites import line, write_lines
from tests.support import POLICY, write_project

RULES = (
    POLICY
    + 'quiet_hours: {sms: "21:00-09:00"}\n'
    + "caps:\n  - {at_most: 1, within: 3 days, over: [email]}\n"
    + "prices: {letter: 4.20, sms: 0.05}\ncurrency: CNY\n"
)
WELCOME = """\
    title: Welcome pack
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    goal: {on: service.visited, within: 3 months}
    steps:
      - wait: 1 month
        at: "10:00"
      - send: hello
        by: [letter, email, sms]
    """
LATE = """\
    purpose: care
    start: {on: purchase.recorded}
    steps:
      - {wait: 1 day, at: "22:00"}
      - {send: thanks, by: sms}
      - task: call
        for: dealer
    """
UNTIL = "2025-06-01"
NAMES = ("王芳", '<b>"O’Neil" & Sons</b>', "李|娜")


def consents(*channels: str) -> list[dict[str, Any]]:
    return [{"channel": one, "purpose": "care", "granted": True} for one in channels]


def events() -> list[dict[str, Any]]:
    """The first agreed to SMS, the second to email, the third to nothing; the first came for a visit in May. One line
    is there twice, one is broken."""
    agreed = (consents("sms"), consents("email"), [])
    bought = [
        line(
            n,
            customer={"name": name, "mobile": f"1380000000{n}", "email": f"c{n}@example.cn"},
            consent=agreed[n - 1],
        )
        for n, name in enumerate(NAMES, start=1)
    ]
    visited = {
        **line(9),
        "type": "service.visited",
        "time": "2025-05-01T09:00:00+08:00",
        "data": {"dealer": "d001", "customer": {"mobile": "13800000001"}, "work": ["oil"]},
    }
    return [*bought, bought[0], {**line(4), "time": "yesterday"}, visited]


def write_history(folder: Path) -> Path:
    """`before` and `now` are projects, `events.jsonl` lies beside them."""
    write_project(
        folder / "before", {"welcome": WELCOME, "late": LATE}, templates=("hello", "thanks"), policy=RULES
    )
    write_project(
        folder / "now",
        {
            "welcome": WELCOME.replace("1 month\n", "3 weeks\n"),
            "late": LATE.replace("by: sms", "by: [email, sms]"),
            "again": "purpose: care\nstart: {on: service.visited}\nsteps:\n  - {send: hello, by: sms}\n",
        },
        templates=("hello", "thanks"),
        policy=RULES,
    )
    write_lines(folder / "events.jsonl", events())
    return folder


class Numbers:
    """The numbers of a page, by their ids; and its text, without what is not read."""

    def __init__(self, file: Path) -> None:
        self.text = file.read_text("utf-8")

    def __getitem__(self, name: str) -> float:
        return float(self.text.split(f'<data id="n-{name}" value="')[1].split('"')[0])
