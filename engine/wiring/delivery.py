"""Putting the sender together: renderer, channels, the last question."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.decide import counted_since, may_send
from engine.language import Loaded
from engine.model.customer import Customer
from engine.model.links import SAMPLE_KEY, Links
from engine.model.messages import Message, Reason
from engine.model.policy import Policy
from engine.model.program import Program
from engine.model.standing import Hold
from engine.ports import Channel, Rendered, Store
from engine.render import TemplateRenderer
from engine.runtime.deliver import Deliverer
from engine.runtime.last_question import Lately
from engine.runtime.settling import Settling
from engine.wiring.assembly import clock_of
from engine.wiring.deployed import Project
from engine.wiring.settings import Settings
from engine.wiring.ways import channel

CHANNELS = ("letters", "email", "sms")
"""The settings that name channels."""


class Works(Protocol):
    """The project to send by, which may be another one by and by: see `engine.wiring.deployed.Projects`."""

    @property
    def present(self) -> Project: ...

    def having(self, is_there: Callable[[Loaded], bool]) -> Project: ...


class OneProject:
    """The same project for good, as `Works`."""

    def __init__(self, project: Project) -> None:
        self.present = project

    def having(self, _is_there: Callable[[Loaded], bool]) -> Project:
        return self.present


class _Rendering:
    """Renders each message with the templates that are in force in that moment; one whose template has gone since it
    was decided, with those that had it last."""

    def __init__(self, works: Works, links: Links) -> None:
        self._works = works
        self._links = links
        self._renderers: dict[Path, TemplateRenderer] = {}

    def render(self, message: Message, *, as_form: bool = False) -> Rendered:
        def is_there(loaded: Loaded) -> bool:
            return bool(loaded.templates.locales(message.template, message.channel or "", message.brand))

        project = self._works.having(is_there)
        renderer = self._renderers.get(project.folder)
        if renderer is None:
            renderer = self._renderers[project.folder] = renderer_for(
                project.loaded, project.program, project.folder, self._links
            )
        return renderer.render(message, as_form=as_form)


class _AskingAgain:
    """The last question, by the policy that is in force in that moment."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._asked: tuple[Policy, datetime, datetime] | None = None

    def __call__(
        self, customer: Customer | None, message: Message, now: datetime, lately: Lately
    ) -> Reason | Hold | None:
        program = self._works.present.program
        since = self._counted_since(program.policy, now)
        return may_send(program, customer, message, now, lambda: lately(since))

    def _counted_since(self, policy: Policy, now: datetime) -> datetime:
        """All of a group are asked about for the same moment."""
        asked = self._asked
        if asked is None or asked[0] is not policy or asked[1] != now:
            asked = self._asked = (policy, now, counted_since(policy, now))
        return asked[2]


def renderer_for(loaded: Loaded, program: Program, project: Path, links: Links) -> TemplateRenderer:
    return TemplateRenderer(project, loaded.templates, program.policy, links=links)


def sample_links(settings: Settings) -> Links:
    """Links that look like real ones and open nothing: the same on every machine."""
    return Links(settings.public_url, SAMPLE_KEY)


def links_of(store: Store, settings: Settings) -> Links:
    """The links of messages that are really sent: signed with the store's own key, so that they open for ever."""
    return Links(settings.public_url, store.secret("links"))


def channels_for(policy: Policy, settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name. Raises `UsageError` where the settings of one cannot be used."""
    with ExitStack() as made:
        channels = []
        for one in CHANNELS:
            channels.append(channel(one, settings, policy))
            made.callback(channels[-1].close)
        made.pop_all()
    return tuple(channels)


def deliverer_for(works: Works, store: Store, settings: Settings, links: Links | None = None) -> Deliverer:
    """The sender, with the channels that the settings name. `links` are those of messages, where not the store's own.

    By the events' clock a message goes out in the very moment it was decided in, so nothing can have been
    withdrawn in between, though the store knows what came later.
    """

    clock = clock_of(settings)
    channels = channels_for(works.present.program.policy, settings)
    return Deliverer(
        store,
        _Rendering(works, links or links_of(store, settings)),
        {one.name: one for one in channels},
        None if clock is None else _AskingAgain(works),
        clock,
        settling=Settling(store, lambda: works.present.program.policy),
    )
