"""Where no broker can be had, tests that need one fail and say what to do; they are left out only when asked."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

USING = "def test_using(kafka):\n    kafka.restart()\n"


def outcome(folder: Path, **environment: str) -> str:
    """What pytest says of a test that needs a broker."""
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.services.fixtures"]\n', "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (folder / "test_using.py").write_text(USING, "utf-8")
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MILEPOST_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", str(folder)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "300", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_without_maven_and_anything_in_the_cache_they_fail_and_say_what_to_install(tmp_path: Path) -> None:
    said = outcome(tmp_path, PATH=str(tmp_path), MILEPOST_CACHE=str(tmp_path / "cache"))
    assert "1 error" in said
    assert "apt-get install openjdk-17-jre-headless maven" in said


def test_they_are_left_out_only_when_asked_and_it_is_told(tmp_path: Path) -> None:
    said = outcome(tmp_path, MILEPOST_SKIP_KAFKA="1")
    assert "1 skipped" in said
    assert "MILEPOST_SKIP_KAFKA=1" in said


def test_a_broker_that_others_run_is_not_stopped(tmp_path: Path) -> None:
    said = outcome(tmp_path, MILEPOST_TEST_KAFKA="127.0.0.1:9")
    assert "1 skipped" in said
    assert "MILEPOST_TEST_KAFKA names one" in said
