"""Prints how much memory the running product uses, by service: proportional set size, so shared pages count once.

    python benchmarks/memory.py            # of the instance that ./start-all.sh started; Linux only
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print a line for each service and the sum, in MB; 1 when nothing runs."""
    run = Path(os.environ.get("CHATCMS_VAR") or ROOT / "var") / "run"
    leaders = {record["name"]: record["pid"] for record in map(_read, run.glob("*.json")) if "pid" in record}
    total = 0.0
    for name, leader in sorted(leaders.items()):
        processes = _session(leader)
        size = sum(_pss_mb(pid) for pid in processes)
        total += size
        print(f"{name:10} {len(processes):2} processes {size:7.0f} MB")
    print(f"{'together':10} {'':12} {total:7.0f} MB")
    return 0 if total else 1


def _read(path: Path) -> dict[str, object]:
    loaded = json.loads(path.read_text())
    return loaded if isinstance(loaded, dict) else {}


def _session(leader: object) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == leader:
                found.append(int(entry.name))
        except ProcessLookupError:
            continue
    return found


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (ProcessLookupError, FileNotFoundError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    sys.exit(main())
