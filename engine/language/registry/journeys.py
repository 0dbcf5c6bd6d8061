"""Codes about journeys, their steps, and what the policy says of them."""

from engine.language.registry.entries import Example, entry

CODES = (
    entry(
        "wrong-file-name",
        "a journey and its file have different names",
        """A journey's file is named like the journey, so that each is found by the other, and no two journeys
        have the same id.""",
        Example(
            text="journey: welcome\npurpose: care\nstart: {on: purchase.recorded}\nsteps: [end]\n",
            file="journeys/hello.yaml",
        ),
        Example(
            text="journey: hello\npurpose: care\nstart: {on: purchase.recorded}\nsteps: [end]\n",
            file="journeys/hello.yaml",
        ),
    ),
    entry(
        "unknown-verb",
        "a step without a verb",
        """A step says by its verb what it does: wait, send, if, repeat, end and others. It begins with a dash; what
        belongs to it stands below, in the column of the verb.""",
        """
        steps:
          - sned: newsletter
            by: email
        """,
        """
        steps:
          - send: newsletter
            by: email
        """,
    ),
    entry(
        "two-verbs",
        "a step with two verbs",
        """A dash is missing: each step has one verb.""",
        """
        steps:
          - wait: 1 month
            send: newsletter
            by: email
        """,
        """
        steps:
          - wait: 1 month
          - send: newsletter
            by: email
        """,
    ),
    entry(
        "duplicate-id",
        "two steps with the same id",
        """A run under way stands at a step by the step's id, so each id can be given once. Steps without an
        id of their own are named by their verb, or template, and numbered.""",
        """
        steps:
          - {wait: 1 day, id: pause}
          - {wait: 2 days, id: pause}
        """,
        """
        steps:
          - {wait: 1 day, id: first-pause}
          - {wait: 2 days, id: second-pause}
        """,
    ),
    entry(
        "unreachable-step",
        "a step that no run ever reaches",
        """What stands before the step never goes on: it ends the run, or repeats without `times`.""",
        """
        steps:
          - end
          - send: newsletter
            by: email
        """,
        """
        steps:
          - send: newsletter
            by: email
          - end
        """,
    ),
    entry(
        "unreachable-branch",
        "a branch that no run ever takes",
        """`choose` takes the first branch that fits. What stands behind `else`, or has a condition that a branch
        further up has too, comes too late.""",
        """
        steps:
          - choose:
              - else: [{wait: 1 day}]
              - {when: customer.email, do: [{wait: 2 days}]}
        """,
        """
        steps:
          - choose:
              - {when: customer.email, do: [{wait: 2 days}]}
              - else: [{wait: 1 day}]
        """,
    ),
    entry(
        "shares",
        "shares that do not make 100 %",
        """Every run that comes to a `split` takes one of its branches, so their shares add up to 100 %.""",
        """
        steps:
          - split:
              - {share: 50%, name: a, do: [{wait: 1 day}]}
              - {share: 40%, name: b, do: [{wait: 2 days}]}
        """,
        """
        steps:
          - split:
              - {share: 50%, name: a, do: [{wait: 1 day}]}
              - {share: 50%, name: b, do: [{wait: 2 days}]}
        """,
    ),
    entry(
        "bad-field",
        "a field of the customer that cannot be set",
        """`set` names fields of the customer: those that events have (`customer.preferred_channel`,
        `customer.address.city`), or your own, with one name (`customer.last_score`). What says who the customer is
        (mobile, email, member number) is learned from events only; consent is given by the customer alone.""",
        """
        steps:
          - set: {customer.mobile: "'+8613800000001'"}
        """,
        """
        steps:
          - set: {customer.preferred_channel: "'sms'"}
        """,
    ),
    entry(
        "own-field",
        "a field of your own that looks like a known one",
        """`set` may name fields of your own, and journeys and templates know them then. This one is so much like a
        field that events have that it may be a slip.""",
        """
        steps:
          - set: {customer.advisor: "'Li'"}
        """,
        """
        steps:
          - set: {customer.adviser: "'Li'"}
        """,
    ),
    entry(
        "no-vehicle",
        "a distance or a vehicle where there is none",
        """Kilometres are driven by the run's vehicle, which is the one that the event carries that began the
        run. A journey on a schedule, and one that begins with an event that is not about a car, has none.
        Where the event usually, but not always, carries a vehicle, this is a warning: `per: vehicle` begins
        runs for cars only.""",
        """
        start: {on: customer.updated}
        steps:
          - wait: 10000 km
        """,
        """
        start: {on: purchase.recorded, per: vehicle}
        steps:
          - wait: 10000 km
        """,
    ),
    entry(
        "reserved-name",
        "a name that means something already",
        """A value under `with` cannot have a name of the language (event, customer, vehicle, …), which would
        hide it from the template; a purpose cannot be called `all`.""",
        """
        steps:
          - send: welcome-pack
            by: letter
            with: {gift: tyre gauge, event: Spring sale}
        """,
        """
        steps:
          - send: welcome-pack
            by: letter
            with: {gift: tyre gauge, occasion: Spring sale}
        """,
    ),
    entry(
        "unknown-event",
        "an event type that does not exist",
        """Event types are listed in the reference of events; a project's own are in `journeys/events.yaml`. `on`,
        `wait_for`, `emit`, `customer.last` and `customer.count` name them.""",
        """
        start: {on: purchase.made}
        """,
        """
        start: {on: purchase.recorded}
        """,
    ),
    entry(
        "not-to-emit",
        "an event that no journey can make",
        """What a journey emits is about the run's customer. Receipts, readings, tasks and what is about a place come
        from elsewhere; `journeys/events.yaml` holds types of your own.""",
        """
        steps:
          - emit: weather.warning
        """,
        """
        steps:
          - emit: promotion.entered
            with: {promotion: spring-draw}
        """,
    ),
    entry(
        "unknown-purpose",
        "a purpose that the policy does not have",
        """A journey's purpose decides which consent its messages need, so it must be one of those in
        `journeys/policy.yaml`.""",
        "purpose: caring",
        "purpose: care",
    ),
    entry(
        "unknown-channel",
        "a channel that does not exist",
        """Channels are letter, email and sms. In a template's file name the channel comes first.""",
        """
        steps:
          - send: newsletter
            by: emial
        """,
        """
        steps:
          - send: newsletter
            by: email
        """,
    ),
    entry(
        "channel-not-in-policy",
        "a channel that the policy does not use",
        """`channels` in `journeys/policy.yaml` lists what is in use; a journey cannot send by another.""",
        Example(
            text="timezone: Asia/Shanghai\nlocale: zh-CN\nbrand: michelin\nchannels: [letter, sms]\n"
            "purposes:\n  care: {consent: required}\n  newsletter: {consent: required}\n",
            file="journeys/policy.yaml",
        ),
        Example(
            text="timezone: Asia/Shanghai\nlocale: zh-CN\nbrand: michelin\nchannels: [letter, email, sms]\n"
            "purposes:\n  care: {consent: required}\n  newsletter: {consent: required}\n",
            file="journeys/policy.yaml",
        ),
    ),
    entry(
        "unknown-brand",
        "a brand that the project does not have",
        """Brands are the folders in `templates/brands/`. The policy's brand must be one of them, because it
        takes the place of each unknown one.""",
        "brand: mitchelin",
        "brand: michelin",
    ),
    entry(
        "unknown-template",
        "a template that does not exist",
        """`send` names a folder under `templates/` with at least one text in it, such as
        `templates/welcome-pack/letter.zh-CN.html`.""",
        """
        steps:
          - send: welcome-pak
            by: letter
            with: {gift: tyre gauge}
        """,
        """
        steps:
          - send: welcome-pack
            by: letter
            with: {gift: tyre gauge}
        """,
    ),
    entry(
        "missing-template",
        "no text for a channel, a brand or a locale",
        """What a journey can send must exist for every channel in its `by`, every brand it is for, and the
        policy's locale: a brand's own text, or one that all share; in the locale (zh-CN) or its language
        (zh). A letter and an email need their .html, an SMS its .txt.""",
        """
        steps:
          - send: newsletter
            by: [email, sms]
        """,
        """
        steps:
          - send: newsletter
            by: email
        """,
    ),
)
