"""Wrong settings are told in sentences, all at once and without a traceback; production refuses weak secrets."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from chatcms.config import reader
from chatcms.config.environment import BASE_DIR, WRONG_SETTINGS
from chatcms.config.secretstrength import DEVELOPMENT_FERNET_KEY, DEVELOPMENT_SECRET, fernet_weakness, weakness
from chatcms.runtime import steps

SETTING = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)
# Texts that may be anything, and what docker compose alone reads.
FREE = {
    "ADMIN_HOST", "ANTHROPIC_API_KEY", "EMAIL_FROM", "HOST", "LOCAL_MODEL_DIR", "MEDIA_ROOT", "MULTILINGUAL_MODEL_DIR",
    "OPENAI_API_KEY", "PASSKEY_HOST", "POSTGRES_PASSWORD", "STATIC_ROOT",
}  # fmt: skip
# Read by the scripts before anything of Django is: see the tests of `chatcms.runtime`.
OF_THE_RUNTIME = {"WEB_WORKERS"}
SECRETS = {"SECRET_KEY", "JWT_SECRET_KEY", "KEY_ENCRYPTION_KEYS"}
# In development any text will do for them.
UNJUDGED = SECRETS - {"KEY_ENCRYPTION_KEYS"}
WRONG = ("not-a-value-of-any-kind", "-5", "://", "http://exa mple:99999/x", "٣")


def good_secrets() -> dict[str, str]:
    """What production needs."""
    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "DATABASE_URL": "postgresql://user@localhost/chatcms",
        "REDIS_URL": "redis://localhost:6379/0",
    }


def started(var: Path, *program: str, **setting: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the product with these settings and no others."""
    env = {"PATH": os.environ["PATH"], "CHATCMS_VAR": str(var), **setting}
    return subprocess.run(
        [sys.executable, *program], cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def names() -> list[str]:
    """Every setting that .env.example knows."""
    return sorted({name for name, _ in SETTING.findall((BASE_DIR / ".env.example").read_text())})


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """Each setting that is no free text is refused for one of the wrong values, by name and in one sentence."""
    told: dict[str, str] = {}
    for value in WRONG:
        answer = started(tmp_path, "manage.py", "check", **dict.fromkeys(set(names()) - UNJUDGED - FREE, value))
        assert answer.returncode == WRONG_SETTINGS, answer.stderr
        assert "Traceback" not in answer.stderr
        told |= dict(re.findall(r"^([A-Z_]+): (.+)$", answer.stderr, re.MULTILINE))
    assert set(names()) - FREE - OF_THE_RUNTIME - UNJUDGED <= set(told)
    assert all(sentence.endswith((".", ")", "'")) for sentence in told.values())


@pytest.mark.parametrize(
    "program",
    [
        ("manage.py", "bootstrap"),
        ("manage.py", "help"),
        ("-m", "chatcms.server", "--port", "1"),
        ("-m", "celery", "-A", "chatcms.celery", "worker"),
        ("-c", "import chatcms.asgi"),
    ],
    ids=["manage.py", "help", "web", "worker", "asgi"],
)
def test_every_program_ends_with_the_sentences_and_nothing_else(tmp_path: Path, program: tuple[str, ...]) -> None:
    answer = started(tmp_path, *program, TRUSTED_PROXIES="-1", DEBUG="perhaps")
    assert answer.returncode == WRONG_SETTINGS
    assert answer.stderr.splitlines() == [
        "Settings are wrong; nothing was started.",
        "DEBUG: 'perhaps' is neither true nor false. Write one of the two.",
        "TRUSTED_PROXIES: '-1' is no whole number from 0 to 20.",
    ]


def test_the_scripts_know_that_ending() -> None:
    assert steps.WRONG_SETTINGS == WRONG_SETTINGS


@pytest.mark.parametrize("word", ["prod", "Production", "PRODUCTION", "live", "dev", "staging", "test", "1"])
def test_no_unknown_environment_passes_for_development(tmp_path: Path, word: str) -> None:
    answer = started(tmp_path, "manage.py", "check", ENVIRONMENT=word)
    assert answer.returncode == WRONG_SETTINGS
    assert f"ENVIRONMENT: {word!r} is unknown. Write one of: development, production." in answer.stderr


def test_production_takes_good_secrets(tmp_path: Path) -> None:
    answer = started(tmp_path, "manage.py", "check", **good_secrets())
    assert answer.returncode == 0, answer.stderr


def test_production_takes_no_secret_twice(tmp_path: Path) -> None:
    good = good_secrets()
    answer = started(tmp_path, "manage.py", "check", **{**good, "JWT_SECRET_KEY": good["SECRET_KEY"]})
    assert "JWT_SECRET_KEY: it is the same as another secret." in answer.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "KEY_ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL"])
def test_production_needs_each_of_them(tmp_path: Path, name: str) -> None:
    answer = started(tmp_path, "manage.py", "check", **{**good_secrets(), name: ""})
    assert answer.returncode == WRONG_SETTINGS
    assert answer.stderr.splitlines()[1].startswith(f"{name}: ")


@pytest.mark.parametrize(
    "value",
    [
        "", "short", DEVELOPMENT_SECRET, f"{DEVELOPMENT_SECRET}-jwt", DEVELOPMENT_SECRET.upper(), "a" * 64, "ab" * 32,
        "0123456789abcdef" * 4, "abcdefghijklmnopqrstuvwxyz0123456789", "change-me-change-me-change-me-please",
        "django-insecure-9x!k2(q$w7v#z5m@n3b^c8l&p0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "1" * 100,
        "correcthorsebatterycorrecthorsebattery", "zyxwvutsrqponmlkjihgfedcba9876543210",
    ],
)  # fmt: skip
def test_weak_secrets_are_known(value: str) -> None:
    assert weakness(value)


