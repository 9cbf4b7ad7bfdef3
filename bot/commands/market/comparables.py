"""Subjects of a comparison: signals by id or label, and tickers by symbol or name. Memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from bot.commands.context import Core, loading
from bot.commands.market.family_layouts import SECTOR_NAMES
from bot.commands.reply import Choice
from bot.commands.signal_search import closest
from bot.errors import UserError
from bot.formatting.quoting import quoted
from signals.core.model import Signal

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "^GSPC": "S&P 500",
        "^IXIC": "Nasdaq Composite",
        "^RUT": "Russell 2000",
        "^DJI": "Dow Jones",
        "SPY": "S&P 500 fund",
        "RSP": "S&P 500 equal-weight fund",
        "QQQ": "Nasdaq-100 fund",
        "QQQE": "Nasdaq-100 equal-weight fund",
        "RSPT": "Technology equal-weight fund",
        "IWM": "Russell 2000 fund",
        "IJH": "Mid-cap fund",
        "IVE": "S&P 500 value fund",
        "IVW": "S&P 500 growth fund",
        "DIA": "Dow Jones fund",
        "MAGS": "Magnificent Seven fund",
        "SMH": "Chip makers fund",
        "GLD": "Gold fund",
        "GC=F": "Gold future",
        "SI=F": "Silver future",
        "CL=F": "Oil future",
        **{ticker.upper(): f"{name} sector fund" for ticker, name in SECTOR_NAMES.items()},
    }
)
"""What tickers of indices, funds and futures are called; companies bring their names along."""

_CHOICES = 25
_TICKERS_FIRST = 8
_A_SLIP, _NEAR = 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Comparable:
    """What can be compared: a signal, or else a ticker. `key` is the id or the symbol."""

    key: str
    label: str
    signal: Signal | None = None


def comparable(core: Core, typed: str) -> Comparable:
    """The signal or ticker of that name, whatever its case. Raises UserError naming the nearest one."""
    text = typed.strip().casefold()
    for signal in core.signals.values():
        if text in (signal.id.casefold(), signal.label.casefold()):
            return Comparable(signal.id, signal.label, signal)
    known = _tickers(core)
    for ticker, name in known.items():
        if text and text in (ticker.casefold(), name.casefold()):
            return Comparable(ticker, f"{name} ({ticker})" if name else ticker)
    hint = _nearest(core, known, text) or loading(core) or "Start typing and choose from the list."
    raise UserError(f'No signal or ticker "{quoted(typed)}". {hint}')


def complete(core: Core, typed: str) -> list[Choice]:
    """What to choose from while typing: tickers that begin so, signals, then companies with such a name."""
    text = typed.strip().casefold()
    known = _tickers(core)
    begin = [ticker for ticker in known if ticker.casefold().lstrip("^").startswith(text.lstrip("^"))]
    begin.sort(key=len)
    inside = [ticker for ticker, name in known.items() if text in name.casefold()]
    signals = [Choice(f"{each.label} · {each.id}", each.id) for each in core.finder.find(typed, _CHOICES)]
    tickers = [Choice(f"{known[each] or 'Ticker'} · {each}", each) for each in dict.fromkeys([*begin, *inside])]
    first = _TICKERS_FIRST if text else 0
    return [*tickers[:first], *signals[: _CHOICES - first], *tickers[first:]][:_CHOICES]


def _tickers(core: Core) -> Mapping[str, str]:
    """Every ticker with closes -> its name, empty where none is known."""
    snapshot = core.readings.snapshot
    if snapshot is None:
        return {}
    return core.readings.once(
        "subjects", lambda: {key: NAMES.get(key) or name for key, name in snapshot.tickers.items()}
    )


def _nearest(core: Core, known: Mapping[str, str], text: str) -> str:
    """A ticker that is a slip away, else the signal or the ticker that is least unlike what was typed."""
    names = {name.casefold(): key for key, name in known.items() if name} | {key.casefold(): key for key in known}
    slip = get_close_matches(text, names, 1, _A_SLIP)
    if not slip and text and core.finder.find(text, 1):
        return core.finder.suggestion(text)
    near = slip[0] if slip else closest(text, names, _NEAR)
    if near is None:
        return core.finder.suggestion(text)
    ticker = names[near]
    return f"Did you mean {ticker} ({known[ticker]})?" if known[ticker] else f"Did you mean {ticker}?"
