"""What every store promises a reception (`engine/ports/reception.py`): part of a word finds whom it means, and of a
dealer those alone who have dealt with it; the trail keeps who was shown."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.customer import Customer, Stated, Vehicle
from engine.model.finding import Range, print_of, ranges_of, slipped_ranges_of, words_of
from engine.model.lookups import Lookup, masked
from engine.ports import LoggedEvent, Store
from engine.wiring.reception import MOST_SHOWN, Found, search
from tests.contracts.samples import day
from tests.support import event


def person(key: str, name: str, mobile: str, *plates: str, email: str = "") -> Customer:
    told = {"name": name, "mobile": mobile, **({"email": email} if email else {})}
    return Customer(
        id=key * 32,
        profile={path: Stated(value, day(1)) for path, value in told.items()},
        vehicles={plate: Vehicle(id=plate, plate=plate) for plate in plates},
    )


WANG = person("a", "王小芳", "+8613800000001", "京A12345", email="w@example.cn")
LI = person("b", "李雷", "+8613900120001", "沪B8O1I2", "京A12399")
SMITH = person("c", "John Smith", "+447911123456", "AB12CDE")


def came(customer: Customer, dealer: str, name: str) -> LoggedEvent:
    told = event("service.visited", "2025-03-08 14:20", name=name, dealer=dealer)
    return LoggedEvent(event=told, customer_id=customer.id, decided_at=day(9))


@pytest.fixture
def filled(store: Store) -> Store:
    with store.unit() as unit:
        unit.customers([WANG.id, LI.id, SMITH.id])
        unit.put([WANG, LI, SMITH])
        unit.log([came(WANG, "d001", "e1"), came(LI, "d002", "e2"), came(LI, "d001", "e3")])
    return store


def found(store: Store, text: str, dealer: str | None = None) -> str:
    """The first letters of the ids, in order."""
    return "".join(sorted(one[0] for one in search(store, text, "CN", dealer).customers))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("京A12345", "a"),
        ("京a-123 45", "a"),
        ("A12345", "a"),
        ("A123", "ab"),
        ("京A1", "ab"),
        ("沪A1", ""),
        ("345", "a"),
        ("１２３４５", "a"),
        ("2C", ""),
        ("京A1234S", "a"),
        ("京A1235", "a"),
        ("京A123457", "a"),
        ("京A13245", "a"),
        ("沪B80112", "b"),
        ("沪A12345", "a"),
        ("AB12 CDE", "c"),
        ("AB12CDF", "c"),
        ("王", "a"),
        ("王小", "a"),
        ("小芳", "a"),
        ("smith", "c"),
        ("john s", "c"),
        ("mit", ""),
        ("138 0000 0001", "a"),
        ("+86 138-0000-0001", "a"),
        ("0086 13800000001", "a"),
        ("0001", "ab"),
        ("00001", "a"),
        ("1380", "a"),
        ("138", ""),
        ("+447911123456", "c"),
        ("W@EXAMPLE.cn", "a"),
        ("w@e", "a"),
        ("", ""),
        ("无", ""),
        ("%", ""),
        ("' OR 1=1", ""),
    ],
)
def test_part_of_a_word_finds_whom_it_means(filled: Store, text: str, who: str) -> None:
    assert found(filled, text) == who


def test_a_dealer_finds_those_alone_who_have_dealt_with_it(filled: Store) -> None:
    assert found(filled, "A123", "d001") == "ab"
    assert found(filled, "A123", "d002") == "b"
    assert found(filled, "京A12345", "d002") == ""
    assert found(filled, "13800000001", "d002") == ""
    assert found(filled, "A123", "d003") == ""
    assert filled.dealers_of(LI.id) == {"d001", "d002"}


def test_words_follow_the_document(filled: Store) -> None:
    changed = replace(WANG, version=1, vehicles={}, profile={"name": Stated("王芳", day(2))})
    with filled.unit() as unit:
        [known] = unit.customers([WANG.id]).values()
        unit.put([replace(changed, version=known.version + 1)])
    assert [found(filled, one) for one in ("京A12345", "王小", "1380", "王芳")] == ["", "", "", "a"]


def test_what_was_written_in_a_unit_that_fails_finds_nobody(filled: Store) -> None:
    with pytest.raises(ZeroDivisionError), filled.unit() as unit:
        [known] = unit.customers([WANG.id]).values()
        unit.put([replace(known, version=1, vehicles={"x": Vehicle(id="x", plate="粤Z99999")})])
        unit.log([came(SMITH, "d009", "e9")])
        raise ZeroDivisionError
    assert found(filled, "粤Z99999") == ""
    assert found(filled, "京A12345") == "a"
    assert filled.dealers_of(SMITH.id) == set()
    with filled.unit() as unit:
        unit.log([came(SMITH, "d009", "e9")])
    assert filled.dealers_of(SMITH.id) == {"d009"}


def test_who_is_unknown_is_found_no_more_and_shown_to_nobody(filled: Store) -> None:
    shown = Lookup(at=day(2), staff="wang", dealer=None, asked="A123", shown=(WANG.id, LI.id))
    number = filled.note_lookup(shown, day(1))
    with filled.unit() as unit:
        unit.unknow([WANG.id])
        unit.put([Customer(id=WANG.id, version=9)])
    assert filled.find_words(ranges_of("A12345", "86"), None, 9) == []
    assert filled.lookups() == [replace(shown, number=number, shown=(LI.id,))]
    assert filled.lookups(customer_id=WANG.id) == []


def test_of_two_who_are_one_the_dealers_are_those_of_both(filled: Store) -> None:
    with filled.unit() as unit:
        unit.dealt(WANG.id, LI.id)
    assert filled.dealers_of(WANG.id) == {"d001", "d002"}


def test_of_many_the_first_are_shown_and_that_there_are_more(store: Store) -> None:
    many = [
        replace(person("d", "王芳", f"+8613800{n:06}"), id=f"{n:032}", version=0)
        for n in range(MOST_SHOWN + 5)
    ]
    with store.unit() as unit:
        unit.put(many)
    told = search(store, "王", "CN", None)
    assert len(told.customers) == MOST_SHOWN
    assert told.more
    assert search(store, "13800000003", "CN", None) == Found((f"{3:032}",), exact=False)


def test_the_trail_is_told_newest_first_by_person_and_by_customer(store: Store) -> None:
    one = Lookup(at=day(2), staff="wang", dealer="d001", asked="王", shown=(LI.id, WANG.id), more=True)
    two = Lookup(at=day(3), staff="li", dealer=None, opened=True, shown=(WANG.id,))
    first, second = store.note_lookup(one, day(1)), store.note_lookup(two, day(1))
    assert store.lookups() == [replace(two, number=second), replace(one, number=first)]
    assert store.lookups(staff="wang") == [replace(one, number=first)]
    assert store.lookups(customer_id=LI.id) == [replace(one, number=first)]
    assert store.lookups(number=second) == [replace(two, number=second)]
    assert store.lookups(limit=1) == [replace(two, number=second)]


def test_what_is_old_leaves_the_trail(store: Store) -> None:
    old = Lookup(at=day(1), staff="wang", dealer=None, shown=(WANG.id,))
    store.note_lookup(old, day(0))
    store.note_lookup(replace(old, at=day(5)), day(1) + timedelta(seconds=1))
    assert [one.at for one in store.lookups()] == [day(5)]


# What needs no store

BODY = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=5, max_size=7)


@given(BODY, st.data())
def test_a_plate_with_one_slip_is_near(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    sign = data.draw(st.sampled_from("ABCXYZ0189"))
    typed = data.draw(
        st.sampled_from(
            [
                body[:place] + sign + body[place + 1 :],
                body[:place] + body[place + 1 :],
                body[:place] + sign + body[place:],
                body[:place] + body[place : place + 2][::-1] + body[place + 2 :],
                body.replace("0", "O").replace("8", "B"),
            ]
        )
    )
    words = words_of(print_of(person("a", "王", "+8613800000001", f"京{body}")))
    assert any(
        one.kind == kind and one.low <= word < one.high
        for one in slipped_ranges_of(f"京{typed}")
        for kind, word in words
    )


@given(st.text(max_size=30))
def test_whatever_is_typed_can_be_asked(text: str) -> None:
    for one in (*ranges_of(text, "86"), *slipped_ranges_of(text)):
        assert isinstance(one, Range)
        assert one.low < one.high


def test_numbers_are_masked_in_the_trail() -> None:
    assert masked("138 0000 0001") == "***0001"
    assert masked(" +86-13800000001 王") == "+***0001 王"
    assert masked("京A12345") == "京A12345"
