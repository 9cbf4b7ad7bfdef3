"""Doubts in words: what a source gave that is not believed, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.context import SOURCES, Core
from bot.domain.doubt import Doubt, DoubtKind
from bot.formatting import formats

_NAMES = 4
_LINES = 4
_KINDS = {DoubtKind.ADJUSTED: " adjusted closes", DoubtKind.FUNDS: " fund figures", DoubtKind.OPTIONS: " options"}


def count_words(core: Core) -> str:
    """`2 figures doubted (SPY, VIX)`; empty where nothing is doubted."""
    doubts = [stored.doubt for stored in core.ingest.doubts]
    if not doubts:
        return ""
    return f"{formats.counted(len(doubts), 'figure')} doubted ({_subjects(doubts)})"


def lines(core: Core) -> list[str]:
    """A line for each reason, the newest day first: the figures, their source and why they are not believed."""
    by_reason: dict[tuple[object, ...], list[Doubt]] = {}
    newest_first = sorted((stored.doubt for stored in core.ingest.doubts), key=lambda doubt: doubt.day, reverse=True)
    for doubt in newest_first:
        # Of a whole answer that is stale each ticker has a doubt of its own; they are told together.
        by_reason.setdefault((doubt.rule, doubt.day, doubt.source), []).append(doubt)
    shown = [_line(core, group) for group in list(by_reason.values())[:_LINES]]
    left_out = len(by_reason) - _LINES
    return [*shown, f"And {left_out} more; the operator sees all."] if left_out > 0 else shown


def _line(core: Core, doubts: Sequence[Doubt]) -> str:
    first = doubts[0]
    source = SOURCES.get(first.source, first.source.capitalize())
    day = formats.day(first.day, today=core.today())
    reason = first.sentence if len(doubts) == 1 else f"for one, {first.sentence}"
    return f"**{_subjects(doubts)}**{_KINDS.get(first.kind, '')} of {day} ({source}): {reason}."


def _subjects(doubts: Sequence[Doubt]) -> str:
    names = list(dict.fromkeys(doubt.subject for doubt in doubts))
    left_out = len(names) - _NAMES
    return formats.listed([*names[:_NAMES], f"{left_out} others"] if left_out > 1 else names)
