"""What every store promises of deployments (`engine/ports/deployments.py`)."""

import threading

import pytest

from engine.model.deployments import Deployment, hash_of, hash_of_manifest
from engine.ports import DeployedMeanwhile, Store
from tests.contracts.samples import customer, customer_id, day

WELCOME, LETTER = "journey: 欢迎\n".encode(), bytes(range(256))


def deployment(
    number: int, files: dict[str, bytes], **members: object
) -> tuple[Deployment, dict[str, bytes]]:
    manifest = {path: hash_of(content) for path, content in files.items()}
    one = Deployment(number=number, manifest=manifest, at=day(number), **members)  # type: ignore[arg-type]
    return one, {hash_of(content): content for content in files.values()}


def test_what_is_deployed_comes_back_byte_for_byte(store: Store) -> None:
    assert store.deployment() is None
    assert store.deployments() == []
    one, contents = deployment(
        1,
        {"journeys/欢迎.yaml": WELCOME, "templates/a/b.png": LETTER},
        by="王芳@office",
        note="it's the first",
    )
    store.deploy(one, contents)
    assert store.deployment() == one
    assert store.contents(one.manifest.values()) == contents
    assert store.known_contents([hash_of(LETTER), hash_of(b"other")]) == {hash_of(LETTER)}
    assert store.contents([]) == {}


def test_the_newest_is_in_force_and_all_are_kept(store: Store) -> None:
    first, contents = deployment(1, {"journeys/a.yaml": WELCOME})
    second, more = deployment(2, {"journeys/a.yaml": WELCOME, "journeys/b.yaml": b""})
    third, _known = deployment(3, {"journeys/a.yaml": WELCOME}, restores=1)
    with store.unit() as unit:
        assert unit.deployed() == 0
    store.deploy(first, contents)
    store.deploy(second, more)
    store.deploy(third, {})
    with store.unit() as unit:
        assert unit.deployed() == 3
    assert store.deployments() == [third, second, first]
    assert store.deployments(limit=2) == [third, second]
    assert store.deployment() == third
    assert store.deployment(2) == second
    assert store.deployment(4) is None
    assert first.hash == third.hash != second.hash


@pytest.mark.parametrize("number", [1, 3])
def test_a_number_that_is_not_the_next_one_changes_nothing(store: Store, number: int) -> None:
    first, contents = deployment(1, {"journeys/a.yaml": WELCOME})
    store.deploy(first, contents)
    late, more = deployment(number, {"journeys/a.yaml": b"other"})
    with pytest.raises(DeployedMeanwhile):
        store.deploy(late, more)
    assert store.deployments() == [first]
    assert store.known_contents(more) == set()


def test_of_those_who_deploy_at_the_same_time_one_wins_and_the_others_are_told(store: Store) -> None:
    outcomes: list[str] = []
    ready = threading.Barrier(4)

    def deploy(n: int) -> None:
        one, contents = deployment(1, {"journeys/a.yaml": b"%d" % n}, note=str(n))
        ready.wait()
        try:
            store.deploy(one, contents)
        except DeployedMeanwhile:
            outcomes.append("told")
        else:
            outcomes.append("won")

    threads = [threading.Thread(target=deploy, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "told", "told", "won"]
    [kept] = store.deployments()
    assert store.contents(kept.manifest.values()) == {
        hash_of(kept.note.encode()): kept.note.encode(),
    }


def test_the_hash_of_a_deployment_is_that_of_paths_and_contents() -> None:
    a, b = hash_of(b"a"), hash_of(b"b")
    assert hash_of_manifest({"x": a, "y": b}) == hash_of_manifest({"y": b, "x": a})
    assert len({hash_of_manifest(one) for one in ({"x": a}, {"y": a}, {"x": b}, {"x": a, "y": a}, {})}) == 5


def test_all_known_customers_can_be_looked_at_in_order_of_id(store: Store) -> None:
    with store.unit() as unit:
        unit.put(customer(n, known=n != 3) for n in (5, 1, 3, 2, 4))
    found = store.known_after("", 2) + store.known_after(customer_id(2), 9)
    assert [one.id for one in found] == [customer_id(n) for n in (1, 2, 4, 5)]
    assert store.known_after(customer_id(5), 9) == []
    assert store.count_customers() == 5
