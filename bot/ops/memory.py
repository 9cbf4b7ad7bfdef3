"""How the process treats its memory."""

from __future__ import annotations

import gc


def freeze_objects() -> None:
    """Take what has been imported and made so far out of the collector's sight, for as long as the process lives.

    To look through all of it, as the collector does every few minutes, would hold up the event loop for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
