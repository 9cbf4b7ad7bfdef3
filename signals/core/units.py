"""The units of values: their decimals, and which of them are counts or named states."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """What a value is measured in; the text is what `readings --json` prints."""

    PERCENT = "%"
    POINTS_PERCENT = "pp"
    RATIO = "ratio"
    PRICE = "price"
    COUNT = "count"
    ISSUES_PER_DAY = "issues/day"
    POINTS = "points"
    SHARE = "0-1"
    FLAG = "0/1"
    SEVEN = "0-7"
    Z = "z"
    SESSIONS = "sessions"
    MONTHS = "months"
    RANK = "1-11"
    USD = "USD"
    THOUSAND = "thousand"
    TURNS = "turns"
    BALANCE = "-1..1"
    DAYS = "days"
    STEPS = "steps"
    VOL_POINTS = "vol points"
    SCORE = "-100..100"
    SIDE = "-1/0/1"
    STATE = "-1/1"
    REGIME = "1-4"
    SIX = "0-6"
    FIVE = "0-5"

    @property
    def whole(self) -> bool:
        """True for counts, streaks, months and ranks: integers whose default re-arm band is zero."""
        return self in _WHOLE

    @property
    def decimals(self) -> int:
        """Decimals with which values are shown, unless a signal has its own."""
        return _DECIMALS[self]

    @property
    def has_zero(self) -> bool:
        """Whether values have a natural zero, so that the ratio of two positive ones has a meaning."""
        return self in (Unit.USD, Unit.PRICE, Unit.RATIO, Unit.TURNS, Unit.POINTS)


_WHOLE = frozenset(
    {
        Unit.COUNT,
        Unit.FLAG,
        Unit.SEVEN,
        Unit.SIX,
        Unit.FIVE,
        Unit.SESSIONS,
        Unit.MONTHS,
        Unit.SIDE,
        Unit.STATE,
        Unit.REGIME,
    }
)

_DECIMALS = {
    Unit.PERCENT: 1,
    Unit.POINTS_PERCENT: 2,
    Unit.RATIO: 2,
    Unit.PRICE: 2,
    Unit.COUNT: 0,
    Unit.ISSUES_PER_DAY: 1,
    Unit.POINTS: 1,
    Unit.SHARE: 3,
    Unit.FLAG: 0,
    Unit.SEVEN: 0,
    Unit.Z: 2,
    Unit.SESSIONS: 0,
    Unit.MONTHS: 0,
    Unit.RANK: 1,
    Unit.USD: 2,
    Unit.THOUSAND: 0,
    Unit.TURNS: 1,
    Unit.BALANCE: 2,
    Unit.DAYS: 0,
    Unit.STEPS: 2,
    Unit.VOL_POINTS: 1,
    Unit.SCORE: 1,
    Unit.SIDE: 0,
    Unit.STATE: 0,
    Unit.REGIME: 0,
    Unit.SIX: 0,
    Unit.FIVE: 0,
}

STATES = frozenset({Unit.FLAG, Unit.SIDE, Unit.STATE, Unit.REGIME})
"""Units whose values are flags or named states."""
