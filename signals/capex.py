"""Whether the market believes in the spending on chips: semiconductors against the index (`sources.md` F8)."""

from __future__ import annotations

from signals.entry import on_itself
from signals.pairs import z_entry
from signals.reading import Signal

SIGNALS: tuple[Signal, ...] = (
    z_entry(
        "capex.smh_spy",
        "SMH over SPY",
        first="SMH",
        second="SPY",
        meaning="Semiconductors over the S&P 500 against their own year; over 2 has marked heat, under -2 slumps of chips.",
        votes=on_itself(rec=1, rot=-1),
    ),
)
