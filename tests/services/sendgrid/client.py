"""Starts it for a test, and asks it."""

import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import msgspec

from tests.services.sendgrid import KEY
from tests.services.server import HOST, Server, listens

_ROOT = Path(__file__).parents[3]


class SendGrid(Server):
    """`url` is what MILEPOST_SENDGRID_URL is set to, `key` the API key."""

    name = "SendGrid"
    port_count = 1
    key = KEY

    def __init__(self, *options: str) -> None:
        super().__init__(stop="SIGTERM", end="SIGKILL")
        self._options = options

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports[0]}"

    def command(self) -> list[str]:
        path = f"PYTHONPATH={_ROOT}"
        module = ["-m", "tests.services.sendgrid", "--port", str(self.ports[0])]
        return ["/usr/bin/env", path, sys.executable, *module, *self._options]

    def configure(self) -> None:
        """All by the command's line."""

    def ready(self) -> bool:
        return listens(self.ports[0])

    # What tests ask

    def befall(self, *faults: dict[str, Any]) -> None:
        """What befalls the next requests: the members of `Fault`."""
        self._post("faults", list(faults))

    def reset(self) -> None:
        self._post("reset", None)

    def taken(self) -> list[dict[str, Any]]:
        """Each message as its recipient would have it: the members of `Mail`."""
        return self._get("taken")

    def ids(self) -> list[str]:
        """The message ids of what was taken, each as often as it was."""
        return [one["custom_args"].get("message_id", "") for one in self.taken()]

    def requests(self) -> list[dict[str, Any]]:
        return self._get("requests")

    def counts(self) -> dict[str, int]:
        return self._get("counts")

    def webhook_key(self) -> str:
        with urlopen(f"{self.url}/control/key") as answer:
            return str(answer.read().decode())

    def post_webhooks(self, url: str, *events: str, **order: Any) -> list[int]:
        """Posts events of what was taken, by the members of `Order`; returns the answers' statuses."""
        return msgspec.json.decode(self._post("webhooks", {"url": url, "events": list(events), **order}))

    def _get(self, what: str) -> Any:
        with urlopen(f"{self.url}/control/{what}") as answer:
            return msgspec.json.decode(answer.read())

    def _post(self, what: str, value: Any) -> bytes:
        request = Request(f"{self.url}/control/{what}", data=msgspec.json.encode(value), method="POST")
        with urlopen(request) as answer:
            return bytes(answer.read())
