"""Mutated answers that are no tables: nothing but SourceError is raised, and no figure comes out that is not in the answer.

`FUZZED_ANSWERS` is the number of answers, as in `test_tables`.
"""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from random import Random
from typing import Any

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.cboe import put_call_ratios
from bot.sources.edgar import filing_text, filings_index, full_text_search, guidance_classifier
from bot.sources.edgar.form13f import bulk_sets, information_table
from bot.sources.fed_calendar import read_meetings
from bot.sources.fred import releases
from bot.sources.fund_issuers.invesco import read as read_price
from bot.sources.http.responses import HttpResponse
from bot.sources.index_members import parse_lists
from bot.sources.yahoo import daily_bars, live_quotes, option_chains, parse_estimates, quote_summary
from signals.calendar_events import Event
from tests.bot.sources.cboe.test_indices import ratio_page
from tests.bot.sources.edgar import filings
from tests.bot.sources.fuzz.mutations import NATIVE, ODD_CELLS
from tests.bot.sources.fuzz.oracle import BadValueError, Kind, value
from tests.bot.sources.yahoo import test_estimates_source

ANSWERS = int(os.environ.get("FUZZED_ANSWERS", "1000")) // 5
NOON = datetime(2026, 1, 6, 17, tzinfo=UTC)
DAY = date(2026, 1, 6)
SECONDS = int(NOON.timestamp())


@dataclass(frozen=True)
class Answer:
    """One answer: its body, and what reads it. `exact`: figures must stand in the body as they come out."""

    name: str
    body: Any
    read: Callable[[bytes], object]
    exact: bool = True


def response(read: Callable[[HttpResponse], object], fetched_on: date = DAY) -> Callable[[bytes], object]:
    return lambda body: read(HttpResponse(200, body, "the document", fetched_on))


def parsed(read: Callable[[Any], object]) -> Callable[[bytes], object]:
    """Yahoo's answers are parsed by its library."""
    return lambda body: read(HttpResponse(200, body, "the document").json())


def yahoo_chain(body: Any) -> object:
    page = option_chains.read(body, "QQQ")
    return option_chains.rows_of(page.contracts, DAY, DAY)


EVENTS = [
    {"title": "FOMC Meeting", "month": f"2026-{month:02}", "days": "27-28", "type": "FOMC"} for month in range(1, 9)
]
RATIOS = {"ratios": [{"name": f"{name} PUT/CALL RATIO", "value": "0.61"} for name in ("TOTAL", "INDEX", "EQUITY")]}
PRICE = {"effectiveDate": "2026-01-05", "cusip": "46090E103", "nav": 612.5, "sharesOutstanding": 640_000_000}
HELD = [
    {"ticker": f"AB{letter}", "issuerName": f"{letter} Inc", "securityTypeName": "Common Stock"} for letter in "CDEFG"
]
HOLDINGS = {"holdings": HELD, "totalNumberOfHoldings": 5, "effectiveDate": "2026-01-05"}
LISTED = json.loads(
    filings.listing(
        [("0001045810-26-000073", "8-K", "2026-08-26", "2026-08-26", "2026-08-26T20:21:07.000Z", "2.02")]
    ).body
)
HITS = json.loads(filings.hits([filings.hit("0001045810-26-000073", 1045810, "2026-08-26")]).body)
QUOTES = {
    "quoteResponse": {
        "result": [
            {"symbol": name, "regularMarketPrice": 510.25, "regularMarketTime": SECONDS} for name in ("SPY", "QQQ")
        ]
    }
}
CONTRACT = {
    "strike": 400.0,
    "bid": 1.5,
    "ask": 2.5,
    "impliedVolatility": 0.25,
    "volume": 12,
    "openInterest": 70,
    "lastTradeDate": SECONDS,
}
CHAIN = {
    "optionChain": {
        "result": [
            {
                "expirationDates": [SECONDS + 10**6],
                "quote": {"regularMarketPrice": 410.5, "regularMarketTime": SECONDS},
                "options": [{"calls": [CONTRACT] * 3, "puts": [CONTRACT] * 2}],
            }
        ]
    }
}
SUMMARY = json.loads(test_estimates_source.summary(test_estimates_source.modules()).body)
COVER = filings.cover("TIGER GLOBAL LLC")
RELEASE = filings.release("We are raising our full-year 2027 revenue guidance to a range of $300 to $310 billion.")
CALENDAR = Calendar(date(2025, 12, 1), date(2026, 3, 31))

