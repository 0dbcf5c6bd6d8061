"""A project that is read only to look at what it decides."""

from pathlib import Path

import pytest

from engine.language import project
from engine.wiring.projects import load_to_look
from tests.cli.sites import write_site


def test_who_only_looks_does_not_wait_for_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = write_site(tmp_path / "site")
    monkeypatch.setattr(project, "check_texts", lambda *_: pytest.fail("the texts were gone through"))
    program = load_to_look(site).program
    assert program is not None
    assert "welcome" in program.journeys
