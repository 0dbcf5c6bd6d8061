"""A site whose messages are sent, and the gateway as a process beside it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from engine.model.events import Event
from engine.store.sqlite import SqliteStore
from tests.support import ADDRESS, CACHE, ROOT, milepost

HOST = "127.0.0.1"
START_S = 60
JOURNEY = """\
    purpose: care
    start: {on: purchase.recorded}
    steps:
      - send: hello
        by: [email, sms, letter]
    """
HTML = {"accept": "text/html,application/xhtml+xml"}
CLICK = {"List-Unsubscribe": "One-Click"}


def bought(number: int, brand: str = "michelin", locale: str = "zh-CN", **person: Any) -> dict[str, Any]:
    """A purchase a minute ago, by a customer who agreed to everything by email, and to care by SMS."""
    named = {"mobile": f"+861380000{number:04}", "email": f"c{number}@example.cn", "name": "王芳"}
    yes = [("email", "care"), ("email", "newsletter"), ("sms", "care")]
    return {
        "specversion": "1.0",
        "id": f"bought-{number}",
        "source": "/dealers/d001",
        "type": "purchase.recorded",
        "time": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "data": {
            "dealer": "d001",
            "customer": {**named, "locale": locale, "address": ADDRESS, **person},
            "vehicle": {"plate": f"京A{number:05}"},
            "tyres": [{"brand": brand, "quantity": 2}],
            "consent": [{"channel": one, "purpose": purpose, "granted": True} for one, purpose in yes],
        },
    }


class Site:
    """A project's folder, with the database beside it."""

    def __init__(self, project: Path, **settings: str) -> None:
        self.project = project
        self.settings = settings

    def run(self, *arguments: object, **more: str) -> str:
        return milepost(*arguments, cwd=self.project, **{**self.settings, **more}).stdout

    def take(self, *events: Mapping[str, Any]) -> None:
        file = self.project / "events.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in events), "utf-8")
        self.run("ingest", file)

    def send(self) -> None:
        self.run("run", "--until-idle")

    def links(self, mobile: str) -> tuple[str, str]:
        """The paths to unsubscribe and to the preferences, as they stand in the newest email to a customer."""
        messages = [json.loads(one) for one in self.run("messages", "--format", "jsonl").splitlines()]
        place = [one["place"] for one in messages if one["customer"] == mobile][-1]
        html = (self.project / "delivered" / place).with_suffix(".html").read_text("utf-8")
        found = {
            one[0]: f"/{one}" for one in re.findall(r"https://care\.example\.com/([up]/[\w-]{43})", html)
        }
        return found["u"], found["p"]

    def known(self, mobile: str) -> dict[str, Any]:
        """What the reception sees."""
        return dict(json.loads(self.run("lookup", mobile, "--format", "json")))

    def may(self, mobile: str) -> set[str]:
        """`channel/purpose` of what is agreed to, among what needs consent."""
        consents = self.known(mobile)["consents"]
        return {
            f"{channel}/{purpose}"
            for purpose, channels in consents.items()
            for channel, yes in channels.items()
            if yes and purpose != "service"
        }

    def events(self, mobile: str) -> list[Event]:
        """All that is logged of a customer."""
        store = SqliteStore(self.project / "milepost.db")
        try:
            [customer] = store.find([("mobile", mobile)])
            return [one.event for one in store.events_of(customer.id)]
        finally:
            store.close()

    def said(self, mobile: str) -> list[str]:
        """The statements of consent among it."""
        events = [one for one in self.events(mobile) if one.type.startswith("consent.")]
        return [f"{one.type} {one.data['channel']}/{one.data['purpose']}" for one in events]

    @contextmanager
    def gateway(self, **more: str) -> Iterator["Gateway"]:
        running = Gateway(self, more)
        try:
            yield running
        finally:
            running.end()


class Gateway:
    """`milepost gateway`, listening on a port of its own."""

    def __init__(self, site: Site, more: Mapping[str, str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
        self.log = site.project / "gateway.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "engine.cli.main", "gateway", "--port", "0"],
                cwd=site.project,
                env={
                    **inherited,
                    "PYTHONPATH": str(ROOT),
                    "MILEPOST_CACHE_DIR": CACHE,
                    **site.settings,
                    **more,
                },
                stdout=log,
                stderr=log,
            )
        self.url = self._url()
        self.http = httpx.Client(base_url=self.url, timeout=30)

    def _url(self) -> str:
        """Where it listens, as soon as it says so."""
        with self.log.open() as told:
            for _ in range(START_S * 20):
                line = told.readline()
                if found := re.search(r"listening on (http://\S+);", line):
                    return found[1]
                if not line:
                    if self.process.poll() is not None:
                        break
                    with_patience(self.process)
        raise AssertionError(self.log.read_text("utf-8"))

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


def with_patience(process: "subprocess.Popen[bytes]") -> None:
    """A moment, or less if the process ends."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return
