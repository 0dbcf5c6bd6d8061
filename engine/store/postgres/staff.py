"""Staff, their sessions and guesses at passwords, in PostgreSQL. All partitions share them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.model.staff import SESSION_IDLES, SESSION_LASTS, Login, Session
from engine.model.times import to_us
from engine.store.postgres.transactions import SQL, Transactions
from engine.store.staff import to_login, to_row, to_session


class StaffBook(Transactions):
    """The store's part."""

    def add_staff(self, login: Login) -> bool:
        return self._do("add_staff", **to_row(login)) > 0

    def staff(self) -> list[Login]:
        return [to_login(row) for row in self._read("staff")]

    def login_of(self, name: str) -> Login | None:
        found = self._read("login_of", name=name)
        return to_login(found[0]) if found else None

    def set_password(self, name: str, password: str, at: datetime) -> bool:
        asked = {"name": name, "password": password, "at_us": to_us(at)}
        with self._transaction() as connection:
            connection.execute(SQL["close_sessions_of"], {"name": name})
            return connection.execute(SQL["set_password"], asked).rowcount > 0

    def remove_staff(self, name: str) -> bool:
        with self._transaction() as connection:
            connection.execute(SQL["close_sessions_of"], {"name": name})
            return connection.execute(SQL["remove_staff"], {"name": name}).rowcount > 0

    def open_session(self, token: bytes, name: str, password: str, at: datetime) -> bool:
        old = {"begun_us": to_us(at - SESSION_LASTS), "seen_us": to_us(at - SESSION_IDLES)}
        asked = {"token": token, "name": name, "password": password, "at_us": to_us(at)}
        with self._transaction() as connection:
            connection.execute(SQL["close_old_sessions"], old)
            return connection.execute(SQL["open_session"], asked).rowcount > 0

    def session(self, token: bytes) -> Session | None:
        found = self._read("session", token=token)
        return to_session(found[0]) if found else None

    def session_seen(self, token: bytes, at: datetime) -> None:
        self._do("session_seen", token=token, at_us=to_us(at))

    def close_session(self, token: bytes) -> None:
        self._do("close_session", token=token)

    def may_guess(self, who: Mapping[bytes, int], at: datetime, since: datetime) -> bool:
        with self._transaction() as connection:
            connection.execute(SQL["lock_guesses"])
            connection.execute(SQL["forget_guesses"], {"since_us": to_us(since)})
            for key, most in who.items():
                [(count,)] = connection.execute(SQL["count_guesses"], {"who": key}).fetchall()
                if count >= most:
                    return False
            for key in who:
                connection.execute(SQL["add_guess"], {"who": key, "at_us": to_us(at)})
        return True

    def guessed(self, who: Mapping[bytes, datetime]) -> None:
        with self._transaction() as connection:
            for key, since in who.items():
                connection.execute(SQL["guessed"], {"who": key, "since_us": to_us(since)})

    def _do(self, name: str, /, **asked: Any) -> int:
        with self._transaction() as connection:
            return connection.execute(SQL[name], asked).rowcount
