"""Invesco's price of one share class: net asset value and shares of the newest day only. Optional.

There is no history of shares: it begins with the first snapshot.
"""

from __future__ import annotations

from datetime import timedelta

from bot.calendar.clock import Calendar
from bot.domain.backoff import Backoff
from bot.errors import SourceError
from bot.sources.fund_issuers.parsing import FundDay, with_figures
from bot.sources.fund_issuers.source import Issuer, flows_job, sample_of
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import amount, day
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import field
from bot.sources.parsing.own_date import check_age
from bot.sources.source_spec import SourceSpec

BASE = (
    "https://dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/{}/prices"
    "?idType=cusip&variationType=priceListing&productType=ETF"
)
CUSIPS = {"QQQ": "46090E103", "RSP": "46137V357"}
OLDEST_DAYS = 30
"""A price that is older is refused; one that is a few days old is stored under its own day."""
DATE, CUSIP, NAV, SHARES = "effectiveDate", "cusip", "nav", "sharesOutstanding"


def invesco(http: Http, *, calendar: Calendar) -> Issuer:
    """The source. The site's terms forbid automated access in general wording, so a person has to
    enable it.
    """
    return Issuer(
        http,
        name="invesco",
        label="Invesco",
        calendar=calendar,
        addresses={ticker: BASE.format(cusip) for ticker, cusip in CUSIPS.items()},
        expect=Expect.JSON,
        read=read,
        history=False,
        headers={"Accept": "application/json"},
    )


@reader("Invesco")
def read(response: HttpResponse, ticker: str) -> list[FundDay]:
    """The one day of a response, which says its own date."""
    body = response.json()
    if not isinstance(body, dict) or not body:
        raise SourceError(f"{response.place} has no price of {ticker}")
    as_of, about, nav, shares = (field(body, name, response.place) for name in (DATE, CUSIP, NAV, SHARES))
    if about != CUSIPS[ticker]:
        raise SourceError(f"{response.place} is about {str(about)[:20]!r} and not about {CUSIPS[ticker]}")
    when = check_age(day(as_of, "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"), response, most_days=OLDEST_DAYS)
    return with_figures([FundDay(when, amount(nav), amount(shares))], response.place)


INVESCO = SourceSpec(
    name="invesco",
    title="Invesco",
    gives="fund flows",
    build=lambda dependencies: invesco(dependencies.http, calendar=dependencies.calendar),
    samples=lambda day: sample_of("QQQ", day),
    policies={
        # After eight quick requests it refused for two minutes, so any two are 15 seconds apart.
        "dng-api.invesco.com": HostPolicy(
            per_second=1 / 15,
            burst=1,
            timeout_seconds=30.0,
            tries=2,
            backoff=Backoff(first=timedelta(seconds=15), most=timedelta(minutes=1), jitter=(0.5, 1.5)),
        ),
    },
    jobs=(flows_job("invesco"),),
    opt_in=True,
)
