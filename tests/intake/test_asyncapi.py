"""The description of the topics is AsyncAPI, and says of events what is checked."""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from engine.intake.asyncapi import VERSION, asyncapi, asyncapi_yaml
from engine.model.event_types import EVENT_TYPES
from engine.sample import events_path
from tests.intake.lines import PARSER
from tests.intake.test_reference import SAID
from tests.services.distribution import cache_folder, locked

OFFICIAL = "@asyncapi/specs@6.11.1"
INTEGRITY = "sha512-A3WBLqAKGoJ2+6FWFtpjBlCQ1oFCcs4GxF7zsIGvNqp/klGUHjlA3aAcZ9XMMpLGE8zPeYDz2x9FmO6DSuKraQ=="

DESCRIPTION = asyncapi()
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:description", Resource.from_contents(DESCRIPTION, default_specification=DRAFT7)
)


def payload(name: str) -> Draft7Validator:
    return Draft7Validator(
        {"$ref": f"urn:description#/components/messages/{name}/payload"}, registry=REGISTRY
    )


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """AsyncAPI's own JSON Schema, from its package."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("AsyncAPI's own schema comes as an npm package: this test needs npm")
    kept = cache_folder() / f"asyncapi-{VERSION}-{OFFICIAL.rpartition('@')[2]}.json"
    with locked("asyncapi"):
        if not kept.exists():
            _fetch(npm, tmp_path_factory.mktemp("npm"), kept)
    read: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return read


def _fetch(npm: str, scratch: Path, kept: Path) -> None:
    subprocess.run([npm, "pack", "--silent", OFFICIAL], cwd=scratch, check=True, capture_output=True)
    [package] = scratch.iterdir()
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    assert f"sha512-{digest}" == INTEGRITY
    with tarfile.open(package) as opened:
        schema = opened.extractfile(f"package/schemas/{VERSION}-without-$id.json")
        assert schema is not None
        kept.write_bytes(schema.read())


def test_it_is_what_asyncapis_own_schema_takes(official: dict[str, Any]) -> None:
    faults = [f"{one.json_path}: {one.message}" for one in Draft7Validator(official).iter_errors(DESCRIPTION)]
    assert faults == []
    assert not Draft7Validator(official).is_valid(
        {**DESCRIPTION, "channels": {"inbox": {"adress": "care.inbox"}}}
    )


def test_the_yaml_holds_it_all() -> None:
    assert yaml.safe_load(asyncapi_yaml()) == DESCRIPTION


def test_every_reference_leads_somewhere() -> None:
    resolver = REGISTRY.resolver("urn:description")
    found = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert list(value) == ["$ref"]  # what stands beside it would not count
                found.append(resolver.lookup(value["$ref"]))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(DESCRIPTION)
    assert len(found) > len(EVENT_TYPES)


def test_every_type_goes_through_the_inbox_and_the_log() -> None:
    for channel in ("inbox", "events"):
        assert list(DESCRIPTION["channels"][channel]["messages"]) == list(EVENT_TYPES)


def test_what_is_accepted_is_what_the_description_takes() -> None:
    checked = 0
    for raw in events_path().read_bytes().splitlines()[::5]:
        event = json.loads(raw) if not isinstance(PARSER.parse(raw), list) else None
        if event is None or event["data"].get("customer", {}).get("email") == "":
            continue  # a blank is understood, not recommended
        payload(event["type"]).validate(event)
        checked += 1
    assert checked > 20


@pytest.mark.parametrize(("event", "field"), SAID)
def test_what_is_refused_it_does_not_take(event: dict[str, Any], field: str) -> None:
    kind = event.get("type")
    if field == "type" or not isinstance(kind, str):
        assert not payload("purchase.recorded").is_valid(event)
    else:
        assert not payload(kind).is_valid(event)
