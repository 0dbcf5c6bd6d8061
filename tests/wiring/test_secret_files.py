"""Secrets need not stand in the environment: a file may hold them."""

from pathlib import Path

import pytest

from engine.model.errors import UsageError
from engine.wiring.settings import load_settings

URL = "postgresql://milepost:p%40ss@db:5432/milepost"


def test_a_file_may_hold_the_database_with_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "database_url"
    file.write_text(URL + "\n", "utf-8")
    monkeypatch.setenv("MILEPOST_DATABASE_URL_FILE", str(file))
    assert load_settings().database_url == URL


def test_a_secrets_file_that_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_DATABASE_URL_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match=r"MILEPOST_DATABASE_URL_FILE: .*nowhere cannot be read"):
        load_settings()


def test_only_secrets_are_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prefix").write_text("test.", "utf-8")
    monkeypatch.setenv("MILEPOST_KAFKA_PREFIX_FILE", str(tmp_path / "prefix"))
    assert load_settings().kafka_prefix == ""
