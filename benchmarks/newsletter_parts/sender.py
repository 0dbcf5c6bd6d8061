"""A process that sends its share: `python -m benchmarks.newsletter_parts.sender PROJECT 0/2`. On PostgreSQL it owns
every second partition then; on SQLite it works on all."""

import sys
from pathlib import Path

from engine.cli.context import spare_collector
from engine.ports import Store
from engine.store.postgres import PostgresStore
from engine.wiring.assembly import working_alone
from engine.wiring.clocks import RealClock
from engine.wiring.delivery import OneProject, deliverer_for
from engine.wiring.deployed import in_force
from engine.wiring.settings import Settings, load_settings


def main() -> None:
    project, share = Path(sys.argv[1]), sys.argv[2]
    number, _, of = share.partition("/")
    settings = load_settings()
    spare_collector()  # as `run` does
    if not settings.on_postgres:
        with working_alone(settings) as store:
            _send(store, settings, project)
        return
    whole = PostgresStore.open(settings.database_url)
    owned = range(int(number), whole.partitions, int(of))
    _send(whole.share({one: whole.take_over(one, share) for one in owned}), settings, project)
    whole.close()


def _send(store: Store, settings: Settings, project: Path) -> None:
    deliverer = deliverer_for(OneProject(in_force(store, settings, project)), store, settings)
    counts = deliverer.deliver_due(RealClock().now())
    deliverer.close()
    if counts.sent != counts.claimed:
        sys.exit(f"of {counts.claimed} messages {counts.sent} were sent: {counts}")


if __name__ == "__main__":
    main()
