"""A history whose outcome does not depend on how fast which partition is: each customer's events come under one key, in
order of arrival, and no two customers have anything in common."""

import json
from collections import defaultdict
from typing import Any

from engine.intake.clean import cleans_of
from engine.model.identity import Identifier
from engine.sim.network import generate

_CLEANS = cleans_of("CN")

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


LANGUAGE = {
    **CARE,
    "welcome": CARE["welcome"] + "goal: {on: service.visited, within: 60 days}\nholdout: 10%\n",
    "again": """\
purpose: care
start: {on: service.visited, per: vehicle, again: after 60 days}
stop: [{on: complaint.opened}]
steps:
  - tag: regular
  - wait_for: service.visited
    within: 90 days
    then:
      - set: {customer.returns: "customer.count('service.visited')"}
      - when: customer.returns >= 3
        emit: club.joined
        with: {visits: "{{ customer.returns }}"}
    otherwise:
      - split:
          - {share: 50%, name: letter, do: [{send: hello, by: [letter, email]}]}
          - {share: 50%, name: short, do: [{send: hello, by: [sms, email]}]}
      - task: call
        for: dealer
        due: 2 days
""",
    "club": """\
purpose: care
start: {on: club.joined, again: once}
steps:
  - choose:
      - {when: event.visits >= 4, do: [{send: hello, by: [email, sms], with: {visits: "{{ event.visits }}"}}]}
      - else:
          - wait: 36 hours
          - send: hello
            by: [sms, letter]
""",
    "complaint": """\
purpose: service
start: {on: complaint.opened, per: event.complaint_id}
steps:
  - send: hello
    by: [sms, email]
  - task: call-back
    for: dealer
    due: "{{ '4 hours' if event.severity == 'serious' else '1 day' }}"
  - wait_for: complaint.resolved
    when: event.complaint_id == run.key
    within: 5 days
    then:
      - wait: 7 days
      - send: hello
        by: [sms, email]
    otherwise:
      - task: escalate
        for: headquarters
""",
    "birthday": """\
purpose: care
start: {date: customer.birthday, yearly: true}
steps: [{send: hello, by: [sms, email]}]
""",
}

RULES = """\
quiet_hours: {sms: "21:00-09:00", email: none, letter: none}
caps:
  - {at_most: 1, within: 1 day, over: [sms, email]}
  - {at_most: 4, within: 30 days, purposes: [care, newsletter]}
hold_while: [complaint open]
"""

OWN_EVENTS = """\
club.joined:
  about: somebody came by three times
  subject: customer
  data: {visits: {type: integer}}
"""


class Line:
    """One line of the history: what is sent, and under which key."""

    def __init__(self, key: bytes | None, value: bytes) -> None:
        self.key = key
        self.value = value


def history(seed: int, customers: int, days: int) -> list[Line]:
    """With duplicates, late events and broken lines."""
    read = [(line, _named(line)) for line in generate(seed=seed, customers=customers, days=days).lines()]
    kept = _alone([named for _, named in read if named])
    return [
        Line(named["mobile"].encode() if named else None, line)
        for line, named in read
        if named is None or named.get("mobile") in kept
    ]


def _alone(events: list[dict[str, str]]) -> set[str]:
    """The mobiles that come with no other mobile, not even by way of a third thing that both have come with, and
    without which nothing that they have come with ever comes."""
    leads_to: dict[Identifier, Identifier] = {}

    def end(one: Identifier) -> Identifier:
        while (following := leads_to.setdefault(one, one)) != one:
            one = following
        return one

    for named in events:
        first, *others = named.items()
        for other in others:
            leads_to[end(other)] = end(first)
    mobiles_of: dict[Identifier, set[str]] = defaultdict(set)
    for named in events:
        mobiles_of[end(next(iter(named.items())))].add(named.get("mobile", ""))
    return {next(iter(mobiles)) for mobiles in mobiles_of.values() if len(mobiles) == 1} - {""}


def _named(line: bytes) -> dict[str, str] | None:
    """The identifiers that a line names, by kind, as cleaned; None where it names nobody."""
    try:
        data: Any = json.loads(line)["data"]
        told = {**data.get("customer", {}), **data.get("vehicle", {})}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    cleaned = {kind: clean(told[kind]) for kind, clean in _CLEANS.items() if isinstance(told.get(kind), str)}
    return {kind: value for kind, value in cleaned.items() if value} or None
