"""What expressions look at in tests: one customer with a past, and ways to ask."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.expressions import Compiled, Lexicon, Vocabulary, compile_expression, compile_value
from engine.language.expressions.vocabulary import Reach
from engine.language.report import Report
from engine.language.source import MappingNode, read_yaml
from engine.model.customer import ConsentStatement, Customer, Reading, Run, Stated, Vehicle
from engine.model.diagnostics import Diagnostic
from engine.model.event_types import EVENT_TYPES
from engine.model.events import Event, keep
from engine.model.policy import Dealer, Policy
from engine.model.program import Program
from engine.model.scope import Scope
from engine.odometer import FleetOdometer

NOW = datetime(2025, 3, 8, 20, 30, tzinfo=UTC)  # 9 March, 04:30 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
LEXICON = Lexicon(EVENT_TYPES, ("letter", "email", "sms"), ("care", "newsletter"))
REACH = Reach(event_type="purchase.recorded", vehicle=True, loop=True)
STEPS = LEXICON.in_steps(REACH)
START = LEXICON.at_start(REACH)


def event(data: dict[str, Any], type_: str = "purchase.recorded", at: datetime = NOW) -> Event:
    return Event(source="/dealers/d001", id="1", type=type_, time=at, data=data)


PURCHASE = event(
    {
        "dealer": "d001",
        "customer": {"name": "王芳", "birthday": "1980-03-08"},
        "tyres": [
            {"brand": "michelin", "quantity": 2, "pattern": "PRIMACY 4"},
            {"brand": "warrior", "quantity": 1},
        ],
        "amount": 1560,
        "reason": "worn",
    }
)
VISIT = event({"next_due": "2025-09-01", "work": ["alignment", "oil"]}, "service.visited")
CUSTOMER = Customer(
    id="c1",
    profile={
        "name": Stated("王芳", NOW),
        "address.city": Stated("北京市", NOW),
        "birthday": Stated("1980-03-08", NOW),
    },
    consents={
        "email/care": ConsentStatement(True, NOW, 1),
        "all/care": ConsentStatement(False, NOW, 2),
        "sms/all": ConsentStatement(True, NOW, 3),
    },
    tags={"vip": NOW},
    kept={"k1": keep(PURCHASE), "k2": keep(VISIT)},
    last={"service.visited": "k2"},
    counts={"purchase.recorded": 3},
)
CAR = Vehicle(
    id="京A12345",
    plate="京A12345",
    facts={"make": Stated("大众", NOW), "inspection_due": Stated("2025-06-30", NOW)},
    readings=(Reading(NOW, 43210.0),),
)
RUN = Run(id="r1", journey="j", key="京A12345", started_at=NOW, brand="michelin", step="s", at=NOW)
PROGRAM = Program(
    journeys={},
    policy=Policy(zone=SHANGHAI, locale="zh-CN", brand="michelin", channels=("letter",), purposes={}),
    odometer=FleetOdometer(),
    dealers={"d001": Dealer(id="d001", name="驰加北京乐平店")},
)


def scope(**changes: Any) -> Scope:
    """The scope of a step in a run that a purchase began; `changes` replace members."""
    members: dict[str, Any] = {
        "program": PROGRAM,
        "now": NOW,
        "customer": CUSTOMER,
        "event": PURCHASE,
        "run": RUN,
        "start": PURCHASE,
        "vehicle": CAR,
        "loop_index": 2,
    }
    return Scope(**{**members, **changes})


EMPTY = scope(customer=None, event=None, run=None, start=None, vehicle=None, loop_index=None)


def _compiled(
    text: str, vocabulary: Vocabulary, compiler: Callable[..., Compiled | None]
) -> tuple[Compiled | None, list[Diagnostic]]:
    report = Report()
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    node = read_yaml(f'when: "{quoted}"\n', "test.yaml", report)
    assert isinstance(node, MappingNode), report.sorted()
    compiled = compiler(node.entries[0].value, vocabulary, report)
    return compiled, report.sorted()


def compiled(text: str, vocabulary: Vocabulary = STEPS) -> tuple[Compiled | None, list[Diagnostic]]:
    """An expression, compiled, and its diagnostics."""
    return _compiled(text, vocabulary, compile_expression)


def asked(text: str, at: Scope | None = None, vocabulary: Vocabulary = STEPS) -> Any:
    """The value of an expression that has no faults."""
    result, faults = compiled(text, vocabulary)
    assert result is not None, faults
    return result.get(at or scope())


def faults(text: str, vocabulary: Vocabulary = STEPS) -> list[str]:
    """The codes of an expression's faults."""
    return [one.code for one in compiled(text, vocabulary)[1]]


def given(text: str, at: Scope | None = None) -> Any:
    """The value of a quoted text under `with`."""
    result, found = _compiled(text, STEPS, compile_value)
    assert result is not None, found
    return result.get(at or scope())
