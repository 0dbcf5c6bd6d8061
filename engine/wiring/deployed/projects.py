"""The project that a process works by, and the newer one when there is one."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Lock

import msgspec
from msgspec.structs import replace

from engine.language import Loaded
from engine.model.deployments import Deployment
from engine.model.errors import MilepostError, UsageError
from engine.model.program import Program
from engine.ports import Deployments
from engine.wiring.deployed.contents import content_of
from engine.wiring.deployed.layout import laid_out
from engine.wiring.projects import is_project, load, runnable
from engine.wiring.settings import Settings


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project that can run. `folder` is where its files lie; `deployment` None for a folder's own."""

    loaded: Loaded
    program: Program
    folder: Path
    deployment: Deployment | None = None


class Projects:
    """What is in force for a process, by the store and, until something is deployed, by `folder`. Any thread may ask.
    Raises `MilepostError` where it has errors."""

    def __init__(self, store: Deployments, settings: Settings, folder: Path) -> None:
        self._store = store
        self._settings = settings
        self._folder = folder
        self._lock = Lock()
        self._present = in_force(store, settings, folder)

    @property
    def present(self) -> Project:
        return self._present

    def renew(self) -> Program:
        """The program of the newest deployment, which is the present one from now on."""
        with self._lock:
            newest = self._store.deployment()
            if newest is not None and newest.number != self._present.program.deployment:
                self._present = of_deployment(self._store, self._settings, newest)
            return self._present.program

    def having(self, is_there: Callable[[Loaded], bool]) -> Project:
        """The present project; or, where it lacks something that was there when a message was decided, the newest
        earlier one that has it."""
        present = self._present
        if is_there(present.loaded):
            return present
        for one in self._store.deployments():
            found = of_deployment(self._store, self._settings, one)
            if is_there(found.loaded):
                return found
        return present

    def hint(self) -> str:
        """A line for people where the folder holds something else than what is in force; else empty."""
        deployment = self._present.deployment
        if deployment is None or not is_project(self._folder):
            return ""
        if content_of(self._folder).hash == deployment.hash:
            return ""
        return (
            f"deployment {deployment.number} is in force; the journeys or templates in {self._folder.absolute()} "
            "differ from it: milepost plan tells how, milepost deploy puts them in force"
        )


def in_force(store: Deployments, settings: Settings, folder: Path) -> Project:
    """What was deployed last; the folder's project until there is a first deployment. Raises `MilepostError` where it
    has errors."""
    newest = store.deployment()
    if newest is not None:
        return of_deployment(store, settings, newest)
    loaded = load(folder)
    return Project(loaded=loaded, program=runnable(loaded, folder, drafts=False), folder=folder)


def folder_in_force(store: Deployments, settings: Settings, folder: Path) -> tuple[Path, Deployment | None]:
    """Where the files lie of what is in force."""
    newest = store.deployment()
    return (folder, None) if newest is None else (laid_out(newest.manifest, store.contents, settings), newest)


def of_deployment(store: Deployments, settings: Settings, deployment: Deployment) -> Project:
    """A deployment, whether it is in force or was."""
    folder = laid_out(deployment.manifest, store.contents, settings)
    loaded = loaded_once(folder)
    try:
        program = runnable(loaded, folder, drafts=False)
    except MilepostError as error:
        raise UsageError(
            f"Deployment {deployment.number} cannot run with this version of Milepost. {error.message}",
            "Mend it in the project's folder and deploy that, or go back: milepost deploy --list, --to NUMBER.",
        ) from error
    program = replace(program, deployment=deployment.number)
    return Project(loaded=loaded, program=program, folder=folder, deployment=deployment)


@lru_cache(maxsize=4)
def loaded_once(folder: Path) -> Loaded:
    """The folder is named by the hash of what is in it, so what was read once is as it was."""
    return load(folder)
