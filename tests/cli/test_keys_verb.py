"""`milepost keys`: made, shown once, rotated, revoked."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.model.keys import Scope, read_key
from tests.cli.conftest import Call


@pytest.fixture
def made(tmp_path: Path, call: Call) -> dict[str, str]:
    told = call("keys", "create", "--dealer", "d001", "--format", "json", cwd=tmp_path)
    assert told.code == 0
    return dict(json.loads(told.stdout))


def listed(folder: Path, call: Call, *options: str) -> list[dict[str, str]]:
    told = call("keys", "list", *options, "--format", "jsonl", cwd=folder)
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_key_is_shown_once(tmp_path: Path, call: Call, made: dict[str, str]) -> None:
    read = read_key(made["key"])
    assert read is not None
    assert read[0] == made["id"]
    assert made["signing_secret"] is None
    [one] = listed(tmp_path, call)
    assert one["id"] == made["id"]
    assert read[1] not in json.dumps(one)
    assert (one["scopes"], one["state"]) == (sorted(Scope), "open")
    expires = datetime.fromisoformat(one["expires"]) - datetime.fromisoformat(one["created"])
    assert expires == timedelta(days=400)


def test_for_people_the_key_alone_is_on_stdout(tmp_path: Path, call: Call) -> None:
    told = call("keys", "create", "--dealer", "d001", "--signed", cwd=tmp_path)
    key, signing = told.stdout.splitlines()
    assert read_key(key)
    assert len(signing) == 64
    assert "not shown again" in told.stderr
    assert key not in told.stderr


def test_keys_are_of_a_dealer_with_scopes_and_days(tmp_path: Path, call: Call, made: dict[str, str]) -> None:
    options = ("--scope", "events:write", "--scope", "quality:read", "--days", "30")
    assert call("keys", "create", "--dealer", "d002", *options, cwd=tmp_path).code == 0
    [one] = listed(tmp_path, call, "--dealer", "d002")
    assert one["scopes"] == ["events:write", "quality:read"]
    assert len(listed(tmp_path, call)) == 2


def test_one_takes_the_place_of_another_and_one_is_revoked(
    tmp_path: Path, call: Call, made: dict[str, str]
) -> None:
    told = call("keys", "rotate", made["id"], "--overlap", "2", "--format", "json", cwd=tmp_path)
    new = json.loads(told.stdout)
    old = next(one for one in listed(tmp_path, call) if one["id"] == made["id"])
    left = datetime.fromisoformat(old["expires"]) - datetime.fromisoformat(new["created"])
    assert (old["state"], round(left / timedelta(days=1), 3)) == ("open", 2)
    assert call("keys", "revoke", made["id"], cwd=tmp_path).stdout == "revoked\n"
    assert call("keys", "revoke", made["id"], cwd=tmp_path).stdout == "was revoked before\n"
    assert {one["id"]: one["state"] for one in listed(tmp_path, call)} == {
        made["id"]: "revoked",
        new["id"]: "open",
    }
    again = call("keys", "rotate", made["id"], cwd=tmp_path)
    assert again.code == 2
    assert "milepost keys create --dealer d001" in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("create",),
        ("create", "--dealer", "a/b"),
        ("create", "--dealer", "d001", "--scope", "everything"),
        ("create", "--dealer", "d001", "--days", "0"),
        ("revoke", "none"),
        ("rotate", "none"),
    ],
)
def test_what_cannot_be_is_wrong_usage(
    tmp_path: Path, call: Call, made: dict[str, str], arguments: tuple[str, ...]
) -> None:
    assert call("keys", *arguments, cwd=tmp_path).code == 2
    assert len(listed(tmp_path, call)) == 1


def test_without_a_database_there_is_nothing_to_list(tmp_path: Path, call: Call) -> None:
    assert call("keys", "list", cwd=tmp_path).code == 3
