"""Which daily copies of bot.db are kept: those of seven days, then the last of each of four weeks.

A copy that holds much more than the newest is not deleted or replaced, however old it is: what people set
up may have been lost in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bot.database.recovery.copies import Contents

DAYS, WEEKS = 7, 4

_NAME = re.compile(r"bot-(\d{4}-\d\d-\d\d)(?:-(\d+))?\.db")


def copies_in(folder: Path) -> list[Path]:
    """The daily copies in a folder, oldest first."""
    dated = ((day_of(path), path) for path in folder.glob("bot-*.db"))
    return [path for _, path in sorted((day, path) for day, path in dated if day is not None)]


def day_of(path: Path) -> date | None:
    """The day of a daily copy by its name; None for any other file."""
    match = _NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def target(day: date, contents: Contents, existing: Mapping[Path, Contents | None], folder: Path) -> Path:
    """Where the copy of a day belongs: it replaces the day's older one, unless that holds far more."""
    path, number = folder / f"bot-{day}.db", 1
    while (older := existing.get(path)) is not None and older.lost_in(contents):
        number += 1
        path = folder / f"bot-{day}-{number}.db"
    return path


def expired(existing: Mapping[Path, Contents | None], newest: Contents) -> list[Path]:
    """The copies that may be deleted, oldest first.

    Args:
        existing: The daily copies with what they hold, None for one that cannot be read.
        newest: What the newest copy holds.
    """
    last_of_day = {day: path for path in sorted(existing) if (day := day_of(path)) is not None}
    days = sorted(last_of_day, reverse=True)
    kept = set(days[:DAYS])
    weeks: dict[tuple[int, int], date] = {}
    for day in days[DAYS:]:
        weeks.setdefault(day.isocalendar()[:2], day)
    covered = {day.isocalendar()[:2] for day in kept}
    kept.update([day for week, day in weeks.items() if week not in covered][:WEEKS])
    return [
        path
        for path in sorted(existing)
        if (day := day_of(path)) is not None
        and not (day in kept and path == last_of_day[day])
        and not ((held := existing[path]) is not None and held.lost_in(newest))
    ]
