"""Settings that cannot work are refused with what to do."""

import pytest

from engine.bus.settings import BusSettings
from engine.model.errors import UsageError

WRONG = [
    ({"bootstrap": ""}, "No broker is named"),
    ({"bootstrap": "broker:port"}, "no broker's address"),
    ({"bootstrap": "broker:9092", "batch_records": 501}, "1 to 500 records"),
    ({"bootstrap": "broker:9092", "session_timeout_s": 60.0}, "longer than the request time-out"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_cannot_work_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        BusSettings(**given)  # type: ignore[arg-type]


def test_brokers_are_named_as_both_clients_understand() -> None:
    assert BusSettings(bootstrap="a:1, b,[::1]:3").servers == ["a:1", "b:9092", "[::1]:3"]
