"""Every message in a line, for the page that lists them all."""

from collections.abc import Iterator, Sequence

import msgspec

from engine.demo.files import Links, links_of
from engine.model.program import Program
from engine.ports import MessageRow


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger; `at` is local."""

    at: str
    journey: str
    channel: str
    brand: str
    locale: str
    customer: str
    vehicle: str
    status: str
    reason: str
    links: Links | None


def lines_of(rows: Sequence[MessageRow], program: Program) -> Iterator[Line]:
    for row in rows:
        message = row.message
        yield Line(
            at=f"{message.at.astimezone(program.policy.zone):%Y-%m-%d %H:%M}",
            journey=message.journey,
            channel=message.channel or "",
            brand=message.brand,
            locale=message.locale or "",
            customer=message.customer or "",
            vehicle=message.vehicle or "",
            status=str(message.status),
            reason=str(message.reason or row.note or ""),
            links=links_of(row),
        )
