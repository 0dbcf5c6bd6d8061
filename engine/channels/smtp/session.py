"""The beginning of a connection: greeting, EHLO, encryption, login. After it mail may be handed over."""

import asyncio
import ssl
from base64 import b64encode

from engine.channels.smtp.line import Line, LineCut, connect
from engine.channels.smtp.replies import Reply
from engine.channels.smtp.server import Server
from engine.channels.smtp.verdicts import told, unavailable
from engine.model.errors import ServiceUnavailable

_READY, _LOGGED_IN, _GO_ON = 220, 235, 334


async def begin(server: Server) -> Line:
    """Raises `ServiceUnavailable`."""
    try:
        line = await connect(server)
    except (TimeoutError, OSError) as error:
        raise _unreachable(server, error) from error
    try:
        await _greeted(server, line)
    except (TimeoutError, OSError) as error:  # of TLS
        line.cut("")
        raise _unreachable(server, error) from error
    except LineCut as error:
        raise ServiceUnavailable(str(error), _CHECK) from error
    except ServiceUnavailable:
        line.leave()
        raise
    line.idle_since = asyncio.get_running_loop().time()
    return line


_CHECK = "Check host, port and scheme in MILEPOST_EMAIL: smtp:// mostly has port 587 or 25, smtps:// 465."


async def _greeted(server: Server, line: Line) -> None:
    within_s = server.limits.answer_s
    greeting = await line.reply(within_s)
    if greeting.code != _READY:
        raise unavailable("takes no connection", greeting)
    await _introduce(server, line)
    if server.encrypted and not server.implicit:
        await _encrypt(server, line)
        await _introduce(server, line)
    if server.user:
        await _log_in(server, line)
    line.pipelining = "PIPELINING" in line.extensions


async def _introduce(server: Server, line: Line) -> None:
    """Says who this is; `extensions` are what the server then offers."""
    within_s = server.limits.answer_s
    name = server.name or line.own_address()
    answer = await line.ask(f"EHLO {name}\r\n".encode("ascii"), within_s)
    line.extensions = {}
    if answer.permanent and answer.code != 554:  # an old one
        answer = await line.ask(f"HELO {name}\r\n".encode("ascii"), within_s)
    elif answer.positive:
        for one in answer.lines[1:]:
            name, _, rest = one.partition(" ")
            line.extensions[name.upper()] = rest.strip()
    if not answer.positive:
        raise unavailable("takes no mail from this machine", answer)


async def _encrypt(server: Server, line: Line) -> None:
    if "STARTTLS" not in line.extensions:
        raise ServiceUnavailable(
            "The mail server offers no encryption.",
            "Nothing is sent in clear. Is it the right port, or smtps://? Within a network that you trust: "
            "MILEPOST_SMTP_TLS=never.",
        )
    answer = await line.ask(b"STARTTLS\r\n", server.limits.answer_s)
    if answer.code != _READY:
        raise unavailable("does not begin encryption", answer)
    await line.encrypt(server.context, server.host, server.limits.answer_s)


async def _log_in(server: Server, line: Line) -> None:
    offered = line.extensions.get("AUTH", "").upper().split()
    if "PLAIN" in offered:
        answer = await _plain(server, line)
    elif "LOGIN" in offered:
        answer = await _login(server, line)
    else:
        raise ServiceUnavailable(
            "The mail server offers no login by PLAIN or LOGIN.",
            "Is it the port for submission (587, or 465 with smtps://)? One that needs no login takes an address "
            "without user and password.",
        )
    if answer.code != _LOGGED_IN:
        raise ServiceUnavailable(
            f"The mail server did not take the login: {told(answer, same=True)}",
            "Check user and password in MILEPOST_EMAIL; what is special in them is written as %XX.",
        )


async def _plain(server: Server, line: Line) -> Reply:
    said = b64encode(f"\0{server.user}\0{server.password}".encode())
    return await line.ask(b"AUTH PLAIN " + said + b"\r\n", server.limits.answer_s)


async def _login(server: Server, line: Line) -> Reply:
    answer = await line.ask(b"AUTH LOGIN\r\n", server.limits.answer_s)
    for secret in (server.user, server.password):
        if answer.code != _GO_ON:
            break
        answer = await line.ask(b64encode(secret.encode()) + b"\r\n", server.limits.answer_s)
    return answer


def _unreachable(server: Server, error: Exception) -> ServiceUnavailable:
    where = f"{server.host}:{server.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return ServiceUnavailable(
            f"The certificate of the mail server at {where} is not to be trusted: {error.verify_message}.",
            "Name the file of who vouches for it by MILEPOST_SMTP_CA_FILE, and the server as the certificate does.",
        )
    if isinstance(error, ssl.SSLError):
        return ServiceUnavailable(f"No encryption with the mail server at {where}: {error.reason}.", _CHECK)
    reason = "no answer in time" if isinstance(error, TimeoutError) else _reason(error)
    return ServiceUnavailable(f"The mail server at {where} cannot be reached: {reason}.", _CHECK)


def _reason(error: Exception) -> str:
    return (
        error.strerror if isinstance(error, OSError) else ""
    ) or "it cannot be found, or refuses connections"
