"""What receipts make of rows of the ledger, and what a sender makes of one about which a receipt came first."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from engine.model.receipts import Told, becomes
from engine.ports import MessageRow


def after(row: MessageRow, one: Told) -> MessageRow:
    """The row as one receipt leaves it."""
    went_before = bool(row.attempts or row.former_note)
    status = becomes(row.message.status, one.status, went_before=went_before)
    row = replace(
        row,
        provider_id=one.provider_id or row.provider_id,
        parts=one.parts or row.parts,
        cost=row.cost if one.cost is None else one.cost,
        currency=one.currency or row.currency,
        note=one.note or row.note,
    )
    if status is row.message.status:
        return row
    return replace(
        row,
        message=replace(row.message, status=status, reason=None, held_until=None),
        not_before=None,
        sent_at=row.handed_over_at or one.happened_at,
        note=one.note,
        told_at=one.at,
    )


def after_all(rows: Mapping[str, MessageRow], those: Iterable[Told]) -> list[MessageRow]:
    """Those of the rows that the receipts change, in order of id."""
    changed = dict(rows)
    for one in those:
        if one.message_id in changed:
            changed[one.message_id] = after(changed[one.message_id], one)
    return [changed[one] for one in sorted(changed) if changed[one] != rows[one]]


def settled(known: MessageRow, told: MessageRow) -> MessageRow:
    """`known` as a sender leaves it who says `told`. What was decided stays as it is; and where a receipt came first,
    what that said does."""
    if known.told_at is not None:
        return replace(
            known,
            attempts=told.attempts,
            sent_at=told.sent_at or known.sent_at,
            provider_id=told.provider_id or known.provider_id,
            place=told.place or known.place,
            parts=known.parts or told.parts,
        )
    new = told.message
    message = replace(known.message, status=new.status, reason=new.reason, held_until=new.held_until)
    return replace(
        told, message=message, former_note=known.former_note, cost=known.cost, currency=known.currency
    )
