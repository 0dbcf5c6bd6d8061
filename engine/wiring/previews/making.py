"""The messages of previews: which send, for whom, as which brand, by which channel, in which locale."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from engine.decide import decide
from engine.decide.draft import Draft
from engine.decide.previews import previewed
from engine.language import Loaded
from engine.language.nearest import nearest
from engine.language.pictures import folders_of
from engine.language.template_files import canonical_locale
from engine.model.customer import Customer, Loop, Run
from engine.model.errors import UsageError
from engine.model.event_types import EVENT_TYPES
from engine.model.events import Event
from engine.model.journeys import Journey, Send
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.stimuli import EventArrived
from engine.ports import Rendered
from engine.render import TemplateRenderer
from engine.render.letter import letter_picture
from engine.render.resources import Resources
from engine.wiring.delivery import renderer_for, sample_links
from engine.wiring.previews.samples import Sample, sample_event
from engine.wiring.settings import Settings

_BOUGHT = "purchase.recorded"
_AGO = timedelta(days=31)
PICTURE_PX = 520


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be previewed. What is None is the customer's, or the first there is."""

    template: str
    journey: str | None = None
    brand: str | None = None
    channel: str | None = None
    locale: str | None = None


class Made(msgspec.Struct, frozen=True):
    """A message and what it was rendered to. `is_sampled`: what began the run is made up."""

    message: Message
    rendered: Rendered
    is_sampled: bool


class _Case(msgspec.Struct, frozen=True):
    """Somebody in the middle of a journey."""

    customer: Customer
    run: Run
    event: Event | None


