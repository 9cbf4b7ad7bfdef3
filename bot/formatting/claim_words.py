"""Verdicts on claims in words."""

from __future__ import annotations

from bot.formatting import formats
from signals.claims import Figure, Judgment, Share, Verdict
from signals.core.units import Unit


def verdict_line(judgment: Judgment) -> str:
    """`**Not supported**: 42 of 79 times, 53% (95% CI 42–64%), vs 55% on all days`."""
    verdict = _judgment_words(judgment)
    return f"**{_verdict(judgment)}**{f': {verdict}' if verdict else ''}"


def _verdict(judgment: Judgment) -> str:
    if judgment.verdict is Verdict.OPEN and judgment.until is not None:
        return f"Open until {formats.short_day(judgment.until, year=True)}"
    return formats.capitalised(judgment.verdict.value)


def _judgment_words(judgment: Judgment) -> str:
    if judgment.share is not None:
        return _share_words(judgment.share)
    figures = "; ".join(map(_figure, judgment.figures))
    if judgment.reason:
        return f"{judgment.reason}; {figures}" if figures else judgment.reason
    so_far = "so far " if judgment.verdict is Verdict.OPEN and figures else ""
    return so_far + figures


def _share_words(share: Share) -> str:
    base = "" if share.base is None else f", vs {formats.share(100 * share.base)} on all days"
    low, high = f"{100 * share.rate.low:.0f}", f"{100 * share.rate.high:.0f}"
    rate = formats.share(100 * share.rate.value)
    return f"{share.hits} of {share.n} times, {rate} (95% CI {low}–{high}%){base}"


def _figure(figure: Figure) -> str:
    """`S&P 500 +16.4%`, `2 of 7 on closes`, `won in a row on closes: 9 sessions`."""
    if figure.unit is Unit.PERCENT:
        return f"{figure.label} {formats.plain(figure.value, figure.decimals, signed=figure.signed)}%"
    value = formats.number(figure.value, figure.unit, figure.decimals)
    if figure.unit is Unit.SEVEN:
        return f"{value} {figure.label}"
    return f"{figure.label}{'' if figure.unit is Unit.TURNS else ':'} {value}"
