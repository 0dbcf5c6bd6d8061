"""The real clock."""

from datetime import UTC, datetime


class RealClock:
    """The machine's clock, held where it stands if it is set back."""

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The present moment in UTC; never earlier than the one before."""
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest
