"""Who may log in to the pages for dealers: adding them, their passwords, their sessions.

A password is kept as its Argon2id hash, what a browser shows as its SHA-256. Guesses are counted in the store, so that
several gateways count together: as many for a name, and more for the address they come from, in a quarter of an hour.
A right password ends the count for the name.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.model.errors import UsageError
from engine.model.staff import (
    LEAST_PASSWORD,
    MOST_PASSWORD,
    Login,
    Role,
    Session,
    Staff,
    clean_name,
)
from engine.ports import StaffBook

GUESSES_PER_NAME = 5
GUESSES_PER_ADDRESS = 50
GUESSED_WITHIN = timedelta(minutes=15)
_NOTED_AFTER = timedelta(minutes=1)

# 19 MiB and two passes: as OWASP has it for servers. Eight logins at once take 150 MiB.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS = _HASHER.hash("nobody's password")


class NotLoggedIn(StrEnum):
    WRONG = "wrong"
    """The name or the password; which of them is not told."""
    TOO_OFTEN = "too often"


def _now() -> datetime:
    return datetime.now(UTC)


class Staffing:
    """Any thread may use it. Time is the real one, whatever clock the engine goes by."""

    def __init__(self, book: StaffBook, now: Callable[[], datetime] = _now) -> None:
        self._book = book
        self._now = now

    # Logging in

    def log_in(self, name: str, password: str, address: str) -> str | NotLoggedIn:
        """The token of a new session, a secret; or why there is none. `address` is where the request comes from."""
        known = clean_name(name) or ""
        now = self._now()
        by_name, by_address = _guesser("name", known or name[:64]), _guesser("address", address)
        most = {by_name: GUESSES_PER_NAME, by_address: GUESSES_PER_ADDRESS}
        if not self._book.may_guess(most, now, now - GUESSED_WITHIN):
            return NotLoggedIn.TOO_OFTEN
        login = self._book.login_of(known)
        if not _is_right(login.password if login else _NOBODYS, password) or login is None:
            return NotLoggedIn.WRONG
        token = token_urlsafe(32)
        if not self._book.open_session(_hash(token), known, login.password, now):
            return NotLoggedIn.WRONG
        self._book.guessed({by_name: now - GUESSED_WITHIN, by_address: now})
        return token

    def session(self, token: str) -> Session | None:
        """None where it is none, or over."""
        session = self._book.session(_hash(token))
        now = self._now()
        if session is None or not session.is_open(now):
            return None
        if now - session.seen_at >= _NOTED_AFTER:
            self._book.session_seen(_hash(token), now)
        return session

    def log_out(self, token: str) -> None:
        self._book.close_session(_hash(token))

    # Who may

    def add(self, name: str, role: Role, dealer: str | None, password: str, known: Collection[str]) -> Staff:
        """`known` are the dealers that the project names, if it names any. Raises `UsageError`."""
        cleaned = clean_name(name)
        if cleaned is None:
            raise UsageError(
                f"{name!r} is no name to log in by.",
                "It has up to 64 letters, digits, blanks, dots, hyphens, underlines, + or @.",
            )
        if (role is Role.HEADQUARTERS) is (dealer is not None):
            raise UsageError(
                f"Somebody of the role {role} has {'no dealer' if dealer else 'a dealer'}.",
                "--role headquarters sees all dealers; for another role, --dealer says whose customers.",
            )
        if dealer is not None and known and dealer not in known:
            raise UsageError(
                f"The project knows no dealer {dealer!r}.", f"It names {', '.join(sorted(known))}."
            )
        now = self._now()
        staff = Staff(name=cleaned, role=role, dealer=dealer)
        login = Login(staff=staff, password=_hashed(password), since=now, password_since=now)
        if not self._book.add_staff(login):
            raise UsageError(
                f"There is somebody called {cleaned} already.",
                "milepost staff password sets a new password, milepost staff remove ends the login.",
            )
        return staff

    def set_password(self, name: str, password: str) -> None:
        """Raises `UsageError` where there is nobody of that name."""
        cleaned = clean_name(name) or name
        if not self._book.set_password(cleaned, _hashed(password), self._now()):
            raise _nobody(name)
        self._book.guessed({_guesser("name", cleaned): datetime.min.replace(tzinfo=UTC)})

    def remove(self, name: str) -> None:
        """Raises `UsageError` where there is nobody of that name."""
        if not self._book.remove_staff(clean_name(name) or name):
            raise _nobody(name)

    def all(self) -> list[Login]:
        return self._book.staff()


def _nobody(name: str) -> UsageError:
    return UsageError(f"There is nobody called {name}.", "milepost staff list shows who there is.")


def refuse_weak(password: str) -> None:
    """Raises `UsageError` where it cannot be one."""
    if len(password) < LEAST_PASSWORD or not password.strip():
        raise UsageError(f"A password has {LEAST_PASSWORD} characters or more.", "Several words are good.")
    if len(password) > MOST_PASSWORD:
        raise UsageError(f"A password has {MOST_PASSWORD} characters at most.")


def _hashed(password: str) -> str:
    refuse_weak(password)
    return _HASHER.hash(password)


def _is_right(hashed: str, password: str) -> bool:
    if len(password) > MOST_PASSWORD:
        return False
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError, UnicodeError):
        return False


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _guesser(kind: str, who: str) -> bytes:
    return sha256(f"{kind}\x1f{who}".encode("utf-8", "replace")).digest()
