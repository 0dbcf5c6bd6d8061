"""Putting the HTTP side together: what a link opens, where events go, which providers post."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from engine.channels.hooks import Call, Heard, Refused, without_copies
from engine.model.customer import Customer
from engine.model.diagnostics import Rejection
from engine.model.errors import MilepostError, UsageError
from engine.model.events import Event, to_cloud_event
from engine.model.ids import is_id
from engine.model.links import Click, Links, Page
from engine.model.messages import Message
from engine.ports import MessageFilter, NumberedRejection, RejectionRow, Store
from engine.wiring import broadcasting
from engine.wiring.assembly import clock_of, shared, stored
from engine.wiring.bringing import Checks, Refusal, foreign_to
from engine.wiring.counting import Counting, Followed, event_of
from engine.wiring.dealer_view import dealers_customers
from engine.wiring.delivery import links_of
from engine.wiring.deployed import Project, Projects
from engine.wiring.key_ring import KeyRing
from engine.wiring.reception import Receptionist, fill
from engine.wiring.retrying import Again, into_inbox, into_store, reread
from engine.wiring.settings import ClockKind, Settings, require_shared, variable
from engine.wiring.staffing import Staffing
from engine.wiring.taking import IntoInbox, IntoStore, Taker
from engine.wiring.uploading import Uploading
from engine.wiring.ways import HOOKS, webhooks

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a link leads to: a message that was sent, and who got it."""

    message: Message
    customer: Customer


