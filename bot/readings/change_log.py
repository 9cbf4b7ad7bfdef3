"""What the operator is told of signals: each once when it is withheld from now on, mostly because its figures are too old."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from bot.readings.state import Snapshot

log = logging.getLogger(__name__)

MOST = 5
"""Signals that one line of the log names."""


def report(before: Snapshot | None, after: Snapshot | None) -> None:
    """Write into the log what a check has changed."""
    for level, sentence in changes(before, after):
        log.log(level, sentence)


def changes(before: Snapshot | None, after: Snapshot | None) -> Iterator[tuple[int, str]]:
    """Level and sentence for the log, by the newest final values of both; nothing after a start, when nothing has changed."""
    if before is None or after is None or not len(before.history) or not len(after.history):
        return
    was, now = _without(before), _without(after)
    if lost := [name for name in now if name not in was]:
        yield logging.WARNING, f"withheld from {after.history.index[-1].date()} on: {_named(after, lost)}"
    if found := [name for name in was if name not in now and name in after.history]:
        yield logging.INFO, f"has a value again: {_listed(found)}"


def _without(snapshot: Snapshot) -> list[str]:
    last = snapshot.history.iloc[-1].to_numpy(dtype=np.float64)
    return [str(name) for name, value in zip(snapshot.history.columns, last, strict=True) if np.isnan(value)]


def _named(snapshot: Snapshot, names: Sequence[str]) -> str:
    reasons = {name: reading.reason for name, reading in snapshot.readings.items() if reading.reason}
    return _listed([f"{name} ({reasons[name]})" if name in reasons else name for name in names])


def _listed(words: Sequence[str]) -> str:
    rest = len(words) - MOST
    return ", ".join(words[:MOST]) + (f" and {rest} more" if rest > 0 else "")
