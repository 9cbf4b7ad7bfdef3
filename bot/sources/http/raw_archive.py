"""Answers as they came, compressed and kept for a month, so that a figure can be traced to the bytes that it was read from.

A folder per day (UTC), in it one per host, and an index. `zcat 2026-10-06/cdn.cboe.com/213000-VIX_History.csv-200-1f0c9e2a77.gz`
shows what was sent; its line in `2026-10-06/index.jsonl` says when it was asked for, under which address, and how it was
answered. What is no good is kept as well: errors and web pages are what an audit looks for. Keys and crumbs are neither in
addresses nor in bodies, and whatever carries cookies is never given to this module.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import re
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
MOST_BYTES = 2_000_000_000
"""Of all answers together, packed; beyond it the oldest days go first. A usual month takes about a quarter of it."""
INDEX = "index.jsonl"

BLOCK = 4096
"""Bytes that the smallest file takes on a disk."""
HIDDEN = "hidden"
_SECRET = frozenset({"api_key", "crumb"})
_ODD = re.compile(r"[^A-Za-z0-9._^=-]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class RawArchive:
    """Keeps answers under `folder`, which is made at the first of them. For worker threads; nothing that goes wrong gets out.

    A body that came before on the same day is stored once and stands in the index twice. `secrets` are words that are hidden
    wherever they stand.
    """

    def __init__(self, folder: Path, *, secrets: Iterable[str | None] = (), most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._secrets = tuple(secret for secret in secrets if secret)
        self._lock = threading.Lock()
        self._day = ""
        self._full = False
        self._stored: dict[bytes, str] = {}
        self._bytes = 0
        self._trouble: str | None = None

    def keep(self, url: str, params: Mapping[str, Any] | None, status: int, content: bytes, at: datetime) -> None:
        """Store what a request of the fetch begun at `at` was answered with. A folder that cannot be written to costs only the
        copy, and is said once."""
        with self._lock:
            try:
                self._keep(_address(url, params, self._secrets), status, content, at.astimezone(UTC))
            except OSError as error:
                self._say(f"answers are not kept, their folder cannot be written to ({error.strerror})")

    def purge(self, today: date) -> None:
        """Delete the days that are older than a month, and the oldest ones while all are too large together; the first answer
        of a day does so as well."""
        with self._lock:
            try:
                self._bytes = self._purged(_oldest(today))
            except OSError as error:
                self._say(f"old answers cannot be deleted ({error.strerror})")

    def _keep(self, address: _Address, status: int, content: bytes, at: datetime) -> None:
        day = f"{at:%Y-%m-%d}"
        if day != self._day:
            self._day, self._full = day, False
            self._stored.clear()
            self._bytes = self._purged(_oldest(at.date()))
        if self._full:
            return
        for secret in address.secrets:
            content = content.replace(secret.encode(), HIDDEN.encode())
        digest = hashlib.sha256(content).digest()
        name = self._stored.get(digest)
        if name is None or not (self._folder / day / name).exists():
            name = f"{address.host}/{at:%H%M%S}-{address.last}-{status}-{digest.hex()[:10]}.gz"
            packed = gzip.compress(content, compresslevel=6, mtime=0)
            if not self._has_room(_on_disk(len(packed)), day):
                return
            _write(self._folder / day / name, packed)
            self._stored[digest] = name
        line = {
            "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "status": status,
            "bytes": len(content),
            "url": address.shown,
            "file": name,
        }
        self._append(self._folder / day / INDEX, line)
        self._trouble = None

    def _has_room(self, size: int, day: str) -> bool:
        """Book `size` bytes, on cost of the oldest days if need be; a day that takes all the room is not kept any further."""
        if self._bytes + size > self._most_bytes:
            self._bytes = self._purged("", room=size, spared=day)
        self._full = self._bytes + size > self._most_bytes
        if self._full:
            self._say(f"answers are not kept any more today, they take {self._most_bytes / 1e9:g} GB")
            return False
        self._bytes += size
        return True

    def _append(self, path: Path, line: dict[str, object]) -> None:
        # One write to the end of the file: a kill leaves whole lines.
        with path.open("ab", buffering=0) as index:
            index.write((json.dumps(line) + "\n").encode())

    def _purged(self, oldest: str, *, room: int = 0, spared: str = "") -> int:
        """Delete the days before `oldest`, then from the oldest on until `room` more bytes fit; returns the bytes left."""
        sizes = {path: _size(path) for path in self._days()}
        for path in list(sizes):
            full = sum(sizes.values()) + room > self._most_bytes and path.name != spared
            if path.name < oldest or full:
                shutil.rmtree(path)
                del sizes[path]
        return sum(sizes.values())

    def _days(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if _DAY.fullmatch(path.name) and path.is_dir())

    def _say(self, sentence: str) -> None:
        if sentence != self._trouble:
            self._trouble = sentence
            log.warning("%s", sentence)


@dataclass(frozen=True, slots=True)
class _Address:
    """Where an answer came from: `last` part of its path for a file's name, `shown` without `secrets`."""

    host: str
    last: str
    shown: str
    secrets: tuple[str, ...]


def _address(url: str, params: Mapping[str, Any] | None, secrets: tuple[str, ...]) -> _Address:
    parts = urlsplit(url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        *((name, str(each)) for name, each in (params or {}).items()),
    ]
    told = (value for name, value in query if name.lower() in _SECRET and value)
    shown = urlencode([(name, HIDDEN if name.lower() in _SECRET else value) for name, value in query], safe=",:/^=")
    whole = f"{parts.hostname}{parts.path}" + (f"?{shown}" if shown else "")
    for secret in secrets:
        whole = whole.replace(secret, HIDDEN)
    last = _ODD.sub("_", parts.path.rstrip("/").rpartition("/")[2])[-60:].lstrip(".") or "root"
    return _Address(parts.hostname or "unknown", last, whole, (*secrets, *told))


def _oldest(today: date) -> str:
    """The name of the oldest day that is kept."""
    return f"{today - KEPT:%Y-%m-%d}"


def _write(path: Path, packed: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(packed)
    draft.replace(path)


def _size(folder: Path) -> int:
    files = (Path(root, name) for root, _, names in os.walk(folder) for name in names)
    return sum(_on_disk(path.stat().st_size) for path in files)


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