class Gateway:
    """Any thread may use it."""

    def __init__(
        self, settings: Settings, store: Store, projects: Projects, taker: Taker, uploading: Uploading
    ) -> None:
        self.settings = settings
        self.uploading = uploading
        self.keys = KeyRing(store)
        self._checks = Checks()
        self._hooks = webhooks(settings)
        self._store = store
        self._projects = projects
        self._taker = taker
        self._clock = clock_of(settings)
        self._counting = Counting(self._count)
        self.links: Links = links_of(store, settings)
        self.staffing = Staffing(store)
        self.receptionist = Receptionist(store, timedelta(days=settings.reception_trail_days))
        Thread(target=self._fill, name="words", daemon=True).start()

    @property
    def project(self) -> Project:
        """The newest that was deployed, as long as it can be had."""
        try:
            self._projects.renew()
        except MilepostError as error:
            log.warning("the newest deployment cannot be had: %s", error)
        return self._projects.present

    def _fill(self) -> None:
        """Beside all else, as it takes a while where many customers were there before words were kept."""
        try:
            fill(self._store)
        except MilepostError as error:
            log.warning("the words by which the reception finds customers are not filled: %s", error)

    def now(self) -> datetime:
        if self._clock is not None:
            return self._clock.now()
        with self._store.unit() as unit:
            kept = unit.get("clock")
        return datetime.fromisoformat(kept) if kept else datetime.now(UTC)

    def open(self, page: Page, token: str) -> Opened | None:
        """None where the link is none of ours, or what it was about is there no more."""
        message_id = self.links.message_of(page, token)
        if message_id is None:
            return None
        [*rows] = self._store.messages(MessageFilter(ids=frozenset({message_id})))
        if not rows or rows[0].message.channel is None:
            return None
        message = rows[0].message
        customer = self._store.customers([message.customer_id]).get(message.customer_id)
        return None if customer is None else Opened(message=message, customer=customer)

    def take(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Takes CloudEvents durably. Raises `ServiceUnavailable` where that cannot be done."""
        if events:
            self._taker.take([_encode(one) for one in events])

    def bring(self, dealer: str, raws: Sequence[bytes]) -> list[Refusal]:
        """Takes durably what a dealer has brought, as JSON; returns those that were refused, which are kept. Raises
        `ServiceUnavailable` where that cannot be done: some may be there all the same."""
        told = self._checks.sort(self.project.program, dealer, raws)
        if raws:
            self._taker.take(told.good, told.kept)
        return told.refusals

    def followed(self, click: Click) -> bool:
        """Somebody follows a link of a message; told at once, and counted by and by, if the policy says so. False where
        that is given up already."""
        return self._counting.note(Followed(click, None if self._clock is None else self._clock.now()))

    def _count(self, together: Sequence[Followed]) -> None:
        if self.project.program.policy.count_clicks:
            self.take([event_of(one.click, one.at or self.now()) for one in together])

    def broadcast(self, journey_id: str, action: broadcasting.Action | None) -> dict[str, Any]:
        """How far the newest broadcast of a journey is, after the action. Raises `UsageError` where there is no such
        journey."""
        journey = broadcasting.known_journey(self.project.program, journey_id)
        if action is not None:
            broadcasting.act(self._store, self.settings, journey, action, self.now())
        zone = self.project.program.policy.zone
        return broadcasting.told(journey, broadcasting.progress_of(self._store, journey), zone)

    def rejections(self, dealer: str, status: str, limit: int, after: int) -> list[NumberedRejection]:
        """A dealer's refused inputs, in the order in which they came."""
        return self._store.dealers_rejections(dealer, status, limit, after)

    def rejection(self, dealer: str, rejection_id: str) -> RejectionRow | None:
        found = self._store.rejection(rejection_id) if is_id(rejection_id) else None
        return found if found is not None and found.dealer == dealer else None

    def retry(self, dealer: str, row: RejectionRow, mended: bytes | None) -> list[Rejection]:
        """Sends a dealer's refused input in again, mended or as it came. Returns what is still wrong with it; nothing,
        when it was taken durably."""
        raw = row.raw if mended is None else mended
        project = self.project
        parsed = reread(project, raw, row.file, row.line)
        if not isinstance(parsed, Event):
            return parsed
        foreign = foreign_to(dealer, parsed)
        if foreign:
            return [
                Rejection(file=row.file, line=row.line, field=one.field, reason=f"{one.field} {one.reason}")
                for one in foreign
            ]
        again = [Again(row.id, parsed, to_cloud_event(parsed))]
        if self.settings.kafka_bootstrap:
            into_inbox(self.settings, again)
        else:
            outcome = into_store(self._projects, self._store, self.settings, again)
            if outcome.set_aside:
                reason = "could not be decided on; it is kept, and the operator sees why"
                return [Rejection(file=row.file, line=row.line, field="", reason=reason)]
        return []

    def customers(self, dealer: str, kind: str, told: str) -> list[dict[str, Any]]:
        """The dealer's customers whom a `plate` or `mobile` leads to."""
        return dealers_customers(self.project.program, self._store, dealer, kind, told, self.now())

    def hear(self, way: str, call: Call) -> Heard | Refused | None:
        """What a provider has posted, taken durably; None where nobody posts by that way."""
        hook = self._hooks.get(way)
        if hook is None:
            if way in HOOKS:
                log.warning("a provider's post is not heard: %s is not set", variable(HOOKS[way].proof))
            return None
        heard = hook(call, datetime.now(UTC))
        if isinstance(heard, Refused):
            return heard
        heard = without_copies(heard)
        self.take(heard.events)
        return heard

    def check(self) -> None:
        """Raises `ServiceUnavailable` where what it needs cannot be reached."""
        self._store.deployment()
        self._taker.check()

    def close(self) -> None:
        """What was followed and not counted yet is."""
        self._counting.close()
        self.keys.close()


@contextmanager
def gateway(settings: Settings, folder: Path) -> Iterator[Gateway]:
    """Raises `MilepostError` where the project, the database or the settings cannot be used."""
    require_shared(settings)
    if settings.kafka_bootstrap and settings.clock is ClockKind.EVENTS:
        raise UsageError(
            "With a broker, what customers say at the gateway happens now, not in the events' time.",
            "Leave MILEPOST_CLOCK out.",
        )
    with ExitStack() as held:
        if settings.kafka_bootstrap:
            store: Store = shared(settings)
            held.callback(store.close)
        else:
            # Nobody says it again who was told that it is done: not even a power cut may lose it.
            store = held.enter_context(stored(settings, synchronous="full"))
        projects = Projects(store, settings, folder)
        country = projects.present.program.policy.country
        taker: Taker = (
            IntoInbox(settings, country, store)
            if settings.kafka_bootstrap
            else IntoStore(projects, store, settings)
        )
        held.callback(taker.close)
        uploading = Uploading(settings, store, projects)
        held.callback(uploading.close)
        made = Gateway(settings, store, projects, taker, uploading)
        held.callback(made.close)
        yield made
