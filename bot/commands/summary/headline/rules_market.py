"""Headline rules for the market as a whole: moves, records, corrections, runs, ends of periods.

Each rule returns a candidate, or None where it has nothing to report. The rules are deterministic.
"""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

from bot.calendar.session_context import Period
from bot.commands.summary.headline.facts import HeadlineCandidate, SessionFacts
from bot.commands.summary.headline.index_moves import NASDAQ, SP500, IndexMove, period_change, period_closes, run_length
from bot.commands.summary.headline.move_wording import gained_or_lost, moved, sentiment, size
from bot.commands.summary.headline.rarity import long_day, new_extreme
from bot.formatting import formats, numerals
from signals.core.rolling import YEAR

RECORD_FLOOR = 1527.46
"""The S&P 500's highest close before 2005 (March 24, 2000).

A history that begins later proves a record only above this level.
"""

VIX = "options.vix"
LONG_YIELD = "rates.nominal_10y"
FED, FED_LOWER = "rates.fed_upper", "rates.fed_lower"

_FALLS = ((20.0, "a bear market"), (10.0, "a correction"))
_BIG_PERCENT = 1.5
_RUN = 5
MILESTONES = frozenset({5, 8, 10, *range(15, 100, 5)})
"""Lengths of a run in days that are worth a lead; other lengths are only an aside or a tail."""
_QUIET_PERCENT = 0.3
_ELEVATED_VIX = 16.0
_MONTHS_NOTABLE = 6


def index_move(facts: SessionFacts) -> HeadlineCandidate | None:
    """The move of the S&P 500; the larger and rarer, the more important."""
    move = facts.move(SP500)
    if move is None:
        return None
    again = min(abs(move.percent), abs(move.before)) >= _BIG_PERCENT and move.percent * move.before > 0
    sentence = f"the S&P 500 {moved(move.percent, another=again)}"
    rarity = move.since.rarity if abs(move.percent) >= 1 else 0.0
    height = max(rarity, 1.5 + 2.2 * abs(move.percent)) + (2.0 if facts.decided else 0.0)
    tail = f"the S&P 500 {gained_or_lost(move.percent)}"
    return HeadlineCandidate(
        height, formats.capitalised(sentence) + "{when}", _index_aside(move), tail, sentiment=sentiment(move.percent)
    )


def _index_aside(move: IndexMove) -> str:
    if abs(move.percent) >= 0.8 and move.since.words:
        return f"its {'worst' if move.percent < 0 else 'best'} day {move.since.words}"
    if move.percent * move.before < 0 and min(abs(move.percent), abs(move.before)) >= _BIG_PERCENT:
        return f"a day after it {moved(move.before)}"
    if abs(move.run) >= _RUN:
        return f"its {numerals.ordinal(abs(move.run))} {'gain' if move.run > 0 else 'fall'} in a row"
    if abs(move.run_before) >= _RUN:
        return f"ending a run of {numerals.numeral(abs(move.run_before))} {'gains' if move.run_before > 0 else 'falls'}"
    return ""


def run_of_days(facts: SessionFacts) -> HeadlineCandidate | None:
    """A long run of gains or falls that goes on or ends, even on a day with a small move."""
    move = facts.move(SP500)
    if move is None:
        return None
    goes_on, ended = abs(move.run) in MILESTONES, move.run * move.run_before <= 0 and abs(move.run_before) >= _RUN
    if not goes_on and not ended:
        return None
    aside, length = _index_aside(move), max(abs(move.run), abs(move.run_before))
    return HeadlineCandidate(
        0.5 + 0.8 * length, f"The S&P 500 {moved(move.percent)}{{when}}", aside, sentiment=sentiment(move.percent)
    )


def nasdaq_move(facts: SessionFacts) -> HeadlineCandidate | None:
    """The move of the Nasdaq where it differs much from that of the S&P 500."""
    move, other = facts.move(NASDAQ), facts.percent(SP500)
    if move is None or not abs(move.percent - other) >= max(0.5, 0.2 * abs(other)):
        return None
    rarity = move.since.rarity if abs(move.percent) >= 1.2 else 0.0
    aside = (
        f"its {'worst' if move.percent < 0 else 'best'} day {move.since.words}" if move.since.words and rarity else ""
    )
    lead, tail = f"The Nasdaq {moved(move.percent)}{{when}}", f"the Nasdaq {gained_or_lost(move.percent)}"
    return HeadlineCandidate(
        max(rarity, 1.0 + 1.5 * abs(move.percent)), lead, aside, tail, sentiment=sentiment(move.percent)
    )


