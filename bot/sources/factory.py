"""Every live source, wired to one HTTP session and to one Yahoo session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.calendar.clock import Calendar
from bot.sources import edgar, fed_calendar, fund_issuers, index_members, treasury
from bot.sources.base import Source
from bot.sources.cboe import indices
from bot.sources.cboe.option_chains import CboeChains
from bot.sources.fred import source
from bot.sources.http.client import Http
from bot.sources.http.raw_archive import RawArchive
from bot.sources.yahoo import Yahoo
from bot.sources.yahoo.estimates_source import YahooEstimates
from bot.sources.yahoo.option_chains import YahooChains


def build(
    *,
    contact: str | None,
    fred_key: str | None,
    cache_dir: Path,
    calendar: Calendar,
    base_urls: Mapping[str, str] | None = None,
    enabled: Collection[str] = (),
    raw_archive: RawArchive | None = None,
) -> list[Source]:
    """The sources in the order in which they should be asked: members first, the Treasury after FRED, whose yields it
    repeats a day fresher and replaces when FRED fails.

    iShares and Invesco are among them; whether they may be asked is for a person to say (`config.OPT_IN`).
    `enabled`: names of sources that others may ask as well: Yahoo in Cboe's place, Invesco for the members of the Nasdaq-100.
    `contact` goes into the User-Agent; without one Wikipedia is not asked. `base_urls` maps a host (or `*` for any) to the
    address asked in its place. `cache_dir` keeps cookies and the last good lists of members. Answers are kept in
    `raw_archive`. Opens nothing before the first request.
    """
    urls = dict(base_urls or {})
    policies = {
        **source.POLICIES,
        **treasury.POLICIES,
        **indices.POLICIES,
        **index_members.POLICIES,
        **fed_calendar.POLICIES,
        **fund_issuers.POLICIES,
        **edgar.POLICIES,
    }
    http = Http(contact=contact, base_urls=urls, policies=policies, raw_archive=raw_archive)
    yahoo = Yahoo(cache_dir=cache_dir / "yahoo", calendar=calendar, base_urls=urls, raw_archive=raw_archive)
    return [
        index_members.Universe(http, cache_dir=cache_dir, invesco="invesco" in enabled),
        yahoo,
        source.Fred(http, key=fred_key),
        treasury.Treasury(http),
        indices.Cboe(http, calendar=calendar),
        fed_calendar.Fed(http),
        CboeChains(http, calendar=calendar, substitute=YahooChains(yahoo) if yahoo.name in enabled else None),
        YahooEstimates(yahoo),
        edgar.Edgar(http),
        *fund_issuers.build(http, calendar=calendar, use_ishares=True, use_invesco=True),
    ]
