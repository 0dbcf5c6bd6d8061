"""A password never goes over an open line, and what cannot work is told with what to do."""

import re
import ssl
from pathlib import Path

import pytest

from engine.client import Security
from engine.client.addresses import hosts_of, reach
from engine.client.security import Mechanism, Protocol
from engine.model.errors import ServiceUnavailable, UsageError
from tests.services.broker import Kafka
from tests.services.server import HOST, free_ports


def test_the_environment_says_it_all(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n", "utf-8")
    found = Security.from_environment(
        {
            "MILEPOST_KAFKA_PROTOCOL": "sasl_ssl",
            "MILEPOST_KAFKA_MECHANISM": "SCRAM-SHA-256",
            "MILEPOST_KAFKA_USERNAME": "d001",
            "MILEPOST_KAFKA_PASSWORD_FILE": str(tmp_path / "password"),
        }
    )
    assert found == Security(
        protocol=Protocol.SASL_SSL, mechanism=Mechanism.SCRAM_SHA_256, username="d001", password="s3cret"
    )
    assert "s3cret" not in repr(found)
    arguments = found.kafka_python()
    assert isinstance(arguments.pop("ssl_context"), ssl.SSLContext)
    assert arguments == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "d001",
        "sasl_plain_password": "s3cret",
    }
    assert Security.from_environment({}) == Security()


WRONG = [
    ({"PROTOCOL": "TLS"}, "MILEPOST_KAFKA_PROTOCOL=TLS"),
    ({"PROTOCOL": "SASL_SSL"}, "username and a password"),
    ({"PROTOCOL": "SASL_SSL", "MECHANISM": "GSSAPI"}, "MILEPOST_KAFKA_MECHANISM=GSSAPI"),
    ({"USERNAME": "d001", "PASSWORD": "x"}, "does not ask who it is"),
    ({"PROTOCOL": "SSL", "PASSWORD": "x"}, "does not ask who it is"),
    ({"CA_FILE": "ca.pem"}, "ca_file would do nothing"),
    ({"PROTOCOL": "SSL", "KEY_FILE": "key.pem"}, "without cert_file"),
    ({"PROTOCOL": "SSL", "PASSWORD_FILE": "nowhere"}, "MILEPOST_KAFKA_PASSWORD_FILE: nowhere"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_does_not_go_together_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        Security.from_environment({f"MILEPOST_KAFKA_{name}": value for name, value in given.items()})


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    for name in ("ca_file", "cert_file"):
        wanting = Security(protocol=Protocol.SSL, **{name: tmp_path / "nothing.pem"})
        with pytest.raises(UsageError, match=r"nothing\.pem"):
            wanting.ssl_context()


def test_addresses_are_read_as_people_write_them() -> None:
    assert hosts_of("a:1, b ,[::1]:3,") == [("a", 1), ("b", 9092), ("::1", 3)]


def test_who_cannot_be_reached_is_told_with_the_reason(kafka: Kafka) -> None:
    [port] = free_ports(1)
    for bootstrap, security, said in (
        (f"{HOST}:{port}", Security(), f"{HOST}:{port}: Connection refused"),
        ("nowhere.invalid:9092", Security(), r"nowhere\.invalid:9092: "),
        (kafka.bootstrap, Security(protocol=Protocol.SSL), "no TLS"),
    ):
        with pytest.raises(ServiceUnavailable, match=said):
            reach(bootstrap, security)
