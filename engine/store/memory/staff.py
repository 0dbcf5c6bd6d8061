"""Staff, their sessions and guesses at passwords, in memory."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from engine.model.staff import Login, Session


class StaffBook:
    """The store's part."""

    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._sessions: dict[bytes, tuple[str, datetime, datetime]] = {}
        self._guesses: dict[bytes, list[datetime]] = {}

    def add_staff(self, login: Login) -> bool:
        return self._logins.setdefault(login.staff.name, login) is login

    def staff(self) -> list[Login]:
        return [self._logins[name] for name in sorted(self._logins)]

    def login_of(self, name: str) -> Login | None:
        return self._logins.get(name)

    def set_password(self, name: str, password: str, at: datetime) -> bool:
        self._close_all(name)
        if name not in self._logins:
            return False
        self._logins[name] = replace(self._logins[name], password=password, password_since=at)
        return True

    def remove_staff(self, name: str) -> bool:
        self._close_all(name)
        return self._logins.pop(name, None) is not None

    def open_session(self, token: bytes, name: str, password: str, at: datetime) -> bool:
        login = self._logins.get(name)
        if login is None or login.password != password:
            return False
        self._sessions[token] = (name, at, at)
        return True

    def session(self, token: bytes) -> Session | None:
        if token not in self._sessions:
            return None
        name, begun_at, seen_at = self._sessions[token]
        return Session(staff=self._logins[name].staff, begun_at=begun_at, seen_at=seen_at)

    def session_seen(self, token: bytes, at: datetime) -> None:
        if token in self._sessions:
            name, begun_at, seen_at = self._sessions[token]
            self._sessions[token] = (name, begun_at, max(seen_at, at))

    def close_session(self, token: bytes) -> None:
        self._sessions.pop(token, None)

    def may_guess(self, who: Mapping[bytes, int], at: datetime, since: datetime) -> bool:
        for key in who:
            self._guesses[key] = [one for one in self._guesses.get(key, ()) if one >= since]
        if any(len(self._guesses[key]) >= most for key, most in who.items()):
            return False
        for key in who:
            self._guesses[key].append(at)
        return True

    def guessed(self, who: Mapping[bytes, datetime]) -> None:
        for key, since in who.items():
            self._guesses[key] = [one for one in self._guesses.get(key, ()) if one < since]

    def _close_all(self, name: str) -> None:
        self._sessions = {token: one for token, one in self._sessions.items() if one[0] != name}
