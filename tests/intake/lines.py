"""Sound lines to begin a test with, and what a parser says of them."""

import json
from typing import Any

from engine.intake.parse import Parser
from engine.model.events import Event

PARSER = Parser(country="CN")


def purchase(**changes: Any) -> dict[str, Any]:
    """A purchase with everything; `changes` replace members of its data."""
    return {
        "specversion": "1.0",
        "id": "d001-7f3c",
        "source": "/dealers/d001",
        "type": "purchase.recorded",
        "time": "2025-03-08T14:20:00+08:00",
        "recordedtime": "2025-03-09T08:00:00+08:00",
        "data": {
            "dealer": "d001",
            "customer": {
                "name": "王芳",
                "mobile": "13800000001",
                "email": "w@example.cn",
                "address": {"line": "朝阳区幸福路1号", "city": "北京市"},
            },
            "vehicle": {"plate": "京A12345", "odometer_km": 43210},
            "tyres": [{"brand": "michelin", "quantity": 2, "unit_price": 780}],
            "amount": 1560,
            "consent": [{"channel": "email", "purpose": "newsletter", "granted": True}],
            **changes,
        },
    }


def of_type(kind: str, /, **data: Any) -> dict[str, Any]:
    return {**purchase(), "type": kind, "data": data}


def line(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def accepted(event: Any, parser: Parser = PARSER) -> Event:
    parsed = parser.parse(event if isinstance(event, bytes) else line(event))
    assert isinstance(parsed, Event), parsed
    return parsed


def refused(event: Any, parser: Parser = PARSER) -> list[tuple[str, str]]:
    """Field and reason of each rejection."""
    parsed = parser.parse(event if isinstance(event, bytes) else line(event), "file.jsonl", 7)
    assert isinstance(parsed, list), parsed
    assert all((one.file, one.line) == ("file.jsonl", 7) for one in parsed)
    return [(one.field, one.reason) for one in parsed]
