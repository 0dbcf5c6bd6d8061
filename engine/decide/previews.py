"""A message as it would be decided, for somebody to look at: consent, channels, caps and time are not asked."""

from engine.decide.consent import address
from engine.decide.draft import Draft
from engine.decide.sends import values_of
from engine.model.customer import Run
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.journeys import Journey, Send
from engine.model.messages import Message, Status


def previewed(
    draft: Draft, run: Run, event: Event | None, send: tuple[Journey, Send], variant: tuple[str, str, str]
) -> Message:
    """The message of a `send` that `run` has come to now, by brand, channel and locale of `variant`. `event` is the one
    that the run began with, where the customer's document does not keep it."""
    journey, step = send
    brand, channel, locale = variant
    customer, now = draft.view, draft.now
    if event is not None and run.event is not None:
        draft.events[run.event] = event
    scope = draft.scope(run)
    vehicle = scope.vehicle
    return Message(
        id=derive("preview", run.id, step.id, *variant),
        journey=journey.id,
        step=step.id,
        run=run.id,
        customer_id=customer.id,
        customer=customer.contact,
        vehicle=(vehicle.plate or vehicle.vin) if vehicle else None,
        template=step.template,
        purpose=journey.purpose,
        channel=channel,
        brand=brand,
        locale=locale,
        status=Status.QUEUED,
        at=now,
        due_at=now,
        not_after=now,
        address=address(customer, channel) or {},
        values=values_of(draft, step, (brand, channel), scope),
    )
