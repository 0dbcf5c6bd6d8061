"""Codes about the rules of the policy."""

from engine.language.registry.entries import POLICY, Code, Example, entry


def _entry(name: str, title: str, explanation: str, wrong: str, right: str) -> Code:
    """The examples are what is added to the least that a policy says."""
    wrong_file, right_file = (
        Example(text=f"{POLICY}{one}\n", file="journeys/policy.yaml") for one in (wrong, right)
    )
    return entry(name, title, explanation, wrong_file, right_file)


CODES = (
    _entry(
        "unknown-hold",
        "nothing that marketing could wait for",
        """`hold_while` names what holds marketing back (messages for purposes that need consent) for as long as
        it is so. There is `complaint open`: from `complaint.opened` to `complaint.resolved`.""",
        "hold_while: [complaint opened]",
        "hold_while: [complaint open]",
    ),
    _entry(
        "idle-rule",
        "a rule that never holds anything back",
        """Whatever is sent, this rule has nothing to say about it: another cap counts the same messages and
        allows no more of them for as long, or all its purposes ignore it. One of the two was probably meant
        otherwise.""",
        "caps: [{at_most: 1, within: 7 days}, {at_most: 2, within: 1 day, over: sms}]",
        "caps: [{at_most: 3, within: 7 days}, {at_most: 1, within: 1 day, over: sms}]",
    ),
    _entry(
        "short-grace",
        "quiet hours that nothing outlasts",
        """A message that quiet hours hold back goes when they end, if its `grace` is not over by then. Here it
        is shorter than they are, so that what is due as they begin is skipped.""",
        "grace: 6 hours\nquiet_hours: {sms: '21:00-09:00'}",
        "grace: 1 day\nquiet_hours: {sms: '21:00-09:00'}",
    ),
)
