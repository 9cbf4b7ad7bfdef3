"""Equal weight against cap weight: up means that most members do better than the few largest."""

from __future__ import annotations

from signals.asof.fund_weights import WEIGHTS, share_of_largest, share_of_seven
from signals.asof.series import STALE_SESSIONS
from signals.core.define import by_z, define, on_itself
from signals.core.model import Signal
from signals.core.ratio_signals import define_pair_z, define_spread
from signals.core.units import Unit

SIGNALS: tuple[Signal, ...] = (
    define_spread(
        "weighting.rsp_spy",
        "Equal weight vs. S&P 500",
        first="RSP",
        second="SPY",
        sessions=1,
        meaning="Today's return of the equal-weight S&P 500 less that of the index; over 0.8 has marked days of rotation.",
    ),
    define_spread(
        "weighting.rsp_spy",
        "Equal weight vs. S&P 500",
        first="RSP",
        second="SPY",
        sessions=21,
        meaning="One-month return of the equal-weight S&P 500 less that of the index; high when the advance broadens.",
        votes=by_z(rot=1),
    ),
    define_spread(
        "weighting.rsp_spy",
        "Equal weight vs. S&P 500",
        first="RSP",
        second="SPY",
        sessions=63,
        meaning="Three-month return of the equal-weight S&P 500 less that of the index; low when few stocks carry it.",
    ),
    define_pair_z(
        "weighting.rsp_spy",
        "Equal weight/S&P 500",
        first="RSP",
        second="SPY",
        meaning="Equal weight over cap weight against its own year; under -2 has marked extreme concentration.",
        votes=on_itself(rot=1),
    ),
    define_spread(
        "weighting.qqqe_qqq",
        "Equal weight vs. Nasdaq-100",
        first="QQQE",
        second="QQQ",
        sessions=21,
        meaning="One-month return of the equal-weight Nasdaq-100 less that of the index; high when tech rises broadly.",
    ),
    define_pair_z(
        "weighting.qqqe_qqq",
        "Equal weight/Nasdaq-100",
        first="QQQE",
        second="QQQ",
        meaning="Equal-weight over cap-weight Nasdaq-100 against its own year; under -2 has marked extreme concentration.",
    ),
    define_spread(
        "weighting.rspt_xlk",
        "Equal weight vs. tech sector",
        first="RSPT",
        second="XLK",
        sessions=21,
        meaning="One-month return of equal-weight technology less the sector's; high when the sector rises broadly.",
    ),
    define_pair_z(
        "weighting.rspt_xlk",
        "Equal weight/tech sector",
        first="RSPT",
        second="XLK",
        meaning="Equal-weight over cap-weight technology against its own year; under -2 has marked extreme concentration.",
    ),
    define_spread(
        "weighting.xmag_spy",
        "Ex-Mag 7 vs. S&P 500",
        first="XMAG",
        second="SPY",
        sessions=21,
        meaning="One-month return of the S&P 500 without the Magnificent Seven less that of the index; high when they lag.",
    ),
    define_spread(
        "weighting.xmag_spy",
        "Ex-Mag 7 vs. S&P 500",
        first="XMAG",
        second="SPY",
        sessions=63,
        meaning="Three-month return of the S&P 500 without the Magnificent Seven less that of the index; high when they lag.",
        votes=by_z(rot=1),
    ),
    define(
        "weighting.mag7_share",
        "Mag 7, weight in SPY",
        unit=Unit.PERCENT,
        meaning="Weight of the Magnificent Seven, all share classes, in SPY; a high weight makes the index depend on them.",
        inputs=WEIGHTS,
        formula=share_of_seven,
        max_age=STALE_SESSIONS,
    ),
    define(
        "weighting.top10_share",
        "Ten largest holdings, weight in SPY",
        unit=Unit.PERCENT,
        meaning="Weight of the ten largest lines in SPY; high while few companies carry the index.",
        inputs=WEIGHTS,
        formula=share_of_largest,
        max_age=STALE_SESSIONS,
    ),
)
