"""Prints how much memory the running product uses, by service: proportional set size, shared pages once.

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
    leaders = dict(filter(None, map(_leader, run.glob("*.json"))))
    total = 0.0
    for name, leader in sorted(leaders.items()):
        processes = _family(leader)
        size = sum(_pss_mb(pid) for pid in processes)
        total += size
        print(f"{name:10} {len(processes):2} processes {size:7.0f} MB")
    print(f"{'together':10} {'':12} {total:7.0f} MB")
    return 0 if total else 1


def _leader(path: Path) -> tuple[str, int] | None:
    record = json.loads(path.read_text())
    return (record["name"], record["pid"]) if isinstance(record, dict) and "pid" in record else None


def _family(leader: int) -> set[int]:
    """Return the process and all that descend from it (PostgreSQL's are sessions of their own)."""
    parents = {pid: parent for pid, parent in map(_parent, Path("/proc").glob("[0-9]*/stat")) if pid}
    family = {leader}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def _parent(stat: Path) -> tuple[int, int]:
    try:
        head, _, tail = stat.read_text().rpartition(")")
    except (ProcessLookupError, FileNotFoundError):
        return 0, 0
    return int(head.split(" ", 1)[0]), int(tail.split()[1])


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (ProcessLookupError, FileNotFoundError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    sys.exit(main())
