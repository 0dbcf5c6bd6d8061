"""What the image runs, as `compose.yaml` says, on a real broker and a real database: set up, two workers, a stop."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from engine.sample import events_path
from tests.docker.files import DOCKER, compose
from tests.docker.processes import Container, Site
from tests.services.broker import Kafka, prepare
from tests.services.database import Postgres
from tests.services.server import HOST, free_ports
from tests.support import milepost

STOP_S = 10.0
"""How long an orderly stop may take."""

pytestmark = pytest.mark.xdist_group("docker")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, kafka: Kafka, postgres: Postgres) -> Site:
    """Set up, and set up once more, as after a change of version."""
    made = Site(tmp_path_factory.mktemp("docker"), kafka, postgres, "docker")
    for port in free_ports(2):
        setup = made.start("setup", port)
        assert setup.ended(60) == 0, setup.log()
    return made


@pytest.fixture(scope="module")
def workers(site: Site) -> Iterator[list[Container]]:
    started = [site.start("worker", port) for port in free_ports(2)]
    yield started
    for one in started:
        one.remove()


def test_workers_become_healthy_and_ready(workers: list[Container]) -> None:
    for one in workers:
        one.wait(one.is_ready, "ready")
        assert one.is_healthy()


def test_the_gateway_becomes_ready_and_stops_in_order(site: Site, workers: list[Container]) -> None:
    gateway = site.start("gateway", free_ports(1)[0])
    try:
        gateway.wait(gateway.is_ready, "ready")
        gateway.process.terminate()
        assert gateway.ended(STOP_S) == 0, gateway.log()
    finally:
        gateway.remove()


def test_what_dealers_send_is_decided(site: Site, workers: list[Container], tmp_path: Path) -> None:
    lines = events_path().read_bytes().splitlines(keepends=True)[:50]
    events = [json.loads(line) for line in lines]
    (tmp_path / "events.jsonl").write_bytes(b"".join(lines))
    milepost("send", "events.jsonl", cwd=tmp_path, **site.broker)
    different = len({(one["source"], one["id"]) for one in events})
    workers[0].wait(lambda: _accepted(workers) >= different, "done with the events")
    assert _accepted(workers) == different


def test_every_number_that_an_alert_asks_for_is_told(workers: list[Container]) -> None:
    told = "\n".join(one.page("/metrics") for one in workers)
    rules = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"milepost_\w+", rule["expr"])}
    assert asked
    assert not [name for name in asked if f"# TYPE {name.removesuffix('_total')}" not in told]


def test_workers_stop_in_good_order_within_ten_seconds(workers: list[Container]) -> None:
    for one in workers:
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        assert one.ended(STOP_S + 10) == 0, one.log()
        assert time.monotonic() - began < STOP_S


def _accepted(workers: list[Container]) -> float:
    counted = re.compile(r"^milepost_events_total\{outcome=\"accepted\"\} (\S+)$", re.MULTILINE)
    return sum(float(n) for one in workers for n in counted.findall(one.page("/metrics")))


class BrokerOfCompose(Kafka):
    """A broker with the settings that `compose.yaml` gives to its own, on other addresses."""

    port_count = 3

    def configure(self) -> None:
        environment = compose({})["services"]["kafka"]["environment"]
        lines = [
            f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={self._here(str(value))}"
            for name, value in environment.items()
            if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
        ]
        self._properties.write_text("\n".join(lines), "utf-8")
        self._format()

    def _here(self, told: str) -> str:
        for theirs, ours in zip((9092, 9093, 9094), self.ports, strict=True):
            told = re.sub(rf"(kafka|localhost)?:{theirs}\b", f"{HOST}:{ours}", told)
        return told.replace("/var/lib/kafka/data", str(self.folder / "data"))


def test_the_broker_starts_with_the_settings_of_compose(kafka: Kafka) -> None:
    if not isinstance(kafka, Kafka):
        pytest.skip("this test starts a broker of its own, and MILEPOST_TEST_KAFKA names one")
    with BrokerOfCompose(prepare()) as broker:
        assert broker.ready()
