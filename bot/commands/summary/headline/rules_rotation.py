"""Headline rules for rotation: the Magnificent Seven, small caps, breadth, sectors, the scenario.

Each rule returns a candidate, or None where it has nothing to report. The rules are deterministic.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from bot.commands.summary.headline.facts import HeadlineCandidate, SessionFacts
from bot.commands.summary.headline.index_moves import RUSSELL, SP500
from bot.commands.summary.headline.move_wording import gained_or_lost, moved, points, sentiment
from bot.commands.summary.headline.rarity import new_extreme, since
from bot.commands.summary.headline.rules_market import MILESTONES
from bot.formatting import formats, numerals
from bot.formatting.scenario_words import STATES, turn_words
from signals.core.model import Axis

SPREAD = "weighting.rsp_spy.spread_1d"
STREAK = "size.russell_sp500.streak"
SEVEN_SPREAD = "megacap.spread_1d"
SEVEN_DOWN = "megacap.down_2pct"
ALL_DOWN = "index.all_down_streak"
ADVANCE_DECLINE = "breadth.sp500.advance_decline"
NEW_HIGHS, NEW_LOWS = "breadth.sp500.new_highs", "breadth.sp500.new_lows"
ABOVE_50 = "breadth.sp500.above_50dma"
THRUST = "breadth.sp500.thrust_signal"

NOTABLE_SPREAD = 0.3
_NOTABLE_GAP = 0.8
_NOTABLE_COUNT = 40
_TOGETHER_TAIL = "with the Magnificent Seven and the rest moving together"


def weights(facts: SessionFacts) -> HeadlineCandidate | None:
    """Equal weight against the index, and whether for another day running."""
    now, before = facts.now(SPREAD), facts.before(SPREAD)
    if not abs(now) >= NOTABLE_SPREAD:
        return None
    rare = facts.since(SPREAD, lowest=now < 0)
    verb = "beat" if now > 0 else "trailed"
    again = " again," if now * before > 0 and abs(before) >= NOTABLE_SPREAD else ""
    aside = f"its {'widest lead' if now > 0 else 'worst day against it'} {rare.words}" if rare.words else ""
    return HeadlineCandidate(
        max(2.2 + 1.6 * abs(now), rare.rarity - 0.5),
        f"Equal weight {verb} the S&P 500{again} by {points(now)}",
        aside,
        f"equal weight {verb} the index by {points(now)}",
        sentiment=sentiment(now),
    )


def together(facts: SessionFacts) -> HeadlineCandidate | None:
    """Equal weight and the index moved alike; the least important candidate."""
    now = facts.now(SPREAD)
    if not abs(now) < NOTABLE_SPREAD:
        return None
    gap = formats.plain(abs(now), 1)
    if gap == "0.0":
        return HeadlineCandidate(
            1.2,
            "The Magnificent Seven and the rest moved together: equal weight matched the index",
            tail=_TOGETHER_TAIL,
        )
    side = "ahead of" if now > 0 else "behind"
    lead = f"The Magnificent Seven and the rest moved together: equal weight ended {gap} points {side} the index"
    return HeadlineCandidate(1.2, lead, tail=_TOGETHER_TAIL)


def small_caps(facts: SessionFacts) -> HeadlineCandidate | None:
    """Small caps far ahead of the S&P 500, or far behind."""
    small, large = facts.percent(RUSSELL), facts.percent(SP500)
    gap = small - large
    if not abs(gap) >= _NOTABLE_GAP:
        return None
    changes = facts.closes[[RUSSELL, SP500]].pct_change(fill_method=None)
    rare = since(100 * (changes[RUSSELL] - changes[SP500]), lowest=gap < 0)
    if small * large < 0:
        lead = f"The Russell 2000 {moved(small)} while the S&P 500 {moved(large)}"
    else:
        lead = f"Small caps {'beat' if gap > 0 else 'trailed'} the S&P 500 by {points(gap)}"
    whose = "small caps'" if small * large < 0 else "their"
    aside = f"{whose} {'widest lead' if gap > 0 else 'worst day against it'} {rare.words}" if rare.words else ""
    tail = f"small caps {gained_or_lost(small, only=small * large > 0 and abs(small) < abs(large))}"
    return HeadlineCandidate(max(2.0 + 1.5 * abs(gap), rare.rarity - 0.3), lead, aside, tail, sentiment=sentiment(gap))


def small_streak(facts: SessionFacts) -> HeadlineCandidate | None:
    """A streak of small caps ahead of the S&P 500, or behind it, and the end of one."""
    now, before = facts.now(STREAK), facts.before(STREAK)
    if not math.isfinite(now):
        return None
    if now * before < 0 and abs(before) >= 5:
        verb = "lost to" if now < 0 else "beat"
        return HeadlineCandidate(
            2.0 + 0.5 * abs(before),
            f"Small caps {verb} the S&P 500 for the first time in {numerals.numeral(int(abs(before)) + 1)} days",
            sentiment=sentiment(now),
        )
    if abs(now) < 3:
        return None
    running = _running(int(abs(now)))
    longest = facts.since(STREAK, lowest=now < 0)
    lead = f"Small caps {'beat' if now > 0 else 'trailed'} the S&P 500 for {running}"
    aside = (
        f"their longest {'winning' if now > 0 else 'losing'} streak {longest.words}"
        if longest.words and abs(now) >= 5
        else ""
    )
    tail = f"small caps {'led' if now > 0 else 'lagged'} for {running}"
    return HeadlineCandidate(
        0.6 * abs(now), lead if abs(now) in MILESTONES else "", aside, tail, sentiment=sentiment(now)
    )


def seven_red(facts: SessionFacts) -> HeadlineCandidate | None:
    """Four or more of the Magnificent Seven down 2% or more."""
    down = facts.now(SEVEN_DOWN)
    if not down >= 4:
        return None
    subject = "all the Magnificent Seven" if down >= 7 else f"{numerals.numeral(int(down))} of the Magnificent Seven"
    sentence = f"{subject} fell 2% or more"
    return HeadlineCandidate(1.5 + 0.6 * down, formats.capitalised(sentence), tail=sentence, sentiment=-1)


def seven_apart(facts: SessionFacts) -> HeadlineCandidate | None:
    """The Magnificent Seven together far ahead of the S&P 500, or far behind."""
    now = facts.now(SEVEN_SPREAD)
    if not abs(now) >= 1.0:
        return None
    rare = facts.since(SEVEN_SPREAD, lowest=now < 0)
    sentence = f"the Magnificent Seven {'beat' if now > 0 else 'trailed'} the S&P 500 by {points(now)}"
    aside = f"their {'best' if now > 0 else 'worst'} day against it {rare.words}" if rare.words else ""
    return HeadlineCandidate(
        max(2.0 + abs(now), rare.rarity - 1.0), formats.capitalised(sentence), aside, sentence, sentiment=sentiment(now)
    )


def index_against_breadth(facts: SessionFacts) -> HeadlineCandidate | None:
    """An index that went one way while most of its stocks went the other."""
    percent, up = facts.percent(SP500), rising(facts)
    if not (abs(percent) >= 0.15 and math.isfinite(up)):
        return None
    against = 1 - up if percent > 0 else up
    if against < 0.58:
        return None
    verb = "fell" if percent > 0 else "rose"
    lead = f"The S&P 500 {moved(percent)}{{when}} though {_share(against)} of its stocks {verb}"
    return HeadlineCandidate(3.2 + 12 * (against - 0.58) + 1.5 * abs(percent), lead, sentiment=sentiment(percent))


def nearly_all(facts: SessionFacts) -> HeadlineCandidate | None:
    """At least 88% of the stocks moved one way; only ever a tail."""
    up = rising(facts)
    if not max(up, 1 - up) >= 0.88:
        return None
    doing, part = ("rising", up) if up > 0.5 else ("falling", 1 - up)
    return HeadlineCandidate(
        3.0 + 20 * (part - 0.88), tail=f"with {_share(part)} of S&P 500 stocks {doing}", sentiment=sentiment(up - 0.5)
    )


def rising(facts: SessionFacts) -> float:
    """Share, 0 to 1, of the S&P 500's members that rose among those that moved.

    NaN where it is not known.
    """
    ratio = facts.now(ADVANCE_DECLINE)
    return ratio / (1 + ratio) if ratio >= 0 and math.isfinite(ratio) else math.nan


def highs_and_lows(facts: SessionFacts) -> HeadlineCandidate | None:
    """The most one-year highs or lows in at least 60 sessions."""
    for name, word, good in ((NEW_LOWS, "lows", -1), (NEW_HIGHS, "highs", 1)):
        count, rare = facts.now(name), new_extreme(facts.values(name), lowest=False, sessions=60)
        if count >= _NOTABLE_COUNT and rare is not None:
            sentence = f"{int(count)} stocks made 52-week {word}"
            return HeadlineCandidate(
                rare.rarity - 1.5, formats.capitalised(sentence), f"the most {rare.words}", sentence, sentiment=good
            )
    return None


def participation(facts: SessionFacts) -> HeadlineCandidate | None:
    """The fewest, or most, stocks above their 50-day average in at least 60 sessions."""
    now = facts.now(ABOVE_50)
    few = now < 30
    rare = new_extreme(facts.values(ABOVE_50), lowest=few, sessions=60) if few or now > 70 else None
    if rare is None:
        return None
    share = formats.share(now)
    sentence = f"{'only ' if few else ''}{share} of S&P 500 stocks closed above their 50-day average"
    return HeadlineCandidate(
        rare.rarity - 2.0,
        formats.capitalised(sentence),
        f"the {'fewest' if few else 'most'} {rare.words}",
        sentence,
        sentiment=-1 if few else 1,
    )


def thrust(facts: SessionFacts) -> HeadlineCandidate | None:
    """A breadth thrust of the members of the index, which occurs once in many years; Zweig's own is on NYSE issues."""
    if not facts.change(THRUST) > 0:
        return None
    rare = facts.since(THRUST, lowest=False)
    aside = f"the first {rare.words}" if rare.words else ""
    lead = (
        "Breadth thrust in the S&P 500: advancers' 10-day average share went from under 40% to over 61.5% in ten days"
    )
    return HeadlineCandidate(9.0, lead, aside, sentiment=1)


