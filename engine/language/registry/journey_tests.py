"""Codes about journey tests."""

from engine.language.registry.entries import Code, Example, entry

_FILE = "journeys/tests/welcome-pack.yaml"
_TEST = """journey: {journey}
tests:
  - name: a letter after a month
    given: {{customer: {{{customer}}}, consent: {{letter: [care]}}}}
    events:
      - 2025-03-08 14:20: {{type: purchase.recorded, {tyres}}}
    expect: []
"""
_MOBILE = 'mobile: "13800000001"'
_TYRES = "tyres: [{quantity: 2}]"


def _test(journey: str = "welcome-pack", customer: str = _MOBILE, tyres: str = _TYRES) -> Example:
    return Example(text=_TEST.format(journey=journey, customer=customer, tyres=tyres), file=_FILE)


CODES: tuple[Code, ...] = (
    entry(
        "unknown-journey",
        "a test of a journey that there is not",
        """The tests in a file are those of one journey, which `journey` names by its id: the name of its file without
        `.yaml`.""",
        _test(journey="welcom-pack"),
        _test(),
    ),
    entry(
        "bad-event",
        "an event in a test that would be refused",
        """The events of tests are read as any event that comes in: a member that is required and missing, or of a wrong
        type, refuses it. `docs/reference/events.md` tells which members there are.""",
        _test(tyres="tyres: [{quantity: two}]"),
        _test(),
    ),
    entry(
        "unread-member",
        "a member of an event that nothing reads",
        """Events may carry more than Milepost knows, and it is kept. No journey can ask for it, so in a test such a
        member is probably misspelt.""",
        _test(tyres="tyres: [{quantity: 2, pattren: PRIMACY 4}]"),
        _test(tyres="tyres: [{quantity: 2, pattern: PRIMACY 4}]"),
    ),
    entry(
        "unusable-value",
        "an identifier in a test that cannot be one",
        """A mobile number that no mobile can have, an email without an @, a plate without a letter or digit: such a
        value is set aside when events come in, as if it had not been stated. In a test that is hardly meant.""",
        _test(customer='member: M1, mobile: "12345"'),
        _test(customer=f"member: M1, {_MOBILE}"),
    ),
)
