"""What stages return, to the broker."""

from kafka.partitioner import murmur2

from engine.bus.transport import BATCH_BYTES
from tests.bus.world import World, until


def test_what_is_written_lies_in_its_keys_partition_in_order_however_much_it_is(world: World) -> None:
    """Several batches of Kafka's for each partition, among them one of a single record that is larger than others
    may be together."""
    source, target = world.topic(1), world.topic(3, "out")
    world.send_many(source, 1000, size=2000)
    world.send(source, ["9" * (BATCH_BYTES + 1)])
    world.send_many(source, 100, size=2000)
    world.start("one", source, to=target, quiet=True)
    until(lambda: world.owned("one"))
    until(lambda: world.committed(source) == {0: 1101})
    assert world.stop("one") == 0

    keys = [*map(str, range(1000)), "9" * (BATCH_BYTES + 1), *map(str, range(100))]
    expected: list[list[str]] = [[], [], []]
    for key in keys:
        expected[(murmur2(key.encode()) & 0x7FFFFFFF) % 3].append(key)
    assert [[value.rstrip(".") for value in part] for part in world.values(target, 3)] == expected
