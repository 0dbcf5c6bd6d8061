"""Whether somebody listens where links lead."""

from collections.abc import Sequence
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from engine.wiring.checkup.findings import Finding, ok, warning
from engine.wiring.settings import Settings

ANSWER_S = 4.0


def gateway(settings: Settings) -> Sequence[Finding]:
    """By the address on this machine: whether the world gets there is for another machine to say."""
    host = settings.gateway_host
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked of, not listened on
    at = f"http://{f'[{near}]' if ':' in near else near}:{settings.gateway_port}"
    try:
        with urlopen(f"{at}/health/ready", timeout=ANSWER_S):  # noqa: S310 - http, and our own
            return [ok(f"{at} answers; customers reach it as {settings.public_url}")]
    except HTTPError as error:
        said = error.read(500).decode("utf-8", "replace").strip()
        return [warning(f"{at} answers, and is not ready: {said or error.code}", "See what it logs.")]
    except (URLError, OSError, ValueError):
        # It may be on another machine; without any, messages lead nowhere.
        return [ok(f"none on this machine ({at}); links in messages lead to {settings.public_url}")]
