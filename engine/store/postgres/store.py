"""The store on one PostgreSQL database."""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from psycopg import errors

from engine.model.customer import Customer
from engine.model.deployments import Deployment
from engine.model.goals import GoalCount
from engine.model.identity import Identifier
from engine.model.times import to_us
from engine.ports import DeployedMeanwhile, LoggedEvent, NumberedRejection, RejectionRow, TaskFilter, TaskRow
from engine.ports.partitions import Progress, Publication
from engine.store import rows
from engine.store.codec import decode_consents, decode_customer
from engine.store.pages import PAGE, rejection_pages
from engine.store.postgres import ownership
from engine.store.postgres.address import Address
from engine.store.postgres.arrays import Blobs, Numbers, Texts
from engine.store.postgres.broadcasts import Broadcasts
from engine.store.postgres.columns import filtered_tasks
from engine.store.postgres.connections import Connections, Timeouts
from engine.store.postgres.identities import Identities
from engine.store.postgres.keys import Keys
from engine.store.postgres.ledger import Ledger
from engine.store.postgres.migrations import refuse_unusable
from engine.store.postgres.reception import Reception
from engine.store.postgres.staff import StaffBook
from engine.store.postgres.suppressions import Secrets, Suppressions
from engine.store.postgres.transactions import ALONE, SQL, Scope, went_on
from engine.store.postgres.unit import PostgresUnit, by_kind
from engine.store.postgres.uploads import Uploads
from engine.store.reception import KnownDealings

TIMEOUTS = Timeouts()


