"""With a broker: what a customer says at the gateway goes through the inbox, and is decided on by the workers; while
neither broker nor database is there, nobody is told that it was taken."""

import json
import re

import pytest

from tests.bus.world import until
from tests.cli.sites import write_lines
from tests.distributed.world import World
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.web.gateways import CLICK, HTML, JOURNEY, Site, bought

MOBILE = "+8613800000001"
LINKS = "---\nsubject: hello\n---\n<p>{{ message.unsubscribe_url }} {{ message.preferences_url }}</p>\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, kafka: Kafka, postgres: Postgres) -> World:
    return World(
        tmp_path_factory.mktemp("gateway"),
        kafka,
        postgres,
        "gateway",
        journeys={"hello": JOURNEY},
        files={"templates/hello/email.zh-CN.html": LINKS},
        MILEPOST_CLOCK="real",
    )


@pytest.fixture(scope="module")
def links(world: World) -> tuple[str, str]:
    """To unsubscribe and to the preferences, as they stand in an email that a worker has sent."""
    world.run("send", write_lines(world.project / "events.jsonl", [bought(1)]))
    worker = world.worker(1)
    worker.start()
    try:
        until(lambda: [one for one in world.ledger() if one["status"] == "sent"] != [])
    finally:
        worker.end()
    return Site(world.project, **world.settings).links(MOBILE)


def test_what_is_said_goes_through_the_inbox_and_counts(world: World, links: tuple[str, str]) -> None:
    site = Site(world.project, **world.settings)
    unsubscribe, preferences = links
    worker = world.worker(1)
    worker.start()
    try:
        with site.gateway() as gateway:
            assert gateway.http.get("/health/ready").status_code == 200
            for _ in range(2):
                assert gateway.http.post(unsubscribe, data=CLICK).status_code == 200
                until(lambda: site.known(MOBILE)["consents"]["care"]["email"] is False)
            said = [one for one in world.records("care.inbox") if b"/gateway/unsubscribe" in one.value]
            assert {one.key for one in said} == {MOBILE.encode()}
            page = gateway.http.get(preferences, headers=HTML).text
            form = {"action": "pause", "page": re.findall(r'name="page" value="(\d+)"', page)[0]}
            assert "已暂停" in gateway.http.post(preferences, data=form).text
            until(lambda: site.known(MOBILE)["paused_until"] is not None)
        events = [one for one in world.records("care.events") if b"/gateway/unsubscribe" in one.value]
        assert len(events) == 1
    finally:
        worker.end()


def test_while_the_broker_is_away_nothing_is_said_to_be_taken(
    world: World, kafka: Kafka, links: tuple[str, str]
) -> None:
    site = Site(world.project, **world.settings)
    unsubscribe, _ = links
    form = {"action": "undo", "page": "1"}
    with site.gateway() as gateway:
        assert gateway.http.post(unsubscribe, data=form).status_code == 200
        kafka.stop()
        try:
            answer = gateway.http.post(unsubscribe, data={**form, "page": "2"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
            assert gateway.http.get("/health/ready").status_code == 503
            assert gateway.http.get(unsubscribe, headers=HTML).status_code == 200
        finally:
            kafka.start()
        until(lambda: gateway.http.post(unsubscribe, data={**form, "page": "2"}).status_code == 200)


def test_what_dealers_bring_is_in_the_inbox_when_it_is_answered(
    world: World, kafka: Kafka, links: tuple[str, str]
) -> None:
    site = Site(world.project, **world.settings)
    key = json.loads(site.run("keys", "create", "--dealer", "d001", "--format", "json"))["key"]
    shown = {"authorization": f"Bearer {key}"}
    with site.gateway() as gateway:
        faulty = {**bought(22), "time": "yesterday"}
        answer = gateway.http.post("/v1/events", json=[bought(21), faulty], headers=shown)
        assert answer.status_code == 202
        [refused] = answer.json()["rejections"]
        inbox = [one for one in world.records("care.inbox") if b"bought-21" in one.value]
        assert [one.key for one in inbox] == [b"+8613800000021"]
        assert not [one for one in world.records("care.inbox") if b"bought-22" in one.value]
        listed = json.loads(site.run("rejected", "show", refused["rejection"], "--format", "json"))
        assert json.loads(listed["raw"]) == faulty
        kafka.stop()
        try:
            away = gateway.http.post("/v1/events", json=bought(23), headers=shown)
            assert away.status_code == 503
            assert int(away.headers["retry-after"]) > 0
        finally:
            kafka.start()
        until(lambda: gateway.http.post("/v1/events", json=bought(23), headers=shown).status_code == 202)
        assert [one for one in world.records("care.inbox") if b"bought-23" in one.value]


def test_while_only_the_database_is_away_events_are_taken_by_keys_that_were_seen(
    world: World, postgres: Postgres, links: tuple[str, str]
) -> None:
    site = Site(world.project, **world.settings)
    key = json.loads(site.run("keys", "create", "--dealer", "d001", "--format", "json"))["key"]
    shown = {"authorization": f"Bearer {key}"}
    with site.gateway() as gateway:
        assert gateway.http.post("/v1/events", json=bought(31), headers=shown).status_code == 202
        postgres.stop()
        try:
            answer = gateway.http.post("/v1/events", json=bought(32), headers=shown)
            assert answer.status_code == 202
            assert [one for one in world.records("care.inbox") if b"bought-32" in one.value]
            unknown = {"authorization": "Bearer mp_" + "0" * 16 + "_" + "A" * 43}
            assert gateway.http.post("/v1/events", json=bought(33), headers=unknown).status_code == 503
            faulty = {**bought(34), "time": "yesterday"}
            assert gateway.http.post("/v1/events", json=faulty, headers=shown).status_code == 503
        finally:
            postgres.start()
