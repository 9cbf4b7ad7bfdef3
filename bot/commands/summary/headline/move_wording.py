"""Verbs for moves, by size in percent: moves of one size always have the same verb."""

from __future__ import annotations

from bot.formatting import formats

_UP = ((5.0, "soared"), (2.5, "surged"), (1.5, "jumped"), (0.3, "rose"), (0.05, "edged up"))
_DOWN = ((7.0, "crashed"), (4.0, "plunged"), (2.5, "sank"), (1.5, "dropped"), (0.3, "fell"), (0.05, "slipped"))


def moved(percent: float, *, another: bool = False) -> str:
    """`rose 0.8%`, `fell another 3.4%`, `closed a touch lower`. `percent` is finite."""
    if abs(percent) < 0.05:
        return _hardly_moved(percent)
    words = _UP if percent > 0 else _DOWN
    verb = next(word for least, word in words if abs(percent) >= least)
    return f"{verb} {'another ' if another else ''}{size(percent)}"


def gained_or_lost(percent: float, *, only: bool = False) -> str:
    """`gained 0.8%`, `lost only 3.4%`: plainer verbs, for the second half of a sentence."""
    if abs(percent) < 0.05:
        return _hardly_moved(percent)
    return f"{'gained' if percent > 0 else 'lost'} {'only ' if only else ''}{size(percent)}"


def _hardly_moved(percent: float) -> str:
    return "was unchanged" if percent == 0 else f"closed a touch {'higher' if percent > 0 else 'lower'}"


def size(percent: float) -> str:
    """`3.4%`, without a sign."""
    return f"{formats.plain(abs(percent), 1)}%"


def points(value: float) -> str:
    """`0.9 points`, without a sign."""
    return f"{formats.plain(abs(value), 1)} points"


def sentiment(value: float) -> int:
    """1 for up, -1 for down, 0 for neither or unknown."""
    return 1 if value > 0 else -1 if value < 0 else 0
