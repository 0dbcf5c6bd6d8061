"""The topics of the contract on a real broker: made, checked, mended, refused."""

import uuid

import pytest
from kafka import KafkaAdminClient

from engine.bus.settings import BusSettings
from engine.bus.topics import Difference, Found, TopicReport, TopicSettings, ensure, look, require
from engine.model.errors import ServiceUnavailable, UsageError
from engine.runtime.stages import Topics
from tests.services.broker import Kafka
from tests.services.server import free_ports


@pytest.fixture
def settings(kafka: Kafka) -> BusSettings:
    return BusSettings(bootstrap=kafka.bootstrap, request_timeout_s=10.0, session_timeout_s=5.0)


@pytest.fixture
def names() -> Topics:
    return Topics.prefixed(f"{uuid.uuid4().hex[:8]}-")


def test_topics_are_made_once_and_found_fine_after_that(settings: BusSettings, names: Topics) -> None:
    with pytest.raises(ServiceUnavailable, match=names.inbox):
        require(settings, names)
    wanted = TopicSettings(names=names, partitions=3)
    assert ensure(settings, wanted) == [TopicReport(topic=name, found=Found.MADE) for name in names]
    require(settings, names)
    assert ensure(settings, wanted) == [TopicReport(topic=name, found=Found.FINE) for name in names]


def test_what_differs_is_told_and_mended_only_when_asked_for(settings: BusSettings, names: Topics) -> None:
    ensure(settings, TopicSettings(names=names, partitions=1))
    longer = TopicSettings(names=names, partitions=1, events_days=730.0)
    difference = Difference(what="retention.ms", wanted="63072000000", found="31536000000")
    for _ in range(2):
        [events] = [one for one in ensure(settings, longer) if one.found is not Found.FINE]
        assert events == TopicReport(topic=names.events, found=Found.DIFFERS, differences=(difference,))
    [events] = [one for one in ensure(settings, longer, mend=True) if one.found is not Found.FINE]
    assert events == TopicReport(topic=names.events, found=Found.MENDED, differences=(difference,))
    assert {one.found for one in ensure(settings, longer)} == {Found.FINE}


def test_to_look_makes_and_sets_nothing(settings: BusSettings, names: Topics) -> None:
    wanted = TopicSettings(names=names, partitions=2)
    for _ in range(2):
        assert look(settings, wanted) == [TopicReport(topic=name, found=Found.MISSING) for name in names]
    ensure(settings, wanted)
    assert look(settings, wanted) == [TopicReport(topic=name, found=Found.FINE) for name in names]
    partitions = Difference(what="partitions", wanted="3", found="2", mendable=False)
    kept = Difference(what="retention.ms", wanted="86400000", found="1209600000")
    other = TopicSettings(names=names, partitions=3, inbox_days=1.0)
    for _ in range(2):
        inbox, *rest = look(settings, other)
        assert inbox == TopicReport(topic=names.inbox, found=Found.DIFFERS, differences=(partitions, kept))
        assert {one.differences for one in rest} == {(partitions,)}


def test_copies_that_are_too_few_are_told_but_are_for_a_person_to_mend(
    settings: BusSettings, names: Topics
) -> None:
    ensure(settings, TopicSettings(names=names, partitions=1))
    two = ensure(settings, TopicSettings(names=names, partitions=1, replication=2), mend=True)
    difference = Difference(what="replication", wanted="2", found="1", mendable=False)
    assert two == [TopicReport(topic=name, found=Found.DIFFERS, differences=(difference,)) for name in names]


@pytest.mark.parametrize("partitions", [1, 3])
def test_another_number_of_partitions_is_refused_before_anything_is_made(
    settings: BusSettings, names: Topics, admin: KafkaAdminClient, partitions: int
) -> None:
    admin.create_topics(
        {names.messages: {"num_partitions": 2, "replication_factor": 1}}, wait_for_metadata=True
    )
    with pytest.raises(UsageError, match=f"{names.messages} has 2 partitions, not {partitions}") as refused:
        ensure(settings, TopicSettings(names=names, partitions=partitions), mend=True)
    assert "Set the number of partitions to 2" in refused.value.hint
    assert names.inbox not in admin.list_topics()


def test_a_broker_that_is_not_there_is_said_to_be_so() -> None:
    [port] = free_ports(1)
    away = BusSettings(bootstrap=f"127.0.0.1:{port}", request_timeout_s=1.0, session_timeout_s=1.0)
    with pytest.raises(ServiceUnavailable, match=f"127.0.0.1:{port}: Connection refused"):
        ensure(away, TopicSettings())
