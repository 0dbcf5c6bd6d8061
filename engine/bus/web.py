"""The worker's pages, on Faust's web server: whether it lives, whether it is ready, its numbers. They say nothing about
a person; they are bound to this machine unless told otherwise."""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from engine.bus.app import BusApp
from engine.bus.logs import told
from engine.bus.metrics import PrometheusMetrics
from engine.bus.settings import BusSettings
from engine.model.errors import MilepostError, ServiceUnavailable, UsageError

CHECK_S = 5.0
"""How long what a stage needs may take to answer."""

log = logging.getLogger(__name__)


def require_port(settings: BusSettings, *, again: bool) -> None:
    """Where the pages cannot be, raises `UsageError`: waiting would not help. Started `again`, a worker may find the
    one before it still ending, so it raises `ServiceUnavailable`."""
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.web_host, settings.web_port))
        except OSError as error:
            trouble = ServiceUnavailable if again else UsageError
            raise trouble(
                f"The worker's pages cannot be at {settings.web_host}:{settings.web_port}: {error.strerror}.",
                "Give each worker of a machine a port of its own.",
            ) from error


def add_pages(app: BusApp, metrics: PrometheusMetrics, check: Callable[[], None]) -> None:
    """`check` raises where what the stages need cannot be reached."""

    @app.page("/health/live")
    async def live(web: Any, _request: Any) -> Any:
        return web.text("alive\n")

    @app.page("/health/ready")
    async def ready(web: Any, _request: Any) -> Any:
        trouble = app.condition.trouble() or await _trouble(check)
        return web.text(f"{trouble or 'ready'}\n", status=503 if trouble else 200)

    @app.page("/metrics")
    async def page(web: Any, _request: Any) -> Any:
        return web.bytes(metrics.page(), headers={"Content-Type": metrics.content_type})


async def _trouble(check: Callable[[], None]) -> str:
    try:
        await asyncio.wait_for(asyncio.to_thread(check), CHECK_S)
    except TimeoutError:
        return f"what the stages need does not answer within {CHECK_S:g} s"
    except Exception as error:
        log.warning("not ready: %s", told(error))
        return error.message if isinstance(error, MilepostError) else "what the stages need does not answer"
    return ""
