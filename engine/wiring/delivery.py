"""Putting the sender together: renderer, channels, the last question."""

from datetime import datetime
from pathlib import Path

from engine.channels.emails_folder import EmailsFolder
from engine.channels.letters_folder import LettersFolder
from engine.channels.sms_folder import SmsFolder
from engine.decide import counted_since, may_send
from engine.language import Loaded
from engine.model.customer import Customer
from engine.model.messages import Message, Reason
from engine.model.policy import Policy
from engine.model.program import Program
from engine.model.standing import Hold
from engine.ports import Channel, Store
from engine.render import TemplateRenderer
from engine.runtime.deliver import Deliverer, Lately
from engine.wiring.assembly import clock_of
from engine.wiring.settings import Settings


def renderer_for(loaded: Loaded, program: Program, project: Path, settings: Settings) -> TemplateRenderer:
    return TemplateRenderer(project, loaded.templates, program.policy, links_base=settings.public_url)


def channels_for(policy: Policy, settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name."""
    folder, zone = settings.delivery_dir, policy.zone
    return (LettersFolder(folder, zone), EmailsFolder(folder, zone), SmsFolder(folder, zone))


def deliverer_for(
    loaded: Loaded, program: Program, project: Path, store: Store, settings: Settings
) -> Deliverer:
    """The sender, with the channels that the settings name.

    By the events' clock a message goes out in the very moment it was decided in, so nothing can have been
    withdrawn in between, though the store knows what came later.
    """

    def ask_again(
        customer: Customer | None, message: Message, now: datetime, lately: Lately
    ) -> Reason | Hold | None:
        since = counted_since(program.policy, now)
        return may_send(program, customer, message, now, lambda: lately(since))

    def nothing_to_ask(
        _customer: Customer | None, _message: Message, _now: datetime, _lately: Lately
    ) -> None:
        """What was held back was so when it was decided."""

    clock = clock_of(settings)
    channels = channels_for(program.policy, settings)
    return Deliverer(
        store,
        renderer_for(loaded, program, project, settings),
        {one.name: one for one in channels},
        nothing_to_ask if clock is None else ask_again,
        clock,
    )
