"""What can be read only once can be read again from a spool."""

import io
import os
import sys
from pathlib import Path
from threading import Thread

import pytest

from engine.intake.files import STDIN
from engine.intake.spool import Spool
from engine.model.errors import UsageError


def lines(spool: Spool, path: str) -> list[bytes]:
    with spool.open(path) as source:
        return [one.raw for one in source]


def test_standard_input_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"one\ntwo\n")

    monkeypatch.setattr(sys, "stdin", Stdin)
    with Spool() as spool:
        assert lines(spool, STDIN) == lines(spool, STDIN) == [b"one", b"two"]


def test_a_pipe_is_read_twice_and_a_file_is_opened_again(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe.jsonl", tmp_path / "file.jsonl"
    os.mkfifo(pipe)
    file.write_bytes(b"three\n")
    writer = Thread(target=lambda: pipe.write_bytes(b"one\ntwo\n"))
    writer.start()
    with Spool() as spool:
        assert lines(spool, str(pipe)) == lines(spool, str(pipe)) == [b"one", b"two"]
        assert lines(spool, str(file)) == lines(spool, str(file)) == [b"three"]
    writer.join()


def test_what_is_not_there_is_told_as_ever(tmp_path: Path) -> None:
    with Spool() as spool, pytest.raises(UsageError, match="no such file"):
        spool.open(str(tmp_path / "nothing.jsonl"))
