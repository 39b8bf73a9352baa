"""Tests of the embedded PostgreSQL and Valkey, with the real programs."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from chatcms.runtime import postgres, valkey
from chatcms.runtime.errors import SetupError
from chatcms.runtime.paths import Layout, layout, socket_home
from chatcms.runtime.processes import Record, forget, living, wait_until
from chatcms.runtime.services import RuntimeEnv, start_services, stop_services

NAMES = (postgres.NAME, valkey.NAME)


def start(place: Layout) -> RuntimeEnv:
    return start_services(place.var, durable=False)


def records(place: Layout) -> list[Record]:
    found = [living(place.run, name) for name in NAMES]
    return [record for record in found if record is not None]


def kill_all(place: Layout) -> None:
    for record in records(place):
        os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: not records(place), 10)


def query(services: RuntimeEnv, sql: str) -> object:
    with psycopg.connect(services.database_url, autocommit=True) as link:
        cursor = link.execute(sql.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def ping(services: RuntimeEnv) -> bool:
    with redis.Redis.from_url(services.redis_url) as link:
        return bool(link.ping())


def answers(services: RuntimeEnv) -> bool:
    return query(services, "SELECT 1") == 1 and ping(services)


@pytest.fixture
def long_place() -> Iterator[Layout]:
    base = Path(tempfile.mkdtemp(prefix="chatcms-long-"))
    base.chmod(0o755)
    folder = base / ("a folder with spaces " * 7).strip() / "var"
    folder.parent.mkdir()
    yield layout(folder)
    stop_services(folder)
    shutil.rmtree(base)


def test_both_answer_once_they_are_started(looked_at: Layout) -> None:
    services = start(looked_at)
    assert answers(services)


def test_starting_again_changes_nothing(looked_at: Layout) -> None:
    first = start(looked_at)
    before = records(looked_at)
    assert start(looked_at) == first
    assert records(looked_at) == before


def test_only_the_one_that_died_is_started_again(place: Layout) -> None:
    start(place)
    database, cache = records(place)
    os.kill(cache.pid, signal.SIGKILL)
    assert wait_until(lambda: not cache.alive, 10)
    services = start(place)
    assert records(place)[0] == database
    assert records(place)[1].pid != cache.pid
    assert answers(services)


def test_a_path_of_150_characters_with_spaces_is_fine(long_place: Layout) -> None:
    assert len(str(long_place.var)) > 150
    assert answers(start(long_place))


def test_after_kill_9_everything_starts_again_with_its_data(place: Layout) -> None:
    services = start_services(place.var)
    query(services, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill_all(place)
    services = start_services(place.var)
    assert query(services, "SELECT answer FROM kept") == 42
    assert ping(services)


def test_data_outlives_a_clean_stop(place: Layout) -> None:
    services = start_services(place.var)
    query(services, "CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(services.redis_url) as link:
        link.set("kept", "yes")
    services.stop()
    services = start_services(place.var)
    assert query(services, "SELECT answer FROM kept") == 42
    with redis.Redis.from_url(services.redis_url) as link:
        assert link.get("kept") == b"yes"


def test_a_stale_pid_file_whose_number_belongs_to_somebody_else_does_not_hinder(
    place: Layout, sleeper: subprocess.Popen[bytes]
) -> None:
    start(place)
    stale = (place.pg.resolve() / "postmaster.pid").read_text().splitlines()
    kill_all(place)
    stale[0] = str(sleeper.pid)
    (place.pg.resolve() / "postmaster.pid").write_text("\n".join(stale) + "\n")
    lock = socket_home(place) / "pg" / f"{postgres.SOCKET}.lock"
    lock.write_text("\n".join(stale[:5]) + "\n")
    assert answers(start(place))
    assert sleeper.poll() is None


def test_servers_whose_records_are_lost_are_found_again_and_not_started_twice(looked_at: Layout) -> None:
    start(looked_at)
    before = {record.pid for record in records(looked_at)}
    for name in NAMES:
        forget(looked_at.run, name)
    assert answers(start(looked_at))
    assert {record.pid for record in records(looked_at)} == before


def test_servers_whose_records_are_lost_are_stopped(place: Layout) -> None:
    start(place)
    before = records(place)
    for name in NAMES:
        forget(place.run, name)
    stop_services(place.var)
    assert not any(record.alive for record in before)


def test_servers_whose_sockets_were_cleared_away_are_started_anew(place: Layout) -> None:
    start(place)
    shutil.rmtree(socket_home(place))
    assert answers(start(place))


def test_an_interrupted_creation_of_the_database_is_begun_anew(place: Layout) -> None:
    half = place.var / "pg.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert answers(start(place))
    assert not half.exists()


def test_stopping_ends_exactly_these_two_and_clears_the_sockets(
    place: Layout, sleeper: subprocess.Popen[bytes]
) -> None:
    services = start(place)
    started, home = records(place), socket_home(place)
    services.stop()
    assert not any(record.alive for record in started)
    assert not home.exists()
    assert sleeper.poll() is None


def test_stopping_twice_is_harmless(place: Layout) -> None:
    services = start(place)
    services.stop()
    services.stop()
    assert records(place) == []


def test_the_sockets_are_closed_to_other_users_and_no_port_is_opened(looked_at: Layout) -> None:
    services = start(looked_at)
    home = socket_home(looked_at)
    for folder in (home / "pg", home / "valkey"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert query(services, "SHOW listen_addresses") == ""
    with redis.Redis.from_url(services.redis_url) as link:
        assert link.config_get("port") == {"port": "0"}


def test_the_products_role_needs_its_password_and_is_no_superuser(looked_at: Layout) -> None:
    services = start(looked_at)
    assert query(services, "SHOW is_superuser") == "off"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(services.database_url, password="wrong")


def test_new_databases_bring_pgvector_although_the_role_could_not_make_it(looked_at: Layout) -> None:
    services = start(looked_at)
    query(services, "CREATE DATABASE other")
    with psycopg.connect(services.database_url, dbname="other") as link:
        row = link.execute("SELECT '[1,2]'::vector <-> '[1,2]'::vector").fetchone()
    assert row == (0.0,)


def test_postgres_never_runs_as_root(looked_at: Layout) -> None:
    start(looked_at)
    assert looked_at.pg.stat().st_uid != 0


def test_a_database_of_another_major_version_is_refused_with_a_cure(place: Layout) -> None:
    start(place).stop()
    (place.pg.resolve() / "PG_VERSION").write_text("17\n")
    with pytest.raises(SetupError, match=r"made by PostgreSQL 17.*Cure: dump it"):
        start(place)


def test_a_failed_start_names_the_log_and_shows_its_end(place: Layout) -> None:
    start(place).stop()
    (place.pg.resolve() / "global" / "pg_control").unlink()
    with pytest.raises(SetupError, match=r"PostgreSQL did not start.*postgres\.log") as caught:
        start(place)
    assert "pg_control" in caught.value.detail


def test_a_service_that_is_not_wanted_is_not_started(place: Layout) -> None:
    start_services(place.var, database=False, durable=False)
    assert [record.name for record in records(place)] == [valkey.NAME]


def test_secrets_do_not_show_in_a_printed_environment(looked_at: Layout) -> None:
    services = start(looked_at)
    assert services.environment["SECRET_KEY"] not in repr(services)
