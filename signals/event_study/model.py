"""A study's question and its results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from signals.event_study.episodes import LevelCondition
from signals.event_study.intervals import Interval

HORIZONS = (1, 5, 21, 63)
"""The horizons of every study and of every picture of paths, in sessions."""

FEWEST = 5
"""With fewer episodes with a known outcome no figure is given."""

SMALL = 15
"""With fewer episodes the sample is called small."""

FALSE_SHARE = 0.1
"""A difference whose q is lower counts as significant: a tenth of such findings may still be chance."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The question of a study.

    Attributes:
        condition: The condition whose events are counted.
        horizons: Lengths of the outcomes in sessions.
        since: First day of the events, not of their outcomes.
        until: Last day of the events, inclusive.
        each_day: Whether every session on which the condition holds counts, not only the first of
            each episode.
        next_close: Whether outcomes are counted from the close after the event, the first at which
            a person who saw the event could have traded.
    """

    condition: LevelCondition
    horizons: tuple[int, ...]
    since: date | None = None
    until: date | None = None
    each_day: bool = False
    next_close: bool = False


@dataclass(frozen=True, slots=True)
class Era:
    """A part of the period: `rate` of `n` events, None under five episodes, and the base rate of
    the same part.
    """

    name: str
    n: int
    rate: Interval | None
    base_rate: float | None
    base_n: int


@dataclass(frozen=True, slots=True)
class Result:
    """What followed over one horizon.

    Outcomes are in per cent or percentage points. With fewer than five known episodes the figures
    from `hits` on are None (base rates stay).

    Attributes:
        horizon: Length of the outcomes in sessions.
        first: Session of the first reading that could be an event; None without readings.
        last: Session of the last such reading; None without readings.
        n_days: Sessions on which the condition held.
        n_episodes: Episodes.
        n_known: Episodes with a known outcome.
        n: Events (days or episodes, as planned) with a known outcome.
        base_rate: Share of positive outcomes, 0-1, from all sessions of the period with a known
            one.
        base_n: Number of those sessions.
        hits: Events with a positive outcome.
        rate: `hits` / `n`, 0-1, with Wilson's interval. Where every session counts, outcomes
            overlap, and it is that of `independent` outcomes.
        difference: Rate less base rate, with Newcombe's interval, for which the base counts as
            base_n / horizon windows, as many as do not overlap.
        p: The probability of such a difference by chance alone. Where every session counts and
            outcomes overlap, the share of rotations of the calendar with one as large (`rotation`);
            None with fewer than five independent outcomes.
        q: The same corrected for several horizons (`false_discoveries`): all that were planned,
            also those without figures.
        mean: Mean outcome, with a bootstrap interval.
        median: Median outcome, with a bootstrap interval.
        worst: The least outcome.
        worst_on: Session of the event with the least outcome.
        eras: The parts of the period before and from 2020.
        independent: How many independent outcomes the events are worth; `n` unless they overlap.
        detectable: The least difference, 0-1, that lies outside of the 95 % of chance: what this
            sample can show at all.
    """

    horizon: int
    first: date | None
    last: date | None
    n_days: int
    n_episodes: int
    n_known: int
    n: int
    base_rate: float | None
    base_n: int
    hits: int | None = None
    rate: Interval | None = None
    difference: Interval | None = None
    p: float | None = None
    q: float | None = None
    mean: Interval | None = None
    median: Interval | None = None
    worst: float | None = None
    worst_on: date | None = None
    eras: tuple[Era, ...] = ()
    independent: float | None = None
    detectable: float | None = None

    @property
    def sample(self) -> str | None:
        """A remark on the size of the sample, or None where it is not small."""
        if self.n_known < FEWEST:
            return f"too few for figures: {self.n_known} with a known outcome, at least {FEWEST} are needed"
        return "small sample" if self.n_known < SMALL else None
