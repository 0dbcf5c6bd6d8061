"""Encryption and login: nothing secret goes over an open line, and nobody is believed who cannot prove who he is."""

import ssl
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult, LoginPassword

from engine.channels.smtp.server import Server, Tls, read_url
from engine.model.errors import ServiceUnavailable, UsageError
from tests.channels.smtp.smtp_world import channel, outgoing, sent, taken
from tests.services.certificates import make_certificates
from tests.services.server import HOST, free_ports
from tests.services.smtp_scripted import PIPELINING, Said, Scripted

REQUIRED = {"tls": Tls.REQUIRED}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Who vouches, and what a server shows."""
    authority, certificate, key = make_certificates(tmp_path_factory.mktemp("certificates"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return authority, context


def test_by_starttls_before_anything_else_is_said(certificates: tuple[Path, ssl.SSLContext]) -> None:
    authority, context = certificates
    with Scripted(tls=context) as server:
        assert taken(sent(server.port, [outgoing(1)], ca_file=authority, **REQUIRED)) == [True]
        assert [one.state for one in server.said][:4] == ["CONNECT", "EHLO", "STARTTLS", "EHLO"]


def test_by_tls_from_the_first_byte(certificates: tuple[Path, ssl.SSLContext]) -> None:
    authority, context = certificates
    with (
        Scripted(tls=context, implicit=True) as server,
        channel(0, address=f"smtps://localhost:{server.port}", ca_file=authority) as made,
    ):
        assert "TLSv1.3" in made.check()
        assert taken(made.deliver([outgoing(n) for n in range(5)])) == [True] * 5
        assert "STARTTLS" not in [one.state for one in server.said]


@pytest.mark.parametrize("implicit", [True, False])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    certificates: tuple[Path, ssl.SSLContext], implicit: bool
) -> None:
    scheme = "smtps" if implicit else "smtp"
    with Scripted(tls=certificates[1], implicit=implicit) as server:
        tls = {} if implicit else REQUIRED
        [answer] = sent(0, [outgoing(1)], address=f"{scheme}://u:right@{HOST}:{server.port}", **tls)
        assert "MAIL" not in [one.state for one in server.said]
        assert server.logins == []
    assert isinstance(answer, ServiceUnavailable)
    assert "not to be trusted" in answer.message
    assert "MILEPOST_SMTP_CA_FILE" in answer.hint


def test_a_server_without_encryption_gets_nothing() -> None:
    with Scripted(extensions=(*PIPELINING, "AUTH PLAIN")) as server:
        [answer] = sent(0, [outgoing(1)], address=f"smtp://u:right@{HOST}:{server.port}", **REQUIRED)
        assert server.logins == []
    assert isinstance(answer, ServiceUnavailable)
    assert "offers no encryption" in answer.message


def test_what_came_in_clear_with_the_beginning_of_encryption_is_not_believed(
    certificates: tuple[Path, ssl.SSLContext],
) -> None:
    authority, context = certificates

    def script(said: Said) -> str | None:
        return "220 2.0.0 go on\r\n250 AUTH PLAIN\r\n" if said.state == "STARTTLS" else None

    with Scripted(script, tls=context) as server:
        [answer] = sent(server.port, [outgoing(1)], ca_file=authority, **REQUIRED)
    assert isinstance(answer, ServiceUnavailable)
    assert "out of turn" in answer.message


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "LOGIN PLAIN", "XOAUTH2 LOGIN"])
def test_login(mechanism: str) -> None:
    with Scripted(extensions=(*PIPELINING, f"AUTH {mechanism}")) as server:
        address = f"smtp://care%40michelin.example:right@{HOST}:{server.port}"
        assert taken(sent(0, [outgoing(1)], address=address)) == [True]
        assert server.logins == [("care@michelin.example", "right")]


def test_a_wrong_login_is_told_without_what_was_given() -> None:
    with Scripted(extensions=("AUTH PLAIN LOGIN",)) as server:
        [answer] = sent(0, [outgoing(1)], address=f"smtp://care:wrong1@{HOST}:{server.port}")
    assert isinstance(answer, ServiceUnavailable)
    assert "did not take the login: 535 5.7.8" in answer.message
    assert "wrong1" not in str(answer)
    assert "@" not in answer.message


def test_a_server_that_offers_no_login_we_know() -> None:
    with Scripted(extensions=("AUTH XOAUTH2",)) as server:
        [answer] = sent(0, [outgoing(1)], address=f"smtp://care:right@{HOST}:{server.port}")
    assert isinstance(answer, ServiceUnavailable)
    assert "PLAIN or LOGIN" in answer.message


def test_an_old_server_without_ehlo() -> None:
    with Scripted(lambda said: "502 what" if said.state == "EHLO" else None) as server:
        assert taken(sent(server.port, [outgoing(1), outgoing(2)])) == [True, True]


def test_looking_whether_it_can_be_used_sends_nothing() -> None:
    with Scripted(extensions=(*PIPELINING, "AUTH PLAIN")) as server:
        with channel(0, address=f"smtp://care:right@{HOST}:{server.port}") as made:
            assert made.check() == (
                f"mail server {HOST}:{server.port}, in clear, logged in, commands in one go"
            )
        assert [one.state for one in server.said] == ["CONNECT", "EHLO", "AUTH", "QUIT"]


def test_against_another_implementation_with_encryption_and_login(
    certificates: tuple[Path, ssl.SSLContext],
) -> None:
    authority, context = certificates

    def login(
        _server: object, _session: object, _envelope: object, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password == b"right", handled=False)

    [port] = free_ports(1)
    controller = Controller(
        Sink(),
        HOST,
        port,
        tls_context=context,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
    controller.start()
    try:
        for password, got_through in (("right", True), ("wrong", False)):
            address = f"smtp://care:{password}@{HOST}:{port}"
            answers = sent(0, [outgoing(n) for n in range(5)], address=address, ca_file=authority, **REQUIRED)
            assert taken(answers) == [got_through] * 5
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("address", "members"),
    [
        ("http://mail.example.com", {}),
        ("smtp://", {}),
        ("smtp://mail.example.com:port", {}),
        ("smtp://mail.example.com/inbox", {}),
        ("smtp://user@mail.example.com", {}),
        ("smtp://:topsecret@mail.example.com", {}),
        ("smtp://user:topsecret@mail.example.com", {"tls": Tls.NEVER}),
        ("smtps://mail.example.com", {"tls": Tls.NEVER}),
        ("smtp://[::1:topsecret@", {}),
    ],
)
def test_addresses_that_name_no_server_are_refused_without_being_repeated(
    address: str, members: dict[str, Tls]
) -> None:
    with pytest.raises(UsageError) as refused:
        read_url(address, **members)  # type: ignore[arg-type]
    assert "topsecret" not in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("address", "encrypted", "port"),
    [
        ("smtp://mail.example.com", True, 587),
        ("smtps://mail.example.com", True, 465),
        ("smtp://mail.example.com:25", True, 25),
        ("smtp://localhost:25", False, 25),
        ("smtp://127.0.0.1:25", False, 25),
        ("smtp://[::1]:25", False, 25),
        ("smtp://192.168.1.5:25", True, 25),
    ],
)
def test_the_line_is_encrypted_but_to_this_very_machine(address: str, encrypted: bool, port: int) -> None:
    server = read_url(address)
    assert (server.encrypted, server.port) == (encrypted, port)


def test_no_password_is_shown() -> None:
    assert "topsecret" not in repr(read_url("smtp://user:topsecret@mail.example.com"))
    assert isinstance(read_url("smtp://mail.example.com"), Server)
