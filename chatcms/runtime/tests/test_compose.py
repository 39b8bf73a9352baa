"""Tests of the image and the compose file, as far as they can be checked without a Docker engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import yaml

from chatcms.runtime.paths import ROOT

APP_SERVICES = ("migrate", "api", "worker", "beat")
REQUIRED_SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY", "KEY_ENCRYPTION_KEYS", "POSTGRES_PASSWORD")
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"(\d+(ms|s|m|h))+")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::?([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return dict(compose["services"])


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and line[0] != "#"]


def with_defaults(text: str) -> str:
    return VARIABLE.sub(lambda match: match[3] if match[2] == "-" else "x", text)


def test_the_services_are_those_a_deployment_needs(services: dict[str, Any]) -> None:
    assert set(services) == {"migrate", "api", "worker", "beat", "postgres", "valkey"}


def test_every_service_has_an_image_or_a_build(services: dict[str, Any]) -> None:
    assert all("image" in service or "build" in service for service in services.values())


def test_images_from_elsewhere_are_pinned_to_a_version(services: dict[str, Any]) -> None:
    for name in ("postgres", "valkey"):
        assert re.search(r":.*\d+\.\d+", services[name]["image"]), name


def test_dependencies_name_services_and_conditions_that_exist(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, rule in service.get("depends_on", {}).items():
            assert rule["condition"] in CONDITIONS
            if rule["condition"] == "service_healthy":
                assert "healthcheck" in services[name]


@pytest.mark.parametrize("name", ["api", "worker", "beat"])
def test_the_product_waits_for_the_migration(services: dict[str, Any], name: str) -> None:
    assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_migration_runs_once_and_is_not_restarted(services: dict[str, Any]) -> None:
    assert services["migrate"]["restart"] == "no"


def test_named_volumes_are_declared_and_used(compose: dict[str, Any], services: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_postgres_18_keeps_its_data_where_its_image_wants_it(services: dict[str, Any]) -> None:
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_durations_are_written_as_compose_reads_them(services: dict[str, Any]) -> None:
    for service in services.values():
        check = service.get("healthcheck", {})
        for key in ("interval", "timeout", "start_period"):
            assert DURATION.fullmatch(check.get(key, "1s"))
        assert DURATION.fullmatch(service.get("stop_grace_period", "1s"))


def test_a_missing_secret_stops_compose_with_its_name() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = {match[1]: match for match in VARIABLE.finditer(text) if match[2] == "?"}
    assert set(asked) == set(REQUIRED_SECRETS)
    assert all(name in match[3] for name, match in asked.items())


def test_no_secret_is_written_into_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in REQUIRED_SECRETS:
        assert not re.search(rf"^\s*{name}: (?!\$\{{)\S", text, re.MULTILINE)


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    for match in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text()):
        assert re.search(rf"^#{match[1]}=", example, re.MULTILINE), match[1]


def test_only_the_api_is_published_and_by_default_to_this_machine_only(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["api"]
    assert with_defaults(services["api"]["ports"][0]) == "127.0.0.1:8000:8000"


def test_queue_messages_survive_a_restart_of_valkey_and_are_never_evicted(services: dict[str, Any]) -> None:
    words = shlex.split(services["valkey"]["command"])
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_work_in_progress_has_time_to_finish(services: dict[str, Any]) -> None:
    words = shlex.split(services["api"]["command"])
    grace = int(words[words.index("--grace") + 1])
    assert int(services["api"]["stop_grace_period"].rstrip("s")) > grace
    assert int(services["worker"]["stop_grace_period"].rstrip("s")) >= 60


@pytest.mark.parametrize("name", APP_SERVICES)
def test_every_command_is_understood_by_its_program(services: dict[str, Any], name: str) -> None:
    words = shlex.split(with_defaults(services[name]["command"]))
    assert words[0] == "python"
    answer = subprocess.run(
        [sys.executable, *words[1:], "--help"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "chatcms.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    known = set(re.findall(r"(?<!\S)--[a-z-]+", answer.stdout))
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", ["api", "worker", "beat"])
def test_health_checks_of_the_product_run_and_say_no_while_nothing_is_up(
    services: dict[str, Any], name: str, bare_environ: dict[str, str]
) -> None:
    kind, program, *words = services[name]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    words = ["1" if word == "8000" else word for word in words]
    answer = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=bare_environ, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (1, "")


def test_everything_the_image_copies_from_the_checkout_is_there(dockerfile: list[list[str]]) -> None:
    copied = [words.split()[:-1] for verb, words in dockerfile if verb == "COPY" and not words.startswith("--from")]
    assert all((ROOT / source).exists() for sources in copied for source in sources)


def test_the_image_has_every_package_of_the_product(dockerfile: list[list[str]]) -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "benchmarks"}
    final = len(dockerfile) - 1 - [verb for verb, _ in reversed(dockerfile)].index("FROM")
    copied = {words.split()[0] for verb, words in dockerfile[final:] if verb == "COPY"}
    assert packages | {"templates", "static", "manage.py"} <= copied


def test_the_image_does_not_run_as_root(dockerfile: list[list[str]]) -> None:
    assert [words for verb, words in dockerfile if verb == "USER"] == ["chatcms"]


def test_the_image_installs_only_what_was_locked(dockerfile: list[list[str]]) -> None:
    installs = [words for verb, words in dockerfile if verb == "RUN" and "pip install" in words]
    assert installs
    assert all("--require-hashes" in words and "--only-binary :all:" in words for words in installs)


def test_the_image_brings_its_static_files_where_the_server_looks_for_them(dockerfile: list[list[str]]) -> None:
    lines = [" ".join(words) for words in dockerfile]
    at = {text: next(n for n, line in enumerate(lines) if text in line) for text in ("STATIC_ROOT=", "collectstatic")}
    assert lines.index("COPY static ./static") < at["STATIC_ROOT="] < at["collectstatic"] < lines.index("USER chatcms")


def test_the_image_starts_the_server_by_default(dockerfile: list[list[str]]) -> None:
    words = json.loads(next(words for verb, words in dockerfile if verb == "CMD"))
    assert words[:4] == ["python", "-m", "chatcms.server", "--host"]


def test_nothing_private_is_sent_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".venv", "var"} <= set(ignored)
