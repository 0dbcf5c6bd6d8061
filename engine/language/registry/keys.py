"""Codes about keys and the values under them."""

from engine.language.registry.entries import entry

CODES = (
    entry(
        "unknown-key",
        "a key that nobody knows",
        """The key is misspelt, or there is none such. An unknown key is never passed over: it may be the one
        that matters.""",
        """
        steps:
          - wait: 3 days
            att: "10:00"
        """,
        """
        steps:
          - wait: 3 days
            at: "10:00"
        """,
    ),
    entry(
        "missing-key",
        "a key that is needed is not there",
        """Without this key there is no telling what is meant. The message names it and says what it is
        for.""",
        """
        steps:
          - send: newsletter
        """,
        """
        steps:
          - send: newsletter
            by: email
        """,
    ),
    entry(
        "misplaced-key",
        "a key that belongs somewhere else",
        """The language has this key, but not here. Often the indentation is wrong, or it stands beside the
        wrong step.""",
        """
        steps:
          - send: newsletter
            by: email
            at: "10:00"
        """,
        """
        steps:
          - wait: 1 day
            at: "10:00"
          - send: newsletter
            by: email
        """,
    ),
    entry(
        "conflicting-keys",
        "two keys that exclude each other",
        """Each of the two would do alone; together they contradict each other.""",
        """
        start:
          on: purchase.recorded
          schedule: daily
        """,
        """
        start:
          schedule: daily
          audience: customer.email
        """,
    ),
    entry(
        "empty-value",
        "a key without a value",
        """Nothing stands behind the colon, or the list is empty. Leave the key out where nothing is to be
        said.""",
        """
        title:
        """,
        "title: Welcome pack",
    ),
    entry(
        "bad-choice",
        "not one of the words that can stand here",
        """The key takes one of a few words. The hint names the nearest, or all of them.""",
        "status: lively",
        "status: live",
    ),
    entry(
        "bad-duration",
        "no duration",
        """A duration is a whole number above zero and a unit: minutes, hours, days, weeks, months, quarters
        or years. Months, quarters and years keep the day of the month, or take the month's last.""",
        """
        steps:
          - wait: 3 dyas
        """,
        """
        steps:
          - wait: 3 days
        """,
    ),
    entry(
        "bad-distance",
        "no distance",
        """A distance is a number of kilometres: `10000 km`, `10 000 km` or `10,000 km`.""",
        """
        steps:
          - wait: 6000 miles
        """,
        """
        steps:
          - wait: 9656 km
        """,
    ),
    entry(
        "bad-time",
        "no time of day",
        """A time of day is hours and minutes by the 24-hour clock; quiet hours are two of them with a dash
        between.""",
        """
        steps:
          - wait: 3 days
            at: 10 am
        """,
        """
        steps:
          - wait: 3 days
            at: "10:00"
        """,
    ),
    entry(
        "bad-date",
        "no date, or one that no calendar has",
        """A date is written `2025-12-24`, a moment `2025-12-24 10:00`, on the policy's clock, or with its zone as
        RFC 3339 has it: `2025-12-24T10:00:00+08:00`. Behind `until` it may have quotes, in a comparison it
        must.""",
        """
        steps:
          - wait: until 2025-02-30
        """,
        """
        steps:
          - wait: until 2025-02-28
        """,
    ),
    entry(
        "bad-day",
        "no day of the week",
        """Days are `mon` to `sun`, `weekdays`, `weekends`, or a list of them.""",
        """
        steps:
          - wait: 3 days
            days: [mon, tuseday]
        """,
        """
        steps:
          - wait: 3 days
            days: [mon, tue]
        """,
    ),
    entry(
        "bad-schedule",
        "no schedule",
        """A schedule is hourly, daily, weekly, monthly, quarterly, yearly, a cron expression of five
        fields (minute, hour, day of the month, month, day of the week), or a list of dates for days that no such rule
        tells: `[2026-02-17, 2027-02-06]`.""",
        """
        start: {schedule: quaterly, audience: customer.email}
        """,
        """
        start: {schedule: quarterly, audience: customer.email}
        """,
    ),
    entry(
        "bad-pace",
        "no pace",
        """A pace is a number of messages per minute, hour or day.""",
        "pace: 20000 hourly",
        "pace: 20000 per hour",
    ),
    entry(
        "bad-number",
        "a number that cannot stand here",
        """The key takes a number within bounds, which the message names.""",
        """
        steps:
          - repeat:
              every: 1 month
              times: zero
              do: [{send: newsletter, by: email}]
        """,
        """
        steps:
          - repeat:
              every: 1 month
              times: 6
              do: [{send: newsletter, by: email}]
        """,
    ),
    entry(
        "bad-id",
        "a name that cannot be one",
        """The ids of journeys are lower-case words joined by hyphens. Names of values under `with` are named
        in templates, so they consist of letters, digits and underscores.""",
        """
        steps:
          - send: welcome-pack
            by: letter
            with: {gift: tyre gauge, gift-count: 2}
        """,
        """
        steps:
          - send: welcome-pack
            by: letter
            with: {gift: tyre gauge, gift_count: 2}
        """,
    ),
    entry(
        "duplicate-item",
        "the same thing twice in a list",
        """The second has no effect, so one of them was probably meant to be another.""",
        """
        steps:
          - send: welcome-pack
            by: [letter, letter]
            with: {gift: tyre gauge}
        """,
        """
        steps:
          - send: welcome-pack
            by: [letter, email]
            with: {gift: tyre gauge}
        """,
    ),
)
