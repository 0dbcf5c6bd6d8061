"""What the printer tells of the letters of a run: a CSV file, read back as receipts.

    message_id,status,date,reason,sha256
    0f…,posted,2025-04-09,,9a5e…
    1e…,returned,2025-04-20,moved away,

`date` and `reason` may be left out, and `sha256`, which, where it is there, must be that of the letter in the manifest.
A date without a time is taken for its noon. Columns may stand in any order, parted by commas, semicolons or tabs; the
file is UTF-8 or GB18030. What is told twice is one event: it is named by the message and the status.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, tzinfo
from typing import Any

from engine.model.diagnostics import Rejection

SOURCE = "/providers/print"
COLUMNS = ("message_id", "status", "date", "reason", "sha256")
EVENTS = {"posted": "message.delivered", "undeliverable": "message.failed", "returned": "message.bounced"}
"""By status. `printed` is taken note of and says nothing yet: the letter is still there."""
PRINTED = "printed"
MOST_REASON = 200


Letters = Callable[[str], str | None]
"""The SHA-256 of a message's letter; None where no run has such a one."""

Told = dict[str, Any] | Rejection | None


def read(content: bytes, file: str, letters: Letters, zone: tzinfo, now: datetime) -> Iterator[Told]:
    """For each row an event (CloudEvents, as JSON), a rejection, or None where it has nothing more to say. `zone` is
    that of the dates; a row without one tells of `now`."""
    text = _text(content)
    if text is None:
        yield _refused(file, 1, "", "the file is neither UTF-8 nor GB18030", content[:1000])
        return
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        names = [one.strip().lower() for one in next(rows, [])]
        if missing := [one for one in COLUMNS[:2] if one not in names]:
            yield _refused(file, 1, missing[0], f"the first line names no column {missing[0]}", head.encode())
            return
        for cells in rows:
            if any(cell.strip() for cell in cells):
                raw = separator.join(cells).encode()
                read_row = _row(names, cells, letters, zone, now)
                yield (
                    _refused(file, rows.line_num, *read_row, raw) if isinstance(read_row, tuple) else read_row
                )
    except csv.Error:
        yield _refused(file, rows.line_num, "", "the line is no line of a CSV file", b"")


def _row(
    names: list[str], cells: list[str], letters: Letters, zone: tzinfo, now: datetime
) -> dict[str, Any] | tuple[str, str] | None:
    """The event of a row; the member at fault, and why; or None."""
    if len(cells) > len(names):
        return "", "the line has more cells than the first has columns"
    told = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    message_id, status = told.get("message_id", ""), told.get("status", "").lower()
    letter = letters(message_id) if message_id else None
    if letter is None:
        return (
            "message_id",
            "message_id is that of no letter in any run" if message_id else "message_id is empty",
        )
    if (stated := told.get("sha256", "").lower()) and stated != letter:
        return "sha256", "sha256 is not that of the letter: something else was printed"
    if status not in EVENTS and status != PRINTED:
        return "status", f"status is none of {PRINTED}, {', '.join(EVENTS)}"
    at = _moment(told["date"], zone) if told.get("date") else now
    if at is None:
        return "date", "date is none: it is written as 2025-04-09, or 2025-04-09T17:30:00+08:00"
    return _event(message_id, status, told.get("reason", ""), at)


def _event(message_id: str, status: str, reason: str, at: datetime) -> dict[str, Any] | None:
    if status == PRINTED:
        return None
    data: dict[str, Any] = {"message_id": message_id}
    if reason:
        data["reason"] = reason[:MOST_REASON]
    if status == "returned":
        data["permanent"] = True
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": f"{message_id}/{status}",
        "type": EVENTS[status],
        "time": at.isoformat(),
        "data": data,
    }


def _text(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(12), tzinfo=zone)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _refused(file: str, line: int, field: str, reason: str, raw: bytes) -> Rejection:
    return Rejection(file=file, line=line, field=field, reason=reason, raw=raw)
