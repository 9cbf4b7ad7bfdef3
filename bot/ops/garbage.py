"""Garbage collection of a program that imports a great deal and then runs for long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Collect no garbage during the block, and never look for it in what the block has made.

    The collector would walk again and again over modules and classes that stay, a fifth of the time that they take to
    import.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def freeze_objects() -> None:
    """Exclude all objects that exist now from garbage collection, for as long as the process lives.

    Scanning them, as the collector does every few minutes, would block the event loop for a tenth
    of a second.
    """
    gc.collect()
    gc.freeze()
