"""What can be compared: signals by id or label, and tickers by symbol or name. From memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from bot.commands.context import Caller, Core, loading
from bot.commands.market.family_layouts import SECTOR_NAMES
from bot.commands.reply import MOST_CHOICES, Choice
from bot.commands.signal_search import closest
from bot.domain.foreign_text import ForeignText
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
"""Names of indices, funds and futures, by ticker; names of companies come with the data."""

_TICKERS_FIRST = 8
_TYPO_CUTOFF, _SUGGESTION_CUTOFF = 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Comparable:
    """What can be compared: a signal, or else a ticker. `key` is the id or the symbol."""

    key: str
    label: str
    signal: Signal | None = None


def comparable(core: Core, typed: str, caller: Caller | None = None) -> Comparable:
    """The signal or ticker of that name, in any case.

    Raises UserError with the nearest name where there is none.
    """
    text = typed.strip().casefold()
    for signal in core.signals.values():
        if text in (signal.id.casefold(), signal.label.casefold()):
            return Comparable(signal.id, signal.label, signal)
    for own in () if caller is None else core.own.current.of(caller.user_id, caller.guild_id):
        if text in (own.title.casefold(), own.expression.casefold(), own.signal.casefold()):
            return Comparable(own.signal, own.label, core.signals[own.signal])
    names_by_ticker = _tickers(core)
    for ticker, name in names_by_ticker.items():
        if text and text in (ticker.casefold(), name.casefold()):
            return Comparable(ticker, _shown(ticker, name))
    hint = _nearest(core, names_by_ticker, text) or loading(core) or "Start typing and choose from the list."
    raise UserError(f"No signal or ticker {quoted(typed)}. {hint}")


def complete(core: Core, typed: str, caller: Caller | None = None) -> list[Choice]:
    """Choices while typing: tickers that begin with the text or have it in their name, and signals.

    The first eight tickers come first, then signals, then further tickers; at most 25 in all.
    """
    text = typed.strip().casefold()
    names_by_ticker = _tickers(core)
    begin = [ticker for ticker in names_by_ticker if ticker.casefold().lstrip("^").startswith(text.lstrip("^"))]
    begin.sort(key=len)
    inside = [ticker for ticker, name in names_by_ticker.items() if text in name.casefold()]
    signals = core.finder_for(caller).choices(typed)
    tickers = [
        Choice(f"{ForeignText(names_by_ticker[ticker] or 'Ticker')} · {ForeignText(ticker)}", ticker)
        for ticker in dict.fromkeys([*begin, *inside])
    ]
    first = _TICKERS_FIRST if text else 0
    return [*tickers[:first], *signals[: MOST_CHOICES - first], *tickers[first:]][:MOST_CHOICES]


def _tickers(core: Core) -> Mapping[str, str]:
    """Names of all tickers with closes, by ticker; empty where no name is known."""
    snapshot = core.readings.snapshot
    if snapshot is None:
        return {}
    return core.readings.once(
        "subjects", lambda: {key: NAMES.get(key) or name for key, name in snapshot.tickers.items()}
    )


def _nearest(core: Core, names_by_ticker: Mapping[str, str], text: str) -> str:
    """A hint with the ticker of a typing error, else with the nearest signal or ticker."""
    ticker_by_name = {name.casefold(): key for key, name in names_by_ticker.items() if name} | {
        key.casefold(): key for key in names_by_ticker
    }
    slip = get_close_matches(text, ticker_by_name, 1, _TYPO_CUTOFF)
    if not slip and text and core.finder.find(text, 1):
        return core.finder.suggestion(text)
    near = slip[0] if slip else closest(text, ticker_by_name, _SUGGESTION_CUTOFF)
    if near is None:
        return core.finder.suggestion(text)
    ticker = ticker_by_name[near]
    name = names_by_ticker[ticker]
    shown = f"{ticker} ({name})" if name else ticker
    return f"Did you mean {shown if ticker in NAMES else ForeignText(shown)}?"


def _shown(ticker: str, name: str) -> str:
    """A ticker with the name of its company, which comes from a list that anybody may edit."""
    shown = f"{name} ({ticker})" if name else ticker
    return shown if ticker in NAMES else str(ForeignText(shown))
