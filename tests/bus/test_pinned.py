"""Private methods that the bus replaces or relies on, as they were when it was written.

When this fails, a library has changed under it: read what changed, see what `engine/bus` makes of it, run all of
`tests/bus`, and only then set the new sum.
"""

import inspect
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import aiokafka
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from faust import App, Worker
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver
from mode.threads import ServiceThread

PINNED: list[tuple[Callable[..., Any], str]] = [
    # replaced by `feed` and `transport`
    (base.Consumer._drain_messages, "44a2500309e83c63"),
    (base.Consumer.commit, "a354437baaa08bf8"),
    (base.Consumer.wait_empty, "e4662fe24f094819"),
    (base.Consumer.verify_all_partitions_active, "4e0e46f5c297305d"),
    (driver.Consumer._new_consumer_thread, "0870ec53dea75083"),
    (driver.Consumer.verify_event_path, "a17e8f0610e1abcb"),
    (driver.AIOKafkaConsumerThread._create_worker_consumer, "c2701bfc3e6f6cad"),
    (driver.Producer._settings_extra, "a4c7bc41b6382223"),
    (driver.Producer._new_producer, "e72355c3430ed02f"),
    (driver.Producer._ensure_producer, "5592a4bbdf251325"),
    # replaced by `app` and `worker`
    (App.on_first_start, "ec655d9c223403cc"),
    (TableManager.on_start, "365dd25fbc0e0684"),
    (Worker._on_sigusr1, "46183ffb2553ce8e"),
    (Worker._on_sigusr2, "82a9df91cebbc1d6"),
    # when Faust gives up partitions, and when it resumes
    (base.ThreadDelegateConsumer._commit, "a20eec84e4b2ed50"),
    (driver.AIOKafkaConsumerThread._commit, "932852ce7a23f658"),
    (base.Consumer.on_partitions_assigned, "29ce96596f05a18c"),
    (base.Consumer._commit_handler.fun, "4e5da5df073082d6"),
    (base.Fetcher._fetcher.fun, "68f894f0b577d810"),
    (App._on_partitions_revoked, "d5c895bbe57dc73a"),
    (App._on_partitions_assigned, "de932b7927db85b3"),
    (App._stop_consumer, "55854a5de12c3f52"),
    (App._consumer_wait_empty, "6bc313c48c064b16"),
    (Recovery._resume_streams, "d986a6710c1aca98"),
    (ServiceThread._serve, "67809eae09573ac7"),
    # why a fetch may be cancelled, and what keeps a worker in its group
    (aiokafka.AIOKafkaConsumer.getmany, "bc6d248e42a4e9d9"),
    (aiokafka.AIOKafkaConsumer.seek_to_committed, "f6cd85c8b70a4ccf"),
    (Fetcher.fetched_records, "be4348896b9b66af"),
    (SubscriptionState.begin_reassignment, "c141fe3db38455c0"),
    (SubscriptionState.fetch_context, "ff2a654dca239cfe"),
    (GroupCoordinator.ensure_active_group, "33c84c1a93012e81"),
    (GroupCoordinator.check_errors, "ba6ca51ad34838d9"),
    (GroupCoordinator.commit_offsets, "5cbe31af28d6cc06"),
]


def name_of(method: Callable[..., Any]) -> str:
    return method.__qualname__


@pytest.mark.parametrize(("method", "sum_"), PINNED, ids=[name_of(method) for method, _ in PINNED])
def test_it_is_as_it_was(method: Callable[..., Any], sum_: str) -> None:
    assert sha256(inspect.getsource(method).encode()).hexdigest()[:16] == sum_, (
        f"{name_of(method)} has changed"
    )
