"""What every store promises of who may log in, of sessions, and of guesses (`engine/ports/staff.py`)."""

import threading
from datetime import timedelta

from engine.model.staff import SESSION_IDLES, SESSION_LASTS, Login, Role, Session, Staff
from engine.ports import Store
from tests.contracts.samples import day

WANG = Login(
    staff=Staff(name="wang", role=Role.RECEPTION, dealer="d001"),
    password="hash 1",
    since=day(1),
    password_since=day(1),
)
LI = Login(
    staff=Staff(name="李", role=Role.HEADQUARTERS), password="hash 2", since=day(2), password_since=day(2)
)
TOKEN, OTHER = b"a" * 32, b"b" * 32
NAME, PLACE = b"n" * 32, b"p" * 32


def test_somebody_is_added_once_and_found_by_name(store: Store) -> None:
    assert store.add_staff(LI)
    assert store.add_staff(WANG)
    assert not store.add_staff(Login(staff=WANG.staff, password="x", since=day(3), password_since=day(3)))
    assert store.staff() == [WANG, LI]
    assert store.login_of("wang") == WANG
    assert store.login_of("李") == LI
    assert store.login_of("nobody") is None


def test_a_new_password_ends_the_sessions_of_that_person_alone(store: Store) -> None:
    for one, token in ((WANG, TOKEN), (LI, OTHER)):
        store.add_staff(one)
        assert store.open_session(token, one.staff.name, one.password, day(3))
    assert store.set_password("wang", "hash 3", day(4))
    assert store.session(TOKEN) is None
    assert store.session(OTHER) is not None
    changed = store.login_of("wang")
    assert changed is not None
    assert (changed.password, changed.password_since, changed.since) == ("hash 3", day(4), day(1))
    assert not store.set_password("nobody", "hash", day(4))


def test_who_is_removed_is_logged_out(store: Store) -> None:
    store.add_staff(WANG)
    store.open_session(TOKEN, "wang", "hash 1", day(3))
    assert store.remove_staff("wang")
    assert store.session(TOKEN) is None
    assert store.login_of("wang") is None
    assert not store.remove_staff("wang")


def test_a_session_tells_whose_it_is_and_when_they_were_seen(store: Store) -> None:
    store.add_staff(WANG)
    assert store.open_session(TOKEN, "wang", "hash 1", day(3))
    session = store.session(TOKEN)
    assert session is not None
    assert (session.staff, session.begun_at, session.seen_at) == (WANG.staff, day(3), day(3))
    later = day(3) + timedelta(hours=1)
    store.session_seen(TOKEN, later)
    store.session_seen(TOKEN, day(3))
    session = store.session(TOKEN)
    assert session is not None
    assert (session.begun_at, session.seen_at) == (day(3), later)
    store.close_session(TOKEN)
    assert store.session(TOKEN) is None


def test_no_session_begins_by_a_password_that_was_changed_meanwhile(store: Store) -> None:
    store.add_staff(WANG)
    store.set_password("wang", "hash 3", day(2))
    assert not store.open_session(TOKEN, "wang", "hash 1", day(3))
    assert not store.open_session(TOKEN, "nobody", "hash 1", day(3))
    assert store.session(TOKEN) is None


def test_a_session_is_over_after_some_time_and_after_a_pause() -> None:
    session = Session(staff=WANG.staff, begun_at=day(1), seen_at=day(1) + timedelta(hours=11))
    assert session.is_open(day(1) + SESSION_LASTS - timedelta(minutes=1))
    assert not session.is_open(day(1) + SESSION_LASTS)
    idle = Session(staff=WANG.staff, begun_at=day(1), seen_at=day(1))
    assert not idle.is_open(day(1) + SESSION_IDLES)


def test_guesses_are_counted_until_there_are_too_many_and_forgotten_after_a_while(store: Store) -> None:
    most = {NAME: 2, PLACE: 3}
    assert store.may_guess(most, day(2), day(1))
    assert store.may_guess(most, day(2), day(1))
    assert not store.may_guess(most, day(2), day(1))
    assert store.may_guess({OTHER: 2, PLACE: 3}, day(2), day(1))
    assert not store.may_guess({TOKEN: 2, PLACE: 3}, day(2), day(1))
    assert store.may_guess(most, day(4), day(3))


def test_whoever_knew_the_password_is_forgiven(store: Store) -> None:
    most = {NAME: 2, PLACE: 3}
    store.may_guess(most, day(1), day(1))
    store.may_guess(most, day(2), day(1))
    store.guessed({NAME: day(1), PLACE: day(2)})
    assert store.may_guess(most, day(2), day(1))
    assert store.may_guess(most, day(2), day(1))
    assert not store.may_guess({PLACE: 3}, day(2), day(1))


def test_guesses_at_the_same_moment_are_all_counted(store: Store) -> None:
    allowed: list[bool] = []

    def guess() -> None:
        allowed.append(store.may_guess({NAME: 3}, day(2), day(1)))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert allowed.count(True) == 3
