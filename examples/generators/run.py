"""Makes clients of `docs/openapi.yaml` with three generators, checks and runs a program for each, and prints a table.

It installs the newest release of each generator into a temporary folder, so it needs the network, Node 20 or later and
Python 3.11 or later. It is no part of the daily checks:

    python examples/generators/run.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
SCHEMA = HERE.parent.parent / "docs" / "openapi.yaml"
TYPESCRIPT = {"typescript": "^5", "@types/node": "^24"}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it printed; show that and stop when it fails."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout + done.stderr


def python_client(folder: Path) -> tuple[str, str]:
    """Generate with `openapi-python-client`, check with mypy, run."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", "openapi-python-client", "mypy", cwd=folder)
    out = folder / "chatcms_client"
    told = run(
        *(folder / "venv/bin/openapi-python-client", "generate", "--path", SCHEMA, "--meta", "none"),
        *("--output-path", out),
        cwd=folder,
    )
    shutil.copy(HERE / "python_client.py", folder)
    run(python, "-m", "mypy", "--config-file", os.devnull, "--strict", "python_client.py", cwd=folder)
    run(python, "python_client.py", cwd=folder)
    version = run(folder / "venv/bin/openapi-python-client", "--version", cwd=folder).split()[-1]
    return version, f"mypy --strict, {told.count('WARNING')} warnings"


def typescript(folder: Path, package: str, program: str, *generate: str) -> tuple[str, str]:
    """Generate with a package of npm, check with tsc, run."""
    about = {"name": "generated", "private": True, "type": "module", "dependencies": {**TYPESCRIPT, package: "latest"}}
    (folder / "package.json").write_text(json.dumps(about))
    for name in ("tsconfig.json", program):
        shutil.copy(HERE / name, folder)
    run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
    told = run("npx", *generate, cwd=folder)
    run("npx", "tsc", cwd=folder)
    run("node", folder / "out" / program.replace(".ts", ".js"), cwd=folder)
    installed = json.loads((folder / "node_modules" / package / "package.json").read_text())
    return installed["version"], f"tsc --strict, {told.lower().count('warn')} warnings"


def main() -> None:
    """Try all three."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folders = {name: Path(place) / name for name in ("python", "types", "hey")}
        for folder in folders.values():
            folder.mkdir()
        rows.append(("`openapi-python-client`", *python_client(folders["python"])))
        command = ("openapi-typescript", str(SCHEMA), "--default-non-nullable", "false", "-o", "schema.d.ts")
        rows.append(
            (
                "`openapi-typescript`",
                *typescript(folders["types"], "openapi-typescript", "openapi_typescript.ts", *command),
            )
        )
        command = ("openapi-ts", "-i", str(SCHEMA), "-o", "client", "-p", "@hey-api/typescript")
        rows.append(
            ("`@hey-api/openapi-ts`", *typescript(folders["hey"], "@hey-api/openapi-ts", "hey_api.ts", *command))
        )
    print("| Generator | Version | Events and webhooks typed, checked by | Program runs |\n|---|---|---|---|")
    for name, version, checked in rows:
        print(f"| {name} | {version} | {checked} | yes |")


if __name__ == "__main__":
    main()
