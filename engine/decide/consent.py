"""Whether a customer agreed, and can be reached. Asked twice: when a message is decided, and when it is
sent."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.decide.rules import Lately, held_back
from engine.model.customer import ConsentStatement, Customer
from engine.model.messages import Message, Reason
from engine.model.policy import Policy
from engine.model.program import Program
from engine.model.standing import Hold


@lru_cache(maxsize=256)
def _statements_on(channel: str, purpose: str) -> tuple[str, ...]:
    return (f"{channel}/{purpose}", f"{channel}/all", f"all/{purpose}", "all/all")


def statement_on(customer: Customer, channel: str, purpose: str) -> ConsentStatement | None:
    """The newest statement about this channel and purpose (or all of either); the later arrival on a tie."""
    newest = None
    for key in _statements_on(channel, purpose):
        statement = customer.consents.get(key)
        if statement is not None and (
            newest is None or (statement.at, statement.order) > (newest.at, newest.order)
        ):
            newest = statement
    return newest


def agreed(customer: Customer, policy: Policy, channel: str, purpose: str) -> bool:
    """What the newest statement says. Without any, what the policy says of the purpose; a 'yes' is needed for one that
    it does not know any more."""
    newest = statement_on(customer, channel, purpose)
    if newest is not None:
        return newest.granted
    known = policy.purposes.get(purpose)
    return known is not None and not known.consent_required


def address(customer: Customer, channel: str) -> dict[str, Any] | None:
    """Where a message on `channel` would go; None where the customer cannot be reached on it."""
    if channel == "sms":
        mobile = customer.fact("mobile")
        return {"mobile": mobile} if mobile and mobile.startswith("+") else None
    if channel == "email":
        email = customer.fact("email")
        return {"email": email, "name": customer.fact("name")} if email and "@" in email else None
    if channel == "letter":
        if not customer.fact("address.line"):
            return None
        place = {
            path[8:]: told.value for path, told in customer.profile.items() if path.startswith("address.")
        }
        return {"name": customer.fact("name"), "salutation": customer.fact("salutation"), **place}
    return None


def may_send(
    program: Program, customer: Customer | None, message: Message, now: datetime, lately: Lately = tuple
) -> Reason | Hold | None:
    """The last question before `message` goes out: the reason for which it must not be sent, what holds it back at
    `now`, or None if it may go. `lately` gives what was sent to the customer of late."""
    if now > message.not_after:
        return message.reason or Reason.TOO_LATE  # the one for which it was held
    if customer is None or message.channel is None:
        return Reason.NO_ADDRESS
    if not agreed(customer, program.policy, message.channel, message.purpose):
        return Reason.NO_CONSENT
    paused_until = customer.paused_until
    if not program.policy.restrains and paused_until is None:
        return None
    hold = held_back(
        program.policy,
        message.channel,
        message.purpose,
        now,
        complains=customer.standing.complains,
        paused_until=paused_until,
        lately=lately,
    )
    too_long = hold is not None and hold.until is not None and hold.until > message.not_after
    return hold.reason if hold is not None and too_long else hold
