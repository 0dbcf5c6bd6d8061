"""Broadcasts over HTTP: for those who show the operator's key."""

from collections.abc import Iterator

import pytest

from tests.support import write_project
from tests.web.conftest import TITLES
from tests.web.gateways import Gateway, Site, bought

KEY = "k" * 32
BEARER = {"authorization": f"Bearer {KEY}"}
NEWS = "/v1/broadcasts/news"
JOURNEY = """\
    purpose: newsletter
    start: {schedule: on-demand, audience: customer.email}
    pace: 1 per hour
    steps:
      - send: hello
        by: email
    """


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("news")
    write_project(folder, {"news": JOURNEY}, policy=TITLES)
    made = Site(folder)
    made.take(*(bought(n) for n in range(1, 4)))
    return made


@pytest.fixture(scope="module")
def gateway(site: Site) -> Iterator[Gateway]:
    with site.gateway(MILEPOST_OPERATOR_KEY=KEY) as running:
        yield running


def test_one_is_watched_paused_resumed_and_stopped(site: Site, gateway: Gateway) -> None:
    http = gateway.http
    assert http.get(NEWS, headers=BEARER).json() == {"journey": "news", "at": None}
    site.run("broadcast", "news", "--yes")
    begun = http.get(NEWS, headers=BEARER).json()
    assert (begun["by_hand"], begun["paused"], begun["done"]) == (True, False, False)
    assert http.post(f"{NEWS}/pause", headers=BEARER).json()["paused"] is True
    assert http.post(f"{NEWS}/pause", headers=BEARER).json()["paused"] is True
    assert http.post(f"{NEWS}/resume", headers=BEARER).json()["paused"] is False
    assert begun["stopped"] is False
    stopped = http.post(f"{NEWS}/stop", headers=BEARER).json()
    assert (stopped["done"], stopped["stopped"], stopped["share"]) == (True, True, 0.0)
    assert http.get(NEWS, headers=BEARER).json()["id"] == begun["id"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": f"Bearer {KEY}x"}, {"authorization": f"Basic {KEY}"}, {"authorization": "ü"}],
)
def test_without_the_key_nothing_is_told_or_done(gateway: Gateway, headers: dict[str, str]) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    for answer in (
        gateway.http.get(NEWS, headers=encoded),
        gateway.http.post(f"{NEWS}/stop", headers=encoded),
    ):
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_said(gateway: Gateway) -> None:
    assert (
        "There is no journey 'nwes'"
        in gateway.http.get("/v1/broadcasts/nwes", headers=BEARER).json()["detail"]
    )
    unknown = gateway.http.post(f"{NEWS}/begin", headers=BEARER)
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "There are pause, resume, stop.")
    assert gateway.http.get(f"{NEWS}/stop", headers=BEARER).status_code == 405


def test_where_no_key_is_set_there_is_nothing_of_it(site: Site) -> None:
    with site.gateway() as running:
        for headers in ({}, BEARER, {"authorization": "Bearer x"}):
            assert running.http.get(NEWS, headers=headers).status_code == 404
            assert running.http.post(f"{NEWS}/stop", headers=headers).status_code == 404
