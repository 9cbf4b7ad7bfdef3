"""What is paid on the running session: quotes announce dividends of companies, charts have those of funds from its open on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from bot.calendar.clock import NEW_YORK
from bot.sources.parsing.cells import BadCellError, number
from bot.sources.parsing.document_reader import reader
from bot.sources.yahoo.daily_bars import distributions
from bot.sources.yahoo.epochs import instant
from signals.core.instruments import InstrumentKind, instrument

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

AGAIN = timedelta(hours=2)
"""Yahoo enters some distributions hours after the open: a fund that has paid nothing yet is asked about so often."""
BACK = timedelta(days=7)
"""The chart reaches back so far, so that it is never empty."""
_MIDNIGHT_WITHIN = timedelta(hours=2)
"""Ex-dates are midnights in New York by the summer or winter time of the day on which they were entered."""


def announced(item: Mapping[str, Any], day: date) -> float:
    """What a quote says that its ticker pays on a day, 0 for nothing or what cannot be read."""
    total = 0.0
    actions = item.get("corporateActions")
    for action in actions if isinstance(actions, list) else []:
        about = action.get("meta") if isinstance(action, dict) else None
        if not isinstance(about, dict) or about.get("eventType") != "DIVIDEND":
            continue
        try:
            amount, milliseconds = number(about.get("amount")), number(about.get("dateEpochMs"))
            if amount is None or milliseconds is None or not 0 < amount < float("inf"):
                continue
            entered = instant(milliseconds / 1000) + _MIDNIGHT_WITHIN
        except BadCellError:
            continue
        total += amount if entered.astimezone(NEW_YORK).date() == day else 0.0
    return total


def fetch(client: YahooClient, ticker: str, day: date) -> float:
    """What a ticker pays on a day, by its chart. Raises what `library_errors.as_yahoo_error` converts."""
    raw, _ = client.chart(ticker, day - BACK, day)
    return paid_on(raw, day)


@reader("Yahoo")
def paid_on(raw: pd.DataFrame, day: date) -> float:
    """The distributions of a day in a chart."""
    paid = distributions(raw)
    days = pd.DatetimeIndex(raw.index).tz_localize(None).normalize()
    # The last day may come twice.
    return max(map(float, paid[days == pd.Timestamp(day)]), default=0.0)


class PaidToday:
    """What funds pay on the running session, and when each was asked about."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._asked_at: dict[str, datetime] = {}
        self._amounts: dict[str, float] = {}

    def due(self, tickers: Sequence[str], day: date, now: datetime) -> list[str]:
        """The funds to ask about: each once a session, and again every two hours while it has paid nothing."""
        if day != self._day:
            self._day, self._asked_at, self._amounts = day, {}, {}
        funds = [ticker for ticker in tickers if instrument(ticker).kind is InstrumentKind.ETF]
        return [fund for fund in funds if fund not in self._amounts and self._is_due(fund, now)]

    def note(self, fund: str, amount: float, now: datetime) -> None:
        """Keep what a fund was said to pay."""
        self._asked_at[fund] = now
        if amount > 0:
            self._amounts[fund] = amount

    def amounts(self) -> dict[str, float]:
        """What was paid, by fund."""
        return dict(self._amounts)

    def _is_due(self, fund: str, now: datetime) -> bool:
        asked_at = self._asked_at.get(fund)
        return asked_at is None or not asked_at <= now < asked_at + AGAIN
