"""Grades pages with Lighthouse, as it looks at them on a middling phone: each page a few times, the median counts.

    python benchmarks/lighthouse.py                                   # an instance of its own with the sample
    python benchmarks/lighthouse.py --url http://127.0.0.1:8000 --password PASSWORD [--runs 3] [--only inbox analytics]

Needs Node 18 or newer, npm and Chromium; installs Lighthouse into var/lighthouse/ (or where --tools says) when it is
not there. Exits with 1 when a page has less than 0.95 for accessibility or best practices, less than 0.90 for
performance, or moves more than 120 KB over the wire, everything it loads included. Performance means something only
while nothing else keeps the machine busy.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from sample_instance import ROOT, Instance, Owner, started

PORT = 9305
PACKAGE = "lighthouse@12"
CATEGORIES = {"performance": 0.90, "accessibility": 0.95, "best-practices": 0.95}
WEIGHT_KB = 120.0
ATTEMPTS = 3
PUBLIC = {"sign-in", "hosted"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)


class NoReportError(Exception):
    """Lighthouse ended without a report, which says nothing of the page."""


@dataclass(frozen=True)
class Grade:
    """What Lighthouse says of a page: the median of some runs."""

    page: str
    scores: Mapping[str, float]
    weight_kb: float
    # What lost points, by its audit's id.
    faults: tuple[str, ...]

    @property
    def passes(self) -> bool:
        return self.weight_kb <= WEIGHT_KB and all(self.scores[name] >= least for name, least in CATEGORIES.items())


def main() -> int:
    """Grade each page and print a table; 1 when one misses a mark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a running instance with the sample; without it one is started")
    parser.add_argument("--password", help="of the sample's owner there")
    parser.add_argument("--runs", type=int, default=3, help="of each page")
    parser.add_argument("--only", nargs="*", default=[], help="names of pages")
    parser.add_argument("--tools", type=Path, default=ROOT / "var/lighthouse", help="where Lighthouse is installed")
    parser.add_argument("--reports", type=Path, help="keep each run's whole report in this folder")
    chosen = parser.parse_args()
    if chosen.url and not chosen.password:
        parser.error("--url needs --password")
    lighthouse = _installed(chosen.tools)
    with ExitStack() as stack:
        known = nullcontext(Instance(chosen.url, chosen.password)) if chosen.url else started(PORT)
        owner = Owner(stack.enter_context(known))
        owner.use_the_sample()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        _sign_in(folder / "signed-in", owner)
        print(f"{'page':16}{'performance':>12}{'accessible':>12}{'practices':>12}{'KB':>8}")
        grades = []
        for name, path in _pages(owner).items():
            if chosen.only and name not in chosen.only:
                continue
            profile = folder / ("nobody" if name in PUBLIC else "signed-in")
            runs = [_run_again(lighthouse, f"{owner.url}{path}", profile) for _ in range(chosen.runs)]
            _keep(chosen.reports, name, runs)
            grades.append(_grade(name, runs))
            _print(grades[-1])
    return int(not all(grade.passes for grade in grades))


def _sign_in(profile: Path, owner: Owner) -> None:
    """Make a browser's profile that is signed in: headers of Lighthouse's own would not reach a stream of events."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(profile, executable_path=_chromium(), args=FLAGS)
        browser.add_cookies(owner.cookies)  # type: ignore[arg-type]  # they are of its form
        browser.close()


def _pages(owner: Owner) -> dict[str, str]:
    bot, tenant = owner.one("bots"), "/t/demo"
    return {
        "sign-in": "/sign-in/",
        "dashboard": f"{tenant}/",
        "bots": f"{tenant}/bots/",
        "bot": f"{tenant}/bots/{bot['id']}/",
        "datasets": f"{tenant}/datasets/",
        "dataset": f"{tenant}/datasets/{owner.one('datasets')['id']}/",
        "inbox": f"{tenant}/conversations/",
        "conversation": f"{tenant}/conversations/{owner.one('conversations')['id']}/",
        "analytics": f"{tenant}/analytics/",
        "settings": f"{tenant}/settings/",
        "hosted": f"/chat/{bot['public_id']}",
    }


def _installed(tools: Path) -> str:
    program = tools / "node_modules/.bin/lighthouse"
    if not program.exists():
        tools.mkdir(parents=True, exist_ok=True)
        (tools / "package.json").write_text('{"private": true, "type": "module"}\n')
        env = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
        subprocess.run(["npm", "i", "--no-audit", "--no-fund", PACKAGE], cwd=tools, env=env, check=True)
    return str(program)


def _run_again(lighthouse: str, url: str, profile: Path) -> dict[str, Any]:
    """Run Lighthouse until it has a report: on a busy machine it now and then misses its own trace, and says so."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _run(lighthouse, url, profile)
        except NoReportError as error:
            print(f"{error} ({attempt} of {ATTEMPTS})", file=sys.stderr)
    raise SystemExit(f"{url} cannot be graded.")


def _run(lighthouse: str, url: str, profile: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # A copy for each: a browser that is just ending still holds its own, and would leave files in the cache.
        own, report = Path(folder, "profile"), Path(folder, "report.json")
        if profile.exists():
            shutil.copytree(profile, own, symlinks=True, ignore=shutil.ignore_patterns("Singleton*"))
        argv = [lighthouse, url, "--quiet", "--output=json", f"--output-path={report}", "--no-enable-error-reporting"]
        # A page that listens for events never falls silent.
        argv += [f"--only-categories={','.join(CATEGORIES)}", "--max-wait-for-load=20000"]
        argv += [f"--chrome-flags={' '.join(FLAGS)} --user-data-dir={own}"]
        env = {**os.environ, "CHROME_PATH": _chromium()}
        answer = subprocess.run(argv, env=env, check=False, capture_output=True, text=True)
        if answer.returncode:
            raise NoReportError(f"{url}: {answer.stderr.strip()}")
        found: dict[str, Any] = json.loads(report.read_text())
    if error := found.get("runtimeError"):
        raise NoReportError(f"{url}: {error['message']}")
    if found["finalDisplayedUrl"] != url:
        raise SystemExit(f"{url} led to {found['finalDisplayedUrl']}")
    return found


def _chromium() -> str:
    found = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise SystemExit("Chromium or Chrome is not found. Cure: install one, or set CHROMIUM_PATH.")
    return found


def _grade(page: str, runs: list[dict[str, Any]]) -> Grade:
    scores = {name: statistics.median(run["categories"][name]["score"] or 0.0 for run in runs) for name in CATEGORIES}
    weight = statistics.median(run["audits"]["total-byte-weight"]["numericValue"] for run in runs) / 1024
    return Grade(page, scores, weight, tuple(sorted({fault for run in runs for fault in _faults(run)})))


def _faults(run: Mapping[str, Any]) -> list[str]:
    weighed = [ref["id"] for name in CATEGORIES for ref in run["categories"][name]["auditRefs"] if ref["weight"]]
    return [name for name in weighed if (run["audits"][name]["score"] or 0.0) < 0.9 and _counts(run["audits"][name])]


def _counts(audit: Mapping[str, Any]) -> bool:
    return audit["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}


def _keep(folder: Path | None, page: str, runs: list[dict[str, Any]]) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for number, run in enumerate(runs):
            (folder / f"{page}-{number}.json").write_text(json.dumps(run))


def _print(grade: Grade) -> None:
    scores = "".join(f"{grade.scores[name]:12.2f}" for name in CATEGORIES)
    mark = "" if grade.passes else "  MISSED"
    print(f"{grade.page:16}{scores}{grade.weight_kb:8.0f}{mark}  {' '.join(grade.faults)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
