"""``labelstudio/compose.yaml``. Docker is not at hand where this runs: the file is read, not started."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

FOLDER = ROOT / "labelstudio"
SERVER = (FOLDER / "server.sh").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> Any:
    return YAML(typ="safe").load(FOLDER / "compose.yaml")


def test_only_this_machine_can_reach_it(compose: Any) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8085"]


def test_no_password_has_a_default(compose: Any) -> None:
    secrets = {
        name: value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name
    }
    assert set(secrets) == {"POSTGRE_PASSWORD", "POSTGRES_PASSWORD", "LABEL_STUDIO_PASSWORD"}
    for value in secrets.values():
        assert re.fullmatch(r"\$\{\w+:\?.+\}", value), value


def test_the_version_is_that_of_server_sh_and_no_registry_is_named(compose: Any) -> None:
    (pinned,) = re.findall(r"^label-studio==(.+)$", SERVER, re.MULTILINE)
    images = {service["image"] for service in compose["services"].values()}
    assert f"heartexlabs/label-studio:{pinned}" in images
    for image in images:
        assert re.fullmatch(r"(\w+/)?[\w-]+:[\w.-]+", image), image


def test_telemetry_is_off_and_what_must_outlive_a_container_is_in_volumes(compose: Any) -> None:
    app, database = compose["services"]["app"], compose["services"]["db"]
    assert app["environment"]["SENTRY_DSN"] == ""
    assert app["environment"]["COLLECT_ANALYTICS"] == "false"
    assert app["environment"]["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"
    mounted = {volume.partition(":")[0] for volume in (*app["volumes"], *database["volumes"])}
    assert mounted == set(compose["volumes"])


def test_each_waits_until_the_one_before_it_is_healthy(compose: Any) -> None:
    for service in compose["services"].values():
        for name, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in compose["services"][name]
