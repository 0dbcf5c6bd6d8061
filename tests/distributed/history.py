"""A history whose outcome does not depend on how fast which partition is: each customer's events come under one key, in
order of arrival, and no two customers have anything in common."""

import json
from collections import defaultdict
from typing import Any

from engine.sim.network import generate

CARE = {
    "welcome": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 1 month\n    at: '10:00'\n  - send: hello\n    by: [sms, email]\n",
    "health": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "steps:\n  - repeat:\n      every: 10000 km\n      times: 3\n      do:\n"
    "        - send: hello\n          by: [sms, email]\n          with: {km: '{{ loop.index * 10000 }}'}\n",
    "thanks": "purpose: service\nstart: {on: service.visited, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 3 days\n  - send: hello\n    by: sms\n",
    "news": "purpose: newsletter\nstart: {schedule: monthly, at: '10:00', audience: customer.email}\n"
    "steps:\n  - send: hello\n    by: email\n",
}


class Line:
    """One line of the history: what is sent, and under which key."""

    def __init__(self, key: bytes | None, value: bytes) -> None:
        self.key = key
        self.value = value


def history(seed: int, customers: int, days: int) -> list[Line]:
    """With duplicates, late events and broken lines."""
    lines = list(generate(seed=seed, customers=customers, days=days).lines())
    read = [(line, _person_and_car(line)) for line in lines]
    drivers: dict[str, set[str]] = defaultdict(set)
    for _, (mobile, plate) in read:
        drivers[plate].add(mobile)
    kept = []
    for line, (mobile, plate) in read:
        if mobile == BROKEN:
            kept.append(Line(None, line))
        elif mobile and (not plate or len(drivers[plate]) == 1):
            kept.append(Line(mobile.encode(), line))
    return kept


BROKEN = "broken"


def _person_and_car(line: bytes) -> tuple[str, str]:
    try:
        event: Any = json.loads(line)
        data = event["data"]
        return data.get("customer", {}).get("mobile", ""), data.get("vehicle", {}).get("plate", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return BROKEN, ""
