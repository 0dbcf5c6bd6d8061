"""Refused inputs on their way in again: into the store, or into the broker's inbox, from where they go the way of all.

What came through the inbox goes there once more whatever became of it the first time, also where the decision on it
failed: the rules of today check it, and who it is about is asked anew.

Exactly once, whatever crashes when: it stays in the list until the event is in the store, and leaves it in the same
transaction, since the record says which refused input it is. Sent in twice, it is a duplicate.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from kafka.errors import KafkaError

from engine.client.addresses import reach
from engine.client.broker import CONTENT_TYPE, Line
from engine.client.spool import Row
from engine.intake.keys import inbox_key
from engine.intake.parse import Parser
from engine.intake.sheets import again, kept_row
from engine.model.diagnostics import Rejection
from engine.model.errors import ServiceUnavailable
from engine.model.events import Event
from engine.ports import Store
from engine.runtime.stages import Topics, sent_again
from engine.wiring.assembly import advance_for
from engine.wiring.deployed import Project, Projects
from engine.wiring.settings import Settings
from engine.wiring.sheets import reading_of

ACKNOWLEDGED_S = 10.0
"""How long the broker may take to acknowledge one."""


class Again(NamedTuple):
    """A refused input that is an event now: the id that it is kept under, the event, the bytes that are it."""

    rejection: str
    event: Event
    raw: bytes


class Outcome(NamedTuple):
    """How many were taken in, were there already, or were set aside at once; or, where workers will tell, how many
    were `sent` to them."""

    accepted: int | None = None
    duplicates: int | None = None
    set_aside: int | None = None
    sent: int | None = None


def reread(project: Project, raw: bytes, file: str, line: int) -> Event | list[Rejection]:
    """What a refused input (an event, or a row that a dealer typed) is by the rules of today; or what is wrong."""
    parser = Parser(project.program.event_types, project.program.policy.country)
    row = kept_row(raw)
    if row is None:
        return parser.parse(raw, file, line)
    made = again(row, reading_of(project, row.kind, row.dealer, datetime.now(UTC)), parser)
    if isinstance(made, Event):
        return made
    return [
        Rejection(
            file=file, line=line, field=one.column, reason=f"{one.column} {one.reason}".strip(), raw=raw
        )
        for one in made
    ]


def into_store(projects: Projects, store: Store, settings: Settings, those: Sequence[Again]) -> Outcome:
    advance = advance_for(projects.present.program, store, settings, projects.renew)
    advance.adopt()
    taken = [advance.take([one.event], retried=[(one.event.key, one.rejection)]) for one in those]
    return Outcome(
        sum(one.accepted for one in taken),
        sum(one.duplicates for one in taken),
        sum(len(one.set_aside) + len(one.unplaced) for one in taken),
    )


def into_inbox(settings: Settings, those: Sequence[Again]) -> Outcome:
    """Returns when the broker has them all. Raises `ServiceUnavailable` where it does not take them: some may be there
    all the same."""
    if not those:
        return Outcome(sent=0)
    inbox = Topics.prefixed(settings.kafka_prefix).inbox
    reach(settings.kafka_bootstrap, settings.kafka_security)
    line = Line(settings.kafka_bootstrap, settings.kafka_security, lambda: None)
    try:
        under_way = [
            line.send(
                Row(0, 0, inbox, inbox_key(one.event), one.raw), [*CONTENT_TYPE, sent_again(one.rejection)]
            )
            for one in those
        ]
        for future in under_way:
            future.get(timeout=ACKNOWLEDGED_S)
    except KafkaError as error:
        raise ServiceUnavailable(
            f"Not all were sent. {line.trouble or line.why(error)}",
            "Nothing is lost: they are in the list. Do the same again; what was sent counts once.",
        ) from error
    finally:
        line.close(timeout_s=2.0)
    return Outcome(sent=len(those))
