"""The real servers that tests of the distributed mode need: an Apache Kafka 4 and a PostgreSQL, on this machine.

Laws:

1. Lazy: nothing is started before the first test that asks for it; one of each per pytest process, so that a test
   may stop, pause or kill its own without disturbing those that run beside it.
2. Nothing is left: whichever way pytest ends, by itself, interrupted, or killed with -9, its servers end and their
   folders go. A keeper process sees to that (`keeper.py`); it ends what it started, and nothing else.
3. Only loopback, on ports that were free, in temporary folders. Nothing is shared with a server that runs here already.
4. Never silently absent: a test that cannot have its server fails, and says what to install.

Settings, all by environment:

    MILEPOST_TEST_KAFKA=host:port   use this broker, which must be a Kafka 4; tests that stop theirs are left out
    MILEPOST_SKIP_KAFKA=1           leave out the tests that need a broker
    MILEPOST_TEST_POSTGRES=folder   use the `postgres` and `initdb` of this folder, of another version for instance
    MILEPOST_CACHE=folder           where the fetched Kafka is kept, instead of ~/.cache/milepost

Tests take the fixtures `kafka` and `postgres` (`fixtures.py`). People take `python -m tests.services up`.
"""
