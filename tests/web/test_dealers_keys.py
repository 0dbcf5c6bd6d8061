"""Who comes in by a key, and how often."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import ServiceUnavailable
from engine.model.keys import Scope
from engine.wiring import key_ring
from engine.wiring.key_ring import KeyRing
from engine.wiring.keys import rotate
from tests.web.dealers import EVENTS, STRUCTURED, Desk, bearer, purchase, signed

BODY = json.dumps(purchase(1)).encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path).open() as made:
        yield made


def post(desk: Desk, headers: dict[str, str], body: bytes = BODY) -> Any:
    return desk.http.post(EVENTS, content=body, headers={**STRUCTURED, **headers})


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic bXA6"},
        {"authorization": f"Bearer mp_{'0' * 16}_{'A' * 43}"},
    ],
)
def test_nobody_comes_in_without_a_key(desk: Desk, shown: dict[str, str]) -> None:
    answer = post(desk, shown)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_nor_by_the_id_of_one_and_the_secret_of_another(desk: Desk) -> None:
    one, another = desk.key(), desk.key()
    mixed = f"mp_{one.key.id}_{another.text.partition('_')[2].partition('_')[2]}"
    assert post(desk, {"authorization": f"Bearer {mixed}"}).status_code == 401


def test_a_key_that_has_expired_opens_nothing(desk: Desk) -> None:
    assert post(desk, bearer(desk.key(days=-1))).status_code == 401


def test_a_key_opens_what_its_scopes_say(desk: Desk) -> None:
    answer = post(desk, bearer(desk.key("d001", Scope.QUALITY_READ)))
    assert answer.status_code == 403
    assert "events:write" in answer.headers["www-authenticate"]
    assert post(desk, bearer(desk.key("d001", Scope.EVENTS_WRITE))).status_code == 202


def test_only_a_hash_of_it_is_in_the_database(desk: Desk) -> None:
    made = desk.key()
    secret = made.text.rpartition("_")[2].encode()
    desk.store.close()
    for file in desk.path.parent.glob("milepost.db*"):
        assert secret not in file.read_bytes()


def test_the_old_and_the_new_key_open_together_for_a_while(desk: Desk) -> None:
    old = desk.key()
    new = rotate(desk.store, old.key.id, datetime.now(UTC), overlap_days=7)
    assert new.key.scopes == old.key.scopes
    for one in (old, new):
        assert post(desk, bearer(one)).status_code == 202
    ended = rotate(desk.store, new.key.id, datetime.now(UTC), overlap_days=0)
    desk.gateway.keys = KeyRing(desk.store)
    assert post(desk, bearer(new)).status_code == 401
    assert post(desk, bearer(ended)).status_code == 202


def test_when_a_key_was_last_seen_is_noted(desk: Desk) -> None:
    made = desk.key()
    post(desk, bearer(made))
    desk.gateway.keys.close()
    found = desk.store.key_of(made.key.id)
    assert found is not None
    assert found.used is not None
    assert datetime.now(UTC) - found.used < timedelta(minutes=1)


# What is remembered of keys


class Away:
    """A store that is there at first, then away."""

    def __init__(self, desk: Desk) -> None:
        self._store = desk.store
        self.away = False

    def key_of(self, key_id: str) -> Any:
        if self.away:
            raise ServiceUnavailable("away")
        return self._store.key_of(key_id)

    def keys_used(self, moments: Any) -> None:
        self._store.keys_used(moments)


def test_a_key_that_is_revoked_opens_nothing_any_more_within_a_minute(desk: Desk) -> None:
    now = 0.0
    ring = KeyRing(desk.store, lambda: now)
    made = desk.key()
    assert ring.opened_by(made.text)
    desk.store.revoke_key(made.key.id, datetime.now(UTC))
    now = key_ring.FRESH_S
    assert now < 60
    assert ring.opened_by(made.text) is None


def test_while_the_database_is_away_a_key_that_was_seen_opens_on(desk: Desk) -> None:
    now = 0.0
    store = Away(desk)
    ring = KeyRing(store, lambda: now)
    known, unknown = desk.key(), desk.key()
    assert ring.opened_by(known.text)
    store.away = True
    for later in (10.0, 3600.0, 3601.0, key_ring.KEPT_S):
        now = later
        assert ring.opened_by(known.text)
    with pytest.raises(ServiceUnavailable):
        ring.opened_by(unknown.text)
    now = key_ring.KEPT_S + 10
    with pytest.raises(ServiceUnavailable):
        ring.opened_by(known.text)
    store.away = False
    assert ring.opened_by(known.text)


# Signatures


def test_with_a_key_that_signs_each_request_is_signed(desk: Desk) -> None:
    made = desk.key(signed=True)
    assert post(desk, signed(made, BODY)).status_code == 202
    unsigned = post(desk, bearer(made))
    assert unsigned.status_code == 401
    assert "X-Milepost-Signature" in unsigned.json()["detail"]


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_signature_of_another_time_is_none(desk: Desk, minutes: int) -> None:
    made = desk.key(signed=True)
    assert post(desk, signed(made, BODY, timedelta(minutes=minutes))).status_code == 401
    assert post(desk, signed(made, BODY, timedelta(minutes=minutes / 2))).status_code == 202


def test_nor_is_one_of_another_body_or_by_another_key(desk: Desk) -> None:
    made, another = desk.key(signed=True), desk.key(signed=True)
    assert post(desk, signed(made, BODY + b" ")).status_code == 401
    assert post(desk, {**signed(another, BODY), **bearer(made)}).status_code == 401
    assert desk.logged() == []


# How often


def test_a_key_brings_so_many_events_a_minute(tmp_path: Path) -> None:
    with Desk(tmp_path, events_per_minute=3).open() as desk:
        dealer, another = desk.client("d001"), desk.client("d002")
        batch = json.dumps([purchase(1), purchase(2)])
        kind = {"content-type": "application/json"}
        first = dealer.post(EVENTS, content=batch, headers=kind)
        assert first.status_code == 202
        assert first.headers["ratelimit-policy"] == '"events";q=3;w=60'
        assert first.headers["ratelimit"].startswith('"events";r=1;t=')
        refused = dealer.post(EVENTS, content=batch, headers=kind)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert refused.headers["content-type"] == "application/problem+json"
        assert dealer.post(EVENTS, content=BODY, headers=kind).status_code == 202
        assert dealer.post(EVENTS, content=BODY, headers=kind).status_code == 429
        assert another.post(EVENTS, json=purchase(1, "d002"), headers=kind).status_code == 202
        assert dealer.post(EVENTS, json=[purchase(n) for n in range(4)], headers=kind).status_code == 413


def test_a_key_makes_so_many_requests_a_minute(tmp_path: Path) -> None:
    with Desk(tmp_path, requests_per_minute=2).open() as desk:
        dealer = desk.client("d001")
        said = [dealer.post(EVENTS, content=BODY, headers=STRUCTURED).status_code for _ in range(3)]
        assert said == [202, 202, 429]


def test_neither_log_nor_numbers_hold_a_key_or_what_was_brought(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    made = desk.key(signed=True)
    for headers in (bearer(made), signed(made, BODY), {"authorization": f"Bearer x{made.text}"}):
        post(desk, headers)
    numbers = desk.http.get("/metrics").text
    for secret in (made.text.rpartition("_")[2], made.signing, "13800000001", "王芳", "sold-1"):
        assert secret not in caplog.text
        assert secret not in numbers
    assert 'route="/v1/events",status="202"' in numbers
