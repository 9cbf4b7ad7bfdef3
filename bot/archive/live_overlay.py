"""Live overlay: merges quotes of the running session into a stored market. Nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from bot.domain.fetched import Fetched
from signals.core.market import Market


def with_quotes(market: Market, quotes: Fetched, running: date) -> Market:
    """The market with the quotes of the running session in its last session, which must be that day.

    Final closes take precedence over quotes. A quote without an adjusted close gets it by the ratio
    of the ticker's newest bar. What is paid on that day is taken off the earlier adjusted closes, as
    the source will do in the evening. Quotes that are doubted are included, with the sentence in
    `suspicious`; a quote that is not takes the place of a doubt about an earlier session.
    """
    day = pd.Timestamp(running)
    close, adj = market.close.copy(), market.adj_close.copy()
    suspicious_tickers, sources = dict(market.suspicious), dict(market.sources)
    for ticker, frame in quotes.bars.items():
        price, adjusted = _bar(frame, day)
        if ticker not in close or close[ticker].notna().iloc[-1] or np.isnan(price):
            continue
        # The newest bar's ratio of adjusted to raw close gives today the same return on both.
        before = close[ticker].dropna()
        ratio = float(adj[ticker].loc[before.index[-1]] / before.iloc[-1]) if len(before) else 1.0
        close.at[day, ticker] = price
        paid = _paid(quotes.dividends.get(ticker), day)
        if len(before) and 0 < paid < before.iloc[-1] and ratio > 0:
            # Stored closes may have it already: those that were fetched since the session opened.
            adj.loc[adj.index < day, ticker] *= (1 - paid / float(before.iloc[-1])) / ratio
            ratio = 1.0
        adj.at[day, ticker] = price * ratio if np.isnan(adjusted) else adjusted
        if ticker in quotes.doubts:
            suspicious_tickers[ticker] = quotes.doubts[ticker]
        else:
            suspicious_tickers.pop(ticker, None)
        sources[ticker] = quotes.source
    return replace(market, close=close, adj_close=adj, suspicious=suspicious_tickers, sources=sources, provisional=True)


def _paid(distributions: pd.Series | None, day: pd.Timestamp) -> float:
    return 0.0 if distributions is None else float(distributions[distributions.index == day].sum())


def _bar(frame: pd.DataFrame, day: pd.Timestamp) -> tuple[float, float]:
    bars = frame[frame.index == day]
    if not len(bars):
        return float("nan"), float("nan")
    return float(bars["close"].iloc[-1]), float(bars["adj_close"].iloc[-1]) if "adj_close" in bars else float("nan")
