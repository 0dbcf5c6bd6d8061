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
    read = [(line, _named(line)) for line in generate(seed=seed, customers=customers, days=days).lines()]
    mobiles_of: dict[str, set[str]] = defaultdict(set)
    for _, named in read:
        for one in (named or {}).values():
            mobiles_of[one].add((named or {}).get("mobile", ""))
    together = set().union(*(mobiles for mobiles in mobiles_of.values() if len(mobiles) > 1))
    alone = {mobile for mobile in mobiles_of if {mobile} == mobiles_of[mobile]} - together
    return [
        Line(named["mobile"].encode() if named else None, line)
        for line, named in read
        if named is None or named.get("mobile") in alone
    ]


def _named(line: bytes) -> dict[str, str] | None:
    """The identifiers that a line names, by kind; None where it cannot be read."""
    try:
        data: Any = json.loads(line)["data"]
        found = {**data.get("customer", {}), **data.get("vehicle", {})}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return {
        kind: str(found[kind]) for kind in ("mobile", "email", "member", "plate", "vin") if found.get(kind)
    }
