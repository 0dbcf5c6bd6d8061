"""The fixtures `kafka`, `postgres`, `sendgrid` and `sms`; what keeps a test from finding what another left broken."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TypeVar

import pytest

from tests.services.broker import Kafka, prepare
from tests.services.database import Postgres, find_programs
from tests.services.postfix import Postfix
from tests.services.sendgrid.client import SendGrid
from tests.services.server import Server, ServerError
from tests.services.sftp import Sftp
from tests.services.sms.client import SmsServer

S = TypeVar("S", bound=Server)

started: list[Server] = []


class NamedKafka:
    """The broker that MILEPOST_TEST_KAFKA names: it is used, but not ours to stop."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def _not_ours(self) -> None:
        pytest.skip("this test stops its broker, and MILEPOST_TEST_KAFKA names one that it did not start")

    start = stop = restart = pause = resume = kill = _not_ours


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka | NamedKafka]:
    """A broker: `bootstrap`, `stop()`, `start()`, `restart()`, `kill()`, `pause()`, `resume()`. Topics stay from test
    to test, so each test names its own."""
    if os.environ.get("MILEPOST_SKIP_KAFKA") == "1":
        pytest.skip("left out, as MILEPOST_SKIP_KAFKA=1 says: this test needs Apache Kafka")
    named = os.environ.get("MILEPOST_TEST_KAFKA")
    if named:
        yield NamedKafka(named)
        return
    with _running(lambda: Kafka(prepare())) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A database server: `url("name")` of a fresh database, `stop()`, `start()`, `restart()`, `kill()`."""
    with _running(lambda: Postgres(find_programs())) as server:
        yield server


@pytest.fixture(scope="session")
def _sendgrid() -> Iterator[SendGrid]:
    with _running(SendGrid) as server:
        yield server


@pytest.fixture
def sendgrid(_sendgrid: SendGrid) -> SendGrid:
    """A server that speaks SendGrid's API, and has taken nothing yet: `url`, `key`, `befall(…)`, `taken()`, `ids()`."""
    _sendgrid.heal()
    _sendgrid.reset()
    return _sendgrid


@pytest.fixture(scope="session")
def _sms() -> Iterator[dict[str, SmsServer]]:
    with ExitStack() as running:
        yield {
            name: running.enter_context(_running(partial(SmsServer, name)))
            for name in ("twilio", "aliyun", "gateway")
        }


@pytest.fixture
def sms(_sms: dict[str, SmsServer]) -> dict[str, SmsServer]:
    """Servers that speak the APIs of Twilio and Alibaba Cloud, and the generic one, and have taken nothing yet: `url`,
    `befall(…)`, `taken()`, `tell_receipts(…)`, `tell_answer(…)`."""
    for server in _sms.values():
        server.heal()
        server.reset()
    return _sms


@pytest.fixture(scope="session")
def _sftp() -> Iterator[Sftp]:
    with _running(Sftp) as server:
        yield server


@pytest.fixture
def sftp(_sftp: Sftp) -> Sftp:
    """A printer's SFTP server, on which nothing lies yet: `url`, `key`, `known_hosts`, `befall(…)`, `files()`."""
    _sftp.heal()
    _sftp.reset()
    return _sftp


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """A mail server: `port`, `authority`, `kept("customers")`. What it holds stays from test to test."""
    if os.environ.get("MILEPOST_SKIP_POSTFIX") == "1":
        pytest.skip("left out, as MILEPOST_SKIP_POSTFIX=1 says: this test needs Postfix")
    with _running(Postfix) as server:
        yield server


@contextmanager
def _running(made: Callable[[], S]) -> Iterator[S]:
    try:
        server = made().begin()
    except ServerError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    started.append(server)
    yield server
    started.remove(server)
    server.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """What a test stopped, paused or killed runs again for the next."""
    yield
    for server in started:
        server.heal()
