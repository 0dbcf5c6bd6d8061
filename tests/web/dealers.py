"""What dealers' software reaches, answered in this process, on a real SQLite file."""

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from engine.model.keys import Scope
from engine.ports import RejectionRow
from engine.store.sqlite import SqliteStore
from engine.web.app import make_app
from engine.wiring import gateway as wiring
from engine.wiring.keys import Made, create
from engine.wiring.settings import load_settings
from tests.support import write_project
from tests.web.gateways import JOURNEY

EVENTS = "/v1/events"
STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def purchase(number: int, dealer: str = "d001", **members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"sold-{number}",
        "source": f"/dealers/{dealer}",
        "type": "purchase.recorded",
        "time": "2025-03-08T14:20:00+08:00",
        "data": {
            "dealer": dealer,
            "customer": {"mobile": f"1380000{number:04}", "name": "王芳"},
            "tyres": [{"brand": "michelin", "quantity": 2}],
        },
        **members,
    }


class Desk:
    """`http` is a client without a key; `client` gives one that shows it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.path = folder / "milepost.db"
        write_project(folder, {"hello": JOURNEY})
        given = {"database_url": f"sqlite:///{self.path}", "delivery_dir": folder, "cache_dir": folder}
        self.settings = load_settings(**given, **settings)
        self.folder = folder
        self.store = SqliteStore(self.path)

    @contextmanager
    def open(self) -> Iterator["Desk"]:
        with wiring.gateway(self.settings, self.folder) as made:
            self.gateway = made
            self.app = make_app(made, self.settings.public_url)
            self.http = TestClient(self.app)
            yield self
        self.store.close()

    def key(self, dealer: str = "d001", *scopes: Scope, signed: bool = False, days: float = 1) -> Made:
        now = datetime.now(UTC)
        return create(self.store, dealer, scopes or list(Scope), now, days=days, signed=signed)

    def client(self, dealer: str = "d001", *scopes: Scope) -> TestClient:
        return TestClient(self.app, headers=bearer(self.key(dealer, *scopes)))

    def logged(self) -> list[str]:
        """The ids of all events that are in the database."""
        ids = [one.id for one in self.store.known_after("", 100_000)]
        return sorted(one.event.id for one in self.store.arrivals(ids))

    def refused(self) -> list[RejectionRow]:
        return list(self.store.rejections())


def bearer(made: Made) -> dict[str, str]:
    return {"authorization": f"Bearer {made.text}"}


def signed(made: Made, body: bytes, ago: timedelta = timedelta()) -> dict[str, str]:
    at = int(time.time() - ago.total_seconds())
    mac = hmac.new(made.signing.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return {**bearer(made), "x-milepost-signature": f"t={at},v1={mac}"}
