"""The image's entry points as processes on this machine, with the environment that Compose gives them."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.docker.files import compose, image
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.services.server import HOST
from tests.support import ROOT

READY_S = 60.0


class Site:
    """What Compose puts around its containers: secrets, a volume for what is delivered, a broker, a database. Only
    hosts, ports and paths differ from what the files say. `broker` are the settings by which dealers send."""

    def __init__(self, folder: Path, kafka: Kafka, postgres: Postgres, name: str) -> None:
        self.folder = folder
        secret = folder / "database_url"
        secret.write_text(postgres.url(name), "utf-8")
        self.broker = {"MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap, "MILEPOST_KAFKA_PREFIX": f"{name}."}
        self._services = compose({**self.broker, "MILEPOST_DATABASE_URL_FILE": str(secret)})["services"]
        (folder / "delivered").mkdir()

    def start(self, service: str, port: int) -> "Container":
        said = self._services[service]
        made = image()
        command = [*said.get("entrypoint", made.entrypoint), *said.get("command", made.command)]
        log = self.folder / f"{service}-{port}.log"
        return Container(command, self._environment(said, port), log, port)

    def _environment(self, service: Mapping[str, Any], port: int) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
        of_image = {
            name: value.replace("/var/lib/milepost", str(self.folder))
            .replace("/opt/milepost/bin", str(Path(sys.executable).parent))
            .replace("${PATH}", os.environ["PATH"])
            for name, value in image().environment.items()
        }
        # A container has addresses of its own; here all are on one machine, which nobody else is to reach.
        own = {f"MILEPOST_{one}_HOST": HOST for one in ("HTTP", "GATEWAY")}
        own |= {f"MILEPOST_{one}_PORT": str(port) for one in ("HTTP", "GATEWAY")}
        return {**inherited, **of_image, **service["environment"], **own, "PYTHONPATH": str(ROOT)}


class Container:
    """One process as Docker starts it: by its command, in the project's folder."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, port: int) -> None:
        self._environment = environment
        self._log = log
        self.port = port
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")[-4000:]

    def is_healthy(self) -> bool:
        """By the image's own HEALTHCHECK."""
        return (
            subprocess.run(image().health, env=self._environment, capture_output=True, check=False).returncode
            == 0
        )

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return self.page("/health/ready") == "ready\n"
        return False

    def wait(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_S
        while not done():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log()}"
            assert time.monotonic() < deadline, f"not {what} within {READY_S:g} s: {self.log()}"
            time.sleep(0.05)

    def ended(self, within_s: float) -> int:
        """Its exit code."""
        return self.process.wait(within_s)

    def remove(self) -> None:
        """Whatever state it is in; the worker ends with its supervisor."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
