"""From structs to the parameters of statements, and from rows back.

Parameters are tuples, in the order of the statement's columns, where a batch has many such rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from engine.model.announcements import Announcement
from engine.model.customer import Customer
from engine.model.deployments import Deployment
from engine.model.disputes import Dispute
from engine.model.goals import GoalCount, Measured, Reached
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Counted
from engine.model.suppression import Cause, Lifting, Suppression, SuppressionRow, hashed, latest, row_of
from engine.model.tasks import Task, TaskDone, TaskStatus
from engine.model.times import from_us, to_us
from engine.ports import FanOut, LoggedEvent, MessageRow, Publication, RejectionRow, TaskRow
from engine.store.codec import (
    FORMAT,
    decode_event,
    decode_kind,
    decode_manifest,
    decode_message,
    decode_task,
    encode,
)

Parameters = Mapping[str, Any]
Row = tuple[Any, ...]

_MICROS = Decimal(1_000_000)


def us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def moment(moment_us: int | None) -> datetime | None:
    return None if moment_us is None else from_us(moment_us)


def logged(row: LoggedEvent) -> Row:
    event = row.event
    decided_at_us = to_us(row.decided_at)
    return event.key, row.customer_id, event.type, to_us(event.time), decided_at_us, FORMAT, encode(event)


def to_logged(customer_id: str, row: Sequence[Any]) -> LoggedEvent:
    body, decided_at_us = row
    return LoggedEvent(event=decode_event(body), customer_id=customer_id, decided_at=from_us(decided_at_us))


def customer(one: Customer) -> Row:
    return one.id, one.known, one.version, us(one.next_due_at), FORMAT, encode(one)


def dispute(one: Dispute) -> Row:
    left, right = one.customers
    first_us, last_us = to_us(one.first_at), to_us(one.last_at)
    return one.id, left, right, one.status, one.dealer, first_us, last_us, one.count, encode(one)


def added(message: Message) -> Row:
    """A new row of the ledger."""
    return (
        message.id,
        message.status,
        message.reason,
        message.journey,
        message.channel,
        message.brand,
        message.customer_id,
        to_us(message.at),
        to_us(message.not_after),
        us(MessageRow(message=message).ready_at),
        us(message.held_until),
        FORMAT,
        encode(message),
    )


def settled(row: MessageRow) -> Parameters:
    """What has become of a message; what was decided is not written again."""
    message = row.message
    return {
        "id": message.id,
        "status": message.status,
        "reason": message.reason,
        "ready_us": us(row.ready_at),
        "held_until_us": us(message.held_until),
        "attempts": row.attempts,
        "not_before_us": us(row.not_before),
        "claimed_at_us": us(row.claimed_at),
        "tried_at_us": us(row.tried_at),
        "sent_at_us": us(row.sent_at),
        "provider_id": row.provider_id,
        "place": row.place,
        "note": row.note,
        "parts": row.parts,
    }


def is_plainly_sent(row: MessageRow) -> bool:
    """Whether there is nothing to say of it but how it was sent, as of nearly all."""
    message = row.message
    return (
        message.status is Status.SENT
        and message.reason is None
        and message.held_until is None
        and row.not_before is None
        and row.tried_at is None
        and not row.note
    )


def sent(row: MessageRow) -> Row:
    return row.attempts, us(row.sent_at), row.provider_id, row.place, row.parts, row.message.id


def told(row: MessageRow) -> Parameters:
    """A row as receipts have left it."""
    return {
        **settled(row),
        "cost_micros": None if row.cost is None else int(row.cost * _MICROS),
        "currency": row.currency,
        "told_us": us(row.told_at),
    }


def to_message(row: Row) -> MessageRow:
    """A row of the ledger; its columns as every statement of `ledger.sql` that reads rows lists them."""
    body, status, reason, held_until, attempts, not_before, claimed_at, tried_at, sent_at, *rest = row
    provider_id, place, note, former_note, told_at, parts, cost_micros, currency = rest
    return MessageRow(
        message=decode_message(body, status, reason, moment(held_until)),
        attempts=attempts,
        not_before=moment(not_before),
        claimed_at=moment(claimed_at),
        tried_at=moment(tried_at),
        sent_at=moment(sent_at),
        provider_id=provider_id,
        place=place,
        note=note,
        former_note=former_note,
        told_at=moment(told_at),
        parts=parts,
        cost=None if cost_micros is None else cost_micros / _MICROS,
        currency=currency,
    )


def to_counted(found: Iterable[Row]) -> dict[str, list[Counted]]:
    """By customer, from rows of who was sent something when, and the message."""
    counted: dict[str, list[Counted]] = {}
    for customer_id, at_us, body in found:
        channel, purpose = decode_kind(body)
        if channel is not None:
            counted.setdefault(customer_id, []).append(Counted(from_us(at_us), channel, purpose))
    return counted


def to_claimed(row: Sequence[Any], now: datetime) -> MessageRow:
    """A row as it was before it was claimed at `now`, as it is since."""
    body, _status, reason, _held_until, attempts, not_before, _claimed_at, *rest = row
    return to_message((body, Status.CLAIMED, reason, None, attempts, not_before, to_us(now), *rest))


def to_announcement(row: Row) -> Announcement:
    part, number, body, status, reason, at_us, attempts, note = row
    message = decode_message(body, status, reason)
    return Announcement(
        partition=part, number=number, message=message, at=from_us(at_us), attempts=attempts, note=note
    )


def rejected(row: RejectionRow) -> Parameters:
    return {
        "id": row.id,
        "status": row.status,
        "file": row.file,
        "line": row.line,
        "field": row.field,
        "reason": row.reason,
        "raw": row.raw,
        "at_us": to_us(row.at),
        "dealer": row.dealer,
    }


def to_rejection(row: Row) -> RejectionRow:
    row_id, file, line, field, reason, raw, at_us, status, dealer = row
    return RejectionRow(
        id=row_id,
        file=file,
        line=line,
        field=field,
        reason=reason,
        raw=raw,
        at=from_us(at_us),
        status=status,
        dealer=dealer,
    )


def task(one: Task) -> Row:
    return (
        one.id,
        one.status,
        one.assignee,
        one.dealer,
        one.journey,
        one.customer_id,
        to_us(one.at),
        us(one.due_at),
        FORMAT,
        encode(one),
    )


def done(one: TaskDone) -> Parameters:
    return {"id": one.task_id, "outcome": one.outcome, "done_at_us": to_us(one.at)}


def to_task(row: Row) -> TaskRow:
    body, status, outcome, done_at_us = row
    task = replace(decode_task(body), status=TaskStatus(status))
    return TaskRow(task=task, outcome=outcome, done_at=moment(done_at_us))


def measured(one: Measured) -> Parameters:
    return {
        "run": one.run,
        "journey": one.journey,
        "held_out": one.held_out,
        "started_us": to_us(one.started_at),
        "until_us": to_us(one.until),
    }


def reached(one: Reached) -> Parameters:
    return {"run": one.run, "reached_us": to_us(one.at)}


def to_goal_count(row: Row) -> GoalCount:
    journey, held_out, runs, count, still_open = row
    return GoalCount(journey=journey, held_out=bool(held_out), runs=runs, reached=count, open=still_open)


def to_publication(row: Row) -> Publication:
    part, number, customer_id, body = row
    return Publication(partition=part, number=number, customer_id=customer_id, event=decode_event(body))


def suppressed(secret: bytes, those: Iterable[Suppression]) -> list[Parameters]:
    """New rows of the list, of each address and cause one."""
    return [
        {
            "channel": row.channel,
            "address": row.hash,
            "cause": row.cause,
            "at_us": to_us(row.at),
            "event": row.event,
        }
        for row in latest(row_of(secret, one) for one in those)
    ]


def lifted(secret: bytes, those: Iterable[Lifting]) -> list[Parameters]:
    return [
        {
            "channel": one.to.channel,
            "address": hashed(secret, one.to),
            "cause": cause,
            "until_us": us(one.until),
        }
        for one in those
        for cause in one.causes
    ]


def to_suppression(row: Row) -> SuppressionRow:
    channel, address, cause, at_us, event = row
    return SuppressionRow(
        channel=channel, hash=bytes(address), cause=Cause(cause), at=from_us(at_us), event=event
    )


def fan_out(one: FanOut) -> Parameters:
    return {
        "id": one.id,
        "journey": one.journey,
        "at_us": to_us(one.at),
        "cursor": one.cursor,
        "begun": one.begun,
        "done": one.done,
        "event": None if one.event is None else encode(one.event),
        "by_hand": one.by_hand,
        "only_to": one.only_to,
    }


def to_fan_outs(rows: Iterable[Row]) -> Iterator[FanOut]:
    for row in rows:
        row_id, journey, at_us, cursor, begun, done, event, by_hand, only_to, delay_us, paused, stopped = row
        yield FanOut(
            id=row_id,
            journey=journey,
            at=from_us(at_us),
            cursor=cursor,
            begun=int(begun),
            done=bool(done),
            event=None if event is None else decode_event(event),
            by_hand=bool(by_hand),
            only_to=only_to,
            delay=timedelta(microseconds=delay_us),
            paused=bool(paused),
            stopped=None if stopped is None else datetime.fromisoformat(stopped),
        )


def to_tally(rows: Iterable[Row]) -> dict[tuple[str, Status, Reason | None], int]:
    return {
        (channel, Status(status), None if reason is None else Reason(reason)): count
        for channel, status, reason, count in rows
    }


def deployment(one: Deployment) -> Parameters:
    return {
        "number": one.number,
        "hash": one.hash,
        "at_us": to_us(one.at),
        "by": one.by,
        "note": one.note,
        "restores": one.restores,
        "manifest": encode(one.manifest),
    }


def to_deployment(row: Row) -> Deployment:
    number, at_us, by, note, restores, manifest = row
    return Deployment(
        number=number,
        manifest=decode_manifest(manifest),
        at=from_us(at_us),
        by=by,
        note=note,
        restores=restores,
    )
