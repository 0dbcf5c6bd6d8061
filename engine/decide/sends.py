"""A `send` that is reached: one message, on the first channel that the customer agreed to and can be reached
on; or none, and why."""

from typing import Any

import msgspec

from engine.decide.consent import address, agreed
from engine.decide.draft import Draft
from engine.decide.goals import is_held_out
from engine.decide.holds import ask, restrained
from engine.decide.plain import PLAIN, plain
from engine.model.customer import Run
from engine.model.ids import derive
from engine.model.journeys import Journey, Send
from engine.model.messages import Message, Reason, Status
from engine.model.scope import Scope


class _Way(msgspec.Struct, frozen=True):
    channel: str
    address: dict[str, Any]
    locale: str


def send(draft: Draft, journey: Journey, run: Run, step: Send) -> None:
    """Decides the message of `step`, which was due at `run.at`."""
    scope = draft.scope(run)
    customer = draft.view
    asked_brand = step.brand(scope) if step.brand else None
    brand = _known_brand(draft, str(asked_brand) if asked_brand else draft.program.brand(run, customer))
    not_after = journey.grace.after(run.at, draft.zone)
    outcome: _Way | Reason
    outcome = Reason.TOO_LATE if draft.now > not_after else _choose(draft, journey, step, brand, scope)
    way = outcome if type(outcome) is _Way else None
    held_out = way is not None and is_held_out(journey, run)
    vehicle = scope.vehicle
    message = Message(
        id=message_id(run, step),
        journey=journey.id,
        step=step.id,
        run=run.id,
        customer_id=customer.id,
        customer=customer.contact,
        vehicle=(vehicle.plate or vehicle.vin) if vehicle else None,
        template=step.template,
        purpose=journey.purpose,
        channel=way.channel if way else None,
        brand=brand,
        locale=way.locale if way else None,
        status=Status.QUEUED if way and not held_out else Status.SKIPPED,
        at=draft.now,
        due_at=run.at,
        not_after=not_after,
        reason=Reason.HOLDOUT if held_out else outcome if isinstance(outcome, Reason) else None,
        address=way.address if way and not held_out else {},
        values=values_of(draft, step, (brand, way.channel), scope) if way and not held_out else {},
    )
    asks = way is not None and not held_out and restrained(draft)
    draft.messages.append(ask(draft, message) if asks else message)


def message_id(run: Run, step: Send) -> str:
    """Derived from the run (so from journey, `per` value and start event), the step and the repetition."""
    rounds = "/".join([str(loop.index) for loop in run.loops])
    return derive("message", run.id, step.id, rounds)


def foreign(draft: Draft, journey: Journey, run: Run | None = None) -> bool:
    """Whether the journey is meant for other brands than the run's, as far as is known now."""
    return bool(journey.brands) and draft.program.brand(run, draft.view) not in journey.brands


def _known_brand(draft: Draft, brand: str) -> str:
    known = draft.program.known_brand(brand)
    if known != brand:
        draft.note("unknown brand", detail=brand)
    return known


def _choose(draft: Draft, journey: Journey, step: Send, brand: str, scope: Scope) -> _Way | Reason:
    customer = draft.view
    variants = step.variants.get(brand)
    wanted = step.locale(scope) if step.locale else customer.fact("locale")
    agreed_to_one = False
    for channel in step.by:
        if not agreed(customer, draft.policy, channel, journey.purpose):
            continue
        agreed_to_one = True
        place = address(customer, channel)
        locales = variants.by_channel.get(channel) if variants else None
        if place is not None and locales:
            return _Way(channel, place, _locale(wanted, locales, draft.policy.locale))
    return Reason.NO_ADDRESS if agreed_to_one else Reason.NO_CONSENT


def _locale(wanted: str | None, locales: frozenset[str], default: str) -> str:
    """The wanted locale (`zh-CN`), else its language (`zh`), else the policy's."""
    if wanted:
        if wanted in locales:
            return wanted
        language = wanted.split("-", 1)[0]
        if language in locales:
            return language
    return default


def values_of(draft: Draft, step: Send, variant: tuple[str, str], scope: Scope) -> dict[str, Any]:
    """What the texts of a brand and channel will be given: see `Message.values`. What is none is left out, as
    it reads the same."""
    values: dict[str, Any] = {
        "with": {name: plain(draft, expression(scope)) for name, expression in step.values.items()}
    }
    for root, members in step.context.get(variant, ()):
        told = {}
        for rest, expression in members:
            value = expression(scope)
            if value is not None:
                told[rest] = value if value.__class__ in PLAIN else plain(draft, value)
        if told:
            values[root] = told.get("", told)
    return values
