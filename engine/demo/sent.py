"""What went out and what did not: counted from the ledger's rows."""

from collections.abc import Sequence
from datetime import date

from engine.model.messages import Status
from engine.model.program import Program
from engine.pages.calendar import local_day
from engine.pages.tally import SentReport, Tally
from engine.ports import MessageRow

WENT = frozenset({Status.SENT, Status.DELIVERED, Status.BOUNCED})


def report(rows: Sequence[MessageRow], program: Program, first: date, last: date) -> SentReport:
    """Counts the ledger's `rows`; months run from `first`'s to `last`'s."""
    tally = Tally()
    for message in (row.message for row in rows):
        if message.status in WENT:
            day = local_day(message.at, program.policy.zone)
            tally.sent(message.journey, message.channel or "", message.brand, day, message.customer_id)
        elif message.status is Status.SKIPPED:
            tally.skipped(message.journey, str(message.reason or ""))
        else:
            tally.other(message.journey, str(message.status))
    return tally.report(program, first, last)
