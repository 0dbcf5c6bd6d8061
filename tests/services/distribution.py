"""Where the broker of the tests comes from: Java from this machine, Kafka's libraries from Maven, once.

They are kept in a cache (`MILEPOST_CACHE`, by default `~/.cache/milepost`), under a name made of what `pom.xml` says;
with them there, nothing asks the network.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.services.server import ServerError

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
LOGGING = HERE / "log4j2.properties"
OLDEST_JAVA = 17
QUIET = "-Xlog:disable"  # Java's own log, which tells of every class that cannot be archived
OTHERWISE = (
    "Or name a Kafka 4 that runs by MILEPOST_TEST_KAFKA=host:port. "
    "Or leave out the tests that need one, by MILEPOST_SKIP_KAFKA=1."
)
INSTALL = f"On Debian: apt-get install openjdk-17-jre-headless maven. {OTHERWISE}"


@dataclass(frozen=True)
class Java:
    path: str
    told: str  # what it says of its version, whole


@dataclass(frozen=True)
class Distribution:
    """A Java, Kafka's libraries, and where its classes are kept ready for that Java, if they could be."""

    java: Java
    libraries: Path
    archive: Path

    def command(self, *program: str, options: Sequence[str] = ()) -> list[str]:
        """Runs one of Kafka's programs, given with its arguments, under options of Java's."""
        # In order, since the archive of classes is good for one class path only.
        class_path = os.pathsep.join(map(str, sorted(self.libraries.glob("*.jar"))))
        return [
            self.java.path,
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile={LOGGING}",
            *self._from_archive(),
            *options,
            "-cp",
            class_path,
            *program,
        ]

    def _from_archive(self) -> list[str]:
        usable = self.archive.exists() and self.archive.stat().st_size > 0
        return [f"-XX:SharedArchiveFile={self.archive}", QUIET] if usable else []


def distribution(tell: Callable[[str], None]) -> Distribution:
    """Fetches Kafka if it is not in the cache; `ServerError` if it cannot be had."""
    java = find_java()
    folder = cache_folder() / f"kafka-{sha256(POM.read_bytes()).hexdigest()[:12]}"
    with locked("kafka"):
        if not folder.exists():
            tell(f"Fetching Apache Kafka into {folder.parent} (once, about a minute) …")
            _fetch(folder)
    return Distribution(java, folder, folder / f"{sha256(java.told.encode()).hexdigest()[:12]}.jsa")


@cache
def find_java() -> Java:
    """The first Java that is new enough: that of JAVA_HOME, that of PATH, or one where Debian puts them."""
    home = os.environ.get("JAVA_HOME")
    candidates = [
        *([f"{home}/bin/java"] if home else []),
        shutil.which("java") or "",
        *sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java"))),
    ]
    for path in filter(os.path.exists, candidates):
        asked = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', asked.stderr)
        if version and int(version[1]) >= OLDEST_JAVA:
            return Java(path, f"{os.path.realpath(path)}\n{asked.stderr}")
    raise ServerError(f"Tests with Kafka need Java {OLDEST_JAVA} or newer. {INSTALL}")


def cache_folder() -> Path:
    named = os.environ.get("MILEPOST_CACHE")
    folder = Path(named).absolute() if named else Path.home() / ".cache" / "milepost"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    with (cache_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerError(f"Tests with Kafka need Maven, once, to fetch it. {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as scratch:
        copied = Path(scratch) / "libraries"
        done = subprocess.run(
            [
                maven,
                "--batch-mode",
                "--quiet",
                "--strict-checksums",
                f"--file={POM}",
                "-Dstyle.color=never",
                "dependency:copy-dependencies",
                f"-Dlibraries={copied}",
                f"-Dmaven.repo.local={scratch}/repository",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stdout.strip().partition("\n")[0]
            raise ServerError(f"Maven could not fetch Kafka, which the first run needs. {OTHERWISE}\n{said}")
        copied.rename(folder)
