"""Every adapter with a good answer, and the ways in which an answer can be bad: the material of `test_contract`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Calendar
from bot.sources.base import Fetched, Source, Want
from bot.sources.cboe import Cboe
from bot.sources.cboe_chains import CboeChains
from bot.sources.edgar import Edgar
from bot.sources.fed import Fed
from bot.sources.fred import Fred
from bot.sources.http import Http
from bot.sources.treasury import Treasury
from bot.sources.universe import Universe
from bot.sources.yahoo import Yahoo, YahooEstimates
from signals import fedfunds
from tests.bot.sources import filings, test_universe, test_yahoo_estimates
from tests.bot.sources.issuers import test_issuers
from tests.bot.sources.stub import PAGE, Reply, Stub, as_json, as_text, too_many
from tests.bot.sources.yahoo_replies import QUOTES, chart, credentials, quote, quotes

KEY = "0123456789abcdef0123456789abcdef"
CONTACT = "ada@example.org"
CASES = ("not found", "too many", "a web page", "nothing", "torn", "cut", "empty", "changed")
"""Statuses 404 and 429, HTML in place of data, a body of no bytes, a connection that ends early, a body that ends early
although the connection does not say so, no rows in good order, and a field that is called something else."""


@dataclass(frozen=True)
class Bench:
    """What a source is made of in a test."""

    http: Http
    stub: Stub
    calendar: Calendar
    folder: Path
    yahoo: Callable[..., Yahoo]


@dataclass(frozen=True)
class Adapter:
    """One kind of answer of one source.

    `want`: what is fetched, or tickers of which quotes are. `around`: what else must be answered. `says`: what the sentence of a
    case holds where it is not the usual one. `unknown`: cases in which a source that is well has nothing. `stands_in`: how many
    rows come from elsewhere although this answer is bad, in all cases but those in `says`; `noted` is then said or logged, and
    `fails` tells whether it counts as a failure.
    """

    name: str
    make: Callable[[Bench], Source]
    want: Want | tuple[str, ...]
    now: datetime
    place: str
    good: Reply
    empty: Reply
    changed: Reply
    says: Mapping[str, str]
    around: Callable[[Stub], None] = lambda stub: None
    unknown: frozenset[str] = frozenset()
    stands_in: int = 0
    cut_at: float = 0.66
    noted: str = ""
    fails: bool = False

    def reply(self, case: str) -> Reply:
        """What is answered in a case."""
        body = self.good.body
        return {
            "not found": Reply(b"gone", 404),
            "too many": too_many("600"),
            "a web page": PAGE,
            "nothing": Reply(b""),
            "torn": Reply(body[: len(body) // 2], how="truncated"),
            "cut": Reply(body[: int(len(body) * self.cut_at)]),
            "empty": self.empty,
            "changed": self.changed,
        }[case]

    def sentence(self, case: str) -> str:
        """What has to be said in a case, as a pattern."""
        usual = {
            "not found": "answered 404",
            "too many": "429",
            "a web page": "web page",
            "nothing": "nothing in it",
            "torn": "broke off|could not be reached",
        }
        return self.says[case] if case in self.says else usual[case]

    def script(self, stub: Stub, reply: Reply) -> None:
        """Answer everything that is asked, this adapter with `reply`."""
        self.around(stub)
        stub.on(self.place, reply)

    async def ask(self, source: Source) -> Fetched:
        """Ask the source once."""
        if isinstance(self.want, Want):
            return await source.fetch(self.want, self.now)
        return await source.quotes(self.want, self.now)


def rows(fetched: Fetched) -> int:
    """Everything that would be kept."""
    tables = [*fetched.bars.values(), *fetched.observations.values(), *fetched.records.values()]
    return sum(map(len, tables)) + (0 if fetched.universe is None else len(fetched.universe))


def _renamed(reply: Reply, old: str, new: str = "renamed") -> Reply:
    """The same answer with a field that is called something else."""
    assert old.encode() in reply.body
    new = f'"{new}"' if old.startswith('"') else new
    return Reply(reply.body.replace(old.encode(), new.encode()), reply.status, reply.headers)


# Yahoo

WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]
SATURDAY = datetime(2024, 3, 9, 12, tzinfo=UTC)
NOON = datetime(2024, 3, 6, 17, tzinfo=UTC)
CHARTS = "query2.finance.yahoo.com/v8/finance/chart/"
FUTURE = fedfunds.contract(2024, 12)
SUMMARIES = "query2.finance.yahoo.com/v10/finance/quoteSummary/"
REFUSED = {"not found": "answered 404", "cut": "not JSON|JSON"}


def _chart(name: str, ticker: str) -> Adapter:
    good = chart(ticker, WEEK, [10, 11, 12, 13, 14])
    return Adapter(
        name,
        lambda bench: bench.yahoo(),
        Want(WEEK[0], WEEK[-1], tickers=(ticker,)),
        SATURDAY,
        CHARTS + ticker,
        good,
        as_json({"chart": {"result": [], "error": None}}),
        _renamed(good, '"adjclose"'),
        {**REFUSED, "empty": "no prices", "changed": "adjclose"},
        around=credentials,
        unknown=frozenset({"empty"}),
    )


PRICES = quotes(quote("SPY", 510.0, NOON), quote("QQQ", 440.0, NOON))
COMPANY = test_yahoo_estimates.summary(test_yahoo_estimates.modules())
YAHOO = (
    _chart("yahoo daily", "SPY"),
    _chart("yahoo futures", FUTURE),
    Adapter(
        "yahoo quotes",
        lambda bench: bench.yahoo(),
        ("SPY", "QQQ"),
        NOON,
        QUOTES,
        PRICES,
        quotes(),
        _renamed(PRICES, "quoteResponse"),
        {**REFUSED, "empty": "no quote for any", "changed": "'quoteResponse'"},
        around=credentials,
    ),
    Adapter(
        "yahoo estimates",
        lambda bench: YahooEstimates(bench.yahoo(), jitter=lambda: 0.5),
        Want(date(2025, 2, 24), date(2025, 2, 24), tickers=("AAPL",), records=("estimates", "surprises")),
        test_yahoo_estimates.NOW,
        SUMMARIES + "AAPL",
        COMPANY,
        as_json({"quoteSummary": {"result": [], "error": None}}),
        _renamed(COMPANY, "earningsTrend"),
        {**REFUSED, "empty": "empty for AAPL", "changed": "'earningsTrend'"},
        around=credentials,
    ),
)

# Rates

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
VINTAGE = as_text("observation_date,FEDTARMD_20260923\n2026-01-01,3.9\n2027-01-01,3.4\n")
PROJECTIONS = Want(date(2026, 9, 1), date(2026, 10, 6), records=("projections",))
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
        Want(*DAYS, series=("DFII10", "DGS10")),
        TUESDAY,
        "fred.stlouisfed.org/graph/fredgraph.csv",
        CSV,
        as_text("observation_date,DFII10,DGS10\n"),
        _renamed(CSV, "observation_date", "day"),
        {
            "not found": "FRED knows none of DFII10, DGS10",
            "cut": "breaks off in the middle of a line",
            "empty": "no value between",
            "changed": "'day' where observation_date is expected",
        },
        unknown=frozenset({"empty"}),
        cut_at=0.9,
    ),
    Adapter(
        "fred api",
        lambda bench: Fred(bench.http, key=KEY),
        Want(*DAYS, series=("DFII10",)),
        TUESDAY,
        API,
        SERIES,
        NO_SERIES,
        _renamed(SERIES, '"value"'),
        {"not found": "not JSON", "cut": "not JSON", "empty": "no value between", "changed": "'value'"},
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "fred vintages",
        lambda bench: Fred(bench.http, key=KEY),
        Want(*DAYS, series=("PAYEMS",)),
        TUESDAY,
        API,
        SERIES,
        NO_SERIES,
        _renamed(SERIES, '"realtime_start"'),
        {"not found": "not JSON", "cut": "not JSON", "empty": "no value between", "changed": "'realtime_start'"},
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
        _renamed(VINTAGE, "FEDTARMD"),
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
        _renamed(SERIES, '"date"'),
        {"not found": "not JSON", "cut": "not JSON", "empty": "no projections of these meetings", "changed": "'date'"},
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "treasury csv",
        lambda bench: Treasury(bench.http),
        Want(*DAYS, series=("DFII10",)),
        TUESDAY,
        CURVE,
        REAL,
        as_text('Date,"10 YR"\n'),
        _renamed(REAL, "Date", "Day"),
        {"too many": "429"},
        around=lambda stub: stub.on(FEED, XML),
        stands_in=1,
        noted="the feed is read",
        cut_at=0.9,
    ),
    Adapter(
        "treasury xml",
        lambda bench: Treasury(bench.http),
        Want(*DAYS, series=("DFII10",)),
        TUESDAY,
        FEED,
        XML,
        Reply(ATOM.format("").encode()),
        _renamed(XML, "NEW_DATE"),
        {"cut": "XML that cannot be read", "empty": "no value between", "changed": "NEW_DATE"},
        around=lambda stub: stub.on(CURVE, PAGE),
        unknown=frozenset({"empty"}),
    ),
)

# Cboe and the Fed

FRIDAY = date(2024, 3, 8)
CDN = "cdn.cboe.com"
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
OTHERS = (
    Adapter(
        "cboe index",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        Want(WEEK[0], FRIDAY, series=("VIX",)),
        SATURDAY,
        f"{CDN}/api/global/us_indices/daily_prices/VIX_History.csv",
        VIX,
        as_text("DATE,OPEN,HIGH,LOW,CLOSE\n"),
        _renamed(VIX, "CLOSE", "LAST"),
        {"cut": "breaks off in the middle of a line", "empty": "ends on None", "changed": "no column CLOSE"},
        unknown=frozenset({"empty"}),
        cut_at=0.9,
    ),
    Adapter(
        "cboe put/call",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        Want(FRIDAY, FRIDAY, series=("CBOE_EQUITY_PC",)),
        SATURDAY,
        f"{CDN}/data/us/options/market_statistics/daily/2024-03-08_daily_options",
        RATIOS,
        as_json({"ratios": []}),
        _renamed(RATIOS, '"ratios"'),
        {
            "not found": "has published nothing between",
            "cut": "not JSON",
            "empty": "no equity put/call ratio",
            "changed": "'ratios'",
        },
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "cboe put/call archive",
        lambda bench: Cboe(bench.http, calendar=bench.calendar),
        Want(date(2019, 10, 1), date(2019, 10, 4), series=("CBOE_EQUITY_PC",)),
        SATURDAY,
        f"{CDN}/resources/options/volume_and_call_put_ratios/equitypc.csv",
        OLD,
        as_text("DATE,CALL,PUT,TOTAL,P/C Ratio\n"),
        _renamed(OLD, "P/C Ratio", "Quotient"),
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
        Want(FRIDAY, FRIDAY, tickers=("QQQ",), records=("options",)),
        CHAIN_DAY,
        f"{CDN}/api/global/delayed_quotes/options/QQQ.json",
        CHAIN,
        _chain(),
        _renamed(CHAIN, '"open_interest"'),
        {
            "not found": "answered 404, so it has no option chain",
            "cut": "not JSON",
            "empty": "is empty",
            "changed": "'open_interest'",
        },
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "fed calendar",
        lambda bench: Fed(bench.http),
        Want(date(2026, 10, 6), date(2026, 10, 6), records=("meetings",)),
        TUESDAY,
        "www.federalreserve.gov/json/calendar.json",
        FOMC,
        as_json({"events": []}),
        _renamed(FOMC, '"days"'),
        {"cut": "not JSON", "empty": "no meeting of its committee", "changed": "'days'"},
    ),
)

# Issuers of funds


def _issuer(case: test_issuers.Case, nothing: Reply, **says: str) -> Adapter:
    return Adapter(
        case.make.__name__,
        lambda bench: case.make(bench.http, calendar=bench.calendar),
        Want(date(2003, 1, 1), date(2026, 9, 21), tickers=(case.ticker,), records=("funds",)),
        test_issuers.NOW,
        case.place,
        case.good,
        nothing,
        case.changed,
        {"changed": f"'{case.field}'", **says},
    )


ISSUERS = (
    _issuer(test_issuers.CASES[0], test_issuers.navhist(), cut="cannot be read", empty="no line with"),
    _issuer(test_issuers.CASES[1], test_issuers.workbook(), cut="cannot be read", empty="no line with"),
    _issuer(test_issuers.CASES[2], as_json({}), cut="not JSON", empty="no price of QQQ"),
)

# The SEC

SEC_DAY = datetime(2026, 8, 28, 14, tzinfo=UTC)
NVIDIA, ACCESSION = 1045810, "0001045810-26-000073"
FIGURE = filings.concept([filings.fact("2025-07-01", "2025-12-31", 49.27e9, "2026-01-28")])
RAISES = "We are raising our full-year 2027 revenue guidance to a range of $300 to $310 billion."
HITS = filings.hits([filings.hit(ACCESSION, NVIDIA, "2026-08-26")])
LISTED = filings.listing([(ACCESSION, "8-K", "2026-08-26", "2026-08-26", "2026-08-26T20:21:07.000Z", "2.02,9.01")])
LIST = "data.sec.gov/submissions/CIK0001045810.json"
RELEASE = filings.release(RAISES)
GUIDANCE = Want(date(2026, 8, 1), date(2026, 8, 28), tickers=("NVDA",), records=("guidance",))


def _sec(**places: Reply) -> Callable[[Stub], None]:
    """The SEC with good answers at places that are not under test."""

    def script(stub: Stub) -> None:
        filings.script(stub)
        for place, reply in places.items():
            stub.on(
                {"search": filings.SEARCH, "listed": LIST, "text": filings.text_of(NVIDIA, ACCESSION)}[place], reply
            )

    return script


FACT_PLACE = f"{filings.FACTS}/CIK0000789019/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment.json"
FACTS = Want(date(2016, 1, 1), date(2026, 8, 28), tickers=("MSFT",), records=("facts",))
SEC = (
    Adapter(
        "edgar tickers",
        lambda bench: Edgar(bench.http),
        FACTS,
        SEC_DAY,
        filings.TICKERS,
        as_json(filings.COMPANIES),
        as_json({}),
        _renamed(as_json(filings.COMPANIES), "cik_str"),
        {"cut": "not JSON", "empty": "lists no companies", "changed": "no cik_str"},
        around=lambda stub: stub.on(FACT_PLACE, FIGURE),
    ),
    Adapter(
        "edgar figures",
        lambda bench: Edgar(bench.http),
        FACTS,
        SEC_DAY,
        FACT_PLACE,
        FIGURE,
        filings.concept([]),
        _renamed(FIGURE, '"units"'),
        {
            "not found": "none of the figures asked for",
            "cut": "not JSON",
            "empty": "none of the figures asked for",
            "changed": "no units",
        },
        around=_sec(),
        unknown=frozenset({"not found", "empty"}),
    ),
    Adapter(
        "edgar search",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        filings.SEARCH,
        HITS,
        filings.hits([]),
        _renamed(HITS, '"adsh"'),
        {"too many": "429", "empty": ""},
        around=_sec(listed=LISTED, text=RELEASE),
        unknown=frozenset({"empty"}),
        stands_in=1,
        noted="the full-text search fails, so lists are read",
    ),
    Adapter(
        "edgar lists of filings",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        LIST,
        LISTED,
        filings.listing([]),
        _renamed(LISTED, '"filingDate"'),
        {"cut": "not JSON", "empty": "", "changed": "no filingDate"},
        around=_sec(search=Reply(b"down", 503), text=RELEASE),
        unknown=frozenset({"empty"}),
    ),
    Adapter(
        "edgar releases",
        lambda bench: Edgar(bench.http),
        GUIDANCE,
        SEC_DAY,
        filings.text_of(NVIDIA, ACCESSION),
        RELEASE,
        Reply(b"<SEC-DOCUMENT>x\n</SEC-DOCUMENT>"),
        Reply(b"A filing in a form that nobody knows"),
        {"a web page": "no filing", "cut": "breaks off", "empty": "no document", "changed": "no SEC-DOCUMENT"},
        around=_sec(search=HITS),
    ),
)
SUMMER = Want(date(2026, 7, 1), date(2026, 8, 28), tickers=("NVDA",), records=("holdings",))
REPORT, CUSIP = "0000919574-26-000001", "67066G104"
COVER = ("13F-HR", "primary_doc.xml", filings.cover("TIGER GLOBAL LLC"))
TABLE = ("INFORMATION TABLE", "t.xml", filings.table([(CUSIP, 180_000, 1000, "SH", "")]))
HELD = filings.whole([COVER, TABLE], "20260814163000")
OF_MANAGER = filings.listing([(REPORT, "13F-HR", "2026-08-14", "2026-06-30", "2026-08-14T16:30:00.000Z", "")])
MANAGERS = {
    f"{filings.FAILS}/cnsfails202608a.zip": filings.fails([(CUSIP, "NVDA")]),
    "data.sec.gov/submissions/CIK0001167483.json": OF_MANAGER,
    filings.text_of(1167483, REPORT): HELD,
}


def _of_managers(
    name: str, place: str, nothing: Reply, changed: Reply, says: Mapping[str, str], **more: Any
) -> Adapter:
    def around(stub: Stub) -> None:
        filings.script(stub)
        for other, reply in MANAGERS.items():
            stub.on(other, reply)

    def make(bench: Bench) -> Source:
        return Edgar(bench.http, managers={"Tiger Global": 1167483})

    return Adapter(name, make, SUMMER, SEC_DAY, place, MANAGERS[place], nothing, changed, says, around=around, **more)


SEC_HOLDINGS = (
    _of_managers(
        "edgar lists of CUSIPs",
        f"{filings.FAILS}/cnsfails202608a.zip",
        filings.fails([]),
        filings.fails([(CUSIP, "NVDA")], header="DATE|ID|SYMBOL"),
        {
            "not found": "no list of failed deliveries",
            "cut": "no ZIP that can be read",
            "empty": "no list of failed deliveries",
            "changed": "no column CUSIP",
        },
    ),
    _of_managers(
        "edgar lists of managers",
        "data.sec.gov/submissions/CIK0001167483.json",
        filings.listing([]),
        _renamed(OF_MANAGER, '"filingDate"'),
        {"cut": "not JSON", "empty": "", "changed": "no filingDate"},
        unknown=frozenset({"empty"}),
    ),
    _of_managers(
        "edgar reports of managers",
        filings.text_of(1167483, REPORT),
        Reply(b"<SEC-DOCUMENT>x\n</SEC-DOCUMENT>"),
        _renamed(HELD, "sshPrnamtType", "kind"),
        {
            "a web page": "no filing",
            "cut": "breaks off",
            "empty": "no document",
            "changed": "no sshPrnamtType",
        },
    ),
)

# Members of indices

SUNDAY = test_universe.NOW
MEMBERS, NDX = test_universe.MEMBERS, test_universe.NDX
HOLDINGS = test_universe.workbook(MEMBERS)
DATASET = test_universe.dataset(MEMBERS)
SP500_PAGE, NDX_PAGE = test_universe.sp500_page(MEMBERS), test_universe.ndx_page(NDX)
NASDAQ = as_json({"data": {"data": {"rows": [{"symbol": ticker, "companyName": ticker} for ticker in NDX]}}})
PLACES = {
    test_universe.SSGA: HOLDINGS,
    test_universe.DATASET: DATASET,
    test_universe.SP500_PAGE: SP500_PAGE,
    test_universe.NDX_PAGE: NDX_PAGE,
}
BOTH = len({*MEMBERS, *NDX})


def _list(
    name: str, place: str, good: Reply, empty: Reply, changed: Reply, says: Mapping[str, str], **more: Any
) -> Adapter:
    down = more.pop("down", ())

    def around(stub: Stub) -> None:
        for other, reply in PLACES.items():
            stub.on(other, Reply(b"", 403) if other in down else reply)

    nasdaq = more.pop("nasdaq", False)
    return Adapter(
        name,
        lambda bench: Universe(bench.http, cache_dir=bench.folder, nasdaq_api=nasdaq),
        Want(SUNDAY.date(), SUNDAY.date(), universe=True),
        SUNDAY,
        place,
        good,
        empty,
        changed,
        says,
        around=around,
        **more,
    )


UNIVERSE = (
    _list(
        "universe holdings",
        test_universe.SSGA,
        HOLDINGS,
        test_universe.workbook([]),
        test_universe.workbook(MEMBERS, ("Fund", "Symbol", "Identifier", "Weight")),
        {},
        stands_in=BOTH,
        noted="come from a slower list",
    ),
    _list(
        "universe data set",
        test_universe.DATASET,
        DATASET,
        test_universe.dataset([]),
        _renamed(DATASET, "GICS Sector"),
        {},
        stands_in=BOTH,
        noted="another list is used",
    ),
    _list(
        "universe page of the S&P 500",
        test_universe.SP500_PAGE,
        SP500_PAGE,
        test_universe.sp500_page([]),
        _renamed(SP500_PAGE, "GICS Sector"),
        {
            "a web page": "no table with the columns",
            "cut": "breaks off",
            "empty": "has 0 members",
            "changed": "columns Symbol, Security, GICS Sector",
        },
        down=(test_universe.SSGA, test_universe.DATASET),
    ),
    _list(
        "universe page of the Nasdaq-100",
        test_universe.NDX_PAGE,
        NDX_PAGE,
        test_universe.ndx_page([]),
        _renamed(NDX_PAGE, "Company"),
        {},
        stands_in=len(MEMBERS),
        noted="left out: ",
        fails=True,
    ),
    _list(
        "universe list of the exchange",
        test_universe.NASDAQ,
        NASDAQ,
        as_json({"data": {"data": {"rows": []}}}),
        _renamed(NASDAQ, '"symbol"'),
        {},
        stands_in=BOTH,
        noted="another list is used",
        nasdaq=True,
    ),
)

ADAPTERS = (*YAHOO, *RATES, *OTHERS, *ISSUERS, *SEC, *SEC_HOLDINGS, *UNIVERSE)


def told(fetched: Fetched) -> str:
    """What an answer says about what it does not have."""
    return "; ".join(fetched.missing.values())
