"""Garbage collection of the long-running process."""

from __future__ import annotations

import gc


def freeze_objects() -> None:
    """Exclude all objects that exist now from garbage collection, for as long as the process lives.

    Scanning them, as the collector does every few minutes, would block the event loop for a tenth
    of a second.
    """
    gc.collect()
    gc.freeze()