def sectors(facts: SessionFacts) -> HeadlineCandidate | None:
    """The best and the worst sector; the further apart, the more important."""
    columns = [name for name in facts.past if str(name).startswith("sectors.") and str(name).endswith(".return_1d")]
    table = facts.past[columns].iloc[-1]
    table = table[np.isfinite(table)]
    if len(table) < 9:
        return None
    best, worst = str(table.idxmax()), str(table.idxmin())
    apart = float(table.max() - table.min())
    years = pd.DataFrame({name: facts.values(str(name)) for name in columns})
    gaps = years.max(axis=1) - years.min(axis=1)
    rare = since(gaps, lowest=False)
    lead = f"{_sector(facts, best)} {moved(table[best])} and {_sector(facts, worst).lower()} {moved(table[worst])}"
    aside = f"the widest gap between sectors {rare.words}" if rare.words else ""
    fell = facts.percent(SP500) < 0
    tail_sector = best if fell == (table[best] > 0 > table[worst]) else worst
    tail = f"{_sector(facts, tail_sector).lower()} {gained_or_lost(table[tail_sector])}"
    return HeadlineCandidate(
        max(0.2 + 0.8 * apart, rare.rarity - 2.0), lead, aside, tail, sentiment=sentiment(table[tail_sector])
    )


