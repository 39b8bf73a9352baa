"""Starts, finds and stops the embedded PostgreSQL: on a private socket only, never as root."""

from __future__ import annotations

import signal
from pathlib import Path

from .cluster import ENVIRONMENT, Cluster, ensure
from .errors import SetupError
from .paths import Layout
from .processes import (
    HAS_PROC,
    Record,
    birth,
    command_line,
    end,
    forget,
    living,
    spawn,
    tail,
    wait_until,
    working_in,
    write_record,
)

NAME = "postgres"
CHILDREN_SECONDS = 30.0
START_SECONDS = 120.0  # a large database needs a while to recover after a crash
SOCKET = ".s.PGSQL.5432"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "max_locks_per_transaction": "256",  # a dump of all tenants locks every table of each
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",  # /dev/shm is tiny in containers
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    # What people write stands in statements, parameters and the details of errors, and is not to outlive them in a log.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",  # all processes of a test run share one server
}


def start(cluster: Cluster, password: str) -> Record:
    """Make the database if there is none, start the server, wait until it answers; nothing if it runs."""
    running = find(cluster.place)
    if running is not None and (cluster.socket / SOCKET).exists():
        return _await(cluster, running, password)
    if running is not None:
        stop(cluster.place)  # somebody has cleared away its socket: it can be reached no more
    ensure(cluster, password)
    _clear_leftovers(cluster)
    record = spawn(
        NAME,
        _command(cluster),
        run=cluster.place.run,
        log=cluster.log,
        env=ENVIRONMENT,
        cwd=Path("/"),
        address=str(cluster.socket / SOCKET),
        account=cluster.account,
    )
    return _await(cluster, record, password)


def _await(cluster: Cluster, record: Record, password: str) -> Record:
    wait_until(lambda: answers(cluster.socket, password) or not record.alive, START_SECONDS)
    if not answers(cluster.socket, password):
        raise SetupError("PostgreSQL did not start.", f"read {cluster.log}.", tail(cluster.log))
    return record


def find(place: Layout) -> Record | None:
    """The running server of this var folder, also when its record was lost, or None."""
    record = living(place.run, NAME)
    if record is not None:
        return record
    data = place.pg.resolve()
    lines = _postmaster_lines(data)
    mark = birth(int(lines[0])) if lines else None
    if mark is None or not _is_postgres(int(lines[0]), data):
        return None
    record = Record(NAME, int(lines[0]), mark, float(lines[2]), str(Path(lines[4], SOCKET)))
    write_record(place.run, record)
    return record


def stop(place: Layout) -> bool:
    """Shut the server down fast but cleanly (open transactions are rolled back); True when it is gone."""
    record = find(place)
    gone = record is None or end(record, [(signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)])
    if gone:
        forget(place.run, NAME)
    return gone


def answers(socket: Path, password: str) -> bool:
    """Whether a query on the product's database gets its answer."""
    import psycopg  # late: the driver takes longer to load than many uses of this module take

    try:
        with psycopg.connect(
            host=str(socket), user="chatcms", password=password, dbname="chatcms", connect_timeout=5
        ) as link:
            link.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _command(cluster: Cluster) -> list[str]:
    settings = SETTINGS | {"unix_socket_directories": str(cluster.socket)}
    settings |= {} if cluster.durable else THROWAWAY_SETTINGS
    argv = [str(cluster.programs / "postgres"), "-D", str(cluster.data)]
    return argv + [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _clear_leftovers(cluster: Cluster) -> None:
    """Remove what a crash left behind where it would keep PostgreSQL from starting.

    It only looks whether the process id in its file exists, which is also so for a zombie and for a process of
    somebody else. Without the file it cannot see children that outlive it, so those are awaited here.
    """
    lines = _postmaster_lines(cluster.data)
    if HAS_PROC:
        if not wait_until(lambda: not _children(cluster.data), CHILDREN_SECONDS):
            numbers = " ".join(map(str, _children(cluster.data)))
            raise SetupError("Processes of a killed PostgreSQL are still at work.", f"kill {numbers}")
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    elif lines and birth(int(lines[0])) is not None:
        (cluster.data / "postmaster.pid").unlink()
    for name in (SOCKET, f"{SOCKET}.lock"):
        (cluster.socket / name).unlink(missing_ok=True)


def _children(data: Path) -> list[int]:
    return [pid for pid in working_in(data) if "postgres" in command_line(pid)]


def _postmaster_lines(data: Path) -> list[str]:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if len(lines) >= 5 and lines[0].strip().isdigit() else []


def _is_postgres(pid: int, data: Path) -> bool:
    words = command_line(pid)
    return "postgres" in words and str(data) in words
