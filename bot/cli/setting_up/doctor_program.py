"""What `rotation-bot doctor` looks at in the program itself: Python, libraries, calendars."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from importlib.util import find_spec

from packaging.requirements import Requirement

from bot.archive import Archive, dataset_status
from bot.calendar.clock import SystemClock
from bot.cli.setting_up.finding import Finding
from bot.database import DatabaseError, sqlite_version
from bot.errors import UserError
from bot.settings.paths import Home

PROGRAM = "rotation-bot"
_SHOWN = ("discord.py", "yfinance", "pandas", "exchange_calendars")
_OLD_ZONES_YEARS = 1
_PLANS = {"meetings": "decisions of the Fed", "releases": "releases of jobs and prices"}


def program(_: Home) -> Iterator[Finding]:
    """Python, SQLite, and whether every library has a version that the program works with."""
    yield Finding(True, f"Python {sys.version.split()[0]}, SQLite {sqlite_version}")
    try:
        required = metadata.requires(PROGRAM) or []
    except metadata.PackageNotFoundError:
        yield Finding(None, "the program is not installed as a package, so versions of its libraries are not compared")
        return
    wrong = [problem for text in required if (problem := mismatch(text)) is not None]
    yield from (Finding(False, problem) for problem in wrong)
    if not wrong:
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in _SHOWN)
        yield Finding(True, f"libraries have the versions that the program works with ({versions})")
    if find_spec("simcord") is None:
        yield Finding(None, "the demo is not installed (extra packages rotation-bot[demo])")


def mismatch(requirement: str) -> str | None:
    """What is wrong with an installed library; None where nothing is, and for libraries of extras."""
    required = Requirement(requirement)
    if required.marker is not None and not required.marker.evaluate({"extra": ""}):
        return None
    try:
        installed = metadata.version(required.name)
    except metadata.PackageNotFoundError:
        return f"the library {required.name} is not installed; `make venv-run` installs it"
    if required.specifier.contains(installed, prereleases=True):
        return None
    return f"{required.name} {installed} is installed, wanted: {required.specifier}; `make venv-run` installs what the lock names"


def calendars(home: Home) -> Iterator[Finding]:
    """How far the calendars reach that the program goes by."""
    today = SystemClock().now().date()
    zones = metadata.version("tzdata")
    old = int(zones.split(".")[0]) < today.year - _OLD_ZONES_YEARS
    yield Finding(
        None if old else True,
        f"time zones of tzdata {zones}, sessions of exchange_calendars {metadata.version('exchange_calendars')}"
        + ("; zones that changed since are wrong until the program is upgraded" if old else ""),
    )
    yield from (_plan(_PLANS[name], last, today) for name, last in sorted(_ends(home).items()))


def _plan(what: str, last: date, today: date) -> Finding:
    if last >= today:
        return Finding(True, f"days of {what} are known up to {last}")
    return Finding(None, f"days of {what} are known up to {last} only; a running bot fetches later ones")


def _ends(home: Home) -> dict[str, date]:
    """The last day of each plan that the archive has."""
    if not home.market.exists():
        return {}
    try:
        with Archive.open(home.market, read_only=True) as archive:
            lines = dataset_status.status(archive)
    except (UserError, DatabaseError):
        return {}
    known = [(line.name, line.last) for line in lines if line.name in _PLANS and line.last is not None]
    return {name: max(last for other, last in known if other == name) for name, _ in known}
