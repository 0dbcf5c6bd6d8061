"""Long lists, read a page at a time: no reader holds up writers, or holds it all in memory."""

from collections.abc import Callable, Iterator, Sequence

from engine.model.disputes import Dispute
from engine.model.suppression import SuppressionRow
from engine.model.times import to_us
from engine.ports import MessageRow, RejectionRow
from engine.store import rows
from engine.store.codec import decode_dispute

PAGE = 500
"""Rows."""

_EARLIEST_US = -(1 << 63)


def message_pages(
    read: Callable[[int, str, int], Sequence[rows.Row]], limit: int | None
) -> Iterator[MessageRow]:
    """Messages in order of `(at, id)`, at most `limit`. `read` gives up to that many rows after a moment (µs) and
    an id."""
    after_us, after_id, left = _EARLIEST_US, "", limit
    while left is None or left > 0:
        page = PAGE if left is None else min(left, PAGE)
        found = read(after_us, after_id, page)
        for row in found:
            message = rows.to_message(row)
            after_us, after_id = to_us(message.message.at), message.message.id
            yield message
        if len(found) < page:
            return
        left = None if left is None else left - page


def rejection_pages(read: Callable[[int], Sequence[rows.Row]]) -> Iterator[RejectionRow]:
    """Refused inputs in order of number. `read` gives some rows after a number, which comes first in each."""
    after = 0
    while found := read(after):
        for number, *rest in found:
            after = number
            yield rows.to_rejection(tuple(rest))


def dispute_pages(read: Callable[[rows.Parameters], Sequence[rows.Row]]) -> Iterator[Dispute]:
    """Contradictions in order of `(first_at, id)`. `read` gives some rows after those."""
    after: rows.Parameters = {"after_us": _EARLIEST_US, "after_id": "", "limit": PAGE}
    while found := [decode_dispute(body) for (body,) in read(after)]:
        yield from found
        after = {"after_us": to_us(found[-1].first_at), "after_id": found[-1].id, "limit": PAGE}


def suppression_pages(read: Callable[[rows.Parameters], Sequence[rows.Row]]) -> Iterator[SuppressionRow]:
    """What is on the list in order of `(hash, channel, cause)`. `read` gives some rows after those."""
    after: rows.Parameters = {"channel": "", "address": b"", "cause": ""}
    while found := [rows.to_suppression(row) for row in read(after)]:
        yield from found
        last = found[-1]
        after = {"channel": last.channel, "address": last.hash, "cause": last.cause}
