"""The topics of the contract: made where they are missing, held against what they should be where they are not.

The partitions of a topic are never changed here: a record's key chooses its partition by their number, so with another
number a customer's events would go to a partition whose owner does not have the customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError

from engine.bus.admin import admin
from engine.bus.settings import BusSettings
from engine.model.errors import ServiceUnavailable, UsageError
from engine.runtime.stages import Topics

_DAY_MS = 86_400_000
_INBOX_RECORD_BYTES = 1 << 20
LARGEST_RECORD_BYTES = 4 * _INBOX_RECORD_BYTES
"""What is made of a record may be larger than it: an accepted event, a refused one with its reason."""


@dataclass(frozen=True, kw_only=True)
class TopicSettings:
    """`replication` 0 leaves it to the broker.

    Retention: the inbox is kept for as long as all workers may be away; the log of events for as long as another system
    may have to read it anew (Milepost itself does not: its state is in the database), and not for ever, for it holds
    personal data. Nothing is compacted: the keys are customers, and of each only the last event or message would stay.
    """

    names: Topics = field(default_factory=Topics)
    partitions: int = 12
    replication: int = 0
    inbox_days: float = 14.0
    events_days: float = 365.0
    rejected_days: float = 90.0
    messages_days: float = 30.0

    def topics(self) -> tuple["Topic", ...]:
        in_step = {"min.insync.replicas": "2"} if self.replication >= 3 else {}
        return tuple(
            Topic(
                name=name,
                partitions=self.partitions,
                replication=self.replication,
                configs={
                    "cleanup.policy": "delete",
                    "retention.ms": str(round(days * _DAY_MS)),
                    "max.message.bytes": str(size),
                    **in_step,
                },
            )
            for name, days, size in (
                (self.names.inbox, self.inbox_days, _INBOX_RECORD_BYTES),
                (self.names.events, self.events_days, LARGEST_RECORD_BYTES),
                (self.names.rejected, self.rejected_days, LARGEST_RECORD_BYTES),
                (self.names.messages, self.messages_days, LARGEST_RECORD_BYTES),
            )
        )


@dataclass(frozen=True, kw_only=True)
class Topic:
    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


class Found(StrEnum):
    """What `look` found of a topic, and what `ensure` did about it."""

    MISSING = "missing"
    MADE = "made"
    FINE = "fine"
    DIFFERS = "differs"
    MENDED = "mended"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`mendable` is false where it takes a person: moving replicas."""

    what: str
    wanted: str
    found: str
    mendable: bool = True


@dataclass(frozen=True, kw_only=True)
class TopicReport:
    topic: str
    found: Found
    differences: Sequence[Difference] = field(default=())


def ensure(settings: BusSettings, wanted: TopicSettings, *, mend: bool = False) -> list[TopicReport]:
    """Makes what is missing. Where a topic's settings differ, it says so and, with `mend`, sets those it can. A topic
    with another number of partitions raises `UsageError`, and then nothing at all is made or set."""
    with admin(settings) as client:
        topics = wanted.topics()
        there = _described(client, [topic.name for topic in topics])
        for topic in topics:
            if topic.name in there:
                _refuse_other_partitions(topic, len(there[topic.name]))
        return [
            _checked(client, topic, there[topic.name], mend=mend)
            if topic.name in there
            else _made(client, topic)
            for topic in topics
        ]


def look(settings: BusSettings, wanted: TopicSettings) -> list[TopicReport]:
    """The same without making or setting anything: a topic that is missing is told as such, and another number of
    partitions as a difference."""
    with admin(settings) as client:
        topics = wanted.topics()
        there = _described(client, [topic.name for topic in topics])
        return [_looked_at(client, topic, there.get(topic.name)) for topic in topics]


