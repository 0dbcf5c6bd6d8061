"""What a person says of who is who: that two customers are one, or two."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.disputes import Dispute, DisputeStatus
from engine.model.errors import MilepostError
from engine.model.identity import MERGED, MERGED_MEMBER, SETTLED
from engine.model.ids import derive
from engine.ports import Store
from engine.wiring.assembly import clock_of, looked_into
from engine.wiring.deployed import Projects
from engine.wiring.settings import Settings
from engine.wiring.taking import IntoInbox, IntoStore, Taker

_KINDS = ("mobile", "email", "member")


@contextmanager
def settling(settings: Settings, folder: Path) -> Iterator["Settling"]:
    """Raises `MilepostError` where the project or the database cannot be used."""
    with looked_into(settings, to_work=not settings.kafka_bootstrap) as store:
        yield Settling(settings, store, folder)


class Settling:
    """`store` is for looking, too."""

    def __init__(self, settings: Settings, store: Store, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self.store = store

    def merge(self, one: Customer, other: Customer) -> None:
        """Takes in the event that says so, as any other: what comes of it, and when, is the same. With a broker it goes
        into the inbox."""
        now = self._now()
        data = {"customer": _named(one), MERGED_MEMBER: _named(other)}
        event = {
            "specversion": "1.0",
            "id": derive(MERGED, *sorted((one.id, other.id)), now.isoformat()),
            "source": SETTLED,
            "type": MERGED,
            "time": now.isoformat(),
            "data": data,
        }
        projects = Projects(self.store, self._settings, self._folder)
        taker: Taker
        if self._settings.kafka_bootstrap:
            taker = IntoInbox(self._settings, projects.present.program.policy.country, self.store)
        else:
            taker = IntoStore(projects, self.store, self._settings)
        try:
            taker.take([json.dumps(event, ensure_ascii=False).encode()])
        finally:
            taker.close()

    def keep(self, found: Dispute) -> Dispute:
        """They are two for ever: it is not listed again, and nothing makes them one but a person."""
        with self.store.unit() as unit:
            present = {one.id: one for one in unit.disputes_of(found.customers)}.get(found.id, found)
            documents = unit.customers(list(present.customers))
            left, right = present.customers
            unit.put(
                replace(one, version=one.version + 1, apart=tuple(sorted({*one.apart, other})))
                for one, other in ((documents.get(left), right), (documents.get(right), left))
                if one is not None
            )
            kept = replace(present, status=DisputeStatus.KEPT)
            unit.put_disputes([kept])
        return kept

    def _now(self) -> datetime:
        clock = clock_of(self._settings)
        if clock is not None:
            return clock.now()
        with self.store.unit() as unit:
            kept = unit.get("clock")
        return datetime.fromisoformat(kept) if kept else datetime.now(UTC)


def _named(customer: Customer) -> dict[str, str]:
    """By what the customer is known. Raises `MilepostError` where that is nothing."""
    named = {kind: str(value) for kind in _KINDS if (value := customer.fact(kind))}
    if not named:
        raise MilepostError(f"Customer {customer.id} is known by no mobile, email or member number.")
    return named
