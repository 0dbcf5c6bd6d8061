"""Starts one for a test, and asks it."""

import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import msgspec

from tests.services.server import HOST, Server, listens

_ROOT = Path(__file__).parents[3]


class SmsServer(Server):
    """One provider's server: `twilio`, `aliyun` or `gateway`."""

    port_count = 1

    def __init__(self, provider: str) -> None:
        self.name = f"sms-{provider}"
        self._provider = provider
        super().__init__(stop="SIGTERM", end="SIGKILL")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports[0]}"

    def command(self) -> list[str]:
        module = ["-m", "tests.services.sms", self._provider, "--port", str(self.ports[0])]
        return ["/usr/bin/env", f"PYTHONPATH={_ROOT}", sys.executable, *module]

    def configure(self) -> None:
        """All by the command's line."""

    def ready(self) -> bool:
        return listens(self.ports[0])

    def befall(self, **fault: Any) -> None:
        """What befalls the next messages: the members of `Fault`."""
        self._post("faults", [fault])

    def reset(self) -> None:
        self._post("reset", None)

    def taken(self) -> list[dict[str, Any]]:
        return self._get("taken")

    def counts(self) -> dict[str, int]:
        return self._get("counts")

    def tell_receipts(self, url: str, **told: Any) -> list[int]:
        """Posts what became of all that was taken; the answers' statuses."""
        return msgspec.json.decode(self._post("receipts", {"url": url, **told}))

    def tell_answer(self, url: str, sender: str, text: str, **more: Any) -> list[int]:
        """Posts what a customer answers."""
        return msgspec.json.decode(self._post("answers", {"url": url, "from": sender, "text": text, **more}))

    def _get(self, what: str) -> Any:
        with urlopen(f"{self.url}/control/{what}") as answer:
            return msgspec.json.decode(answer.read())

    def _post(self, what: str, value: Any) -> bytes:
        request = Request(f"{self.url}/control/{what}", data=msgspec.json.encode(value), method="POST")
        with urlopen(request) as answer:
            return bytes(answer.read())
