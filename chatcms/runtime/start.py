"""Brings everything up: services, model, database, web server, worker; what runs already is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import programs, statics, supervisor
from .env import merged_settings, own_settings
from .errors import SetupError
from .lock import exclusive
from .paths import Layout
from .preflight import require_port, require_space, whole_number
from .processes import living, read_record
from .services import start_services
from .stamp import code_stamp
from .steps import run_step

# The built-in models: the setting that says where each is, and its folder's name.
MODELS = {"LOCAL_MODEL_DIR": "all-MiniLM-L6-v2", "MULTILINGUAL_MODEL_DIR": "multilingual-e5-small"}
# How a step marks a line of its log that whoever starts the product must see.
ATTENTION = "Attention: "


def up(place: Layout, environ: Mapping[str, str]) -> None:
    """Start what does not run, wait until all of it is ready, and print the addresses.

    The sign-in of the demo is printed by the run that makes it, never again.
    Raises SetupError with a cure when something does not come up; what has started by then stays up.
    """
    place.prepare()
    with exclusive(place):
        own = own_settings(environ)
        require_space(place.var)
        _require_free_port(place, own)
        _start_embedded(place, own)
        settings = statics.with_static_root(place, merged_settings(place, environ))
        stamp = code_stamp(place)
        if not all(_is_current(place, name, stamp) for name in programs.STARTS):
            _prepare_product(place, settings)
        _start_programs(place, settings, stamp)
        statics.forget_earlier(place, settings)
        _print_addresses(place, settings)


def _say(part: str, state: str) -> None:
    print(f"{part:<16} {state}", flush=True)


def _start_embedded(place: Layout, own: Mapping[str, str]) -> None:
    database, cache = "DATABASE_URL" not in own, "REDIS_URL" not in own
    start_services(place.var, database=database, cache=cache)
    _say("PostgreSQL", "ready" if database else "yours (DATABASE_URL)")
    _say("Valkey", "ready" if cache else "yours (REDIS_URL)")


def _is_current(place: Layout, name: str, stamp: str) -> bool:
    record = living(place.run, name)
    return record is not None and record.stamp == stamp


def _require_free_port(place: Layout, own: Mapping[str, str]) -> None:
    """Find a taken port out before minutes go into the other steps."""
    record = read_record(place.run, programs.WEB)
    if record is None or not record.alive:
        if record is not None:
            programs.sweep(place, record)  # a child that has outlived it would hold the port
        require_port(own.get("HOST", "127.0.0.1"), whole_number(own, "PORT", 8000))


def _prepare_product(place: Layout, settings: Mapping[str, str]) -> None:
    before = _credentials(place)
    for folder, model in _models(place, settings):
        command = ["-m", "providers.adapters.local.install_model", "--dest", str(folder), "--model", model]
        run_step(place, settings, "model", command)
    _say("Embedding models", "ready")
    statics.collect(place, settings)
    _say("Static files", "ready")
    said = run_step(place, settings, "bootstrap", ["manage.py", "bootstrap"])
    _say("Database", "migrated and seeded")
    for line in said.splitlines():
        if line.startswith(ATTENTION):
            _say("Attention", line.removeprefix(ATTENTION))
    if set(_credentials(place).splitlines()) - set(before.splitlines()):
        print(f"\n{_credentials(place)}", flush=True)


def _models(place: Layout, settings: Mapping[str, str]) -> list[tuple[Path, str]]:
    """Return folder and name of each built-in model; the settings module has the same rule."""
    english = Path(settings.get("LOCAL_MODEL_DIR") or place.models / MODELS["LOCAL_MODEL_DIR"])
    beside = english.with_name(MODELS["MULTILINGUAL_MODEL_DIR"])
    multilingual = Path(settings.get("MULTILINGUAL_MODEL_DIR") or beside)
    return [(english, MODELS["LOCAL_MODEL_DIR"]), (multilingual, MODELS["MULTILINGUAL_MODEL_DIR"])]


def _credentials(place: Layout) -> str:
    return place.credentials.read_text() if place.credentials.exists() else ""


def _start_programs(place: Layout, settings: Mapping[str, str], stamp: str) -> None:
    if not _is_current(place, supervisor.NAME, stamp):
        programs.stop(place, supervisor.NAME)  # it must not start again what is stopped here
    started = []
    for name, start in programs.STARTS.items():
        record = living(place.run, name)
        if record is not None and record.stamp != stamp:
            _say(name.capitalize(), "restarting, since the code or .env has changed")
            programs.stop(place, name)
            record = None
        started.append(record or start(place, settings, stamp))
    for record in started:
        programs.await_ready(place, record)
        _say(record.name.capitalize(), "ready")
    if living(place.run, supervisor.NAME) is None:
        programs.start_supervisor(place, settings, stamp)
    _say("Supervisor", "ready")


def _print_addresses(place: Layout, settings: Mapping[str, str]) -> None:
    record = living(place.run, programs.WEB)
    if record is None:
        raise SetupError("The web process has just ended.", f"read {place.log / 'web.log'}.")
    address = programs.shown_address(record)
    print(f"\nPortal   {address}/\nAPI      {address}/v1/\nAdmin    {address}/admin/")
    if place.credentials.exists():
        print(f"Sign-in  see {place.credentials} (only you can read it)")
    if settings.get("PORT", record.address.rpartition(":")[2]) != record.address.rpartition(":")[2]:
        print("It keeps its port. To move it: ./stop-all.sh, then start it with the other PORT.")
