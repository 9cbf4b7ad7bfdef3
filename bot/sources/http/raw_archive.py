"""Raw archive: responses as received, compressed and kept for a month, so that figures can be traced to their bytes.

There is a folder per day (UTC), in it one per host, and an index.
`zcat 2026-10-06/cdn.cboe.com/213000-VIX_History.csv-200-1f0c9e2a77.gz` shows what was sent; its line
in `2026-10-06/index.jsonl` has the time of the request, its address and the status of the response.
Unusable responses are kept as well: an audit looks for errors and web pages. Keys and crumbs are
removed from addresses and bodies, and responses with cookies are never passed to this module.
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
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

log = logging.getLogger(__name__)

RETENTION = timedelta(days=30)
MOST_BYTES = 2_000_000_000
"""Of all responses together, packed; beyond it the oldest days are deleted.

A usual month takes about a quarter of it.
"""
INDEX = "index.jsonl"

BLOCK = 4096
"""Bytes that the smallest file takes on a disk."""
HIDDEN = "hidden"
_SECRET = frozenset({"api_key", "crumb"})
_ODD = re.compile(r"[^A-Za-z0-9._^=-]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class KeepsAnswers(Protocol):
    """What the clients hand every complete response to."""

    def keep(self, url: str, params: Mapping[str, Any] | None, status: int, content: bytes, at: datetime) -> None:
        """Keep the response to a request of the fetch begun at `at`."""


class RawArchive:
    """Stores responses under `folder`, which is created for the first of them.

    It is used by worker threads and raises no exception: a failure is logged. A body that came
    before on the same day is stored once and listed in the index twice. `secrets` are words that
    are replaced wherever they occur.
    """

    def __init__(self, folder: Path, *, secrets: Iterable[str | None] = (), most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._secrets = tuple(secret for secret in secrets if secret)
        self._lock = threading.Lock()
        self._day = ""
        self._full = False
        self._stored: dict[bytes, str] = {}
        self._bytes = 0
        self._last_warning: str | None = None

    def keep(self, url: str, params: Mapping[str, Any] | None, status: int, content: bytes, at: datetime) -> None:
        """Store the response to a request of the fetch begun at `at`.

        If the folder cannot be written to, the copy is lost and one warning is logged.
        """
        with self._lock:
            try:
                self._keep(_address(url, params, self._secrets), status, content, at.astimezone(UTC))
            except OSError as error:
                self._warn_once(f"answers are not kept, their folder cannot be written to ({error.strerror})")

    def purge(self, today: date) -> None:
        """Delete the days that are older than a month, and the oldest ones while all are too large together.

        The first response of a day does so as well.
        """
        with self._lock:
            try:
                self._bytes = self._purged(_oldest(today))
            except OSError as error:
                self._warn_once(f"old answers cannot be deleted ({error.strerror})")

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
        self._last_warning = None

    def _has_room(self, size: int, day: str) -> bool:
        """Reserve `size` bytes, deleting the oldest days if necessary.

        No more is stored on a day that fills all of it.
        """
        if self._bytes + size > self._most_bytes:
            self._bytes = self._purged("", room=size, spared=day)
        self._full = self._bytes + size > self._most_bytes
        if self._full:
            self._warn_once(f"answers are not kept any more today, they take {self._most_bytes / 1e9:g} GB")
            return False
        self._bytes += size
        return True

    def _append(self, path: Path, line: dict[str, object]) -> None:
        # One unbuffered write appends the whole line, so that a killed process leaves no partial
        # one.
        with path.open("ab", buffering=0) as index:
            index.write((json.dumps(line) + "\n").encode())

    def _purged(self, oldest: str, *, room: int = 0, spared: str = "") -> int:
        """Delete the days before `oldest`, then from the oldest on until `room` more bytes fit.

        Returns the bytes left.
        """
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

    def _warn_once(self, sentence: str) -> None:
        if sentence != self._last_warning:
            self._last_warning = sentence
            log.warning("%s", sentence)


@dataclass(frozen=True, slots=True)
class _Address:
    """The address of a response: `last` part of its path for a file's name, `shown` without `secrets`."""

    host: str
    last: str
    shown: str
    secrets: tuple[str, ...]


def _address(url: str, params: Mapping[str, Any] | None, secrets: tuple[str, ...]) -> _Address:
    parts = urlsplit(url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        *((name, str(value)) for name, value in (params or {}).items()),
    ]
    hidden = (value for name, value in query if name.lower() in _SECRET and value)
    shown = urlencode([(name, HIDDEN if name.lower() in _SECRET else value) for name, value in query], safe=",:/^=")
    address = f"{parts.hostname}{parts.path}" + (f"?{shown}" if shown else "")
    for secret in secrets:
        address = address.replace(secret, HIDDEN)
    last = _ODD.sub("_", parts.path.rstrip("/").rpartition("/")[2])[-60:].lstrip(".") or "root"
    return _Address(parts.hostname or "unknown", last, address, (*secrets, *hidden))


def _oldest(today: date) -> str:
    """The name of the oldest day that is kept."""
    return f"{today - RETENTION:%Y-%m-%d}"


def _write(path: Path, packed: bytes) -> None:
    """Write a file completely or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(packed)
    temporary.replace(path)


def _size(folder: Path) -> int:
    files = (Path(root, name) for root, _, names in os.walk(folder) for name in names)
    return sum(_on_disk(path.stat().st_size) for path in files)


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
