"""Log lines about signals that become withheld, or have a value again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from bot.readings.state import Snapshot

log = logging.getLogger(__name__)

MOST = 5
"""How many signals one line of the log names."""


def report(before: Snapshot | None, after: Snapshot | None) -> None:
    """Log which signals a check has changed."""
    for level, sentence in changes(before, after):
        log.log(level, sentence)


def changes(before: Snapshot | None, after: Snapshot | None) -> Iterator[tuple[int, str]]:
    """Level and message for the log, by the newest final values of both snapshots.

    Nothing for the first snapshot.
    """
    if before is None or after is None or not len(before.history) or not len(after.history):
        return
    withheld_before, withheld_now = _withheld(before), _withheld(after)
    if lost := [signal for signal in withheld_now if signal not in withheld_before]:
        newest = after.history.index[-1].date()
        yield logging.WARNING, f"{_are(lost)} withheld from {newest} on: {_with_reasons(after, lost)}"
    if back := [signal for signal in withheld_before if signal not in withheld_now and signal in after.history]:
        yield logging.INFO, f"{_are(back)} no longer withheld: {_listed(back)}"


def _withheld(snapshot: Snapshot) -> list[str]:
    newest = snapshot.history.iloc[-1].to_numpy(dtype=np.float64)
    return [str(signal) for signal, value in zip(snapshot.history.columns, newest, strict=True) if np.isnan(value)]


def _with_reasons(snapshot: Snapshot, signals: Sequence[str]) -> str:
    reasons = {signal: reading.reason for signal, reading in snapshot.readings.items() if reading.reason}
    return _listed([f"{signal} ({reasons[signal]})" if signal in reasons else signal for signal in signals])


def _are(signals: Sequence[str]) -> str:
    return f"{len(signals)} signals are" if len(signals) > 1 else "1 signal is"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - MOST
    return ", ".join(texts[:MOST]) + (f" and {more} more" if more > 0 else "")
