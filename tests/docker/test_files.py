"""Linters and schemas find no fault in `docker/`, and what stands in several files agrees."""

import base64
import re
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from engine.store.postgres.address import Address
from engine.wiring.settings import Settings, variable
from tests.docker.files import (
    COMPOSE,
    DOCKER,
    DOCKERFILE,
    MANIFESTS,
    compose,
    compose_variables,
    env_example,
    image,
    manifests,
)
from tests.support import ROOT

OF_THE_IMAGE = {
    "http_host",
    "http_port",
    "gateway_host",
    "gateway_port",
    "delivery_dir",
    "cache_dir",
    "spool",
    "spool_limit_bytes",
}
"""Settings that have nothing to do with where and how the image runs, or that it settles itself."""


def _lint(*command: object) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    _lint(Path(sys.executable).with_name("hadolint"), DOCKERFILE)


def test_the_compose_file_is_right_by_the_compose_specification() -> None:
    _lint(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda one: one.name)
def test_the_kubernetes_example_is_right_by_the_schemas_of_kubernetes(path: Path) -> None:
    _lint(Path(sys.executable).with_name("kubernetes-validate"), "--strict", path)


# The image


def test_the_image_is_made_from_the_lock_file_alone() -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in text
    assert "--no-deps --no-build-isolation ." in text


def test_everything_that_the_image_is_made_of_gets_past_the_ignore_file() -> None:
    allowed = [
        one[1:]
        for one in DOCKERFILE.with_name("Dockerfile.dockerignore").read_text("utf-8").splitlines()
        if one.startswith("!")
    ]
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == set(allowed)
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_runs_as_an_ordinary_user_and_starts_milepost_itself() -> None:
    made = image()
    assert made.user == "10001:10001"
    assert (made.entrypoint, made.command) == (["milepost"], ["run"])
    assert made.port == int(made.environment["MILEPOST_HTTP_PORT"])


# Compose


def test_every_setting_can_be_set_from_outside_and_defaults_to_what_the_code_says() -> None:
    given = compose_variables()
    for name, field in Settings.model_fields.items():
        told_as = variable(name)
        if name in OF_THE_IMAGE:
            assert told_as not in given, told_as
        elif name == "database_url" or field.annotation is SecretStr:
            assert f"{told_as}_FILE" in given, told_as
        else:
            default: Any = field.default.value if isinstance(field.default, Enum) else field.default
            if name == "kafka_bootstrap":
                default = "kafka:9092"
            told = f"{default:g}" if isinstance(default, float) else str("" if default is None else default)
            assert given[told_as] == told, told_as


def test_the_example_of_an_environment_names_all_variables_with_their_defaults() -> None:
    assert env_example() == compose_variables()


def test_every_variable_and_every_alert_is_explained() -> None:
    page = (ROOT / "docs" / "howto" / "deploy.md").read_text("utf-8")
    settings = {variable(name) for name in Settings.model_fields}
    own = [
        one
        for one in compose_variables()
        if one.removesuffix("_FILE") not in settings and one not in settings
    ]
    alerts = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    assert own
    assert not [one for one in [*own, *(rule["alert"] for rule in alerts)] if f"`{one}`" not in page]


def test_secrets_are_files_and_stand_in_no_environment() -> None:
    for name, service in compose({})["services"].items():
        for one in service.get("environment", {}):
            told = "PASSWORD" in one or one == "MILEPOST_DATABASE_URL"
            assert not told or one.endswith("_FILE"), f"{name}: {one}"


def test_workers_and_setup_may_do_nothing_that_they_need_not() -> None:
    services = compose({})["services"]
    for one in (services["setup"], services["worker"], services["gateway"]):
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]


def test_two_workers_start_once_the_setup_is_done() -> None:
    worker = compose({})["services"]["worker"]
    assert worker["deploy"]["replicas"] == "2"
    assert worker["depends_on"]["setup"]["condition"] == "service_completed_successfully"
    assert compose({"MILEPOST_WORKERS": "5"})["services"]["worker"]["deploy"]["replicas"] == "5"


def test_prometheus_asks_the_workers_where_they_answer() -> None:
    services = compose({})["services"]
    (job,) = yaml.safe_load((DOCKER / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (asked,) = job["dns_sd_configs"]
    assert asked["names"] == ["worker"]
    assert asked["port"] == image().port
    assert set(services["prometheus"]["networks"]) <= set(services["worker"]["networks"])


def test_the_gateway_is_asked_where_it_listens() -> None:
    gateway = compose({})["services"]["gateway"]
    port = image().environment["MILEPOST_GATEWAY_PORT"]
    assert gateway["ports"] == [f"127.0.0.1:8080:{port}"]
    assert f":{port}/health/live" in gateway["healthcheck"]["test"][-1]
    assert set(gateway["networks"]) == {"data", "front"}


def test_the_broker_is_the_version_that_tests_run_on() -> None:
    tested = re.findall(
        r"<artifactId>kafka_2.13</artifactId>\s*<version>([^<]+)<",
        (ROOT / "tests" / "services" / "pom.xml").read_text("utf-8"),
    )
    assert [compose({})["services"]["kafka"]["image"]] == [f"apache/kafka:{one}" for one in tested]


def test_the_brokers_cluster_id_is_one() -> None:
    told = compose({})["services"]["kafka"]["environment"]["CLUSTER_ID"]
    assert len(base64.urlsafe_b64decode(told + "==")) == 16


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    shutil.copy(DOCKER / "secrets.sh", tmp_path)
    (tmp_path / ".env").write_text("POSTGRES_USER=care\n", "utf-8")

    def make() -> tuple[str, str]:
        _lint("sh", tmp_path / "secrets.sh")
        folder = tmp_path / "secrets"
        assert folder.stat().st_mode & 0o777 == 0o700
        return (folder / "postgres_password").read_text("utf-8"), (folder / "database_url").read_text("utf-8")

    password, url = make()
    assert len(password) == 32
    assert url == f"postgresql://care:{password}@postgres:5432/milepost"
    assert str(Address(url)) == "postgresql://care@postgres:5432/milepost"
    assert make() == (password, url)


# Kubernetes


def _of_kind(kind: str) -> Any:
    (found,) = [one for one in manifests() if one["kind"] == kind]
    return found


def test_kubernetes_asks_the_pages_that_there_are() -> None:
    pod = _of_kind("Deployment")["spec"]["template"]
    (worker,) = pod["spec"]["containers"]
    assert worker["ports"] == [{"name": "http", "containerPort": image().port}]
    assert worker["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "http"}
    assert worker["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": "http"}
    assert pod["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(image().port),
        "prometheus.io/path": "/metrics",
    }


def test_kubernetes_sets_up_as_compose_does() -> None:
    (setup,) = _of_kind("Job")["spec"]["template"]["spec"]["containers"]
    service = compose({})["services"]["setup"]
    assert (setup["command"], setup["args"]) == (service["entrypoint"], service["command"])


def test_the_settings_of_the_kubernetes_example_are_settings() -> None:
    known = {f"MILEPOST_{name.upper()}" for name in Settings.model_fields} | {"MILEPOST_DATABASE_URL_FILE"}
    assert set(_of_kind("ConfigMap")["data"]) <= known
    assert set(_of_kind("Secret")["stringData"]) == {"database_url"}
