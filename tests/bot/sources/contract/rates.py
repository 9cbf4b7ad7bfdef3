"""FRED with and without a key, and the Treasury."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.domain.fetched import FetchRequest
from bot.sources.fred.source import Fred
from bot.sources.treasury import Treasury
from tests.bot.sources.contract.adapter import KEY, Adapter, renamed
from tests.support.http_stub import PAGE, Reply, as_json, as_text

TUESDAY = datetime(2026, 10, 6, 22, tzinfo=UTC)
DAYS = (date(2026, 10, 1), date(2026, 10, 6))
CSV = as_text("observation_date,DFII10,DGS10\n2026-10-01,2.90,5.25\n2026-10-02,.,.\n2026-10-05,2.95,5.30\n")
API = "api.stlouisfed.org/fred/series/observations"
SERIES = as_json(
    {
        "count": 2,
        "observations": [
            {"realtime_start": "2026-10-06", "date": "2026-10-01", "value": "2.90"},
            {"realtime_start": "2026-10-06", "date": "2026-10-05", "value": "2.95"},
        ],
    }
)
NO_SERIES = as_json({"count": 0, "observations": []})
RELEASES = as_json({"release_dates": [{"release_id": 10, "date": "2026-10-14"}]})
VINTAGE = as_text("observation_date,FEDTARMD_20260923\n2026-01-01,3.9\n2027-01-01,3.4\n")
PROJECTIONS = FetchRequest(date(2026, 9, 1), date(2026, 10, 6), records=("projections",))
TREASURY = "home.treasury.gov/resource-center/data-chart-center/interest-rates"
CURVE, FEED = f"{TREASURY}/daily-treasury-rates.csv/2026/all", f"{TREASURY}/pages/xml"
REAL = as_text('Date,"5 YR","10 YR"\n10/05/2026,2.61,2.91\n10/02/2026,2.60,2.90\n')
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="urn:d" xmlns:m="urn:m">{}</feed>'
ENTRY = (
    "<entry><content><m:properties><d:NEW_DATE>2026-10-05T00:00:00</d:NEW_DATE><d:TC_10YEAR>2.91</d:TC_10YEAR>"
    "</m:properties></content></entry>"
)
XML = Reply(ATOM.format(ENTRY).encode())
RATES = (
    Adapter(
        "fred csv",
        lambda bench: Fred(bench.http),
        FetchRequest(*DAYS, series=("DFII10", "DGS10")),
        TUESDAY,
        "fred.stlouisfed.org/graph/fredgraph.csv",
        CSV,
        as_text("observation_date,DFII10,DGS10\n"),
        renamed(CSV, "observation_date", "day"),
        {
            "not found": "FRED knows none of DFII10, DGS10",
            "cut": "breaks off in the middle of a line",
            "empty": "no value between",
            "changed": "no line with observation_date",
        },
        unknown=frozenset({"empty"}),
        cut_at=0.9,
    ),
    Adapter(
        "fred api",
        lambda bench: Fred(bench.http, key=KEY),
        FetchRequest(*DAYS, series=("DFII10",)),
        TUESDAY,
        API,
        SERIES,
        NO_SERIES,
        renamed(SERIES, '"value"'),
        {"not found": "not JSON", "cut": "not JSON", "empty": "no value between", "changed": "it has no value"},
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "fred vintages",
        lambda bench: Fred(bench.http, key=KEY),
        FetchRequest(*DAYS, series=("PAYEMS",)),
        TUESDAY,
        API,
        SERIES,
        NO_SERIES,
        renamed(SERIES, '"realtime_start"'),
        {
            "not found": "not JSON",
            "cut": "not JSON",
            "empty": "no value between",
            "changed": "it has no realtime_start",
        },
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "fred projections csv",
        lambda bench: Fred(bench.http),
        PROJECTIONS,
        TUESDAY,
        "alfred.stlouisfed.org/graph/alfredgraph.csv",
        VINTAGE,
        as_text("observation_date,FEDTARMD_20260923\n"),
        renamed(VINTAGE, "FEDTARMD"),
        {
            "cut": "breaks off in the middle of a line",
            "empty": "no projections of these meetings",
            "changed": "no column FEDTARMD",
        },
        unknown=frozenset({"empty"}),
        cut_at=0.9,
    ),
    Adapter(
        "fred projections api",
        lambda bench: Fred(bench.http, key=KEY),
        PROJECTIONS,
        TUESDAY,
        API,
        SERIES,
        NO_SERIES,
        renamed(SERIES, '"date"'),
        {
            "not found": "not JSON",
            "cut": "not JSON",
            "empty": "no projections of these meetings",
            "changed": "it has no date",
        },
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "fred release days",
        lambda bench: Fred(bench.http, key=KEY),
        FetchRequest(date(2026, 10, 6), date(2026, 10, 6), records=("releases",)),
        TUESDAY,
        "api.stlouisfed.org/fred/release/dates",
        RELEASES,
        as_json({"release_dates": []}),
        renamed(RELEASES, '"release_dates"'),
        {"not found": "not JSON", "cut": "not JSON", "empty": "no day of it to come", "changed": "no release_dates"},
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "treasury csv",
        lambda bench: Treasury(bench.http),
        FetchRequest(*DAYS, series=("DFII10",)),
        TUESDAY,
        CURVE,
        REAL,
        as_text('Date,"10 YR"\n'),
        renamed(REAL, "Date", "Day"),
        {"too many": "429"},
        around=lambda stub: stub.on(FEED, XML),
        stands_in=1,
        noted="the feed is read",
        cut_at=0.9,
    ),
    Adapter(
        "treasury xml",
        lambda bench: Treasury(bench.http),
        FetchRequest(*DAYS, series=("DFII10",)),
        TUESDAY,
        FEED,
        XML,
        Reply(ATOM.format("").encode()),
        renamed(XML, "NEW_DATE"),
        {"cut": "XML that cannot be read", "empty": "no value between", "changed": "NEW_DATE"},
        around=lambda stub: stub.on(CURVE, PAGE),
        unknown=frozenset({"empty"}),
    ),
)
