"""What a claim is, what it is judged by, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from signals.core.model import History
from signals.core.panel import Panel
from signals.core.units import Unit
from signals.event_study import Interval


class Verdict(StrEnum):
    """How a claim stands as of a session."""

    TRUE = "true"
    NOT_TRUE = "not true"
    CLOSES_ONLY = "true on closes, not with dividends"
    NOT_SUPPORTED = "not supported"
    OPEN = "open"
    UNKNOWN = "cannot be judged"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that a verdict rests on; `signed` shows a plus before gains."""

    label: str
    value: float
    unit: Unit = Unit.PERCENT
    decimals: int = 1
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How often something followed: `hits` of `n` with its 95% interval, and the share on all days, 0-1."""

    hits: int
    n: int
    rate: Interval
    base: float | None


@dataclass(frozen=True, slots=True)
class Judgment:
    """The verdict on a claim as of a session.

    Attributes:
        verdict: How it stands.
        figures: What was measured.
        share: For claims on how often something follows; None with too few cases.
        until: For an open claim the last day that it is about.
        reason: Why it cannot be judged, or why the record is too small.
    """

    verdict: Verdict
    figures: tuple[Figure, ...] = ()
    share: Share | None = None
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known after one session: closes of all years, and histories of signals up to that session."""

    panel: Panel
    histories: Mapping[str, History]

    @property
    def last(self) -> int:
        """The position of the session in the panel."""
        return self.panel.count - 1

    @property
    def session(self) -> date:
        """The session."""
        return self.panel.market.last.date()

    def newest(self, signal: str) -> tuple[float | None, str]:
        """The signal's value on the session, or None with the reason."""
        history = self.histories[signal]
        at = len(history.values) - 1
        if at < 0 or history.values.index[at].date() != self.session:
            return None, "no reading of that session is known"
        value = float(history.values.iloc[at])
        if value == value:
            return value, ""
        return None, (history.why(at) if history.why else None) or "there is no reading"


@dataclass(frozen=True, slots=True)
class Claim:
    """A public claim.

    Attributes:
        id: Short id that people choose it by.
        sentence: What is claimed.
        source: Who says so.
        dated: When, as precisely as it is known.
        formula: In words what is counted, and when the claim holds.
        judge: The verdict from what is known after a session.
        tickers: Tickers whose closes of all years `judge` reads.
        signals: Signals whose histories it reads.
    """

    id: str
    sentence: str
    source: str
    dated: str
    formula: str
    judge: Callable[[Record], Judgment]
    tickers: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
