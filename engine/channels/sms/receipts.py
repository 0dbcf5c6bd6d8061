"""What providers tell of an SMS, as events.

- delivered: the telephone has it.
- bounced: the telephone cannot be reached; `permanent` where that number never will be.
- failed: it was not delivered for another reason.
- withdrawn: its owner wants no more of them, for whatever purpose.
"""

from datetime import UTC, datetime
from typing import Any

from engine.model.ids import derive


def delivered(way: str, told: str, message_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    """`told` is what makes the provider's notice the only one of its kind."""
    return _event(way, told, "message.delivered", at, {"message_id": message_id, **more})


def bounced(
    way: str, told: str, message_id: str, at: datetime, reason: str, *, permanent: bool, **more: Any
) -> dict[str, Any]:
    data = {"message_id": message_id, "reason": reason, "permanent": permanent, **more}
    return _event(way, told, "message.bounced", at, data)


def failed(way: str, told: str, message_id: str, at: datetime, reason: str, **more: Any) -> dict[str, Any]:
    return _event(way, told, "message.failed", at, {"message_id": message_id, "reason": reason, **more})


def withdrawn(way: str, told: str, mobile: str, at: datetime, proof: str) -> dict[str, Any]:
    """`proof` says how it was told."""
    data = {"customer": {"mobile": mobile}, "channel": "sms", "purpose": "all", "proof": proof}
    return _event(way, f"{told}/withdrawn", "consent.withdrawn", at, data)


def _event(way: str, told: str, kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": f"/providers/{way}",
        "id": told,
        "type": kind,
        "time": at.astimezone(UTC).isoformat(),
        "data": data,
    }


def unnamed(*parts: str) -> str:
    """An id for a notice to which its provider gave none: the same for the same, telling nobody whose it is."""
    return derive("notice", *parts)
