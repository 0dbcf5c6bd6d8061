"""The files of `docker/`, read as far as tests need them."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from tests.support import ROOT

DOCKER = ROOT / "docker"
DOCKERFILE = DOCKER / "Dockerfile"
COMPOSE = DOCKER / "compose.yaml"
ENV_EXAMPLE = DOCKER / ".env.example"
MANIFESTS = sorted((DOCKER / "kubernetes").glob("*.yaml"))

_CONTINUED = re.compile(r"\\\n\s*")
_PAIR = re.compile(r"(\w+)=(\S+)")
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")


class Image(NamedTuple):
    """What the last stage of the Dockerfile says."""

    environment: dict[str, str]
    entrypoint: list[str]
    command: list[str]
    health: list[str]
    user: str
    folder: str
    port: int


def image() -> Image:
    said: dict[str, str] = {}
    environment: dict[str, str] = {}
    last_stage = DOCKERFILE.read_text("utf-8").rpartition("\nFROM ")[2]
    for line in _CONTINUED.sub(" ", last_stage).splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "ENV":
            environment.update(_PAIR.findall(rest))
        said[instruction] = rest
    return Image(
        environment,
        json.loads(said["ENTRYPOINT"]),
        json.loads(said["CMD"]),
        json.loads(said["HEALTHCHECK"].partition("CMD ")[2]),
        said["USER"],
        said["WORKDIR"],
        int(said["EXPOSE"]),
    )


def compose(environment: Mapping[str, str]) -> Any:
    """`compose.yaml` as Compose reads it with that environment."""

    def filled_in(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: filled_in(value) for name, value in part.items()}
        if isinstance(part, list):
            return [filled_in(one) for one in part]
        if isinstance(part, str):
            return _VARIABLE.sub(lambda one: _value(one, environment), part)
        return part

    return filled_in(yaml.safe_load(COMPOSE.read_text("utf-8")))


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    return environment.get(found["name"]) or found["default"]


def compose_variables() -> dict[str, str]:
    """The variables that `compose.yaml` asks for, with their defaults."""
    found: dict[str, str] = {}
    for one in _VARIABLE.finditer(COMPOSE.read_text("utf-8")):
        if one["name"] is not None:
            assert found.setdefault(one["name"], one["default"]) == one["default"], one["name"]
    return found


def env_example() -> dict[str, str]:
    lines = ENV_EXAMPLE.read_text("utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    assert len({name for name, _, _ in pairs}) == len(pairs), "a name is there twice"
    return {name: value for name, _, value in pairs}


def manifests() -> list[Any]:
    """All objects of the Kubernetes example."""
    return [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text("utf-8"))]
