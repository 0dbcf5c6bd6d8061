"""Exceptions that more than one port speaks of."""

from engine.model.errors import MilepostError


class TryAgain(MilepostError):  # noqa: N818 - named for what it asks for
    """Nothing was done, and the same done again may well succeed: a deadlock, a version that had moved on, a
    service that was away for a moment."""
