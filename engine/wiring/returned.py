"""Mail that came back, as events: `milepost ingest --as bounces`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.channels.hooks import without_copies
from engine.channels.smtp.bounces import heard
from engine.channels.smtp.mailboxes import mails_of
from engine.model.errors import MilepostError, UsageError
from engine.model.policy import Policy
from engine.ports import MessageFilter, Store
from engine.wiring.assembly import looked_into
from engine.wiring.settings import Settings
from engine.wiring.ways.smtp import returns_by


def returned(
    path: Path, _content: bytes, settings: Settings, _policy: Policy
) -> Iterator[dict[str, Any] | None]:
    """For each mail of a file (one mail, or a mailbox) or folder (a Maildir, or `.eml` files) its event; None where it
    has nothing to say. Raises `UsageError` where it cannot be known which are ours."""
    if not settings.bounce_address:
        raise UsageError(
            "MILEPOST_BOUNCE_ADDRESS is not set: it cannot be told which mails came back.",
            "Set it as it was when the messages were sent.",
        )
    now = datetime.now(UTC)
    with looked_into(settings) as store:
        returns = returns_by(store, settings)

        def address_of(message_id: str) -> str | None:
            return _address(store, message_id)

        try:
            for _name, raw in mails_of(path):
                said = without_copies(heard(raw, returns, now, address_of))
                yield next(iter(said.events), None)
        except OSError as error:
            raise MilepostError(f"{path}: cannot be read: {error.strerror}") from error


def _address(store: Store, message_id: str) -> str | None:
    for row in store.messages(MessageFilter(ids=frozenset({message_id})), limit=1):
        email = row.message.address.get("email")
        return str(email) if email else None
    return None