_FULL_NAMES = {
    "Staples": "Consumer staples",
    "Discretionary": "Consumer discretionary",
    "Communication": "Communication services",
}


def _sector(facts: SessionFacts, name: str) -> str:
    label = facts.signals[name].label.partition(",")[0]
    return _FULL_NAMES.get(label, label)


def scenario(facts: SessionFacts) -> HeadlineCandidate | None:
    """An axis of the scenario whose named state is new today."""
    new_states = [state for state in facts.axis_states if state.turned and state.before is not None]
    if not new_states:
        return None
    state = max(new_states, key=lambda each: each.axis is Axis.ROTATION)
    signal, change = facts.signals[STATES[state.axis]], state.state - (state.before or 0.0)
    sentence = turn_words(signal, state.state, change, state.regime)
    for now, then in ((" has moved", " moved"), (" has begun", " began"), (" now point ", " turned ")):
        sentence = sentence.replace(now, then)
    # A turn of the rotation comes twice a year and is what people are here for; the recovery's case changes six times.
    size = 8.0 if state.axis is Axis.ROTATION else 5.0
    return HeadlineCandidate(size, sentence, tail=sentence[:1].lower() + sentence[1:])


def all_down(facts: SessionFacts) -> HeadlineCandidate | None:
    """All three indices down for at least two sessions in a row."""
    days = facts.now(ALL_DOWN)
    if not days >= 2:
        return None
    sentence = f"the major indexes fell {_running(int(days))}"
    return HeadlineCandidate(
        1.0 + 0.7 * days, formats.capitalised(sentence) if days >= 4 else "", tail=sentence, sentiment=-1
    )


def _running(days: int) -> str:
    count = numerals.ordinal(days)
    return f"{'an' if count.startswith(('eigh', 'elev', '8', '18')) else 'a'} {count} day running"


def _share(part: float) -> str:
    return formats.share(100 * part)
