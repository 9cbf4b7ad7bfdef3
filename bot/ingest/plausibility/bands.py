"""Bands: figures of series, funds and option chains that cannot be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from bot.ingest.plausibility.sentences import on

_YIELDS = ("DGS", "DFII", "DFF", "DFEDTAR", "T10Y")

SERIES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "VIX": (5.0, 150.0),
        "VIX3M": (5.0, 150.0),
        "VIX9D": (5.0, 150.0),
        "VXN": (5.0, 150.0),
        "SKEW": (90.0, 200.0),
        "CBOE_EQUITY_PC": (0.2, 5.0),
        "CBOE_INDEX_PC": (0.2, 5.0),
        "CBOE_TOTAL_PC": (0.2, 5.0),
        "UNRATE": (0.5, 30.0),
    }
)
"""Series -> lowest and highest value that is believed."""

YIELD = (-2.0, 20.0)

FUND_FACTOR = 3.0
"""Net assets change by less than this factor from one day to the next."""
FUND_NAV = 0.2
"""The net asset value changes by less than this part, unless the shares change the other way."""
EXPLAINED_WITHIN = 0.05

CHAIN: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "iv_atm": (1.0, 400.0),
        "skew_25d": (-100.0, 100.0),
        "put_volume": (0.0, 1e8),
        "call_volume": (0.0, 1e8),
        "put_open_interest": (0.0, 1e9),
        "call_open_interest": (0.0, 1e9),
    }
)
"""Column of `options` -> lowest and highest value that is believed, vol points and contracts."""


def is_rate(name: str) -> bool:
    """Whether a series is a yield or a policy rate, in percent."""
    return name.startswith(_YIELDS)


def of_series(name: str) -> tuple[float, float] | None:
    """The band of a series, None for one without."""
    return YIELD if is_rate(name) else SERIES.get(name)


def of_value(name: str, value: float) -> str | None:
    """Why a value of a series is not believed, or None."""
    band = of_series(name)
    if band is None or band[0] <= value <= band[1]:
        return None
    return f"{name} at {value:g} is outside {band[0]:g} to {band[1]:g}"


def of_chain(figures: Mapping[str, float | None]) -> tuple[str, float, str] | None:
    """Column, value and reason of the first figure of a chain that cannot be, or None."""
    for column, (low, high) in CHAIN.items():
        value = figures.get(column)
        if value is not None and value == value and not low <= value <= high:
            return column, value, f"{column} at {value:g} is outside {low:g} to {high:g}"
    return None


def of_fund(
    nav: float, shares: float, nav_before: float, shares_before: float, since: date | None = None
) -> str | None:
    """Why a fund's figures do not follow those of the day before, or of the day `since`; None where they do.

    NaN is not known and doubts nothing. A split of the fund changes both the other way.
    """
    if not nav_before > 0:
        return None
    change = nav / nav_before
    assets = change * (shares / shares_before) if shares_before > 0 else float("nan")
    if nav <= 0 or shares < 0:
        return f"a net asset value of {nav:g} with {shares:g} shares cannot be"
    if assets == assets and not 1 / FUND_FACTOR < assets < FUND_FACTOR:
        before = "the day before" if since is None else on(since)
        return f"its net assets changed to {assets:.3g} times those of {before}"
    if abs(change - 1) > FUND_NAV and not abs(assets - 1) <= EXPLAINED_WITHIN:
        within = "in a day" if since is None else f"since {on(since)}"
        return f"its net asset value went from {nav_before:g} to {nav:g} {within}, which its shares do not explain"
    return None
