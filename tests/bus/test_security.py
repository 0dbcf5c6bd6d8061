"""Workers and the admin client on a broker that asks for TLS, a login, or both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faust.auth import SASLCredentials, SSLCredentials
from kafka import KafkaAdminClient, KafkaProducer

from engine.bus.security import faust_credentials
from engine.bus.settings import BusSettings
from engine.bus.topics import Found, TopicSettings, ensure
from engine.client import Client
from engine.client.security import Mechanism, Protocol, Security
from engine.model.errors import ServiceUnavailable
from engine.runtime.stages import Topics
from tests.bus.secure import PASSWORD, USER, SecureKafka, make_certificates
from tests.bus.world import World, until
from tests.services.broker import prepare


@pytest.fixture(scope="module")
def secure() -> Iterator[SecureKafka]:
    with SecureKafka(prepare()) as broker:
        broker.add_user()
        yield broker


@pytest.fixture
def world(secure: SecureKafka, tmp_path: Path) -> Iterator[World]:
    """Its own clients use the open line."""
    producer = KafkaProducer(bootstrap_servers=secure.bootstrap)
    admin = KafkaAdminClient(bootstrap_servers=secure.bootstrap)
    world = World(secure.bootstrap, producer, admin, tmp_path)
    yield world
    world.end()
    producer.close()
    admin.close()


def ways(secure: SecureKafka) -> dict[str, Security]:
    login = {"username": USER, "password": PASSWORD}
    ca = secure.folder / "ca.crt"
    return {
        "SSL": Security(
            protocol=Protocol.SSL,
            ca_file=ca,
            cert_file=secure.folder / "client.crt",
            key_file=secure.folder / "client.key",
        ),
        "SASL_PLAINTEXT": Security(
            protocol=Protocol.SASL_PLAINTEXT, mechanism=Mechanism.SCRAM_SHA_256, **login
        ),
        "SASL_SSL": Security(
            protocol=Protocol.SASL_SSL, ca_file=ca, mechanism=Mechanism.SCRAM_SHA_512, **login
        ),
    }


def test_all_work_is_done_over_each_of_them(secure: SecureKafka, world: World) -> None:
    topics = {}
    for way, security in ways(secure).items():
        own = {"bootstrap": secure.at(way), "security": security, "group": way, "web_port": world.ports(1)[0]}
        names = Topics.prefixed(f"{way}-")
        settings = BusSettings(**world.settings(**own))
        made = ensure(settings, TopicSettings(names=names, partitions=1))
        assert {one.found for one in made} == {Found.MADE}
        topics[way] = names
        world.send(names.inbox, range(10))
        world.start(way, names.inbox, to=names.events, settings=own)
    for way, names in topics.items():
        until(lambda names=names: world.seen(names.inbox) == 10, way)
        until(lambda names=names: len(world.values(names.events, 1)[0]) == 10, way)


def test_dealers_send_over_each_of_them(secure: SecureKafka, tmp_path: Path) -> None:
    ensure(
        BusSettings(bootstrap=secure.bootstrap),
        TopicSettings(partitions=1, names=Topics.prefixed("dealers-")),
    )
    for way, security in ways(secure).items():
        with Client(
            secure.at(way), source="/dealers/d001", spool=tmp_path / way, prefix="dealers-", security=security
        ) as client:
            sent = client.send("customer.updated", {"customer": {"email": "w@example.cn"}})
            assert sent.wait(30), client.backlog.trouble


def test_a_dealer_who_is_not_known_is_told_so_and_loses_nothing(secure: SecureKafka, tmp_path: Path) -> None:
    stranger = Security(protocol=Protocol.SASL_PLAINTEXT, username=USER, password="another")
    client = Client(secure.at("SASL_PLAINTEXT"), source="/dealers/d001", spool=tmp_path, security=stranger)
    client.send("customer.updated", {"customer": {"email": "w@example.cn"}})
    until(lambda: "refuses the login" in client.backlog.trouble, "it is told why")
    assert client.close(timeout_s=0).events == 1


def test_who_is_not_known_is_told_so(secure: SecureKafka) -> None:
    security = Security(protocol=Protocol.SASL_PLAINTEXT, username=USER, password="another")
    settings = BusSettings(
        bootstrap=secure.at("SASL_PLAINTEXT"), security=security, request_timeout_s=2, session_timeout_s=1
    )
    with pytest.raises(ServiceUnavailable, match="cannot be used"):
        ensure(settings, TopicSettings())


def test_a_broker_that_nobody_vouches_for_is_not_spoken_to(secure: SecureKafka) -> None:
    security = Security(protocol=Protocol.SSL, ca_file=secure.folder / "stranger.crt")
    settings = BusSettings(bootstrap=secure.at("SSL"), security=security)
    with pytest.raises(ServiceUnavailable, match="certificate is not trusted"):
        ensure(settings, TopicSettings())


def test_faust_is_told_neither_more_nor_less(tmp_path: Path) -> None:
    """It would send a password over an open line without a word, were it given no TLS context."""
    make_certificates(tmp_path)
    login = {"username": USER, "password": PASSWORD}
    assert faust_credentials(Security()) is None
    tls = faust_credentials(Security(protocol=Protocol.SSL, ca_file=tmp_path / "ca.crt"))
    assert isinstance(tls, SSLCredentials)
    assert tls.context.check_hostname
    for protocol in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL):
        sasl = faust_credentials(Security(protocol=protocol, **login))
        assert isinstance(sasl, SASLCredentials)
        assert (sasl.protocol.value, sasl.mechanism.value) == (protocol, "SCRAM-SHA-512")
        assert (sasl.username, sasl.password) == (USER, PASSWORD)
        assert (sasl.ssl_context is not None) == (protocol is Protocol.SASL_SSL)
