"""Writes `docs/signals.md` from the catalogue of signals: `make docs`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from bot.alerts.topics import TOPICS, Topic
from bot.commands.market.signal_list import ABOUT
from bot.domain.model import AlertSpec
from bot.event_study import topic_past
from bot.formatting.conditions import condition_words
from signals import catalogue
from signals.asof import series
from signals.core import measures, rolling
from signals.core.decimals import COMPARED_PLACES, PLACES
from signals.core.model import Cadence, Family, Measure, Signal, Vote
from signals.expressions.grammar import MOST_SESSIONS, NUMBERS
from signals.scenario import score, votes

PAGE = Path(__file__).resolve().parent.parent / "docs" / "signals.md"

COLUMNS = ("id", "what it says", "how it is computed", "unit", "from", "age", "votes")

_GROUPS = {
    "sp500": "members of the S&P 500",
    "tech": "members of tech",
    "ndx100": "members of the Nasdaq-100",
}
_SIGNS = {1: "+", -1: "-"}


def text() -> str:
    """The whole page; the same catalogue always gives the same text."""
    families = dict.fromkeys(signal.family for signal in catalogue.SIGNALS.values())
    sections = [*(_section(family) for family in families), _topics()]
    return "\n".join([_introduction(len(catalogue.SIGNALS), len(families)), *sections])


def _introduction(signals: int, families: int) -> str:
    z, back = f"{votes.FAR:g}", f"{votes.BACK:g}"
    far = f"{score.FAR:g}"
    high, middle, low = (score.NAMES[side] for side in (1, 0, -1))
    return f"""# Signals

<!-- Written by `make docs` from the catalogue in signals/. What is changed here is lost. -->

{signals} signals in {families} families. The id is what people type and what alerts store; its first word is the family.

**Words.** C is the close of a session adjusted for splits, A the one adjusted for splits and dividends. Funds and shares
are compared on A, indices on C, unless said otherwise. Windows count sessions of the New York Stock Exchange and include
the session described; nothing looks ahead. EMA is a recursive mean from the first session on. *Tech* is the members of the
S&P 500 in information technology or communication services, *rest* its other members, *the seven* are Apple, Microsoft,
Alphabet, Amazon, Meta, Nvidia and Tesla. pp are percentage points.

**What is missing.** A price is never carried forward. Breadth needs 90% of a group's listed members, a figure from estimates
most of the names that are watched. A reading whose inputs are missing or too old is withheld and says why. A universe without
dates holds for all of the past, and its readings say "{catalogue.TODAYS_MEMBERS}". A yardstick of rotation or of tech keeps its
leg over sessions without a price; after more than 5 of them it has no direction and is not counted, and when prices
come back its leg is what it was.

