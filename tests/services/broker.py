"""An Apache Kafka 4 of one node, broker and controller in one."""

import base64
import shutil
import subprocess
import uuid
from collections.abc import Callable

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.services.distribution import QUIET, Distribution, distribution, locked
from tests.services.server import HOST, Server, ServerError, listens

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
log.dirs={data}

# Topics are made by who owns them, never by a misspelt name.
auto.create.topics.enable=false

# One node has one copy of everything; few partitions of its own topics make it start sooner.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4

# Tests do not wait: groups form at once, members may be missed after half a second, and a broker that crashed is let
# in again soon.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=2000
"""


class Kafka(Server):
    """`bootstrap` is what clients connect to. Without `quick` it takes longer to start and more memory, and works as
    fast as it can: for measurements."""

    name = "Kafka"
    port_count = 2

    def __init__(self, source: Distribution, *, quick: bool = True, options: tuple[str, ...] = ()) -> None:
        super().__init__(stop="SIGTERM", end="SIGKILL")
        self._source = source
        size = ("-Xmx384m", "-XX:TieredStopAtLevel=1") if quick else ("-Xmx1g",)
        self._options = [*size, f"-Djava.io.tmpdir={self.folder}", *options]
        self._properties = self.folder / "server.properties"

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.ports[0]}"

    def pause(self) -> None:
        """Stops it as a machine that hangs: connections stay, nothing is answered."""
        self._order("pause")
        self._paused = True

    def resume(self) -> None:
        self._order("resume")
        self._paused = False

    def command(self) -> list[str]:
        return self._source.command("kafka.Kafka", str(self._properties), options=self._options)

    def configure(self) -> None:
        port, controller = self.ports[:2]
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        settings = SETTINGS.format(host=HOST, port=port, controller=controller, data=data)
        self._properties.write_text(settings, "utf-8")
        self._format()

    def ready(self) -> bool:
        if not listens(self.ports[0]):
            return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5000)
        except KafkaError:
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    def _format(self) -> None:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        program = (
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={made}",
            "--config",
            str(self._properties),
        )
        done = subprocess.run(
            self._source.command(*program, options=["-XX:TieredStopAtLevel=1"]),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(
                f"Kafka's folder cannot be prepared:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )


def prepare(tell: Callable[[str], None] = lambda _: None) -> Distribution:
    """Fetches Kafka, and lets Java archive its classes in a first run, which halves the time of every later start;
    does nothing when all is there. `tell` hears of what takes long."""
    source = distribution(tell)
    with locked("archive"):
        if not source.archive.exists():
            tell("Letting Java archive Kafka's classes (once, some seconds) …")
            part = source.archive.with_suffix(".part")
            first = Kafka(source, options=(f"-XX:ArchiveClassesAtExit={part}", QUIET)).begin()
            first.stop()
            first.end()
            if part.exists():
                part.rename(source.archive)
            else:
                source.archive.touch()  # this Java cannot: it is not asked again
    return source
