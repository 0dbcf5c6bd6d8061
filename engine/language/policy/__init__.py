"""`journeys/policy.yaml` and `journeys/dealers.yaml`: what is true of all journeys."""

from engine.language.policy.dealers import read_dealers
from engine.language.policy.policy import PolicyReading, read_policy

__all__ = ["PolicyReading", "read_dealers", "read_policy"]
