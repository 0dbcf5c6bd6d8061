"""A ledger with a message for each recipient."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.newsletter_parts.project import JOURNEY
from engine.decide import decide
from engine.model.customer import ConsentStatement, Customer, Stated
from engine.model.ids import derive
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.stimuli import ScheduleReached
from engine.ports import Store
from engine.wiring.projects import load_runnable

PORTION = 2000


def fill(store: Store, project: Path, recipients: int) -> None:
    """As the engine decides it, of customers who agreed to it a month ago."""
    program = load_runnable(project, drafts=False)
    now = datetime.now(UTC) - timedelta(minutes=1)
    for first in range(0, recipients, PORTION):
        customers = [_customer(n, now) for n in range(first, min(first + PORTION, recipients))]
        with store.unit() as unit:
            unit.customers([one.id for one in customers])
            decided = list(_decided(program, customers, now))
            unit.put(after for after, _ in decided)
            unit.add_messages(message for _, message in decided)


def _decided(
    program: Program, customers: list[Customer], now: datetime
) -> Iterator[tuple[Customer, Message]]:
    for customer in customers:
        after, effects = decide(program, customer, ScheduleReached(journey=JOURNEY, at=now), now)
        [message] = effects.messages
        yield after, message


def _customer(number: int, now: datetime) -> Customer:
    at = now - timedelta(days=30)
    profile = {
        "name": f"王芳{number}",
        "salutation": "女士",
        "mobile": f"+86138{number:08d}",
        "email": f"c{number}@example.cn",
        "member": f"M{number:07d}",
        "address.line": f"幸福路{number}号",
        "address.district": "朝阳区",
        "address.city": "北京市",
        "address.postcode": "100020",
    }
    return Customer(
        id=derive("customer", str(number)),
        profile={name: Stated(value, at) for name, value in profile.items()},
        consents={"email/newsletter": ConsentStatement(granted=True, at=at, order=1)},
        arrivals=1,
    )