class PostgresStore(Ledger, Suppressions, Broadcasts, Keys, StaffBook, Reception, Identities, Uploads):
    """`open` gives the store, `share` a share of it. Any number of them use the same connections."""

    def __init__(
        self,
        connections: Connections,
        timeouts: Timeouts,
        partitions: int,
        scope: Scope,
        busy: threading.local,
    ) -> None:
        super().__init__(connections, scope, busy)
        self._secrets = Secrets(connections)
        self._dealings = KnownDealings()
        self._timeouts = timeouts
        self.partitions = partitions

    @classmethod
    def open(cls, url: str, *, partitions: int | None = None, timeouts: Timeouts = TIMEOUTS) -> Self:
        """The database at `url`, whose schema `milepost migrate` has brought up to date. `partitions` is to how many
        its customers are shared out: whoever says it first settles it, and another number is refused later. None
        takes what there is."""
        address = Address(url)
        connections = Connections(address, timeouts, lambda one: refuse_unusable(one, address))
        try:
            count = ownership.set_up(connections, partitions)
        except BaseException:
            connections.close()
            raise
        whole = Scope(Numbers(range(count)), {}, ALONE)
        return cls(connections, timeouts, count, whole, threading.local())

    def close(self) -> None:
        """Of the store, as of any share: lets go of the connections of all."""
        self._connections.close()

    # Owners

    def take_over(self, partition: int, owner: str) -> int:
        return ownership.take_over(self._connections, partition, owner, self._timeouts)

    def share(self, tokens: Mapping[int, int]) -> Self:
        if ALONE in tokens:
            scope = Scope(Numbers(range(self.partitions)), dict(tokens), ALONE)
        else:
            parts = Numbers(sorted(tokens))
            scope = Scope(parts, dict(tokens), min(tokens) if len(tokens) == 1 else None)
        return type(self)(self._connections, self._timeouts, self.partitions, scope, self._busy)

    def progress(self, stage: str) -> dict[int, Progress]:
        found = self._read("read_progress", stage=stage)
        return {part: Progress(offset, rows.moment(arrived_us)) for part, offset, arrived_us in found}

    def follow(self, stage: str, source: str) -> bool:
        return ownership.follow(self._connections, stage, source)

    # Work

    @contextmanager
    def unit(self) -> Iterator[PostgresUnit]:
        alone = ALONE in self._scope.tokens
        with self._transaction(writes_alone=alone) as connection:
            try:
                with connection.pipeline() as pipeline:  # its end waits for all that was written
                    unit = PostgresUnit(
                        connection, pipeline, self._scope, self.partitions, self._secrets.get, self._dealings
                    )
                    yield unit
            except errors.UniqueViolation:
                raise unit.already_logged() from None
            except (errors.PipelineAborted, errors.InFailedSqlTransaction):  # the first error was told before
                raise went_on() from None
            unit.check()
        self._dealings.add(unit.dealings)

    # Events of the journeys' own, for other systems

    def published(self, limit: int) -> list[Publication]:
        found = self._read("open_publications", parts=self._scope.parts, limit=limit)
        return [rows.to_publication(row) for row in found]

    def told(self, those: Iterable[Publication]) -> None:
        told = list(those)
        if told:
            asked = {
                "part": Numbers(one.partition for one in told),
                "number": Numbers(one.number for one in told),
            }
            with self._transaction() as connection:
                connection.execute(SQL["close_publications"], asked)

    # What is deployed, which is the same for all shares

    def deploy(self, deployment: Deployment, contents: Mapping[str, bytes]) -> None:
        with self._transaction() as connection:
            added = connection.execute(SQL["add_deployment"], rows.deployment(deployment)).rowcount
            if added != 1:
                raise DeployedMeanwhile(f"Deployment {deployment.number} is there already.")
            asked = {"hash": Texts(contents), "body": Blobs(contents.values())}
            connection.execute(SQL["add_contents"], asked)

    def deployments(self, limit: int | None = None) -> list[Deployment]:
        found = self._read("deployments", number=None, limit=limit)
        return [rows.to_deployment(row) for row in found]

    def deployment(self, number: int | None = None) -> Deployment | None:
        found = self._read("deployments", number=number, limit=1)
        return rows.to_deployment(found[0]) if found else None

    def contents(self, hashes: Collection[str]) -> dict[str, bytes]:
        return dict(self._read("contents", hashes=Texts(hashes)))

    def known_contents(self, hashes: Collection[str]) -> set[str]:
        return {one for (one,) in self._read("known_contents", hashes=Texts(hashes))}

    # For looking

    def tasks(self, which: TaskFilter, limit: int | None = None) -> list[TaskRow]:
        asked = {**filtered_tasks(which), "parts": self._scope.parts, "limit": limit}
        return [rows.to_task(row) for row in self._read("tasks", **asked)]

    def count_goals(self, now: datetime) -> list[GoalCount]:
        found = self._read("count_goals", parts=self._scope.parts, now_us=to_us(now))
        return [rows.to_goal_count(row) for row in found]

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        if not ids:
            return {}
        found = self._read("read_customers", ids=Texts(ids))
        return {one.id: one for one in (decode_customer(body) for (body,) in found)}

    def consents_of(self, ids: Sequence[str]) -> dict[str, Customer]:
        if not ids:
            return {}
        found = self._read("read_customers", ids=Texts(ids))
        return {one.id: one for one in (decode_consents(body) for (body,) in found)}

    def known_after(self, cursor: str, limit: int) -> list[Customer]:
        found = self._read("read_customers_after", parts=self._scope.parts, cursor=cursor, limit=limit)
        return [decode_customer(body) for (body,) in found]

    def count_customers(self) -> int:
        return int(self._read("count_customers", parts=self._scope.parts)[0][0])

    def find(self, identifiers: Sequence[Identifier]) -> list[Customer]:
        asked = by_kind(identifiers).items()
        owners = [
            row for kind, values in asked for row in self._read("read_owners", kind=kind, values=values)
        ]
        found = self.customers([customer_id for _, customer_id in owners])
        return [found[one] for one in sorted(found)]

    def count_due(self, until: datetime, limit: int) -> int:
        found = self._read("count_due", parts=self._scope.parts, until_us=to_us(until), limit=limit)
        return int(found[0][0])

    def events_of(self, customer_id: str, limit: int | None = None) -> list[LoggedEvent]:
        found = self._read("events_of", customer_id=customer_id, limit=limit)
        return [rows.to_logged(customer_id, row) for row in reversed(found)]

    def arrivals(self, customer_ids: Sequence[str]) -> list[LoggedEvent]:
        found = self._read("arrivals", ids=Texts(customer_ids)) if customer_ids else []
        return [rows.to_logged(one, row) for one, *row in found]

    def rejections(self, status: str = "open") -> Iterator[RejectionRow]:
        return rejection_pages(lambda after: self._read("rejections", status=status, after=after, limit=PAGE))

    def dealers_rejections(
        self, dealer: str, status: str, limit: int, after: int = 0
    ) -> list[NumberedRejection]:
        found = self._read("dealers_rejections", dealer=dealer, status=status, limit=limit, after=after)
        return [NumberedRejection(number, rows.to_rejection(tuple(rest))) for number, *rest in found]

    def rejection(self, rejection_id: str) -> RejectionRow | None:
        found = self._read("rejection", id=rejection_id)
        return rows.to_rejection(found[0]) if found else None
