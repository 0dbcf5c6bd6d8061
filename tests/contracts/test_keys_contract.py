"""What every store promises of dealers' keys (`engine/ports/keys.py`)."""

from datetime import timedelta

from msgspec.structs import replace

from engine.model.keys import DealerKey, Scope, digest_of
from engine.ports import Store
from tests.contracts.samples import day


def key(number: int, dealer: str = "d001", **members: object) -> DealerKey:
    made = DealerKey(
        id=f"{number:016x}",
        dealer=dealer,
        digest=digest_of(f"secret {number}"),
        scopes=frozenset({Scope.EVENTS_WRITE, Scope.QUALITY_READ}),
        created=day(number),
        expires=day(number) + timedelta(days=400),
    )
    return replace(made, **members)


def test_a_key_is_found_as_it_was_kept(store: Store) -> None:
    plain, signing = key(1), key(2, signing=b"ab12", scopes=frozenset(Scope))
    for one in (plain, signing):
        store.add_key(one)
    assert store.key_of(plain.id) == plain
    assert store.key_of(signing.id) == signing
    assert store.key_of("none") is None


def test_keys_are_listed_by_dealer_and_age(store: Store) -> None:
    kept = [key(3), key(1), key(2, "d002"), key(4, "d000")]
    for one in kept:
        store.add_key(one)
    assert store.dealer_keys() == [key(4, "d000"), key(1), key(3), key(2, "d002")]
    assert store.dealer_keys("d001") == [key(1), key(3)]
    assert store.dealer_keys("d009") == []


def test_a_key_is_revoked_once(store: Store) -> None:
    store.add_key(key(1))
    assert store.revoke_key(key(1).id, day(5))
    assert not store.revoke_key(key(1).id, day(6))
    assert not store.revoke_key("none", day(6))
    assert store.key_of(key(1).id) == key(1, revoked=day(5))


def test_a_key_that_is_replaced_goes_on_for_a_while_and_no_longer_than_it_would_have(store: Store) -> None:
    store.add_key(key(1))
    assert store.replace_key(key(1).id, key(2), day(9))
    assert store.replace_key(key(2).id, key(3), day(2) + timedelta(days=1000))
    assert store.dealer_keys() == [key(1, expires=day(9)), key(2), key(3)]


def test_nothing_takes_the_place_of_a_key_that_is_revoked_or_none(store: Store) -> None:
    store.add_key(key(1))
    store.revoke_key(key(1).id, day(5))
    assert not store.replace_key(key(1).id, key(2), day(9))
    assert not store.replace_key("none", key(2), day(9))
    assert store.dealer_keys() == [key(1, revoked=day(5))]


def test_when_a_key_was_seen_never_goes_back(store: Store) -> None:
    store.add_key(key(1))
    store.add_key(key(2))
    store.keys_used({key(1).id: day(5), key(2).id: day(6), "none": day(7)})
    store.keys_used({key(1).id: day(4)})
    store.keys_used({})
    assert [one.used for one in store.dealer_keys()] == [day(5), day(6)]
