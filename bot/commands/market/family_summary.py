"""The one sentence on top of each family command, computed by fixed rules from its figures.

The levels are those of the catalogue's votes where it has them: breadth 40/60, Magnificent Seven
2/5, rank of tech 4/8, revisions -0.1/0.1, one standard deviation for ratios. A sentence describes
the present; it makes no forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.commands.context import Core
from bot.commands.market.family_layouts import SECTOR_NAMES
from bot.commands.reply import Tone
from bot.formatting import family_verdicts, formats
from bot.formatting.family_verdicts import EVEN_SPREAD
from bot.formatting.family_verdicts import side as _side
from bot.formatting.signal_values import percentile_words
from signals.core.model import Measure

MIDDLE_PERCENTILES = (40.0, 60.0)
"""Lowest and highest percentile that are called the middle of the year."""


@dataclass(frozen=True, slots=True)
class FamilySummary:
    """A sentence that begins with the verdict in bold, and the colour of the verdict."""

    text: str
    tone: Tone = Tone.NEUTRAL


def family_summary(core: Core, family: str) -> FamilySummary | None:
    """The summary of a family; None where a figure that it needs is withheld or not known."""
    return _RULES[family](core)


def value(core: Core, id: str, which: Measure = Measure.VALUE) -> float | None:
    """A measure of a signal's newest reading; None where it is withheld or not known."""
    reading = core.readings.reading(id)
    return None if reading is None else reading.measure(which)


def _text(core: Core, id: str, which: Measure = Measure.VALUE) -> str:
    return formats.measured(value(core, id, which), core.signals[id], which)


def _summary(head: str, *clauses: str, tone: Tone = Tone.NEUTRAL) -> FamilySummary:
    """The verdict and its clauses, between semicolons; the place in a year belongs to the clause before it."""
    text = ""
    for clause in filter(None, clauses):
        text += f"{', ' if clause.startswith(('at the ', 'near the ')) else '; ' if text else ''}{clause}"
    return FamilySummary(f"**{head}:** {text}.", tone)


def rank_clause(core: Core, id: str) -> str:
    """`at the 88th percentile of the past year`; empty where there is no percentile."""
    percentile = value(core, id, Measure.PERCENTILE_1Y)
    if percentile is None:
        return ""
    if MIDDLE_PERCENTILES[0] <= percentile <= MIDDLE_PERCENTILES[1]:
        return "near the middle of the past year"
    return f"at {percentile_words(percentile)} of the past year"


def _ahead(core: Core, id: str, first: str, second: str) -> str:
    """`the rest 8.1 points ahead of tech`, the leader first; empty where the gap is not known."""
    gap = value(core, id)
    if gap is None:
        return ""
    leader, other = (first, second) if gap >= 0 else (second, first)
    decimals = core.signals[id].decimals
    if not round(gap, decimals):
        return f"{first} level with {second}"
    return f"{leader} {formats.plain(abs(gap), decimals)} points ahead of {other}"


def _breadth(core: Core) -> FamilySummary | None:
    name = "breadth.sp500.above_50dma"
    share = value(core, name)
    if share is None:
        return None
    head = family_verdicts.breadth(share).capitalize()
    if value(core, "breadth.sp500.thrust_signal"):
        head += ", and a breadth thrust today"
    return _summary(
        head,
        f"{_text(core, name)} of members above their 50-day average",
        rank_clause(core, name),
        _ahead(core, "breadth.rest_minus_tech", "the rest", "tech"),
        tone=_tone(family_verdicts.breadth_side(share)),
    )


def _tone(side: int) -> Tone:
    return (Tone.CONCENTRATING, Tone.NEUTRAL, Tone.BROADENING)[side + 1]


def _yields(core: Core) -> FamilySummary | None:
    name, curve = "rates.real_10y", "rates.curve_10y2y"
    if value(core, name) is None:
        return None
    moved = value(core, name, Measure.CHANGE_21D)
    clauses = [f"10-year at {_text(core, name)}"]
    if moved is not None:
        clauses[0] += f", {_text(core, name, Measure.CHANGE_21D)} in 21 sessions"
    clauses.append(rank_clause(core, name))
    bent = value(core, curve, Measure.CHANGE_21D)
    if bent is not None:
        way = ("flatter", "little changed", "steeper")[family_verdicts.yields_side(bent) + 1]
        clauses.append(f"the curve {way} at {_text(core, curve)}")
    return _summary(family_verdicts.real_yields(moved or 0.0), *clauses)


def _flows(core: Core) -> FamilySummary | None:
    name = "flows.tech_4w"
    share = value(core, name)
    if share is None:
        return None
    side = family_verdicts.flows_side(share)
    others = {"small caps": "flows.small_4w", "value": "flows.value_4w", "equal weight": "flows.equal_weight_4w"}
    amounts = {word: amount for word, id in others.items() if (amount := value(core, id)) is not None}
    gaining = [word for word, number in amounts.items() if number > 0]
    losing = [word for word, number in amounts.items() if number < 0]
    tone = Tone.NEUTRAL
    if amounts and side:
        against = gaining if side < 0 else losing
        tone = _tone(-side) if 2 * len(against) > len(amounts) else tone
    return _summary(
        ("Money leaves tech funds", "Little money moves in tech funds", "Money enters tech funds")[side + 1],
        f"{_signed(core, name)} of their assets in four weeks",
        rank_clause(core, name),
        f"inflows into {formats.listed(gaining)}" if gaining else "",
        f"outflows from {formats.listed(losing)}" if losing else "",
        tone=tone,
    )


def _signed(core: Core, id: str) -> str:
    text = _text(core, id)
    return text if (value(core, id) or 0) <= 0 or text.startswith("+") else f"+{text}"


