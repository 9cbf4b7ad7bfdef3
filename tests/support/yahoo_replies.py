"""Yahoo's answers made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from signals.core.instruments import instrument
from tests.support.http_stub import HttpStub, Reply, as_json

NEW_YORK = ZoneInfo("America/New_York")
CRUMB = "query1.finance.yahoo.com/v1/test/getcrumb"
QUOTES = "query1.finance.yahoo.com/v7/finance/quote"


def credentials(stub: HttpStub) -> None:
    """A cookie, a crumb, and a consent page without a form."""
    stub.on("fc.yahoo.com", Reply(b"", 404, {"Set-Cookie": "A3=cookie; Path=/"}))
    stub.on(CRUMB, Reply(b"a.crumb"))
    stub.on("query2.finance.yahoo.com/v1/test/getcrumb", Reply(b"b.crumb"))
    stub.on("guce.yahoo.com/consent", Reply(b"<html><body>no form here</body></html>"))


def day_stamp(day: date, later_by: int = 0) -> int:
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp()) + later_by


def chart(
    symbol: str,
    days: Sequence[date],
    closes: Sequence[float | None],
    adjusted: Sequence[float | None] | None = None,
    *,
    splits: Mapping[date, tuple[int, int]] | None = None,
    dividends: Mapping[date, float] | None = None,
    gains: Mapping[date, float] | None = None,
    meta: Mapping[str, object] | None = None,
    volume: int = 1000,
    without: str = "",
    later_by: int = 0,
) -> Reply:
    """`later_by` moves the last row by so many seconds; `without` leaves one column out; `meta` says otherwise than usual."""
    stamps = [day_stamp(day) for day in days]
    stamps[-1] += later_by
    closes = list(closes)
    quote: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), closes)
    quote["volume"] = [None if close is None else volume for close in closes]
    indicators: dict[str, Any] = {"quote": [quote], "adjclose": [{"adjclose": list(adjusted or closes)}]}
    quote.pop(without, None)
    indicators.pop(without, None)
    about = {
        "currency": "USD",
        "symbol": symbol,
        "instrumentType": instrument(symbol).kind.value,
        "exchangeTimezoneName": "America/New_York",
        "timezone": "EST",
        "gmtoffset": -18000,
        "validRanges": ["1d", "5d", "max"],
        "priceHint": 2,
        **(meta or {}),
    }
    result: dict[str, Any] = {"meta": about, "timestamp": stamps, "indicators": indicators}
    if splits:
        result["events"] = {
            "splits": {
                str(day_stamp(day)): {
                    "date": day_stamp(day),
                    "numerator": ratio[0],
                    "denominator": ratio[1],
                    "splitRatio": f"{ratio[0]}:{ratio[1]}",
                }
                for day, ratio in splits.items()
            }
        }
    for name, amounts in (("dividends", dividends), ("capitalGains", gains)):
        if amounts:
            result.setdefault("events", {})[name] = {
                str(day_stamp(day)): {"amount": amount, "date": day_stamp(day)} for day, amount in amounts.items()
            }
    return as_json({"chart": {"result": [result], "error": None}})


def dead() -> Reply:
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return as_json({"chart": {"result": None, "error": error}}, 404)


def quote(symbol: str, price: float | None, at: datetime) -> dict[str, Any]:
    item: dict[str, Any] = {
        "symbol": symbol,
        "quoteType": instrument(symbol).kind.value,
        "regularMarketTime": int(at.timestamp()),
    }
    return item if price is None else {**item, "regularMarketPrice": price}


def quotes(*items: Mapping[str, Any]) -> Reply:
    return as_json({"quoteResponse": {"result": list(items), "error": None}})
