"""The YAML language server that editors use (npm's `yaml-language-server`): fetched once, and talked to.

It lies in the cache (`MILEPOST_CACHE`, by default `~/.cache/milepost`), under a name made of what `package-lock.json`
pins; with it there, nothing asks the network.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.services.distribution import cache_folder, locked

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
INSTALL = "The editor's tests need Node.js 18 or newer, with npm. On Debian: apt-get install nodejs npm."


class EditorError(Exception):
    """Why there is no language server, and what to install."""


def language_server() -> Path:
    """Its program; fetched where it is not in the cache yet. Raises `EditorError` if it cannot be had."""
    folder = cache_folder() / f"yaml-language-server-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    with locked("yaml-language-server"):
        if not folder.exists():
            _fetch(folder)
    return folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise EditorError(f"There is no npm to fetch it with. {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as scratch:
        place = Path(scratch) / "server"
        place.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EditorError(
                f"npm could not fetch it, which the first run needs. {INSTALL}\n{done.stderr[-500:]}"
            )
        place.rename(folder)


class Editor:
    """An editor's side of the Language Server Protocol, as far as completing and checking go."""

    def __init__(self, process: "subprocess.Popen[bytes]", settings: dict[str, Any]) -> None:
        self._process = process
        self._settings = settings
        self._asked = 0
        self._configured = False
        self._faults: dict[str, list[dict[str, Any]]] = {}
        self.request(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": {"workspace": {"configuration": True}}},
        )
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})
        while not self._configured:
            self._next()

    def request(self, method: str, params: dict[str, Any]) -> Any:
        self._asked += 1
        mine = self._asked
        self._send({"id": mine, "method": method, "params": params})
        while True:
            got = self._next()
            if got.get("id") == mine and "method" not in got:
                assert "error" not in got, got
                return got["result"]

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def completions(self, uri: str, line: int, character: int) -> list[str]:
        """What can stand there; line and character from 0."""
        position = {"line": line, "character": character}
        found = self.request("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        return [one["label"] for one in (found["items"] if isinstance(found, dict) else found)]

    def faults(self, uri: str) -> list[str]:
        """What is underlined, once it has been said."""
        while uri not in self._faults:
            self._next()
        return [one["message"] for one in self._faults.pop(uri)]

    def hover(self, uri: str, line: int, character: int) -> str:
        position = {"line": line, "character": character}
        found = self.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return "" if found is None else str(found["contents"]["value"])

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        """The server's next message; what it asks for itself is answered."""
        out = self._process.stdout
        assert out is not None
        length = 0
        while (line := out.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EditorError("the language server has ended")
        got: dict[str, Any] = json.loads(out.read(length))
        if got.get("method") == "textDocument/publishDiagnostics":
            self._faults[got["params"]["uri"]] = got["params"]["diagnostics"]
        elif "method" in got and "id" in got:
            self._send({"id": got["id"], "result": self._answer(got)})
        return got

    def _answer(self, got: dict[str, Any]) -> Any:
        if got["method"] != "workspace/configuration":
            return None
        self._configured = True
        return [self._settings.get(one.get("section", ""), {}) for one in got["params"]["items"]]


@contextmanager
def editor(schemas: dict[str, str]) -> Iterator[Editor]:
    """An editor set up as the how-to tells: schema files (URLs), each for the files of a pattern."""
    node = shutil.which("node")
    if node is None:
        raise EditorError(f"There is no node. {INSTALL}")
    settings: dict[str, Any] = {
        "yaml": {
            "schemas": schemas,
            "validate": True,
            "completion": True,
            "hover": True,
            "schemaStore": {"enable": False},
        }
    }
    with subprocess.Popen(
        [node, str(language_server()), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield Editor(process, settings)
        finally:
            process.kill()