_LEADERS = (
    ("equal weight", "weighting.rsp_spy.spread_21d", "in 21 sessions"),
    ("value", "size.value_growth.spread_21d", "in 21 sessions"),
    ("small caps", "size.iwm_spy.ytd_gap", "this year"),
)


def _rotation(core: Core) -> FamilySummary | None:
    leaders = [(word, id, span, gap) for word, id, span in _LEADERS if (gap := value(core, id)) is not None]
    if len(leaders) < 2:
        return None
    sides = {_side(gap, -EVEN_SPREAD, EVEN_SPREAD) for *_, gap in leaders}
    side = sides.pop() if len(sides) == 1 else 0
    by_span: dict[str, list[str]] = {}
    for word, id, span, _ in leaders:
        by_span.setdefault(span, []).append(f"{word} {_text(core, id)}")
    clauses = [f"{formats.listed(moves)} {span}" for span, moves in by_span.items()]
    return _summary(
        ("Back into big tech", "No clear direction", "Out of big tech")[side + 1],
        *clauses,
        _streak(core),
        tone=_tone(side),
    )


def _streak(core: Core) -> str:
    streak = value(core, "size.russell_sp500.streak")
    if not streak:
        return ""
    verb = "ahead of" if streak > 0 else "behind"
    days = formats.counted(abs(round(streak)), "session")
    return f"Russell 2000 {verb} the S&P 500 for {days}" + (" in a row" if abs(streak) > 1 else "")


def _sectors(core: Core) -> FamilySummary | None:
    rank = value(core, "sectors.tech_rank_21d")
    returns = {
        name: percent
        for etf, name in SECTOR_NAMES.items()
        if (percent := value(core, f"sectors.{etf}.return_21d")) is not None
    }
    if rank is None or len(returns) < 2:
        return None
    side = _side(rank, 4, 8)
    best, worst = max(returns, key=returns.__getitem__), min(returns, key=returns.__getitem__)
    return _summary(
        ("Tech leads", "Tech in the middle", "Tech trails")[side + 1],
        f"XLK and XLC rank {formats.plain(rank, 1)} of 11 on average over 21 sessions",
        f"best {best} {_return(returns[best])}",
        f"worst {worst} {_return(returns[worst])}",
        tone=_tone(side),
    )


def _return(percent: float) -> str:
    return f"{formats.plain(percent, 1, signed=True)}%"


def _megacaps(core: Core) -> FamilySummary | None:
    count = value(core, "megacap.count_beating_ytd")
    if count is None:
        return None
    side = _side(count, 2, 5)
    spread = "megacap.spread_21d"
    fell = value(core, "megacap.down_2pct") or 0
    together = _together(core, spread)
    return _summary(
        ("The Magnificent Seven lag", "The Magnificent Seven are split", "The Magnificent Seven lead")[side + 1],
        f"{formats.plain(count, 0)} of 7 ahead of the S&P 500 this year",
        together,
        rank_clause(core, spread) if together else "",
        f"{formats.plain(fell, 0)} of them down 2% or more today" if fell >= 3 else "",
        tone=_tone(-side),
    )


def _together(core: Core, id: str) -> str:
    spread = value(core, id)
    if spread is None:
        return ""
    points = formats.plain(abs(spread), core.signals[id].decimals)
    return f"together {points} points {'ahead of' if spread >= 0 else 'behind'} the S&P 500 in 21 sessions"


def _earnings(core: Core) -> FamilySummary | None:
    name, other_revisions, beats = "earnings.tech_revisions", "earnings.rest_revisions", "earnings.tech_beats"
    revisions = value(core, name)
    if revisions is None:
        return None
    side = _side(revisions, -0.1, 0.1)
    return _summary(
        ("Estimates for tech fall", "Estimates for tech hold", "Estimates for tech rise")[side + 1],
        f"revisions {_signed(core, name)} on a scale from -1 to 1",
        f"the rest {_signed(core, other_revisions)}" if value(core, other_revisions) is not None else "",
        f"{_text(core, beats)} of tech beat estimates" if value(core, beats) is not None else "",
        tone=_tone(side),
    )


def _havens(core: Core) -> FamilySummary | None:
    ratio, spread, vix = "havens.gld_spy.z_252d", "havens.gld_spy.spread_21d", "options.vix"
    z = value(core, ratio)
    if z is None:
        return None
    side, term = _side(z, -1, 1), value(core, "options.vix_term")
    stressed = term is not None and term > 1
    head = ("Safe havens sold", "Safe havens quiet", "Safe havens bid")[side + 1]
    return _summary(
        f"{head}, stress in options" if stressed else head,
        f"{_ahead(core, spread, 'gold', 'the S&P 500')} in 21 sessions" if value(core, spread) is not None else "",
        f"gold/S&P 500 {_deviations(z)}",
        f"VIX {formats.plain(value(core, vix), 1)}" if value(core, vix) is not None else "",
        rank_clause(core, vix),
        tone=Tone.ATTENTION if stressed or side > 0 else Tone.NEUTRAL,
    )


def _deviations(z: float) -> str:
    if abs(z) < 0.05:
        return "at its 1-year mean"
    return f"{formats.plain(abs(z), 1)} standard deviations {'above' if z >= 0 else 'below'} its 1-year mean"


_RULES: Mapping[str, Callable[[Core], FamilySummary | None]] = {
    "breadth": _breadth,
    "yields": _yields,
    "flows": _flows,
    "rotation": _rotation,
    "sectors": _sectors,
    "megacaps": _megacaps,
    "earnings": _earnings,
    "havens": _havens,
}