def record(facts: SessionFacts) -> HeadlineCandidate | None:
    """A record close.

    Where the history is too short to prove one, the highest close in so many years.
    """
    move = facts.move(SP500)
    if move is None or move.peak is None or not move.high < 0:
        return None
    closes = facts.closes[SP500].dropna()
    sentence = f"the S&P 500 {moved(move.percent)}{{when}} to "
    gap = int((closes.index > pd.Timestamp(move.peak)).sum())
    height = max(5.5, math.log2(gap) + 1.5) if gap > 20 else 4.2
    years = numerals.numeral(max(1, len(closes) // YEAR))
    if closes.iloc[-1] <= RECORD_FLOOR:
        what = f"its highest close in at least {years} year{'s' if years != 'one' else ''}"
    elif gap > 20:
        what = f"its first record since {long_day(move.peak, facts.session)}"
    else:
        what = f"its {numerals.ordinal(_records_of_year(closes, facts.session.year))} record of the year"
    sentence += what
    return HeadlineCandidate(height, formats.capitalised(sentence), tail=sentence.replace("{when}", ""), sentiment=1)


def _records_of_year(closes: pd.Series, year: int) -> int:
    highest = closes.cummax()
    new = (closes == highest) & (highest > highest.shift())
    return int(new[pd.DatetimeIndex(closes.index).year == year].sum())


def fall_from_high(facts: SessionFacts) -> HeadlineCandidate | None:
    """The first close 10% or 20% below the highest one."""
    move, plain_move = facts.move(SP500), index_move(facts)
    if move is None or plain_move is None or move.peak is None or not move.high > 0:
        return None
    closes = facts.closes[SP500].loc[pd.Timestamp(move.peak) :].iloc[:-1]
    deepest = float(100 * (1 - closes.min() / closes.iloc[0]))
    for depth, name in _FALLS:
        if deepest < depth <= move.high:
            top = "record" if closes.iloc[0] > RECORD_FLOOR else "high"
            aside = f"{size(move.high)} below its {top} of {long_day(move.peak, facts.session)}"
            return HeadlineCandidate(
                max(9.0, plain_move.size + 1.0), f"{plain_move.lead} into {name}", aside, sentiment=-1
            )
    return None


def still_below(facts: SessionFacts) -> HeadlineCandidate | None:
    """Distance from the high on a strong day within a correction; only ever a tail."""
    move = facts.move(SP500)
    if move is None or not (move.high >= _FALLS[1][0] and move.percent >= _BIG_PERCENT):
        return None
    return HeadlineCandidate(4.0, tail=f"the S&P 500 is still {size(move.high)} below its high", sentiment=-1)


def end_of_period(facts: SessionFacts) -> HeadlineCandidate | None:
    """The change over a year, quarter, month or week, on its last session."""
    period = facts.session_context.ends
    move = facts.move(SP500)
    if period is None or move is None:
        return None
    closes = facts.closes[SP500]
    change, last = period_change(closes, _period_numbers(closes.index, period))
    if not math.isfinite(change):
        return None
    up = change > 0
    ended = f"{size(change)} {'higher' if up else 'lower'}"
    day_words = f"The S&P 500 {moved(move.percent)}"
    if period is Period.YEAR:
        sentence = f"{day_words} on the last day of {facts.session.year} and ended the year {ended}"
        return HeadlineCandidate(9.0, sentence, _years_in_a_row(closes), sentiment=sentiment(change), alone=True)
    superlative = ""
    if last.day is not None and last.sessions > _MONTHS_NOTABLE and abs(change) >= 3:
        superlative = (
            f"its {'best' if up else 'worst'} {period.value} since {_period_name(last.day, period, facts.session)}"
        )
    small = 3.0 if period is Period.WEEK else 1.0
    if abs(change) < small:
        return None
    height = {Period.WEEK: 1.2, Period.MONTH: 3.0, Period.QUARTER: 4.0}[period] + 0.45 * abs(change)
    lead = f"{day_words}{{when}} to end the {period.value} {ended}" if superlative else ""
    return HeadlineCandidate(
        height,
        lead,
        aside=superlative,
        tail=f"the S&P 500 ended the {period.value} {ended}",
        sentiment=sentiment(change),
    )


def _years_in_a_row(closes: pd.Series) -> str:
    """`its third gain in a row`, counting calendar years.

    Empty for the first, or while two years are not known.
    """
    run = run_length(period_closes(closes, _period_numbers(closes.index, Period.YEAR)).pct_change(fill_method=None))
    if abs(run) < 2:
        return ""
    return f"its {numerals.ordinal(abs(run))} yearly {'gain' if run > 0 else 'loss'} in a row"


def _period_name(day: date, period: Period, session: date) -> str:
    """Name of a period by its last day: `March 24`, `March 2020`, `the first quarter of 2020`."""
    if period is Period.QUARTER:
        return f"the {numerals.ordinal((day.month + 2) // 3)} quarter of {day.year}"
    return f"{day:%B %Y}" if period is Period.MONTH else long_day(day, session)


def _period_numbers(days: pd.Index, period: Period) -> list[int]:
    """For each session the number of the calendar period that it belongs to."""
    index = pd.DatetimeIndex(days)
    months = 12 * index.year + index.month - 1
    # Day 0 of the epoch was a Thursday: three days more make Mondays divisible by 7.
    weeks = (index.to_numpy().astype("datetime64[D]").astype(int) + 3) // 7
    numbers_by_period = {
        Period.WEEK: pd.Index(weeks),
        Period.MONTH: months,
        Period.QUARTER: months // 3,
        Period.YEAR: index.year,
    }
    numbers: list[int] = numbers_by_period[period].tolist()
    return numbers


def quiet_day(facts: SessionFacts) -> HeadlineCandidate | None:
    """A move of the S&P 500 of less than 0.3%."""
    percent = facts.percent(SP500)
    if not abs(percent) < _QUIET_PERCENT:
        return None
    vix = facts.now(VIX)
    aside = f"with the VIX at {formats.plain(vix, 1)}" if vix < 13 else ""
    return HeadlineCandidate(2.0, f"A quiet day: the S&P 500 {moved(percent)}{{when}}", aside=aside)


def vix_move(facts: SessionFacts) -> HeadlineCandidate | None:
    """The VIX: a jump or a fall of 15% or more, or its lowest value in at least 120 sessions."""
    now, before = facts.now(VIX), facts.before(VIX)
    if not (math.isfinite(now) and before > 0):
        return None
    jump, level = now / before - 1, formats.plain(now, 1)
    if jump >= 0.15 and now >= _ELEVATED_VIX:
        high = facts.since(VIX, lowest=False)
        aside = f"its highest {high.words}" if high.words else ""
        jump_words = f"the VIX jumped to {level}"
        return HeadlineCandidate(
            max(3.0 + 6 * jump, high.rarity if now > 20 else 0.0),
            formats.capitalised(f"{jump_words} from {formats.plain(before, 1)}"),
            aside,
            jump_words,
            -1,
        )
    if jump <= -0.15 and before >= _ELEVATED_VIX:
        return HeadlineCandidate(
            3.0 - 6 * jump,
            f"The VIX fell to {level} from {formats.plain(before, 1)}",
            tail=f"the VIX fell to {level}",
            sentiment=1,
        )
    if low := new_extreme(facts.values(VIX), lowest=True, sessions=120):
        return HeadlineCandidate(
            low.rarity - 2, f"The VIX slipped to {level}", f"its lowest {low.words}", f"the VIX slipped to {level}", 1
        )
    return None


def policy_rate(facts: SessionFacts) -> HeadlineCandidate | None:
    """A new target range of the Fed, with the market's reaction.

    The new range is known on the session after the decision.
    """
    change, percent = facts.change(FED), facts.percent(SP500)
    if not abs(change) >= 0.1:
        return None
    verb = "raised" if change > 0 else "cut"
    low, high = (formats.plain(facts.now(name), 2) for name in (FED_LOWER, FED))
    by = "a full point" if abs(abs(change) - 1) < 0.01 else f"{formats.plain(100 * abs(change), 0)} bp"
    step = f"the Fed {verb} its rate by {by} to {low}–{high}%"
    move = facts.move(SP500)
    if move is None:
        return HeadlineCandidate(6.0, formats.capitalised(step))
    aside = _index_aside(move) if move.since.words else ""
    return HeadlineCandidate(
        8.0 + 2 * abs(percent),
        f"The S&P 500 {moved(percent)} the day after {step}",
        aside,
        sentiment=sentiment(percent),
    )


def long_yield(facts: SessionFacts) -> HeadlineCandidate | None:
    """A jump of the 10-year yield, by the day that it is of: yields are published a day late."""
    change = facts.change(LONG_YIELD)
    if not abs(change) >= 0.10 or len(facts.past) < 2:
        return None
    ranked = facts.past[LONG_YIELD].diff().abs().iloc[-YEAR:].rank(pct=True).iloc[-1]
    if not ranked >= 0.96:
        return None
    verb, perfect = ("jumped", "jumped") if change > 0 else ("sank", "sunk")
    before = facts.past.index[-2].date()
    day = facts.yields_of or before
    # Bonds have traded on days without a session, as on some Good Fridays: the change is of more than one day then.
    step = f"{formats.plain(100 * abs(change), 0)} bp to {formats.plain(facts.now(LONG_YIELD), 2)}%"
    step += f" {'on' if day == before else 'by'} {day:%A}"
    lead, tail = f"The 10-year yield {verb} {step}", f"the 10-year yield had {perfect} {step}"
    return HeadlineCandidate(3.5 + 10 * (abs(change) - 0.1), lead, tail=tail, today=f"{facts.session:%A}")
