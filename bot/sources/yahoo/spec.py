"""Specifications of Yahoo's sources.

They are separate from the sources, because yfinance takes longer to import than the rest of this
program together: code that only needs the list of sources does not import it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.fetched import FetchRequest
from bot.domain.job import ExpectedDay, Job, at
from bot.sources.source_spec import SourceDependencies, SourceSpec
from bot.sources.yahoo.remote import YahooSettings

if TYPE_CHECKING:
    from bot.sources.yahoo.estimates_source import YahooEstimates
    from bot.sources.yahoo.option_chains import YahooChains
    from bot.sources.yahoo.source import Yahoo


def shared_yahoo(dependencies: SourceDependencies) -> Yahoo:
    """The shared source of prices, whose session is used for estimates and option chains as well."""
    from bot.sources.yahoo.source import Yahoo

    settings = YahooSettings(dependencies.cache_dir / "yahoo", tuple(dependencies.base_urls.items()))
    return dependencies.shared(
        Yahoo,
        lambda: Yahoo(
            settings,
            calendar=dependencies.calendar,
            process=dependencies.yahoo_process,
            raw_archive=dependencies.raw_archive,
        ),
    )


def yahoo_chains(dependencies: SourceDependencies) -> YahooChains:
    """Yahoo's option chains, as a substitute for another source."""
    from bot.sources.yahoo.option_chains import YahooChains

    return YahooChains(shared_yahoo(dependencies))


def _estimates(dependencies: SourceDependencies) -> YahooEstimates:
    from bot.sources.yahoo.estimates_source import YahooEstimates

    return YahooEstimates(shared_yahoo(dependencies))


YAHOO = SourceSpec(
    name="yahoo",
    title="Yahoo",
    gives="prices",
    build=shared_yahoo,
    samples=lambda day: (FetchRequest(day - timedelta(days=10), day, tickers=("SPY",)),),
    jobs=(Job("prices", "yahoo", after_close=timedelta(minutes=22), rank=20, expected=ExpectedDay.SESSION),),
    gives_quotes=True,
)

YAHOO_ESTIMATES = SourceSpec(
    name="estimates",
    title="Yahoo estimates",
    gives="estimates",
    build=_estimates,
    samples=lambda day: (FetchRequest(day, day, tickers=("AAPL",), records=("estimates",)),),
    jobs=(
        Job(
            "estimates",
            "estimates",
            times=at("21:00"),
            rank=100,
            records=("estimates", "surprises"),
            back=timedelta(0),
            first=timedelta(0),
            expected=ExpectedDay.SESSION,
        ),
    ),
)
