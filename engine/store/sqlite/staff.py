"""Staff, their sessions and guesses at passwords, in SQLite."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from engine.model.staff import SESSION_IDLES, SESSION_LASTS, Login, Session
from engine.model.times import to_us
from engine.store.queries import queries
from engine.store.staff import to_login, to_row, to_session


class StaffBook:
    """The store's part; `_transaction` and `_read` are the store's."""

    _transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]
    _read: Callable[..., list[tuple[Any, ...]]]

    def add_staff(self, login: Login) -> bool:
        return self._do("add_staff", **to_row(login)) > 0

    def staff(self) -> list[Login]:
        return [to_login(row) for row in self._read("staff")]

    def login_of(self, name: str) -> Login | None:
        found = self._read("login_of", name=name)
        return to_login(found[0]) if found else None

    def set_password(self, name: str, password: str, at: datetime) -> bool:
        asked = {"name": name, "password": password, "at_us": to_us(at)}
        sql = queries(__package__)
        with self._transaction() as connection:
            connection.execute(sql["close_sessions_of"], {"name": name})
            return connection.execute(sql["set_password"], asked).rowcount > 0

    def remove_staff(self, name: str) -> bool:
        sql = queries(__package__)
        with self._transaction() as connection:
            connection.execute(sql["close_sessions_of"], {"name": name})
            return connection.execute(sql["remove_staff"], {"name": name}).rowcount > 0

    def open_session(self, token: bytes, name: str, password: str, at: datetime) -> bool:
        old = {"begun_us": to_us(at - SESSION_LASTS), "seen_us": to_us(at - SESSION_IDLES)}
        asked = {"token": token, "name": name, "password": password, "at_us": to_us(at)}
        sql = queries(__package__)
        with self._transaction() as connection:
            connection.execute(sql["close_old_sessions"], old)
            return connection.execute(sql["open_session"], asked).rowcount > 0

    def session(self, token: bytes) -> Session | None:
        found = self._read("session", token=token)
        return to_session(found[0]) if found else None

    def session_seen(self, token: bytes, at: datetime) -> None:
        self._do("session_seen", token=token, at_us=to_us(at))

    def close_session(self, token: bytes) -> None:
        self._do("close_session", token=token)

    def may_guess(self, who: Mapping[bytes, int], at: datetime, since: datetime) -> bool:
        sql = queries(__package__)
        with self._transaction() as connection:
            connection.execute(sql["forget_guesses"], {"since_us": to_us(since)})
            for key, most in who.items():
                [count] = connection.execute(sql["count_guesses"], {"who": key}).fetchone()
                if count >= most:
                    return False
            connection.executemany(sql["add_guess"], [{"who": key, "at_us": to_us(at)} for key in who])
        return True

    def guessed(self, who: Mapping[bytes, datetime]) -> None:
        asked = [{"who": key, "since_us": to_us(since)} for key, since in who.items()]
        with self._transaction() as connection:
            connection.executemany(queries(__package__)["guessed"], asked)

    def _do(self, name: str, /, **asked: Any) -> int:
        with self._transaction() as connection:
            return connection.execute(queries(__package__)[name], asked).rowcount
