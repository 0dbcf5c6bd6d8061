"""The process: uvicorn on a socket of ours."""

import logging
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from engine.model.errors import UsageError

STOP_S = 10
"""How long requests under way have when it is told to stop."""

_BACKLOG = 512
_CHATTY = ("uvicorn", "python_multipart")  # they warn of whatever anybody sends


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound. Raises `UsageError` where it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise UsageError(
            f"The gateway cannot be at {host}:{port}: {error.strerror or error}.",
            "See MILEPOST_GATEWAY_HOST and MILEPOST_GATEWAY_PORT, or --host and --port.",
        ) from error
    return bound


def serve(app: ASGIApp, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Answers until it is told to stop, then what is under way. `ready` is called when it begins."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=STOP_S,
        h11_max_incomplete_event_size=32 * 1024,
        limit_concurrency=1000,
    )
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    # Uvicorn raises the signal again when it has ended by it, to whoever was there before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = uvicorn.Server(config)
    ready()
    server.run(sockets=[bound])
