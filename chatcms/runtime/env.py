"""The settings a process gets: its own environment first, then .env, then what var/runtime.env keeps."""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from .errors import SetupError
from .paths import ROOT, Layout

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")
_HEADER = "# Made by start-all.sh. Keep it private, and back it up with the data: it holds the keys.\n"


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; quotes around a value and `export` before a name are dropped."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise SetupError(f"{path} cannot be read by this user.", f"chown or chmod {path}.") from error
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        name, value = match.groups()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            yield name, value[1:-1]
        else:
            yield name, re.sub(r"\s+#.*$", "", value)


def own_settings(environ: Mapping[str, str], dotenv: Path = ROOT / ".env") -> dict[str, str]:
    """What the owner of the machine has set: the process environment over `.env`; empty is unset."""
    merged = read_env_file(dotenv) | {name: value for name, value in environ.items() if value}
    return {name: value for name, value in merged.items() if value}


def merged_settings(place: Layout, environ: Mapping[str, str], dotenv: Path = ROOT / ".env") -> dict[str, str]:
    """All settings a service process is started with: the owner's over those of var/runtime.env."""
    own = own_settings(environ, dotenv)
    return read_env_file(place.secrets) | own | {"CHATCMS_VAR": str(place.var)}


def ensure_secrets(place: Layout, sockets: Path) -> dict[str, str]:
    """Write var/runtime.env on the first run (random secrets, mode 0600); later only its addresses change.

    Raises SetupError when the file is gone but the data it belongs to is there: new keys would not open
    that data.
    """
    kept = read_env_file(place.secrets)
    if not kept.get("DATABASE_PASSWORD") and place.pg.exists():
        raise SetupError(
            f"{place.secrets} is missing or damaged, but the database it belongs to exists.",
            f"put the file back from a backup, or move {place.pg} away to begin with an empty database.",
        )
    wanted = _generated() | kept
    password = quote(wanted["DATABASE_PASSWORD"], safe="")
    wanted["DATABASE_URL"] = f"postgresql://chatcms:{password}@/chatcms?host={quote(str(sockets / 'pg'))}"
    wanted["REDIS_URL"] = f"unix://{quote(str(sockets / 'valkey' / 'valkey.sock'))}?db=0"
    if wanted != kept:
        write_private(place.secrets, _HEADER + "".join(f"{name}={value}\n" for name, value in wanted.items()))
    return wanted


def _generated() -> dict[str, str]:
    return {
        "DATABASE_PASSWORD": secrets.token_urlsafe(32),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    draft.replace(path)
