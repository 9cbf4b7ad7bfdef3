"""Tells the close of a session from a price of while it ran, by when Yahoo says that a ticker traded last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.calendar.clock import NEW_YORK, Calendar, new_york_date
from bot.sources.yahoo.daily_bars import SessionWindow, TickerBars
from bot.sources.yahoo.failures import NoBarsError
from signals.core.instruments import instrument

NEAR_THE_CLOSE = timedelta(minutes=15)
"""So long before the close the last trade may lie without a question: a ticker of few trades may have none at the close."""

CONTRACTS = ".CBT"
"""Contracts on the federal funds rate are settled an hour before the close, and distant ones trade a few times a day."""

NO_TRADE_SECONDS = 1800.0
"""After so long without another trade trading is over, also where it ended early: in a halted share, or in all of them."""


@dataclass(frozen=True, slots=True)
class _Seen:
    session: date
    traded_at: datetime
    since: float


class LastTrades:
    """The last trades before a close that were seen, and since when.

    The newest row of a chart has the same form while the session runs and after it. An answer that somebody kept from
    before the close, or a machine whose clock is ahead, would make a live price the close of the day. So the row waits
    until another trade is seen, or none for half an hour of a clock that nobody sets.
    """

    def __init__(self, calendar: Calendar, monotonic: Callable[[], float]) -> None:
        self._calendar, self._monotonic = calendar, monotonic
        self._seen: dict[str, _Seen] = {}
        self._ended = date.min

    def closed(self, ticker: str, answer: TickerBars, days: SessionWindow) -> TickerBars:
        """The answer without the newest row if that may be a price of the session that the row is of.

        Raises:
            NoBarsError: When nothing is left.
        """
        session, traded_at = answer.bars.index[-1].date(), answer.traded_at
        if answer.identity is not None and answer.identity.zone not in (None, NEW_YORK.key):
            # The close of New York says nothing of an exchange with another one.
            return answer
        if session == days.running or traded_at is None or ticker.endswith(CONTRACTS):
            return answer
        # What did not trade on the day of its row at all has a close of another kind.
        if new_york_date(traded_at) != session:
            return answer
        if traded_at >= self._calendar.close_at(session) - NEAR_THE_CLOSE:
            self._ended = max(self._ended, session)
            self._seen.pop(ticker, None)
            return answer
        if self._is_over(ticker, session, traded_at):
            self._seen.pop(ticker, None)
            return answer
        if len(answer.bars) == 1:
            at = traded_at.astimezone(NEW_YORK)
            raise NoBarsError(
                f"its last trade is of {at:%H:%M} on {at:%Y-%m-%d}, which is before the close of {session}"
            )
        return replace(answer, bars=answer.bars.iloc[:-1])

    def _is_over(self, ticker: str, session: date, traded_at: datetime) -> bool:
        seen, now = self._seen.get(ticker), self._monotonic()
        if seen is None or (seen.session, seen.traded_at) != (session, traded_at):
            self._seen[ticker] = _Seen(session, traded_at, now)
            return False
        # A liquid fund or index that did not trade at a close at which others did is one that the source has stopped at.
        stopped = instrument(ticker).liquid and self._ended == session
        return now - seen.since >= NO_TRADE_SECONDS and not stopped
