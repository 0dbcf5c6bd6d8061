"""What becomes known while a message is already rendered still stops it, until the moment in which it is handed
over."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.decide import counted_since, may_send
from engine.model.customer import ConsentStatement, Customer
from engine.model.messages import Message, Reason, Status
from engine.model.policy import Fleet, Policy, Purpose
from engine.model.program import Program
from engine.model.standing import Complaint, Standing
from engine.model.suppression import Cause, Suppression, address_of
from engine.odometer import FleetOdometer
from engine.ports import MessageFilter, Rendered, Store
from engine.runtime.deliver import Deliverer
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import START, customer, customer_id, day, message
from tests.runtime.deliver_world import SHANGHAI, FixedClock, PlainRenderer, Provider
from tests.store.meanwhile import Meanwhile

GROUP = 5
POLICY = Policy(
    zone=SHANGHAI,
    locale="zh-CN",
    brand="michelin",
    channels=("letter",),
    purposes={"care": Purpose(True)},
    hold_while=frozenset({"complaint open"}),
)
PROGRAM = Program(journeys={}, policy=POLICY, odometer=FleetOdometer(Fleet()))


class Racing(PlainRenderer):
    """When the last message of a group is rendered, somebody else does `then`, and it is committed."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then
        self._rendered = 0

    def render(self, one: Message, *, as_form: bool = False) -> Rendered:
        rendered = super().render(one, as_form=as_form)
        self._rendered += 1
        if self._rendered == GROUP:
            Meanwhile(self._then).result()
        return rendered


def change(store: Store, n: int, **members: object) -> Callable[[], None]:
    """The customer's document becomes another, in a unit and a connection of its own."""

    def run() -> None:
        with store.unit() as unit:
            known: Customer = unit.customers([customer_id(n)])[customer_id(n)]
            unit.put([replace(known, version=known.version + 1, **members)])

    return run


def sender(store: Store, provider: Provider, then: Callable[[], None]) -> Deliverer:
    return Deliverer(
        store,
        Racing(then),
        {"letter": provider},
        lambda one, about, now, lately: may_send(
            PROGRAM, one, about, now, lambda: lately(counted_since(POLICY, now))
        ),
        FixedClock(day(1)),
    )


WITHDRAWN = {"consents": {"letter/care": ConsentStatement(False, day(0.5), 9)}}
COMPLAINS = {"standing": Standing(complaints={"1": Complaint(opened_at=START)})}


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize(
    ("members", "status", "reason"),
    [
        (WITHDRAWN, Status.SKIPPED, Reason.NO_CONSENT),
        (COMPLAINS, Status.HELD, Reason.COMPLAINT_OPEN),
    ],
    ids=["withdrawn", "complaint"],
)
def test_what_is_said_between_rendering_and_handing_over_counts(
    tmp_path: Path, members: dict[str, object], status: Status, reason: Reason, repeatable: bool
) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    with store.unit() as unit:
        unit.put(customer(n) for n in range(GROUP))
        unit.add_messages(message(n) for n in range(GROUP))
    provider = Provider("letter", repeatable=repeatable)
    sender(store, provider, change(store, 2, **members)).deliver_some(day(1))
    assert sorted(provider.taken) == sorted(message(n).id for n in range(GROUP) if n != 2)
    [row] = store.messages(MessageFilter(customer_id=customer_id(2)))
    assert (row.message.status, row.message.reason, row.tried_at) == (status, reason, None)
    store.close()


@pytest.mark.parametrize("agreed", [True, False])
def test_an_address_that_comes_on_the_list_meanwhile_is_not_written_to(tmp_path: Path, agreed: bool) -> None:
    """Whosever it is: two customers share one. Who has not agreed is told so all the same."""
    store = SqliteStore(tmp_path / "milepost.db")
    places = [{"line": f"幸福路{min(n, 3)}号", "name": "王芳"} for n in range(GROUP)]
    with store.unit() as unit:
        said = {} if agreed else WITHDRAWN
        unit.put(customer(n, **(said if n == 4 else {})) for n in range(GROUP))
        unit.add_messages(message(n, address=places[n]) for n in range(GROUP))

    def suppress() -> None:
        to = address_of("letter", places[3])
        assert to is not None
        with store.unit() as unit:
            unit.suppress([Suppression(to=to, cause=Cause.COMPLAINED, at=day(0.5))])

    provider = Provider("letter", repeatable=False)
    sender(store, provider, suppress).deliver_some(day(1))
    assert sorted(provider.taken) == sorted(message(n).id for n in range(3))
    rows = {row.message.id: row.message for row in store.messages(MessageFilter())}
    assert rows[message(3).id].reason is Reason.SUPPRESSED
    assert rows[message(4).id].reason is (Reason.SUPPRESSED if agreed else Reason.NO_CONSENT)
    store.close()