**From.** Tickers and groups count with the session itself, 20 minutes after its close. A series counts from the session
named beside it: *same* is the session of its own date, *next* the one after it; monthly figures, which stand at the first
day of their month, count so many days after it. Figures that a shutdown of the government held up count from the day on
which they came out (`signals/asof/late_releases.py`). Where the day of release is stored with the figure, it stands over these
rules; else the reading is marked `known_at_estimated`. A monthly figure that was fetched after its first revision was due says
that it is today's revision. Records count from the instant at which they were public;
[the market pack](market-pack.md#records) says what each dataset holds.

**Age.** How often the inputs change and, where they may lag the session, how old the newest may be before the reading is
withheld: in sessions for daily ones, in days for the others.

**Decimals.** Sources publish decimals, and binary floats miss them: 2.10 - 2.00 is above 0.1 there. Finished values and
measures are rounded once, to {PLACES} places, sums of dollars to cents; on the way there only both sides of a comparison
inside a formula are, to {COMPARED_PLACES}. So equal decimals tie, and a value on a level is not beyond it.

**Measures** of every signal: its changes over {_series(measures.CHANGES.values())} sessions in its own unit, its one-year
percentile (those lower and half of those equal, today included) and its one-year z (value less mean over standard deviation
with n - 1). A year is {rolling.YEAR} sessions, of which {rolling.ENOUGH} must have a reading. Named states, flags and what
starts anew with a year, a month or a turn have no percentile and no z, and no change is taken across such a beginning.

**Votes.** A signal that votes is high, low or neither. By *z* it is high when its one-year z reaches {z} and low at -{z}, each
until the z is back at {back} (-{back}); by *z of change_21d* the same holds of its change over 21 sessions, by *z of change_252d*
of that over a year; by *value as z* of the value itself, which is a z already; by *a/b* it is low at a or under and high at b or
over. + says that high counts for recovery of tech, or for rotation away from it; - that low does. The states of a family's
signals are averaged (half of those that vote must have one), and the mean of at least {score.QUORUM} families, times 100, is the
score; in that of the recovery a family counts half while fewer than {score.FULL_WEIGHT_FROM} of its voting signals have a state,
*tech* never. On the third session in a row with a score of {far} or more the recovery is {high}, with -{far} or less {low}; each
ends on the third at {score.BACK:g} (-{score.BACK:g}), and in between it is {middle}.

**Own signals.** `/watch add` makes a signal out of any tickers that Yahoo has: `SMH/IGV`, `TLT`,
`(XLY+XLK)/(XLP+XLU)`, `ret(KRE, 21) - ret(SPY, 21)`. A ticker alone is its C, everything else is computed on A. A
hyphen inside a ticker belongs to it (`BRK-B`, `BTC-USD`); a minus has a blank on each side. With x a price or a
ratio: `ret(x, n)` is 100 (x / x n sessions earlier - 1), n from {_from_to("ret")}; `dd(x)` is per cent below the
highest x of {rolling.YEAR} sessions, today included; `dc(x, p)` is the direction of the leg, *up leg* or *down leg*,
that a directional change of p per cent ({_from_to("dc")}) has confirmed, as for the yardsticks of rotation.
`sma(x, n)` is the mean of n sessions ({_from_to("sma")}), `z(x, n)` is (value - mean)/sd with n - 1 over n sessions
({_from_to("z")}), both also of returns and drawdowns. Only returns and drawdowns are subtracted; only prices in one
currency are added.

A value needs a price of every ticker on that session, and none is carried forward; means, z and drawdowns run over
the last n sessions that have one, so that a holiday of another exchange costs that day alone. All windows together
may reach back {MOST_SESSIONS} sessions. A market that trades around the clock is read when the closes of New York
are, and corrected the next day. The unit is that of the expression: dollars for tickers of New York, points for
indices, the currency of the exchange for others, a ratio with four decimals, percent, percentage points, standard
deviations. An own signal has the measures of any other, never votes, and stands in no summary.
"""


def _from_to(function: str) -> str:
    low, high = NUMBERS[function]
    return f"{low:g} to {high:g}"


def _section(family: Family) -> str:
    rows = [_row(_cells(signal)) for signal in catalogue.SIGNALS.values() if signal.family is family]
    heading = f"## {family.value.capitalize()}: {ABOUT[family]}"
    return "\n".join([heading, "", _row(COLUMNS), _row("---" for _ in COLUMNS), *rows, ""])


def _topics() -> str:
    introduction = (
        "Ready-made alerts on these signals. `/topics` says of each how often it has fired in all years of the archive and\n"
        f"when last, and marks those that fire under {topic_past.RARE_A_YEAR} times a year as rare; "
        "`/subscribe rare` takes all of these."
    )
    columns = ("topic", "key", "what it says", "condition")
    rows = [
        _row((f"**{_plain(topic.title)}**", f"`{topic.key}`", _plain(topic.sentence), _conditions(topic)))
        for topic in TOPICS
    ]
    return "\n".join(["## Topics", "", introduction, "", _row(columns), _row("---" for _ in columns), *rows, ""])


def _conditions(topic: Topic) -> str:
    return " or ".join(_condition(spec, catalogue.signal(spec.signal)) for spec in topic.specs)


def _condition(spec: AlertSpec, signal: Signal) -> str:
    if spec.measure is Measure.CHANGE_1D and signal.named:
        return f"`{signal.id}` changes"
    measure = "" if spec.measure is Measure.VALUE else f" {spec.measure.value}"
    pause = f", at most every {spec.cooldown_days} days" if spec.cooldown_days else ""
    return f"`{signal.id}`{measure} {condition_words(spec, signal)}{pause}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(signal: Signal) -> tuple[str, ...]:
    return (
        f"`{signal.id}`",
        f"**{_plain(signal.label)}**: {_plain(signal.meaning)}",
        _plain(signal.formula),
        f"{signal.unit.value}, {_decimals(signal.decimals)}",
        f"the votes of {len(signal.parts)} signals" if signal.parts else ", ".join(map(_input, signal.inputs)),
        _age(signal),
        "; ".join(_votes(signal.votes)),
    )


def _plain(sentence: str) -> str:
    """A sentence as Markdown: no character of it starts a cell, a tag or an emphasis."""
    for sign in ("\\", "|", "<", "*"):
        sentence = sentence.replace(sign, f"\\{sign}")
    return sentence


def _series(numbers: Iterable[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}"


def _decimals(count: int) -> str:
    return {0: "whole", 1: "1 decimal"}.get(count, f"{count} decimals")


def _input(name: str) -> str:
    kind, _, which = name.rpartition(":")
    if kind == "group":
        return _GROUPS[which]
    if kind:
        return f"{kind} `{which}`"
    if name not in catalogue.series_ids():
        return name
    days = series.monthly_lag(name)
    if days is None:
        return f"{name} (same)" if series.counts_same_session(name) else f"{name} (next)"
    return f"{name} ({days} days)"


def _age(signal: Signal) -> str:
    unit = "sessions" if signal.cadence is Cadence.DAILY else "days"
    return f"{signal.cadence.value}, {signal.max_age} {unit}" if signal.max_age else signal.cadence.value


def _votes(cast: tuple[Vote, ...]) -> list[str]:
    """`recovery +, rotation -: 40/60`; votes by one rule together."""
    rules: dict[str, list[str]] = {}
    for vote in cast:
        rules.setdefault(_rule(vote), []).append(f"{vote.axis.value} {_SIGNS[vote.sign]}")
    return [f"{', '.join(sides)}: {rule}" for rule, sides in rules.items()]


def _rule(vote: Vote) -> str:
    if vote.low is not None and vote.high is not None:
        rule = f"{vote.low:g}/{vote.high:g}"
    else:
        rule = "value as z" if vote.on_itself else "z"
    return rule if vote.measure is Measure.VALUE else f"{rule} of {vote.measure.value}"


def main() -> int:
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
