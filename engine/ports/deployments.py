"""What has been deployed, as every store keeps it: see `engine.model.deployments`. Nothing of it is ever changed."""

from collections.abc import Collection, Mapping
from typing import Protocol

from engine.model.deployments import Deployment
from engine.model.errors import MilepostError


class DeployedMeanwhile(MilepostError):  # noqa: N818 - named for what has happened
    """Somebody else has deployed since the caller looked; nothing was done."""


class Deployments(Protocol):
    def deploy(self, deployment: Deployment, contents: Mapping[str, bytes]) -> None:
        """Keeps a deployment, with what its manifest refers to (by hash; what is known already may be left out), in
        one transaction. Its number is one more than the newest one's; another raises `DeployedMeanwhile`."""
        ...

    def deployments(self, limit: int | None = None) -> list[Deployment]:
        """All that there were, the newest first."""
        ...

    def deployment(self, number: int | None = None) -> Deployment | None:
        """The one of that number; the newest, which is in force, where none is given."""
        ...

    def contents(self, hashes: Collection[str]) -> dict[str, bytes]:
        """The contents that are known, by their hash."""
        ...

    def known_contents(self, hashes: Collection[str]) -> set[str]:
        """Those of the hashes whose contents are known."""
        ...
