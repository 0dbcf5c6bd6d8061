"""What tests of several layers share: small projects, events in one line, a simulation in one call."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from subprocess import run as run_process
from tempfile import gettempdir
from textwrap import dedent
from typing import Any
from zoneinfo import ZoneInfo

from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.events import Event
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.sim import Simulation
from engine.wiring.projects import load, runnable

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parent.parent

CARE_PLAN = ("welcome-pack", "tyre-health", "alignment-check", "replacement", "quarterly-newsletter")
"""The journeys of the care plan, among those that are shipped."""

POLICY = """\
timezone: Asia/Shanghai
locale: zh-CN
brand: michelin
channels: [letter, email, sms]
purposes:
  care: {consent: required}
  newsletter: {consent: required}
  service: {consent: assumed}
"""

ALL_CONSENTS = [{"channel": "all", "purpose": "all", "granted": True}]
CACHE = str(Path(gettempdir(), "milepost-tests"))
"""Where deployed projects are laid out; each is known by its hash, so tests may share it."""
ADDRESS = {"line": "幸福路1号", "city": "北京市", "postcode": "100020", "country": "CN"}


def local(text: str) -> datetime:
    """A moment on Shanghai's clock: `2025-03-08 14:20`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def write_project(
    folder: Path,
    journeys: Mapping[str, str],
    *,
    templates: Iterable[str] = ("hello",),
    policy: str = POLICY,
    brands: Iterable[str] = ("michelin", "warrior"),
    files: Mapping[str, str] | None = None,
) -> Path:
    """A project with the journeys (id → what follows `journey:`), and for each template a line of text for every
    channel in zh-CN."""
    _write(folder / "journeys" / "policy.yaml", policy)
    for name, text in journeys.items():
        _write(folder / "journeys" / f"{name}.yaml", f"journey: {name}\n{dedent(text)}")
    for brand in brands:
        _write(
            folder / "templates" / "brands" / brand / "brand.yaml",
            f"name: {{zh-CN: {brand}}}\nsenders: {{email: care@{brand}.example}}\n",
        )
    for template in templates:
        for end in ("letter.zh-CN.html", "email.zh-CN.html", "sms.zh-CN.txt"):
            _write(folder / "templates" / template / end, "---\nsubject: hello\n---\nhello\n")
    for path, text in (files or {}).items():
        _write(folder / path, text)
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def care_plan(folder: Path) -> Path:
    """The shipped project, with the care plan as all its journeys, copied into `folder`."""
    (folder / "journeys").mkdir(parents=True)
    for name in ("policy", "dealers", *CARE_PLAN):
        shutil.copy(ROOT / "journeys" / f"{name}.yaml", folder / "journeys")
    shutil.copytree(ROOT / "templates", folder / "templates")
    return folder


def program_of(folder: Path, *, drafts: bool = True) -> Program:
    return runnable(load(folder), folder, drafts=drafts)


def event(
    kind: str,
    at: str,
    *,
    name: str | None = None,
    recorded: str | None = None,
    mobile: str | None = "+8613800000001",
    plate: str | None = "京A12345",
    km: float | None = None,
    **data: Any,
) -> Event:
    """An event as intake gives it; its id is its kind and time unless `name` says otherwise."""
    person = data.pop("customer", {})
    if mobile is not None:
        person = {"mobile": mobile, **person}
    car: dict[str, Any] = {"plate": plate} if plate is not None else {}
    if km is not None:
        car["odometer_km"] = km
    whole = {**({"customer": person} if person else {}), **({"vehicle": car} if car else {}), **data}
    return Event(
        source="/dealers/d001",
        id=name or f"{kind} {at} {mobile} {plate}",
        type=kind,
        time=local(at),
        recorded=local(recorded) if recorded else None,
        data=whole,
    )


def purchase(at: str, km: float | None = None, **more: Any) -> Event:
    """Two michelin tyres, by a customer with an address and an email who agreed to everything."""
    person = {"address": ADDRESS, "email": "w@example.cn", "name": "王芳", **more.pop("customer", {})}
    data = {
        "dealer": "d001",
        "tyres": [{"brand": "michelin", "quantity": 2}],
        "consent": ALL_CONSENTS,
        "customer": person,
        **more,
    }
    return event("purchase.recorded", at, km=km, **data)


def visit(at: str, km: float | None = None, **more: Any) -> Event:
    return event("service.visited", at, km=km, **{"dealer": "d001", "work": ["oil"], **more})


def simulated(program: Program, events: Iterable[Event], until: str) -> list[Message]:
    """The messages of a simulation, in order."""
    messages: list[Message] = []
    simulation = Simulation(program, Identification(), messages.append)
    for one in events:
        simulation.event(one)
    simulation.run_until(local(until))
    return messages


def told(messages: Iterable[Message]) -> list[str]:
    """Messages in one line each: `2025-04-08 10:00 hello letter`, or with the reason in place of the channel."""
    return [
        f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {one.step} "
        f"{one.channel if one.status is not Status.SKIPPED else one.reason}"
        for one in messages
    ]


def parsed_lines(program: Program, lines: Iterable[bytes | str]) -> list[Event]:
    """The events of those lines that are accepted."""
    parser = Parser(program.event_types, program.policy.country)
    parsed = (parser.parse(one if isinstance(one, bytes) else one.encode()) for one in lines)
    return [one for one in parsed if isinstance(one, Event)]


def milepost(
    *arguments: object, cwd: Path, check: bool = True, stdin: str = "", **environment: str
) -> CompletedProcess[str]:
    """Runs the real command in `cwd`."""
    command = [sys.executable, "-m", "engine.cli.main", *map(str, arguments)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
    done = run_process(
        command,
        cwd=cwd,
        env={"MILEPOST_CACHE_DIR": CACHE, **inherited, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(
            f"{arguments}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done