def _looked_at(
    client: KafkaAdminClient, topic: Topic, partitions: Sequence[Mapping[str, Any]] | None
) -> TopicReport:
    if partitions is None:
        return TopicReport(topic=topic.name, found=Found.MISSING)
    report = _checked(client, topic, partitions, mend=False)
    if len(partitions) == topic.partitions:
        return report
    other = Difference(
        what="partitions", wanted=str(topic.partitions), found=str(len(partitions)), mendable=False
    )
    return TopicReport(topic=topic.name, found=Found.DIFFERS, differences=(other, *report.differences))


def require(settings: BusSettings, names: Iterable[str]) -> Mapping[str, str]:
    """Returns by which id the broker knows each topic: one that is made anew under the same name has another. Raises
    `ServiceUnavailable` where a topic is not there: a client that asks for it would wait for ever, or a broker make it,
    with a number of partitions of its own."""
    names = sorted(names)
    with admin(settings) as client:
        ids = {name: str(one["topic_id"]) for name, one in _existing(client, names).items()}
    missing = set(names) - set(ids)
    if missing:
        raise ServiceUnavailable(
            f"The broker has no topic {', '.join(sorted(missing))}.",
            "Make the topics first: milepost topics.",
        )
    return ids


def _described(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The partitions of those topics that exist."""
    return {name: one["partitions"] for name, one in _existing(client, names).items()}


def _existing(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the broker tells of those topics that exist."""
    known = set(client.list_topics())
    described = (
        client.describe_topics([name for name in names if name in known]) if known & set(names) else []
    )
    return {one["name"]: one for one in described if not one["error_code"]}


def _refuse_other_partitions(topic: Topic, found: int) -> None:
    if found != topic.partitions:
        raise UsageError(
            f"The topic {topic.name} has {found} partitions, not {topic.partitions}.",
            f"Set the number of partitions to {found}, or use another prefix for new topics and a new database; the "
            "number cannot be changed, since it decides which partition a customer belongs to.",
        )


def _made(client: KafkaAdminClient, topic: Topic) -> TopicReport:
    asked = {
        "num_partitions": topic.partitions,
        "replication_factor": topic.replication or -1,
        "configs": dict(topic.configs),
    }
    try:
        client.create_topics({topic.name: asked}, wait_for_metadata=True)
    except TopicAlreadyExistsError:  # another did, in between
        partitions = _described(client, [topic.name])[topic.name]
        _refuse_other_partitions(topic, len(partitions))
        return _checked(client, topic, partitions, mend=False)
    return TopicReport(topic=topic.name, found=Found.MADE)


def _checked(
    client: KafkaAdminClient, topic: Topic, partitions: Sequence[Mapping[str, Any]], *, mend: bool
) -> TopicReport:
    differences = [*_replication(topic, partitions), *_configs(client, topic)]
    mendable = {one.what: one.wanted for one in differences if one.mendable}
    if not differences:
        return TopicReport(topic=topic.name, found=Found.FINE)
    if mend and mendable:
        _set(client, topic.name, mendable)
    mended = mend and len(mendable) == len(differences)
    return TopicReport(
        topic=topic.name, found=Found.MENDED if mended else Found.DIFFERS, differences=tuple(differences)
    )


def _replication(topic: Topic, partitions: Sequence[Mapping[str, Any]]) -> list[Difference]:
    found = min(len(one["replica_nodes"]) for one in partitions)
    if topic.replication in (0, found):
        return []
    return [Difference(what="replication", wanted=str(topic.replication), found=str(found), mendable=False)]


def _configs(client: KafkaAdminClient, topic: Topic) -> list[Difference]:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
    found = client.describe_configs([resource], config_filter="all")["topic"][topic.name]
    return [
        Difference(what=name, wanted=wanted, found=found[name]["value"])
        for name, wanted in topic.configs.items()
        if found[name]["value"] != wanted
    ]


def _set(client: KafkaAdminClient, name: str, configs: Mapping[str, str]) -> None:
    answer = client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict(configs))])
    if (said := answer["topic"][name]) != "OK":
        raise ServiceUnavailable(f"The broker does not let {name} be changed: {said}.")
