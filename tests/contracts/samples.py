"""Documents of the size that the care plan makes, for tests of stores, channels and the sender."""

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.model.customer import ConsentStatement, Customer, Loop, Purchase, Reading, Run, Stated, Vehicle
from engine.model.events import Event, keep
from engine.model.ids import derive
from engine.model.messages import Message, Status
from engine.ports import LoggedEvent, RejectionRow

START = datetime(2025, 3, 8, 6, 20, tzinfo=UTC)


def day(n: float) -> datetime:
    """So many days after the beginning of the test's world."""
    return START + timedelta(days=n)


def event(n: int, at: datetime = START, **data: Any) -> Event:
    return Event(
        source="/dealers/d001",
        id=f"e-{n}",
        type="purchase.recorded",
        time=at,
        recorded=at + timedelta(hours=18),
        data={
            "dealer": "d001",
            "customer": {"name": "王芳", "mobile": f"+86138{n:08d}", "address": {"city": "北京市"}},
            "vehicle": {"plate": f"京A{n:05d}", "odometer_km": 43210},
            "tyres": [{"brand": "michelin", "size": "205/55R16", "quantity": 2, "unit_price": 780}],
            **data,
        },
    )


def logged(n: int, customer_id: str | None = None, at: datetime = START) -> LoggedEvent:
    return LoggedEvent(event=event(n, at), customer_id=customer_id, decided_at=at + timedelta(hours=19))


def customer(n: int, due: datetime | None = None, **members: Any) -> Customer:
    """A customer as the care plan leaves one: facts, consents, a car with readings, a run under way."""
    bought = event(n)
    plate = bought.data["vehicle"]["plate"]
    key = bought.key.hex()
    run = Run(
        id=derive("run", "tyre-health", plate, key),
        journey="tyre-health",
        key=plate,
        started_at=START,
        brand="michelin",
        step="repeat",
        at=START,
        due_at=due,
        event=key,
        vehicle=plate,
        dealer="d001",
        loops=(Loop("repeat", START, 2),),
    )
    facts = {
        "name": "王芳",
        "mobile": f"+86138{n:08d}",
        "address.line": "幸福路1号",
        "birthday": "1980-02-29",
    }
    document: dict[str, Any] = {
        "id": customer_id(n),
        "version": 1,
        "profile": {path: Stated(value, START) for path, value in facts.items()},
        "consents": {"letter/care": ConsentStatement(True, START, 1)},
        "arrivals": 3,
        "tags": {"vip": START},
        "vehicles": {
            plate: Vehicle(
                id=plate,
                plate=plate,
                facts={"make": Stated("大众", START), "year": Stated(2019, START)},
                readings=(Reading(START, 43210.0), Reading(day(90), 46700.5)),
                owner_since=START,
            )
        },
        "runs": {run.id: run},
        "starts": {f"tyre-health\x1f{plate}": START},
        "kept": {key: keep(bought)},
        "last": {"purchase.recorded": key},
        "counts": {"purchase.recorded": 1},
        "purchase": Purchase(START, "michelin", "d001"),
        "next_due_at": due,
    }
    return Customer(**{**document, **members})


def customer_id(n: int) -> str:
    """In the order of the numbers."""
    return f"c{n:05d}"


ADDRESS = {"name": "王芳", "line": "幸福路1号", "email": "w@example.cn", "mobile": "+8613800000001"}


def message(n: int, at: datetime = START, **members: Any) -> Message:
    return Message(
        **{
            "id": derive("message", str(n)),
            "journey": "welcome-pack",
            "step": "welcome-pack",
            "run": derive("run", str(n)),
            "customer_id": customer_id(n),
            "customer": f"+86138{n:08d}",
            "vehicle": f"京A{n:05d}",
            "template": "welcome-pack",
            "purpose": "care",
            "channel": "letter",
            "brand": "michelin",
            "locale": "zh-CN",
            "status": Status.QUEUED,
            "at": at,
            "due_at": at,
            "not_after": at + timedelta(days=7),
            "address": {
                "name": "王芳",
                "line": "幸福路1号",
                "email": "w@example.cn",
                "mobile": "+8613800000001",
            },
            "values": {"with": {"gift": "胎压表"}, "customer": {"name": "王芳"}, "loop": {"index": 1}},
            **members,
        }
    )


def rejection(n: int, **members: Any) -> RejectionRow:
    row = {
        "id": derive("rejection", str(n)),
        "file": "events.jsonl",
        "line": n,
        "field": "data.customer",
        "reason": "required",
        "raw": b'{"data": \xb4\xf3}',
        "at": START,
    }
    return RejectionRow(**{**row, **members})
