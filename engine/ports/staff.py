"""Who may log in, who is logged in, and how often somebody guessed, as stores keep it: part of `Store`. All partitions
share it. Each call is a transaction of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from engine.model.staff import Login, Session


class StaffBook(Protocol):
    def add_staff(self, login: Login) -> bool:
        """False, and nothing is done, where there is somebody of that name already."""
        ...

    def staff(self) -> list[Login]:
        """All, by name."""
        ...

    def login_of(self, name: str) -> Login | None: ...

    def set_password(self, name: str, password: str, at: datetime) -> bool:
        """Sets the hash of a new password and ends the person's sessions. False where there is nobody of that name."""
        ...

    def remove_staff(self, name: str) -> bool:
        """Removes somebody, and ends their sessions. False where there is nobody of that name."""
        ...

    def open_session(self, token: bytes, name: str, password: str, at: datetime) -> bool:
        """Begins a session, known by the hash `token`. False where the person is gone, or has another password than the
        one of that hash by now. Sessions that began or were seen too long ago are removed on the way."""
        ...

    def session(self, token: bytes) -> Session | None:
        """The session, open or not; who it is for is told as it is now."""
        ...

    def session_seen(self, token: bytes, at: datetime) -> None:
        """Notes when a session was last seen."""
        ...

    def close_session(self, token: bytes) -> None: ...

    def may_guess(self, who: Mapping[bytes, int], at: datetime, since: datetime) -> bool:
        """Counts a guess at a password for each key of `who`, and forgets those before `since`. False, and nothing is
        counted, where for one of them there are as many already as its value says."""
        ...

    def guessed(self, who: Mapping[bytes, datetime]) -> None:
        """Forgets the guesses of each key from a moment on: somebody knew the password."""
        ...
