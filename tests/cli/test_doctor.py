"""`milepost doctor`: what is in force, what is not as it should be, and what to do about it."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli import doctor
from tests.cli.conftest import Call, Done
from tests.cli.sites import write_site
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.services.server import free_ports

WELL = {"MILEPOST_CLOCK": "real", "MILEPOST_PUBLIC_URL": "https://care.example.net"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path)


def told(done: Done) -> list[tuple[str, str]]:
    """Each check and its outcome."""
    return [(one["check"], one["outcome"]) for one in json.loads(done.stdout)["checks"]]


def of(done: Done, check: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(done.stdout)["checks"] if one["check"] == check]


def errors(done: Done) -> list[dict[str, Any]]:
    return [one for one in json.loads(done.stdout)["checks"] if one["outcome"] == "error"]


def test_all_is_well_on_one_machine_and_nothing_is_made(site: Path, call: Call) -> None:
    before = sorted(site.rglob("*"))
    done = call("doctor", "--format", "json", cwd=site, **WELL)
    assert (done.code, {outcome for _, outcome in told(done)}) == (0, {"ok"})
    assert [name for name, _ in told(done)] == [
        *("settings", "project", "database", "broker"),
        *("channels", "channels", "channels", "letters", "gateway"),
    ]
    assert sorted(site.rglob("*")) == before
    text = call("doctor", cwd=site, **WELL)
    assert "ok       project   " in text.stdout
    assert "1 journey, 1 template, 2 brands" in text.stdout
    assert text.stderr == "0 errors, 0 warnings\n"
    lines = call("doctor", "--format", "jsonl", cwd=site, **WELL).stdout.splitlines()
    assert [json.loads(one) for one in lines] == json.loads(done.stdout)["checks"]


def test_a_database_that_is_there_is_told_of(site: Path, call: Call) -> None:
    call("ingest", "events.jsonl", cwd=site)
    [found] = of(call("doctor", "--format", "json", cwd=site, **WELL), "database")
    assert found["message"].startswith(f"{site / 'milepost.db'}, schema ")


def test_what_is_in_force_is_shown_with_where_it_is_from_but_no_secret(site: Path, call: Call) -> None:
    (site / "password").write_text("s3cret-p\n", "utf-8")
    environment = {
        "MILEPOST_DATABASE_URL": "postgresql://me:s3cret-d@127.0.0.1:1/care?sslpassword=s3cret-t",
        "MILEPOST_KAFKA_PASSWORD_FILE": str(site / "password"),
        "MILEPOST_KAFKA_PROTOCOL": "sasl_ssl",
        "MILEPOST_KAFKA_USERNAME": "milepost",
    }
    for output in ("json", "text"):
        done = call("doctor", "--format", output, cwd=site, **WELL, **environment)
        assert "s3cret" not in done.stdout + done.stderr
    shown = {
        one["name"]: (one["value"], one["from"])
        for one in json.loads(call("doctor", "--format", "json", cwd=site).stdout)["settings"]
    }
    assert shown["MILEPOST_DATABASE_URL"] == ("postgresql://me@127.0.0.1:1/care", "environment")
    assert shown["MILEPOST_KAFKA_PASSWORD"] == ("(set, not shown)", "file")
    assert shown["MILEPOST_KAFKA_PROTOCOL"] == ("SASL_SSL", "environment")
    assert shown["MILEPOST_WORKER_THREADS"] == ("8", "default")


def test_an_address_that_cannot_be_read_is_not_shown_at_all(site: Path, call: Call) -> None:
    done = call("doctor", cwd=site, MILEPOST_DATABASE_URL="postgresql://me:s3cret/x@host/care")
    assert done.code == 2
    assert "s3cret" not in done.stdout + done.stderr
    assert "(set, not shown)" in done.stdout


def test_what_is_mostly_not_meant_is_a_warning(site: Path, call: Call) -> None:
    done = call("doctor", cwd=site, MILEPOST_CLOCK="events", MILEPOST_KAFKA_PASWORD="x")
    assert done.code == 0
    assert "warning  settings  Time is that of the events" in done.stdout
    assert "MILEPOST_PUBLIC_URL" in done.stdout
    assert "Did you mean MILEPOST_KAFKA_PASSWORD?" in done.stdout
    assert done.stderr == "0 errors, 3 warnings\n"


def test_links_over_open_lines_are_a_warning(site: Path, call: Call) -> None:
    done = call("doctor", cwd=site, MILEPOST_CLOCK="real", MILEPOST_PUBLIC_URL="http://care.example.net")
    assert done.code == 0
    assert "without https no mail program offers" in done.stdout


def test_a_project_with_errors_is_the_inputs_fault(site: Path, call: Call) -> None:
    (site / "journeys" / "welcome.yaml").write_text("journey: welcome\npurpose: nonsense\n", "utf-8")
    done = call("doctor", "--format", "json", cwd=site, **WELL)
    assert (done.code, [one["check"] for one in errors(done)]) == (1, ["project"])
    assert "milepost validate" in errors(done)[0]["hint"]
    (site / "empty").mkdir()
    nowhere = call("doctor", "--project", "empty", "--format", "json", cwd=site, **WELL)
    assert (nowhere.code, errors(nowhere)[0]["check"]) == (1, "project")
    assert "There is no project" in errors(nowhere)[0]["message"]


def test_what_cannot_be_written_is_told_with_what_to_do(site: Path, call: Call) -> None:
    (site / "delivered").mkdir()
    (site / "delivered" / "sms").write_text("in the way", "utf-8")
    url = f"sqlite:///{site / 'events.jsonl' / 'milepost.db'}"
    done = call("doctor", "--format", "json", cwd=site, MILEPOST_DATABASE_URL=url, **WELL)
    assert (done.code, [one["check"] for one in errors(done)]) == (3, ["database", "channels"])
    database, sms = errors(done)
    assert "events.jsonl cannot be written to" in database["message"]
    assert sms["message"] == "delivered/sms cannot be written to: it is no folder."
    assert "Make delivered/sms a folder" in sms["hint"]


def test_settings_that_cannot_work_are_wrong_usage(site: Path, call: Call) -> None:
    assert call("doctor", cwd=site, MILEPOST_KAFKA_PARTITIONS="none").code == 2
    broker = {"MILEPOST_KAFKA_PARTITIONS": "2", "MILEPOST_KAFKA_BOOTSTRAP": "localhost:x"}
    done = call("doctor", "--format", "json", cwd=site, **broker, **WELL)
    assert done.code == 2
    assert [one["check"] for one in errors(done)] == ["database", "broker"]
    assert "one database, which a file cannot be" in errors(done)[0]["message"]


def test_each_wrong_setting_is_told_by_itself_and_the_rest_is_looked_at(site: Path, call: Call) -> None:
    wrong = {
        "MILEPOST_EMAIL": "smtp//me:s3cret@mail",
        "MILEPOST_SMS": "foo",
        "MILEPOST_PRINT_AT": "25:00",
        "MILEPOST_OPERATOR_KEY": "s3cret",
        "SENDGRID_API_KEY_FILE": str(site / "nowhere"),
    }
    done = call("doctor", "--format", "json", cwd=site, **WELL, **wrong)
    assert done.code == 2
    assert [one["message"].partition(" ")[0].removesuffix(":") for one in errors(done)] == [
        *("MILEPOST_EMAIL", "MILEPOST_SMS", "SENDGRID_API_KEY_FILE"),
        *("MILEPOST_PRINT_AT", "MILEPOST_OPERATOR_KEY"),
    ]
    shown = {one["name"]: one["value"] for one in json.loads(done.stdout)["settings"]}
    assert {name for name, value in shown.items() if value == "(not right)"} == {
        *wrong.keys() - {"SENDGRID_API_KEY_FILE"},
        "SENDGRID_API_KEY",
    }
    assert shown["MILEPOST_PUBLIC_URL"] == WELL["MILEPOST_PUBLIC_URL"]
    assert "s3cret" not in done.stdout + done.stderr
    others = [(check, outcome) for check, outcome in told(done) if check != "settings"]
    assert others == [
        *(("project", "ok"), ("database", "ok"), ("broker", "ok")),
        *(("channels", "ok"), ("channels", "warning"), ("channels", "warning")),
        *(("letters", "ok"), ("gateway", "ok"), ("hooks", "warning"), ("texts", "warning")),
    ]
    assert of(done, "channels")[1]["message"] == "Not looked at: MILEPOST_EMAIL is not right."
    working = call("run", "--until-idle", cwd=site, **WELL, **wrong)
    assert working.code == 2
    assert all(name in working.stderr for name in wrong)
    assert "s3cret" not in working.stderr


def test_nobody_where_a_server_should_be_is_said_at_once(site: Path, call: Call) -> None:
    database, broker = free_ports(2)
    began = time.monotonic()
    done = call(
        *("doctor", "--format", "json"),
        cwd=site,
        **WELL,
        MILEPOST_DATABASE_URL=f"postgresql://me@127.0.0.1:{database}/care",
        MILEPOST_KAFKA_BOOTSTRAP=f"127.0.0.1:{broker}",
    )
    assert (done.code, [one["check"] for one in errors(done)]) == (3, ["database", "broker"])
    assert all("Connection refused" in one["message"] and one["hint"] for one in errors(done))
    assert time.monotonic() - began < 10


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of something that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield listening.getsockname()[1]


def test_it_does_not_wait_for_who_never_answers(
    site: Path, call: Call, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LIMIT_S", 0.5)
    done = call(
        *("doctor", "--format", "json"),
        cwd=site,
        **WELL,
        MILEPOST_DATABASE_URL=f"postgresql://me@127.0.0.1:{silent}/care",
        MILEPOST_KAFKA_BOOTSTRAP=f"127.0.0.1:{silent}",
    )
    assert done.code == 3
    silents = [one for one in errors(done) if one["check"] in ("database", "broker")]
    assert [one["message"] for one in silents] == ["There is no answer within 0.5 s."] * 2


@pytest.mark.xdist_group("kafka")
def test_with_a_broker_it_tells_what_is_still_to_be_done_until_all_is_well(
    site: Path, call: Call, kafka: Kafka, postgres: Postgres
) -> None:
    environment = {
        **WELL,
        "MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "MILEPOST_KAFKA_PREFIX": "doctor.",
        "MILEPOST_KAFKA_PARTITIONS": "2",
        "MILEPOST_DATABASE_URL": postgres.url("doctor"),
    }

    def doctored(**other: str) -> Done:
        return call("doctor", "--format", "json", cwd=site, **{**environment, **other})

    fresh = doctored()
    assert fresh.code == 3
    assert [(one["check"], one["hint"]) for one in errors(fresh)] == [
        ("database", "Run: milepost migrate"),
        *[("broker", "Make it: milepost topics")] * 4,
    ]
    call("migrate", cwd=site, **environment)
    call("topics", cwd=site, **environment)
    well = doctored()
    assert (well.code, {outcome for _, outcome in told(well)}) == (0, {"ok"})
    assert "PostgreSQL" in of(well, "database")[0]["message"]
    assert "set up for no number of partitions yet" in of(well, "database")[1]["message"]

    call("run", "--until-idle", cwd=site, **{**environment, "MILEPOST_KAFKA_BOOTSTRAP": ""})  # sets up one
    other = doctored()
    assert other.code == 2
    assert "set up for 1 partitions, not for 2" in errors(other)[0]["message"]
    more = doctored(MILEPOST_KAFKA_PARTITIONS="3", MILEPOST_KAFKA_EVENTS_DAYS="9")
    assert more.code == 2
    assert "doctor.care.inbox: partitions is 2, not 3." in [one["message"] for one in errors(more)]
    kept = [one for one in of(more, "broker") if one["outcome"] == "warning"]
    assert [one["hint"] for one in kept] == ["milepost topics --mend sets it."]
    assert kept[0]["message"].startswith("doctor.care.events: retention.ms is ")
