"""A broker that goes away while workers are at work."""

from tests.bus.world import World, in_order, until
from tests.services.broker import Kafka


def test_a_broker_that_crashes_and_comes_back_costs_nothing(world: World, kafka: Kafka) -> None:
    """The worker may end itself meanwhile; its supervisor sees to it that all is done in the end."""
    source, target = world.topic(2), world.topic(1, "out")
    world.send(source, range(2000))
    settings = {"batch_records": 50, "stall_s": 8.0}
    world.start_supervised("one", source, pause_s=0.05, to=target, settings=settings)
    until(lambda: world.seen(source) > 200)
    kafka.kill()
    kafka.start()
    until(lambda: world.seen(source) == 2000)
    assert in_order(world.read(source))
    written = until(lambda: len(found := set(world.values(target, 1)[0])) == 2000 and found)
    assert written == set(map(str, range(2000)))
