"""All tickers of one answer together: what each says of the others decides what is believed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bot.domain.doubt import DoubtRule
from bot.ingest.plausibility import believed_closes, staleness
from bot.ingest.plausibility.ticker_answer import TickerAnswer, TickerVerdict
from bot.ingest.plausibility.twins import Member, View

StoredCloses = Callable[[int], Mapping[str, float]]
"""Gives the archive's closes of a day (ordinal)."""


def judge(
    parts: Sequence[TickerAnswer],
    stored: StoredCloses,
    members: Callable[[], Mapping[str, Member]],
    off: frozenset[DoubtRule] = frozenset(),
    repeated: Mapping[int, frozenset[str]] | None = None,
) -> dict[str, TickerVerdict]:
    """The verdict on each ticker.

    Args:
        parts: The answer, ticker by ticker.
        stored: The archive's closes.
        members: Gives the universe.
        off: Rules that are switched off.
        repeated: Ordinal day -> tickers that are doubted already because an answer repeated their close.
    """
    unchanged = {} if DoubtRule.NO_ANSWER in off else believed_closes.unchanged_by_day(parts)
    no_answer = frozenset(
        day for day, tickers in unchanged.items() if staleness.is_no_answer(tickers, (repeated or {}).get(day, ()))
    )
    verdicts = {part.instrument.ticker: TickerVerdict(np.ones(len(part.rows.days), dtype=bool)) for part in parts}
    flagged = [part for part in parts if believed_closes.needs_judging(part, off, no_answer)]
    if not flagged:
        return verdicts
    claims = {
        part.instrument.ticker: dict(zip(part.rows.days.tolist(), part.rows.closes.tolist(), strict=True))
        for part in parts
    }
    # What is doubted says nothing against others. Whether it is doubted depends on the others in
    # turn, so the first pass takes all that may be for doubted.
    doubted, universe = {part.instrument.ticker for part in flagged}, members()
    for _ in range(2):
        view = View(claims, doubted, stored, universe)
        verdicts |= {part.instrument.ticker: believed_closes.judge(part, view, off, no_answer) for part in flagged}
        doubted = {part.instrument.ticker for part in flagged if verdicts[part.instrument.ticker].doubts}
    return verdicts
