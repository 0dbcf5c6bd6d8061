"""Properties are tried on the same examples every time, however slow the machine; real servers are fixtures."""

from hypothesis import settings

pytest_plugins = ["tests.services.fixtures", "tests.contracts.stores"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
