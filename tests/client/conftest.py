"""Each test with an inbox and a spool of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.client import Client
from tests.client.inboxes import make_inbox
from tests.services.broker import Kafka

Connect = Callable[..., Client]


@pytest.fixture
def prefix(kafka: Kafka, request: pytest.FixtureRequest) -> str:
    """Of the test's own topics, which are there."""
    name = f"{Path(request.node.fspath).stem}.{request.node.originalname}."
    make_inbox(kafka.bootstrap, name)
    return name


@pytest.fixture
def connect(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Connect]:
    """Makes clients with the test's inbox and spool; those that a test leaves open are closed."""
    with ExitStack() as stack:

        def made(**settings: Any) -> Client:
            usual: dict[str, Any] = {
                "bootstrap": kafka.bootstrap,
                "source": "/dealers/d001",
                "spool": tmp_path / "spool",
                "prefix": prefix,
            }
            client = Client(**{**usual, **settings})
            stack.callback(client.close, 0.0)
            return client

        yield made
