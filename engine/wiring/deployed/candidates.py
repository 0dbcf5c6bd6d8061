"""What may come into force next: a project's folder, or an earlier deployment; and its coming into force."""

import getpass
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.model.deployments import Deployment, hash_of_manifest
from engine.model.errors import UsageError
from engine.ports import Deployments
from engine.wiring.deployed.contents import content_of
from engine.wiring.deployed.layout import laid_out
from engine.wiring.deployed.projects import Project, loaded_once, of_deployment
from engine.wiring.projects import check_there, runnable
from engine.wiring.settings import Settings


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`project` is what it would be; `present` what is in force, None before the first deployment. `contents` are those
    that the store may not have, by hash; `restores` the number of the deployment that it goes back to."""

    project: Project
    manifest: dict[str, str]
    contents: Mapping[str, bytes]
    present: Deployment | None
    restores: int | None = None

    @property
    def is_in_force(self) -> bool:
        return self.present is not None and self.present.hash == hash_of_manifest(self.manifest)

    @property
    def number(self) -> int:
        """What it would be known by."""
        return 1 if self.present is None else self.present.number + 1


def candidate(store: Deployments, settings: Settings, folder: Path) -> Candidate:
    """The project in `folder` as it is now. What is checked is what is kept: its files are read once, and laid out.
    Raises `MilepostError` where it has errors."""
    check_there(folder)
    content = content_of(folder)
    manifest, contents = content.manifest, content.by_hash
    place = laid_out(manifest, lambda hashes: {one: contents[one] for one in hashes}, settings)
    loaded = loaded_once(place)
    project = Project(loaded=loaded, program=runnable(loaded, folder, drafts=False), folder=place)
    return Candidate(project=project, manifest=manifest, contents=contents, present=store.deployment())


def chosen(store: Deployments, settings: Settings, number: int) -> Candidate:
    """The deployment of that number once more."""
    former = store.deployment(number)
    if former is None:
        raise UsageError(
            f"There is no deployment {number}.", "milepost deploy --list shows those there were."
        )
    return Candidate(
        project=of_deployment(store, settings, former),
        manifest=former.manifest,
        contents={},
        present=store.deployment(),
        restores=number,
    )


def put_in_force(store: Deployments, one: Candidate, note: str) -> Deployment:
    """Raises `DeployedMeanwhile` where something was deployed since the candidate was made."""
    known = store.known_contents(list(one.contents))
    deployment = Deployment(
        number=one.number,
        manifest=one.manifest,
        at=datetime.now(UTC),
        by=_who(),
        note=note,
        restores=one.restores,
    )
    store.deploy(deployment, {name: body for name, body in one.contents.items() if name not in known})
    return deployment


def _who() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        name = ""
    return f"{name}@{socket.gethostname()}".strip("@")
