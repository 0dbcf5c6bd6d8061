"""One demo, of a small network, made once; the tests look at it from all sides."""

from datetime import date
from pathlib import Path

import pytest

from engine.demo import make_demo, shipped_project
from engine.demo.folder import DATABASE
from engine.ports import MessageFilter
from engine.sim.network import Setting, made
from engine.store.sqlite import SqliteStore
from engine.wiring.projects import load_runnable
from tests.demo.demos import Demo, Looking

SMALL = Setting(seed=11, customers=48, start=date(2025, 1, 1), days=365, km_per_day=60.0)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "events.jsonl"
    with made(SMALL) as network, path.open("wb") as file:
        file.writelines(line + b"\n" for line in network.lines())
    return path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Demo:
    out = tmp_path_factory.mktemp("demo") / "output"
    looking = Looking()
    result = make_demo(out, looking, sample=sample)
    store = SqliteStore(out / DATABASE)
    rows = list(store.messages(MessageFilter()))
    store.close()
    return Demo(out, sample, result, rows, looking, load_runnable(shipped_project(), drafts=False))