@pytest.mark.parametrize(
    "raw",
    [
        base64.urlsafe_b64decode(DEVELOPMENT_FERNET_KEY), b"\0" * 32, b"a" * 32, b"ab" * 16, bytes(range(32)),
        b"0123456789abcdef" * 2, b"too short",
    ],
)  # fmt: skip
def test_weak_keys_of_encryption_are_known(raw: bytes) -> None:
    assert fernet_weakness(base64.urlsafe_b64encode(raw).decode())
    assert fernet_weakness(base64.urlsafe_b64encode(raw).decode().rstrip("=") + "!")


def test_random_secrets_are_good() -> None:
    for _ in range(500):
        for made in (secrets.token_urlsafe(32), secrets.token_urlsafe(48), secrets.token_hex(32)):
            assert not weakness(made), made
        assert not fernet_weakness(base64.urlsafe_b64encode(os.urandom(32)).decode())


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("", "", "http://localhost:8000"),
        ("", "8123", "http://localhost:8123"),
        ("127.0.0.1", "8123", "http://localhost:8123"),
        ("0.0.0.0", "80", "http://localhost:80"),
        ("::", "8123", "http://localhost:8123"),
        ("10.1.2.3", "8123", "http://10.1.2.3:8123"),
        ("fd00::7", "8123", "http://[fd00::7]:8123"),
    ],
)
def test_mailed_links_lead_where_the_server_listens(tmp_path: Path, host: str, port: str, address: str) -> None:
    code = "import chatcms.settings as s; print(s.PUBLIC_URL)"
    assert started(tmp_path, "-c", code, HOST=host, PORT=port).stdout.strip() == address
    named = started(tmp_path, "-c", code, HOST=host, PORT=port, PUBLIC_URL="https://chat.example.com/")
    assert named.stdout.strip() == "https://chat.example.com"


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e400", "ten", "0x1p3", ""])
def test_a_number_is_finite_and_in_its_bounds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_NUMBER", value)
    read = reader.SettingReader()
    assert read.float("SOME_NUMBER", 2.5) == 2.5
    assert read.int("SOME_NUMBER", 2, least=0) == 2


@pytest.mark.parametrize("wanted", [True, False])
def test_the_web_process_has_both_models_before_it_listens(tmp_path: Path, wanted: bool) -> None:
    code = "import chatcms.asgi; from providers.adapters.local import embedder as e; print(len(e._by_folder))"
    settings = {"LOCAL_MODEL_DIR": os.environ["LOCAL_MODEL_DIR"]} if "LOCAL_MODEL_DIR" in os.environ else {}
    settings.setdefault("LOCAL_MODEL_DIR", str(BASE_DIR / "var" / "models" / "all-MiniLM-L6-v2"))
    answer = started(tmp_path, "-c", code, LOAD_MODEL_AT_START=str(wanted).lower(), **settings)
    assert answer.stdout.strip() == ("2" if wanted else "0"), answer.stderr


def test_a_missing_model_keeps_no_web_process_from_starting(tmp_path: Path) -> None:
    answer = started(tmp_path, "-c", "import chatcms.asgi", LOCAL_MODEL_DIR=str(tmp_path))
    assert answer.returncode == 0, answer.stderr
    assert "does not hold all-MiniLM-L6-v2" in answer.stderr
    assert "does not hold multilingual-e5-small" in answer.stderr


# --- the image ----------------------------------------------------------------------------------------------------


def _ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out of the image (the patterns that it uses: names, `**/name`, `.name-*`)."""
    for pattern in (BASE_DIR / ".dockerignore").read_text().split():
        anywhere, name = pattern.startswith("**/"), pattern.removeprefix("**/")
        parts = path.split("/")
        if any(Path(part).match(name) for part in (parts if anywhere else parts[:1])):
            return True
    return False


def _in_the_image() -> set[str]:
    """The files of the product in the last stage of the Dockerfile."""
    last = (BASE_DIR / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", last, re.MULTILINE)
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=BASE_DIR, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    sources = [source for line in copied for source in line.split()]
    return {
        path
        for path in tracked
        if not _ignored(path) and any(path == source or path.startswith(f"{source}/") for source in sources)
    }


def test_the_image_has_all_that_the_product_needs_and_no_tests() -> None:
    there = _in_the_image()
    needed = {"manage.py", *(str(path.relative_to(BASE_DIR)) for path in BASE_DIR.glob("locale/*/LC_MESSAGES/*.mo"))}
    for folder in ("templates", "static", "chatcms", "tenants", "providers", "datasets", "bots", "chat"):
        for path in (BASE_DIR / folder).rglob("*"):
            shown = str(path.relative_to(BASE_DIR))
            if path.is_file() and not {"tests", "__pycache__"} & set(path.parts):
                needed.add(shown)
    assert len([path for path in needed if path.endswith(".mo")]) == 2
    assert needed <= there, sorted(needed - there)[:10]
    assert not [path for path in there if "/tests/" in path]


def test_every_setting_is_described_for_operators() -> None:
    """What the settings read is in docs/operations.md, besides what the product and its tests tell themselves."""
    read = set()
    for path in sorted((BASE_DIR / "chatcms" / "settings").glob("*.py")):
        read |= set(re.findall(r'(?:env\.\w+|secret|encryption_keys|service_url)\(\s*"([A-Z_]+)"', path.read_text()))
    described = set(re.findall(r"`([A-Z_]{4,})`", (BASE_DIR / "docs" / "operations.md").read_text()))
    assert len(read) > 40
    assert read - described == {"CHATCMS_PROCESS", "TEST_DATABASE_NAME"}
