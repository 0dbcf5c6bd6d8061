"""Codes about expressions, in journeys and in templates."""

from engine.language.registry.entries import entry

CODES = (
    entry(
        "expression-syntax",
        "an expression that cannot be read",
        """Conditions are written with ==, !=, <, <=, >, >=, in, and, or, not; texts in quotes.""",
        """
        start: {on: purchase.recorded, when: event.amount = 1000}
        """,
        """
        start: {on: purchase.recorded, when: event.amount == 1000}
        """,
    ),
    entry(
        "needless-braces",
        "braces where none are needed",
        """`when`, `if`, `audience`, `per` and `wait: until` are expressions already. Braces are for texts:
        under `with` and in templates.""",
        """
        start: {on: purchase.recorded, when: "{{ event.amount > 1000 }}"}
        """,
        """
        start: {on: purchase.recorded, when: event.amount > 1000}
        """,
    ),
    entry(
        "unknown-name",
        "a name that is not known here",
        """The name, or the member, is misspelt, or it is not known at this place: there is no `run` before
        one begins, no `loop` outside `repeat`, no `event` in a scheduled journey; which members `event` has
        depends on its type. A text needs quotes. A member that is only missing in some customer's data is no
        fault: it is none.""",
        """
        start: {on: purchase.recorded, when: event.tires}
        """,
        """
        start: {on: purchase.recorded, when: event.tyres}
        """,
    ),
    entry(
        "impossible-comparison",
        "a comparison that can never be true",
        """The two sides are of different kinds: a number and a text, a list and a number. A number has no
        quotes; a date is written as a text, '2025-03-08'.""",
        """
        start: {on: purchase.recorded, when: event.amount > '1000'}
        """,
        """
        start: {on: purchase.recorded, when: event.amount > 1000}
        """,
    ),
    entry(
        "may-be-missing",
        "a value that may be missing, where it matters",
        """A missing value is none, and in a condition that is quite right: the condition does not hold. But nobody can
        wait until none, a template would have a hole, an event would lack what it needs, and `not (none > 5)` holds.
        Ask for the value first, beside the step or around it, or give another with `| default(…)`.""",
        """
        steps:
          - wait: until vehicle.inspection_due
        """,
        """
        steps:
          - if: vehicle.inspection_due
            then:
              - wait: until vehicle.inspection_due
        """,
    ),
    entry(
        "wrong-type",
        "a value of the wrong kind",
        """Something is done with a value that its kind does not allow: a number and a text added, a list
        asked for a member, `wait: until` something that is no date.""",
        """
        steps:
          - wait: until vehicle.plate
        """,
        """
        steps:
          - wait: until vehicle.inspection_due
            when: vehicle.inspection_due
        """,
    ),
    entry(
        "unknown-choice",
        "a text that the member never is",
        """The member has only a few values, and this is none of them, so the comparison is always false.
        Where other values are accepted too, this is a warning.""",
        """
        start: {on: customer.registered, when: event.origin == 'exibition'}
        """,
        """
        start: {on: customer.registered, when: event.origin == 'exhibition'}
        """,
    ),
    entry(
        "unknown-filter",
        "a filter that does not exist",
        """Journeys know the filters default, length, round, int, join, first, last, lower, upper, title and
        trim. Templates know more; `date`, `money`, `km` and `number` write for people and are known in
        templates only.""",
        """
        steps:
          - send: tyre-health
            by: sms
            with: {km: "{{ run.distance_km | rond }}"}
        """,
        """
        steps:
          - send: tyre-health
            by: sms
            with: {km: "{{ run.distance_km | round }}"}
        """,
    ),
    entry(
        "unknown-test",
        "a test that does not exist",
        """Behind `is` stand none, not none, defined or undefined. To ask for a value, compare with ==.""",
        """
        start: {on: purchase.recorded, when: event.reason is worn}
        """,
        """
        start: {on: purchase.recorded, when: event.reason == 'worn'}
        """,
    ),
    entry(
        "not-allowed",
        "something that expressions cannot do",
        """Expressions ask and compute, they do nothing else. Nothing can be called but
        `customer.last('TYPE')` and `customer.count('TYPE')`; there are no powers, dictionaries or slices.""",
        """
        start: {on: purchase.recorded, when: event.reason.upper() == 'WORN'}
        """,
        """
        start: {on: purchase.recorded, when: (event.reason | upper) == 'WORN'}
        """,
    ),
)
