"""The last good list of each group, kept on disk so that one bad answer after a restart does not empty a group."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from bot.sources.index_members.parse_lists import Member

log = logging.getLogger(__name__)


def load(folder: Path, group: str) -> tuple[date, list[Member]] | None:
    """The list of `group` and the day it was taken, or None when there is none that can be read."""
    try:
        body = json.loads(_path(folder, group).read_text("utf-8"))
        return date.fromisoformat(body["day"]), [Member(**entry) for entry in body["members"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the kept list of %s cannot be read (%s)", group, type(error).__name__)
        return None


def save(folder: Path, group: str, day: date, members: Sequence[Member]) -> None:
    """Replace the list of `group`. A folder that cannot be written to costs only the memory."""
    body = {"day": day.isoformat(), "members": [asdict(member) for member in members]}
    path = _path(folder, group)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(body), "utf-8")
        draft.replace(path)
    except OSError as error:
        log.warning("the list of %s cannot be kept (%s)", group, error.strerror)


def _path(folder: Path, group: str) -> Path:
    return folder / f"members-{group}.json"
