"""The program of docs/howto/dealers-http.md: it loses nothing, whatever answers."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.web.dealers import purchase
from tests.web.gateways import Site

KEY = "mp_0000000000000000_" + "A" * 43


def program(folder: Path) -> Path:
    page = (ROOT / "docs" / "howto" / "dealers-http.md").read_text("utf-8")
    [code] = [one for one in re.findall(r"```python\n(.*?)```", page, re.S) if "FOLDER" in one]
    path = folder / "send.py"
    path.write_text(code.replace("time.sleep(wait_s)", "time.sleep(0)"), "utf-8")
    return path


def send(folder: Path, url: str, key: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(program(folder)), str(folder / "out")]
    environment = {"MILEPOST_URL": url, "MILEPOST_KEY": key}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8"
    )


@contextmanager
def answering(statuses: Sequence[int]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers so, one after the other, then 202; and the bodies that it got."""
    left, got = list(statuses), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(left.pop(0) if left else 202)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    lines = [json.dumps(purchase(n)) for n in range(3)]
    (folder / "a.jsonl").write_text("\n".join([lines[0], "{", "", lines[1]]) + "\n", "utf-8")
    (folder / "b.jsonl").write_text(lines[2] + "\n", "utf-8")
    return folder


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*.jsonl"))


def test_it_sends_a_folder_to_a_gateway(tmp_path: Path, site: Site, out: Path) -> None:
    key = json.loads(site.run("keys", "create", "--dealer", "d001", "--format", "json"))["key"]
    with site.gateway() as gateway:
        done = send(tmp_path, gateway.url, key)
        assert done.returncode == 0, done.stderr
        assert "not JSON" in done.stderr
        assert files(out) == ["refused/a.jsonl", "sent/a.jsonl", "sent/b.jsonl"]
        assert (out / "refused" / "a.jsonl").read_bytes() == b"{\n"
    for number in range(3):
        assert f"sold-{number}" in [one.id for one in site.events(f"+861380000{number:04}")]


@pytest.mark.parametrize("status", [200, 204, 301, 401, 403, 404, 405])
def test_where_not_the_event_is_wrong_it_stops_and_keeps_all(tmp_path: Path, out: Path, status: int) -> None:
    with answering([202, status]) as (url, got):
        done = send(tmp_path, url, KEY)
        assert done.returncode == 1
        assert str(status) in done.stderr
        assert len(got) == 2
    assert files(out) == ["a.jsonl", "b.jsonl"]


def test_what_is_not_taken_now_is_sent_again(tmp_path: Path, out: Path) -> None:
    with answering([503, 429, 408, 502, 202]) as (url, got):
        assert send(tmp_path, url, KEY).returncode == 0
        assert got[0] == got[4] != got[5]
    assert files(out) == ["sent/a.jsonl", "sent/b.jsonl"]


def test_where_nobody_answers_all_is_kept(tmp_path: Path, out: Path) -> None:
    with answering([]) as (url, _):
        pass
    assert send(tmp_path, url, KEY).returncode == 1
    assert files(out) == ["a.jsonl", "b.jsonl"]
