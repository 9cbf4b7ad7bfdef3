"""The last good list of each group, stored on disk so that one bad response after a restart does not empty a group."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from bot.sources.index_members.parse_lists import ListedMember

log = logging.getLogger(__name__)


def load(folder: Path, group: str) -> tuple[date, list[ListedMember]] | None:
    """The list of `group` and the day it was fetched, or None when there is none that can be read."""
    try:
        body = json.loads(path(folder, group).read_text("utf-8"))
        return date.fromisoformat(body["day"]), [ListedMember(**entry) for entry in body["members"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the kept list of %s cannot be read (%s)", group, type(error).__name__)
        return None


def save(folder: Path, group: str, day: date, members: Sequence[ListedMember]) -> None:
    """Replace the list of `group`. If the folder cannot be written to, a warning is logged."""
    body = {"day": day.isoformat(), "members": [asdict(member) for member in members]}
    kept = path(folder, group)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_suffix(".new")
        temporary.write_text(json.dumps(body), "utf-8")
        temporary.replace(kept)
    except OSError as error:
        log.warning("the list of %s cannot be kept (%s)", group, error.strerror)


def path(folder: Path, group: str) -> Path:
    """The file in which the list of a group is kept."""
    return folder / f"members-{group}.json"