ANSWERS_OF_SOURCES = (
    Answer("fed calendar", {"events": EVENTS}, response(read_meetings), exact=False),
    Answer("cboe ratios", RATIOS, response(put_call_ratios.read_file)),
    Answer("cboe page", ratio_page("2026-01-06").body, response(partial(put_call_ratios.read_page, session=DAY))),
    Answer(
        "fred release days",
        {"release_dates": [{"date": f"2026-0{month}-14"} for month in range(1, 6)]},
        response(lambda body: releases.read(Event.CPI, body, DAY)),
        exact=False,
    ),
    Answer("invesco price", PRICE, response(lambda body: read_price(body, "QQQ"))),
    Answer("invesco holdings", HOLDINGS, response(parse_lists.invesco_holdings)),
    Answer("sec tickers", filings.COMPANIES, response(filings_index.read_tickers)),
    Answer("sec list", LISTED, response(lambda body: filings_index.read_list(body, 1045810)), exact=False),
    Answer("sec search", HITS, response(lambda body: full_text_search.read_page(body, {1045810: "NVDA"})), exact=False),
    Answer("sec release", RELEASE.body, response(filing_text.read_submission), exact=False),
    Answer(
        "sec sentences",
        RELEASE.body,
        lambda body: guidance_classifier.sentences(body.decode("utf-8", "replace")),
        exact=False,
    ),
    Answer(
        "13F cover",
        COVER.removeprefix("<XML>").removesuffix("</XML>").strip().encode(),
        lambda body: information_table.read_cover(body.decode("utf-8", "replace"), "cover"),
        exact=False,
    ),
    Answer(
        "13F page of sets",
        b"<html><body><a href='/files/01jun2026-31aug2026_form13f.zip'>a</a><a href='/b/2023q4_form13f.zip'>b</a></body></html>",
        response(bulk_sets.read_index),
        exact=False,
    ),
    Answer("yahoo quotes", QUOTES, parsed(lambda body: live_quotes.read(body, ("SPY", "QQQ"), DAY).prices)),
    Answer("yahoo chain", CHAIN, parsed(yahoo_chain)),
    Answer(
        "yahoo summary",
        SUMMARY,
        parsed(lambda body: parse_estimates.company(quote_summary.modules_of(body), "AAPL", NOON)),
        exact=False,
    ),
)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="bot.sources")


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS_OF_SOURCES, ids=lambda answer: answer.name)
def test_a_mutated_answer_gives_its_own_figures_or_is_refused(answer: Answer) -> None:
    whole = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    assert list(scalars(answer.read(whole)))
    for seed in range(ANSWERS // len(ANSWERS_OF_SOURCES)):
        random = Random(f"{answer.name} {seed}")
        torn = isinstance(answer.body, bytes) or random.random() < 0.3
        body = splice(whole, random) if torn else json.dumps(with_odd_leaf(answer.body, random)).encode()
        found = read_or_error(answer, body)
        if isinstance(found, SourceError):
            assert 0 < len(str(found)) < 800
            continue
        if answer.exact:
            allowed = figures(body)
            odd = [figure for figure in scalars(found) if isinstance(figure, float) and round(figure, 6) not in allowed]
            assert not odd, f"{answer.name}, seed {seed}: {odd} came out of {body[:2000]!r}"


@pytest.mark.slow
def test_mutated_bars_of_yahoo_are_its_own_or_refused() -> None:
    sessions = CALENDAR.between(date(2025, 12, 1), date(2026, 1, 6))
    days = daily_bars.window(sessions[0], sessions[-1], CALENDAR, datetime(2026, 1, 7, 12, tzinfo=UTC))
    index = pd.DatetimeIndex(sessions).tz_localize("America/New_York")
    closes = [100.0 + at for at in range(len(index))]
    raw = pd.DataFrame({"Close": closes, "Adj Close": closes, "Stock Splits": 0.0}, index=index)
    for seed in range(ANSWERS // len(ANSWERS_OF_SOURCES)):
        random = Random(f"bars {seed}")
        table = raw.copy()
        at = random.randrange(len(table))
        odd = random.choice([None, 0.0, -5.0, float("inf"), float("nan"), 55.5])
        table.iloc[at, random.randrange(2)] = odd
        rows = [row for row in range(len(table)) if random.random() > 0.02]
        table = table.iloc[rows if random.random() < 0.5 else random.sample(rows, len(rows))]
        try:
            bars = daily_bars.cleaned(table, "SPY", days).bars
        except SourceError:
            continue
        kept = {day.date(): close for day, close in zip(raw.index[rows], raw["Close"].iloc[rows], strict=True)}
        changed = {day.date(): bar for day, bar in bars["close"].items() if kept[day.date()] != bar}
        assert len(kept) - len(bars) <= 1
        assert not changed or (set(changed.values()) == {55.5} == {odd})


def read_or_error(answer: Answer, body: bytes) -> object:
    try:
        return answer.read(body)
    except SourceError as error:
        return error


def with_odd_leaf(body: Any, random: Random) -> Any:
    """A copy with something else in one place, or without it."""
    changed = copy.deepcopy(body)
    holder, key = random.choice(list(places(changed)))
    if random.random() < 0.15:
        del holder[key]
    elif random.random() < 0.1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = random.choice((*ODD_CELLS, *NATIVE, [], {}, [1], {"raw": "4,2"}, 1e308, -(10**30)))
    return changed


def places(body: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = body.keys() if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ()
    for key in list(keys):
        yield body, key
        yield from places(body[key])


def splice(body: bytes, random: Random) -> bytes:
    """Bytes that are gone, doubled or others, an end that is missing, or something else altogether."""
    start = random.randrange(len(body))
    end = min(len(body), start + random.randrange(1, 40))
    middle = random.choice((b"", body[start:end] * 2, b"\x00", b"\xc3", b"<>&\"'", b",", b"[", b"\n \n " * 50))
    return random.choice(
        (
            body[:start],
            body[:start] + middle + body[end:],
            b"\xef\xbb\xbf" * 2 + body,
            b"<html></html>",
            b"[]",
            b"{}",
            b"null",
            b"7",
        )
    )


def scalars(found: object) -> Iterator[object]:
    """Everything in what a reader gave."""
    if isinstance(found, dict):
        for key, item in found.items():
            yield from scalars(key)
            yield from scalars(item)
    elif isinstance(found, list | tuple | set | frozenset):
        for item in found:
            yield from scalars(item)
    elif hasattr(found, "__dataclass_fields__"):
        for name in found.__dataclass_fields__:
            yield from scalars(getattr(found, name))
    else:
        yield found


def figures(body: bytes) -> set[float]:
    """The figures that stand in a body, each read by itself; a leaf that is none has none."""
    found = {0.0}
    try:
        leaves = [
            holder[key] for holder, key in places(json.loads(body.decode("utf-8-sig", "replace").lstrip("\ufeff")))
        ]
    except ValueError:
        text = body.decode("utf-8", "replace")
        leaves = ["".join(sign if sign.isdecimal() or sign in ".-" else " " for sign in text)]
        leaves = leaves[0].split()
    for leaf in leaves:
        try:
            read = value(leaf, Kind.NUMBER)
        except (BadValueError, OverflowError, ValueError):
            continue
        if isinstance(read, float):
            found.add(round(read, 6))
    return found
