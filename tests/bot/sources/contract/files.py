"""Cboe's files and the Fed's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.domain.fetched import FetchRequest
from bot.sources.cboe.indices import Cboe
from bot.sources.cboe.option_chains import CboeChains
from bot.sources.fed_calendar import Fed
from tests.bot.sources.contract.adapter import Adapter, renamed
from tests.support.http_stub import Reply, as_json, as_text

FRIDAY = date(2024, 3, 8)
SATURDAY = datetime(2024, 3, 9, 12, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 6, 22, tzinfo=UTC)
CDN = "cdn-api.cboe.com"
VIX = as_text("DATE,OPEN,HIGH,LOW,CLOSE\n03/07/2024,14,15,14,14.44\n03/08/2024,14,15,14,14.74\n")
RATIOS = as_json({"ratios": [{"name": "EQUITY PUT/CALL RATIO", "value": "0.61"}]})
OLD = as_text("legal text\nDATE,CALL,PUT,TOTAL,P/C Ratio\n10/3/2019,1,2,3,0.72\n10/4/2019,1,2,3,0.60\n")
CHAIN_DAY = datetime(2024, 3, 8, 20, 45, tzinfo=UTC)


def _chain(*contracts: str) -> Reply:
    numbers = {"bid": 1.0, "ask": 1.1, "iv": 0.2, "delta": 0.3, "volume": 10.0, "open_interest": 50.0}
    options = [{"option": name, **numbers} for name in contracts]
    return as_json({"data": {"last_trade_time": "2024-03-08T15:29:59", "options": options}})


CHAIN = _chain("QQQ240407P00410000", "QQQ240407C00450000")
MEETINGS = ("2026-01", "2026-03", "2028-01")
FOMC = as_json(
    {"events": [{"month": month, "days": "25-26", "title": "FOMC Meeting", "type": "FOMC"} for month in MEETINGS]}
)
FILES = (
    Adapter(
        "cboe index",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        FetchRequest(date(2024, 3, 4), FRIDAY, series=("VIX",)),
        SATURDAY,
        f"{CDN}/api/global/us_indices/daily_prices/VIX_History.csv",
        VIX,
        as_text("DATE,OPEN,HIGH,LOW,CLOSE\n"),
        renamed(VIX, "CLOSE", "LAST"),
        {"cut": "breaks off in the middle of a line", "empty": "has no rows", "changed": "no column CLOSE"},
        cut_at=0.9,
    ),
    Adapter(
        "cboe put/call",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        FetchRequest(FRIDAY, FRIDAY, series=("CBOE_EQUITY_PC",)),
        SATURDAY,
        f"{CDN}/data/us/options/market_statistics/daily/2024-03-08_daily_options",
        RATIOS,
        as_json({"ratios": []}),
        renamed(RATIOS, '"ratios"'),
        {
            "not found": "has published nothing between",
            "cut": "not JSON",
            "empty": "no equity put/call ratio",
            "changed": "no ratios",
        },
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "cboe put/call archive",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        FetchRequest(date(2019, 10, 1), date(2019, 10, 4), series=("CBOE_EQUITY_PC",)),
        SATURDAY,
        f"{CDN}/resources/options/volume_and_call_put_ratios/equitypc.csv",
        OLD,
        as_text("DATE,CALL,PUT,TOTAL,P/C Ratio\n"),
        renamed(OLD, "P/C Ratio", "Quotient"),
        {
            "cut": "breaks off in the middle of a line|does not reach",
            "empty": "does not reach 2019-10-04",
            "changed": "no column P/C Ratio",
        },
        cut_at=0.9,
    ),
    Adapter(
        "cboe chains",
        lambda bench: CboeChains(bench.http, calendar=bench.calendar),
        FetchRequest(FRIDAY, FRIDAY, tickers=("QQQ",), records=("options",)),
        CHAIN_DAY,
        f"{CDN}/api/global/delayed_quotes/options/QQQ.json",
        CHAIN,
        _chain(),
        renamed(CHAIN, '"open_interest"'),
        {
            "not found": "answered 404, so it has no option chain",
            "cut": "not JSON",
            "empty": "is empty",
            "changed": "it has no open_interest",
        },
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "fed calendar",
        lambda bench: Fed(bench.http),
        FetchRequest(date(2026, 10, 6), date(2026, 10, 6), records=("meetings",)),
        OCTOBER,
        "www.federalreserve.gov/json/calendar.json",
        FOMC,
        as_json({"events": []}),
        renamed(FOMC, '"days"'),
        {"cut": "not JSON", "empty": "no meeting of its committee", "changed": "no days"},
    ),
)
