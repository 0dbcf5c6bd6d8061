"""What dealers bring, one event after the other: checked at once, so that they hear what is wrong while they know what
it was; what is right is taken, what is not is kept among the refused inputs.

An event is its sender's own: its `source` is the dealer's, and so is `data.dealer`, where it is given. One that says
it is another dealer's is refused, and kept on the list of the dealer whose key brought it: nobody puts anything on
another's.
"""

from collections.abc import Sequence

import msgspec

from engine.client.events import MOST_EVENT_BYTES
from engine.intake.parse import Parser
from engine.intake.parse.faults import Fault
from engine.intake.parse.json_text import beyond_double
from engine.model.diagnostics import Rejection
from engine.model.events import Event
from engine.model.keys import source_of
from engine.model.program import Program
from engine.runtime.rejections import rejection_row

FILE = "gateway-{}"
"""Stands for the file of what a dealer has brought by HTTP."""


_SOURCE = Fault("source", "is not /dealers/ and the key's dealer")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was refused. `index` is its place among those that were brought, from 0; `id` its own, where it can
    be read; `kept_as` the id of the refused input. `faults` name members as people do."""

    index: int
    id: str | None
    kept_as: str
    faults: tuple[Fault, ...]


class Sorted(msgspec.Struct, frozen=True, kw_only=True):
    """What was brought, told apart: `good` as it came; what was refused, and how it is kept."""

    good: list[bytes]
    refusals: list[Refusal]
    kept: list[Rejection]


class Checks:
    """Looks at what dealers bring by the rules of a program, as long as it is the one in force."""

    def __init__(self) -> None:
        self._of: tuple[Program, Parser] | None = None

    def sort(self, program: Program, dealer: str, raws: Sequence[bytes]) -> Sorted:
        parser = self._parser(program)
        told = Sorted(good=[], refusals=[], kept=[])
        for index, raw in enumerate(raws):
            faults = faults_of(parser, dealer, raw)
            if not faults:
                told.good.append(raw)
                continue
            kept = _rejection(dealer, faults, raw)
            told.kept.append(kept)
            kept_as = rejection_row(kept, None).id
            own_id = _text_of(raw, "id")
            told.refusals.append(Refusal(index=index, id=own_id, kept_as=kept_as, faults=tuple(faults)))
        return told

    def _parser(self, program: Program) -> Parser:
        """Making one takes as long as using it for a thousand events."""
        known = self._of
        if known is None or known[0] is not program:
            known = self._of = (program, Parser(program.event_types, program.policy.country))
        return known[1]


def faults_of(parser: Parser, dealer: str, raw: bytes) -> list[Fault]:
    """All that is wrong with an event that a dealer brings."""
    if len(raw) > MOST_EVENT_BYTES:
        too_long = Fault("", f"is longer than an event may be ({MOST_EVENT_BYTES} bytes)")
        return [too_long, *_foreign(dealer, _text_of(raw, "source"), None)]
    parsed = parser.parse(raw)
    if isinstance(parsed, Event):
        faults = []
        beyond = beyond_double(raw)
        if beyond is not None:
            faults.append(Fault(beyond, "holds a number that is out of range"))
        return faults + _foreign(dealer, parsed.source, parsed.dealer)
    faults = [_fault_of(one) for one in parsed]
    if not any(one.field == "source" for one in faults):
        faults += _foreign(dealer, _text_of(raw, "source"), None)
    return faults


def foreign_to(dealer: str, event: Event) -> list[Fault]:
    """What speaks against its being the dealer's."""
    return _foreign(dealer, event.source, event.dealer)


def _foreign(dealer: str, source: str | None, named: str | None) -> list[Fault]:
    faults = []
    if source is not None and source != source_of(dealer):
        faults.append(_SOURCE)
    if named is not None and named != dealer:
        faults.append(Fault("data.dealer", f"is not the key's dealer, {dealer}"))
    return faults


def _fault_of(one: Rejection) -> Fault:
    """What the parser told, without the member before it."""
    return Fault(one.field, one.reason.removeprefix(one.field or "the line").lstrip())


def _rejection(dealer: str, faults: Sequence[Fault], raw: bytes) -> Rejection:
    reason = "; ".join(f"{one.field or 'the event'} {one.reason}" for one in faults)
    return Rejection(
        file=FILE.format(dealer), line=0, field=faults[0].field, reason=reason, raw=raw, dealer=dealer
    )


def _text_of(raw: bytes, member: str) -> str | None:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    value = found.get(member) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
