"""Which claimed messages go to a channel together."""

from collections.abc import Callable, Iterator, Sequence

from engine.ports import Lane, MessageRow


def groups(
    rows: Sequence[MessageRow], most: Callable[[Lane], int], stumbles: Callable[[Lane, str], int]
) -> Iterator[list[MessageRow]]:
    """Rows that go together: of one lane, no two for one customer, and at most as many as `most` says, which is asked
    anew for each group. A customer's messages stay in their order, whatever their lanes: what is settled of one is
    known when the next is asked about. Messages at which their channel stumbled (`stumbles` says how often) come last
    on their lane, each by itself."""
    for wave in _waves(rows):
        for lane, those in wave.items():
            counted = [(stumbles(lane, row.message.id), row) for row in those]
            fresh = [row for count, row in counted if not count]
            first = 0
            while first < len(fresh):
                end = first + most(lane)
                yield fresh[first:end]
                first = end
            for _, row in sorted(counted, key=lambda one: one[0])[len(fresh) :]:
                yield [row]


def _waves(rows: Sequence[MessageRow]) -> list[dict[Lane, list[MessageRow]]]:
    """By lane: each customer's first messages, their second ones, and so on."""
    waves: list[dict[Lane, list[MessageRow]]] = []
    seen: dict[str, int] = {}
    for row in rows:
        nth = seen.get(row.message.customer_id, 0)
        seen[row.message.customer_id] = nth + 1
        if nth == len(waves):
            waves.append({})
        waves[nth].setdefault(row.lane, []).append(row)
    return waves
