"""What SQL stores keep of staff, as rows and back."""

from engine.model.staff import Login, Role, Session, Staff
from engine.model.times import from_us, to_us
from engine.store.rows import Parameters, Row


def to_row(one: Login) -> Parameters:
    return {
        "name": one.staff.name,
        "role": one.staff.role,
        "dealer": one.staff.dealer or "",
        "password": one.password,
        "since_us": to_us(one.since),
        "password_since_us": to_us(one.password_since),
    }


def to_staff(name: str, role: str, dealer: str) -> Staff:
    return Staff(name=name, role=Role(role), dealer=dealer or None)


def to_login(row: Row) -> Login:
    name, role, dealer, password, since_us, password_since_us = row
    return Login(
        staff=to_staff(name, role, dealer),
        password=password,
        since=from_us(since_us),
        password_since=from_us(password_since_us),
    )


def to_session(row: Row) -> Session:
    name, role, dealer, begun_us, seen_us = row
    return Session(staff=to_staff(name, role, dealer), begun_at=from_us(begun_us), seen_at=from_us(seen_us))