class Previews:
    """Makes previews of a project. `now` is the moment at which the messages would be decided."""

    def __init__(
        self, loaded: Loaded, program: Program, project: Path, settings: Settings, now: datetime
    ) -> None:
        self._program = program
        self._project = project
        self._index = loaded.templates
        self._now = now
        self._renderer: TemplateRenderer = renderer_for(loaded, program, project, sample_links(settings))

    def templates(self) -> list[str]:
        """Those that journeys send, in the order of the journeys."""
        return list(dict.fromkeys(step.template for _, step in self._sends()))

    def variants(self, template: str) -> Iterator[tuple[str, str, str]]:
        """Every brand, channel and locale in which it can be sent."""
        _, step = self._send(Asked(template=template))
        for brand, variants in step.variants.items():
            for channel in self._program.policy.channels:
                for locale in sorted(variants.by_channel.get(channel, ()), key=self._locale_order):
                    yield brand, channel, locale

    def _locale_order(self, locale: str) -> tuple[bool, str]:
        return locale != self._program.policy.locale, locale

    def made(self, asked: Asked, customer: Customer | None = None) -> Made:
        """One message. Raises `UsageError` where there is no such, `TemplateError` where it cannot be rendered."""
        journey, step = self._send(asked)
        brand = self._brand(asked, step, customer)
        channel = self._channel(asked, step, brand)
        locale = self._locale(asked, step, brand, channel, customer)
        case = (
            self._sampled(journey, step, brand, locale)
            if customer is None
            else self._real(journey, step, brand, locale, customer)
        )
        draft = Draft(self._program, case.customer, self._now)
        message = previewed(draft, case.run, case.event, (journey, step), (brand, channel, locale))
        return Made(message, self._renderer.render(message), case.event is not None)

    def picture(self, made: Made) -> bytes:
        """A PNG of a letter's first page."""
        message = made.message
        own = folders_of(message.template, message.brand)
        return letter_picture(
            made.rendered.html,
            Resources(self._project, own),
            locale=message.locale or "",
            name=message.template,
            width_px=PICTURE_PX,
        )

    # What is meant

    def _sends(self) -> Iterator[tuple[Journey, Send]]:
        for journey in self._program.journeys.values():
            for step in journey.steps:
                if isinstance(step, Send):
                    yield journey, step

    def _send(self, asked: Asked) -> tuple[Journey, Send]:
        if asked.journey is not None:
            _known("journey", asked.journey, self._program.journeys)
        found = [
            (journey, step)
            for journey, step in self._sends()
            if step.template == asked.template and asked.journey in (None, journey.id)
        ]
        if found:
            return next((one for one in found if asked.channel in one[1].by), found[0])
        if asked.template in self._index.names():
            whose = f"Journey {asked.journey!r} never sends" if asked.journey else "No journey sends"
            raise UsageError(
                f"{whose} {asked.template!r}, so nobody knows what its texts would be given.",
                f"Write the step first: `- send: {asked.template}`.",
            )
        _known("template", asked.template, self.templates())
        raise AssertionError("a template that is sent has a send")

    def _brand(self, asked: Asked, step: Send, customer: Customer | None) -> str:
        if asked.brand is not None:
            return _known("brand", asked.brand, step.variants)
        own = self._program.known_brand(self._program.brand(None, customer))
        return own if own in step.variants else next(iter(step.variants))

    def _channel(self, asked: Asked, step: Send, brand: str) -> str:
        there = [one for one in step.by if step.variants[brand].by_channel.get(one)]
        return there[0] if asked.channel is None else _known("channel", asked.channel, there)

    def _locale(self, asked: Asked, step: Send, brand: str, channel: str, customer: Customer | None) -> str:
        there = step.variants[brand].by_channel[channel]
        if asked.locale is not None:
            return _known("locale", canonical_locale(asked.locale), there)
        own = None if customer is None else customer.fact("locale")
        policy = self._program.policy.locale
        return own if own in there else policy if policy in there else min(there)

    # Whom it is made for

    def _sampled(self, journey: Journey, step: Send, brand: str, locale: str) -> _Case:
        sample = Sample(locale=locale, brand=brand, dealer=self._dealer(), at=self._now - _AGO)
        started = self._event(journey, sample)
        bought = sample_event(EVENT_TYPES[_BOUGHT], sample)
        plain = Program(
            journeys={},
            policy=self._program.policy,
            odometer=self._program.odometer,
            dealers=self._program.dealers,
            event_types=self._program.event_types,
        )
        customer = Customer(id="preview")
        for told in (bought,) if started.type == bought.type else (bought, started):
            plate = (told.data.get("vehicle") or {}).get("plate")
            customer, _ = decide(plain, customer, EventArrived(event=told, vehicle=plate), told.time)
        return _Case(customer, self._run(journey, step, customer, started, brand), started)

    def _real(self, journey: Journey, step: Send, brand: str, locale: str, customer: Customer) -> _Case:
        """The customer in the journey, if they are; else as if it had just begun for them."""
        under_way = [run for run in customer.runs.values() if run.journey == journey.id]
        if under_way:
            run = max(under_way, key=lambda one: one.started_at)
            return _Case(
                customer, msgspec.structs.replace(run, loops=_rounds(step, run.loops, run.started_at)), None
            )
        bought = customer.purchase
        dealer = bought.dealer if bought else self._dealer()
        sample = Sample(locale=locale, brand=brand, dealer=dealer, at=self._now - _AGO)
        started = self._event(journey, sample)
        return _Case(customer, self._run(journey, step, customer, started, brand), started)

    def _event(self, journey: Journey, sample: Sample) -> Event:
        """The event that begins the journey; a purchase, where time does."""
        on = getattr(journey.start, "on", _BOUGHT)
        return sample_event(self._program.event_types.get(on) or EVENT_TYPES[_BOUGHT], sample)

    def _run(self, journey: Journey, step: Send, customer: Customer, event: Event, brand: str) -> Run:
        return Run(
            id=f"preview {journey.id}",
            journey=journey.id,
            key="preview",
            started_at=event.time,
            step=step.id,
            at=self._now,
            brand=brand,
            event=event.key.hex(),
            vehicle=next(iter(customer.vehicles), None),
            dealer=event.dealer,
            loops=_rounds(step, (), event.time),
        )

    def _dealer(self) -> str | None:
        return next(iter(self._program.dealers), None)


def _rounds(step: Send, known: Sequence[Loop], at: datetime) -> tuple[Loop, ...]:
    """The first round of a `repeat`, for those that are in none."""
    return tuple(known) or (Loop(step.id, at, 1),)


def _known(what: str, name: str, there: Mapping[str, object] | Sequence[str] | frozenset[str]) -> str:
    if name in there:
        return name
    like = nearest(name, there)
    meant = f"Did you mean {like!r}? " if like else ""
    raise UsageError(f"There is no {what} {name!r} here.", f"{meant}There are: {', '.join(sorted(there))}.")
