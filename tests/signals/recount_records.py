"""The signals of records once more, slowly: plain Python over rows, written from what each signal is said to be.

It shares no formula with the program, only the lists of names that it watches. A value is a float, or None where withheld.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from signals.asof.watched_names import AI, OTHERS, TECH

Value = float | None
Row = Any
"""A named tuple with the columns of its dataset, `known_at` and `source`."""

SEVEN = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
FUNDS = {
    # basket: funds, and how many of them must be known
    "tech": (("XLK", "XLC", "QQQ", "SMH", "SOXX", "IGV"), 2),
    "software": (("IGV",), 1),
    "spy": (("SPY",), 1),
    **{
        name: ((name.upper(),), 1)
        for name in ("xlb", "xlc", "xle", "xlf", "xli", "xlk", "xlp", "xlre", "xlu", "xlv", "xly")
    },
    "small": (("IWM", "IJR"), 1),
    "value": (("IVE", "VLUE"), 1),
    "equal_weight": (("RSP",), 1),
    "tech side": (("XLK", "XLC", "QQQ", "SOXX"), 2),
    "rest side": (("RSP", "IWM", "XLF", "XLI", "XLV"), 2),
}
CLEAN_SPLITS = [1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100]
CLEAN_SPLITS += [1 / factor for factor in CLEAN_SPLITS]
STOCK_SPLITS = [1.0, 1.5, *range(2, 31), 40, 50, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 8, 1 / 10, 1 / 15, 1 / 20]
SPENDERS = ("MSFT", "GOOGL", "AMZN", "META", "ORCL")
CHIP_MAKERS = ("NVDA", "AMD", "AVGO", "MU", "AMAT", "LRCX", "KLAC", "INTC")
CAPEX = ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets")
COST = ("CostOfRevenue", "CostOfGoodsAndServicesSold")


class Told:
    """Rows of the datasets as they were known after a session."""

    def __init__(
        self,
        records: Mapping[str, pd.DataFrame],
        days: Sequence[date],
        final: Sequence[pd.Timestamp],
        groups: Mapping[str, Sequence[str]],
        close: Callable[[str, int], Value],
    ) -> None:
        self.days, self.final, self.close = days, final, close
        self.tech = [name for name in (*TECH, *OTHERS) if name in groups["tech"]]
        self.rest = [name for name in (*TECH, *OTHERS) if name in groups["rest"]]
        self.members_of_tech = set(groups["tech"])
        self.rows = {name: list(frame.itertuples(index=False)) for name, frame in records.items()}
        self.own: dict[str, dict[str, list[Row]]] = {}
        for name, subject in (
            ("funds", "ticker"),
            ("estimates", "ticker"),
            ("facts", "ticker"),
            ("options", "symbol"),
            ("weights", "fund"),
        ):
            by = self.own.setdefault(name, {})
            for row in self.rows.get(name, ()):
                by.setdefault(getattr(row, subject), []).append(row)

    def public(self, dataset: str, at: int) -> list[Row]:
        """Rows that were known at a session's close + 20 minutes, the oldest first."""
        return self.until(self.rows.get(dataset, []), at)

    def public_of(self, dataset: str, subject: str, at: int, newest: int | None = None) -> list[Row]:
        """Those of one ticker or symbol; only the `newest` of them where more can say nothing."""
        rows = self.until(self.own[dataset].get(subject, []), at)
        return rows if newest is None else rows[-newest:]

    def until(self, rows: list[Row], at: int) -> list[Row]:
        return rows[: bisect_right(rows, self.final[at], key=lambda row: row.known_at)]

    def age(self, day: date, at: int) -> int:
        """Sessions from a date to a session."""
        return at + 1 - bisect_right(self.days, day)

    def value(self, id: str, at: int) -> Value:
        family, *words = id.split(".")
        result = getattr(self, f"_{family}")(words[0], at)
        return None if result is None or math.isnan(result) else float(result)

    # Flows of funds: F5

    def _flows(self, name: str, at: int) -> Value:
        if name == "tech_minus_rest_8w":
            tech, rest = (self.flow(basket, 40, at) for basket in ("tech side", "rest side"))
            return None if tech is None or rest is None else tech - rest
        if name == "defensive_minus_tech_4w":
            shares = [self.flow(fund, 20, at) for fund in ("xlp", "xlu", "xlv", "xlk", "xlc")]
            return None if None in shares else sum(shares[:3]) / 3 - sum(shares[3:]) / 2
        basket = name.split("_4w")[0].split("_8w")[0]
        return self.flow(basket, 40 if "8w" in name else 20, at, usd=name.endswith("usd"))

    def flow(self, basket: str, sessions: int, at: int, *, usd: bool = False) -> Value:
        tickers, need = FUNDS[basket]
        found = [both for ticker in tickers if (both := self.fund(ticker, sessions, at)) is not None]
        found = [(flow, assets) for flow, assets in found if usd or assets is not None]
        if len(found) < need:
            return None
        total = math.fsum(flow for flow, _ in found)
        return total if usd else 100 * total / math.fsum(assets for _, assets in found if assets)

    def fund(self, ticker: str, sessions: int, at: int) -> tuple[float, Value] | None:
        """Sum of the flows of a window and the assets at its start."""
        by_day: dict[int, Row] = {}
        for row in self.public_of("funds", ticker, at, newest=150):
            place = bisect_right(self.days, row.date.date()) - 1
            if row.source != "yahoo" and 0 <= place <= at and self.days[place] == row.date.date():
                by_day[place] = row
        counts = [(place, row.shares_outstanding, row.nav) for place, row in sorted(by_day.items())]
        counts = believed([(place, shares, nav) for place, shares, nav in counts if shares > 0 and nav > 0])
        told = {place: row.flow_usd for place, row in by_day.items() if row.flow_usd == row.flow_usd}
        if not counts and not told:
            return None
        flows: dict[int, float] = {}
        covered: set[int] = set()
        changed: list[int] = []
        for before, now in pairwise(counts):
            created = now[1] - before[1] * split_of_fund(before, now)
            if abs(created) > 1e-9 * now[1]:
                changed.append(now[0])
            if now[0] - before[0] <= 5:
                # A count holds the orders of the session before its own.
                flows[now[0] - 1] = created * now[2]
                covered |= set(range(before[0], now[0]))
        last_counted = counts[-1][0] - 1 if counts else -99
        last_told = max(told, default=-99)
        until = max(last_counted, last_told)
        window = range(until - sessions + 1, until + 1)
        known = [place for place in window if place in covered or place in told]
        if at - max(last_counted + 1, last_told) > 4 or len(known) < math.ceil(0.9 * sessions):
            return None
        if last_counted >= last_told and sum(place > counts[-1][0] - 40 for place in changed) < 2:
            return None
        total = math.fsum(flows.get(place, 0.0) if place in covered else told[place] for place in known)
        start = until - sessions + 1
        base = [count for count in counts if count[0] <= start]
        near = base and start - base[-1][0] <= 5
        return total, base[-1][1] * base[-1][2] if near else None

    # Estimates and reports: F7, F9

    def snapshot(self, ticker: str, at: int) -> Row | None:
        rows = self.public_of("estimates", ticker, at, newest=30)
        if not rows:
            return None
        newest = max(rows, key=lambda row: (row.date, row.known_at))
        return newest if self.age(newest.date.date(), at) <= 5 else None

    def shown(self, tickers: Iterable[str], at: int) -> dict[str, Row]:
        return {ticker: row for ticker in tickers if (row := self.snapshot(ticker, at)) is not None}

    def _earnings(self, name: str, at: int) -> Value:
        if name in ("tech_revisions", "rest_revisions"):
            return self.revisions(self.tech if name.startswith("tech") else self.rest, at)
        if name == "tech_beats":
            return self.beats(at)
        if name == "tech_guidance":
            return self.guidance(at)
        seven = self.growth(SEVEN, at)
        rest = self.growth([name for name in (*self.tech, *self.rest) if name not in SEVEN], at)
        return None if seven is None or rest is None else seven - rest

    def revisions(self, group: Sequence[str], at: int) -> Value:
        rows = [row for row in self.shown(group, at).values() if known(row.up_30d) and known(row.down_30d)]
        up, down = sum(row.up_30d for row in rows), sum(row.down_30d for row in rows)
        return (up - down) / (up + down) if len(rows) >= 0.8 * len(group) and group and up + down else None

    def growth(self, names: Sequence[str], at: int) -> Value:
        told = [row.growth_next_year for row in self.shown(names, at).values() if known(row.growth_next_year)]
        return median(told) if names and len(told) >= 0.8 * len(names) else None

    def beats(self, at: int) -> Value:
        newest: dict[tuple[date, str], Row] = {}
        first: dict[tuple[date, str], pd.Timestamp] = {}
        for row in self.public("surprises", at):
            if row.ticker in self.tech and known(row.actual) and known(row.estimate):
                key = (row.quarter, row.ticker)
                newest[key] = row
                first.setdefault(key, row.known_at)
        today = self.days[at]
        lately: list[tuple[date, Row]] = []
        for key, row in newest.items():
            if pd.isna(row.reported):
                seen = first[key].astimezone(ZoneInfo("America/New_York")).date()
                day = min(seen, row.quarter.date() + timedelta(days=45))
            else:
                day = row.reported.date()
            if today - timedelta(days=90) < day <= today:
                lately.append((day, row))
        names = {row.ticker for _, row in lately}
        if not lately or len(names) < 0.5 * len(self.tech):
            return None
        if self.age(max(day for day, _ in lately), at) > 31:
            return None
        return 100 * sum(row.actual - row.estimate > 1e-12 for _, row in lately) / len(lately)

    def guidance(self, at: int) -> Value:
        first: dict[tuple[str, str], Row] = {}
        for row in self.public("guidance", at):
            if row.ticker in self.members_of_tech:
                first.setdefault((row.ticker, row.accession), row)
        if not first:
            return None
        today = self.days[at]
        filed = [row.filed.date() for row in first.values()]
        if (today - min(filed)).days < 30 or self.age(max(filed), at) > 70:
            return None
        inside = [row for row in first.values() if row.filed.date() > today - timedelta(days=30)]
        return sum(row.direction > 0 for row in inside) - sum(row.direction < 0 for row in inside)

    def _valuation(self, name: str, at: int) -> Value:
        if name == "ai_gap":
            ai, tech = self._valuation("ai_pe", at), self._valuation("tech_pe", at)
            return None if ai is None or tech is None else ai - tech
        if name == "forward_pe_gap":
            seven, small = (self._valuation(f"forward_pe_{side}", at) for side in ("megacap", "small"))
            return None if seven is None or small is None else seven - small
        if name == "forward_pe_small":
            fund = self.snapshot("IWM", at)
            return fund.forward_pe if fund is not None and known(fund.forward_pe) else None
        if name == "forward_pe_megacap":
            told = self.worth(SEVEN, at)
            total = math.fsum(told.values())
            return 7 / total if len(told) == 7 and total > 0 else None
        group = AI if name == "ai_pe" else [ticker for ticker in self.tech if ticker not in AI]
        told = self.worth(group, at)
        turns = [min(max(1 / each, 3), 200) for each in told.values() if each > 0]
        return median(turns) if group and len(told) >= 0.8 * len(group) and turns else None

    def worth(self, names: Iterable[str], at: int) -> dict[str, float]:
        """Expected earnings for a dollar of each."""
        rows = self.shown(names, at).items()
        return {
            ticker: row.eps_next_year / row.price for ticker, row in rows if known(row.eps_next_year) and row.price > 0
        }

    # Companies' own figures: F8

    def _capex(self, name: str, at: int) -> Value:
        if name == "semis_inventory_days":
            both = [self.stock(ticker, at) for ticker in CHIP_MAKERS]
            found = [pair for pair in both if pair is not None]
            return 91 * sum(s for s, _ in found) / sum(cost for _, cost in found) if len(found) >= 6 else None
        spent = []
        for ticker in SPENDERS:
            told = self.quarters(ticker, CAPEX, at)
            if told and (self.days[at] - told[max(told)][0]).days <= 160:
                spent.append(told)
        if name == "hyperscaler_yoy":
            matched = [told for told in spent if max(told) - 4 in told]
            now, before = (sum(told[max(told) - back][1] for told in matched) for back in (0, 4))
            return 100 * (now / before - 1) if len(matched) >= 4 else None
        years = [[told.get(max(told) - back) for back in range(4)] for told in spent]
        whole = [year for year in years if None not in year]
        return math.fsum(quarter[1] for year in whole for quarter in year) if len(whole) == 5 else None

    def facts(self, ticker: str, concept: str, at: int) -> list[tuple[date, date, float]]:
        """Start, end and value; of several filings of one period the first that became public."""
        found: dict[tuple[date, date], float] = {}
        for row in self.public_of("facts", ticker, at):
            if row.concept == concept and known(row.value):
                found.setdefault((row.start.date(), row.end.date()), row.value)
        return [(start, end, value) for (start, end), value in found.items()]

    def quarters(self, ticker: str, concepts: Sequence[str], at: int) -> dict[int, tuple[date, float]]:
        """Calendar quarter -> fiscal end and figure. The tag with the newest quarter leads, others fill what it lacks."""
        told = [three_months(self.facts(ticker, concept, at)) for concept in concepts]
        told.sort(key=lambda each: max(each, default=0))
        return {number: quarter for each in told for number, quarter in each.items()}

    def stock(self, ticker: str, at: int) -> tuple[float, float] | None:
        cost = self.quarters(ticker, COST, at)
        stocks: dict[int, tuple[date, float]] = {}
        for _, end, value in sorted(self.facts(ticker, "InventoryNet", at), key=lambda fact: fact[1]):
            stocks[calendar_quarter(end)] = (end, value)
        newest = max(cost.keys() & stocks.keys(), default=None)
        if newest is None or cost[newest][1] <= 0 or (self.days[at] - stocks[newest][0]).days > 160:
            return None
        return stocks[newest][1], cost[newest][1]

    # Managers: F10

    def _filings(self, name: str, at: int) -> Value:
        table: dict[date, dict[str, dict[str, Row]]] = {}
        for row in self.public("holdings", at):
            if row.ticker in self.members_of_tech and known(row.shares):
                table.setdefault(row.quarter.date(), {}).setdefault(row.manager, {})[row.ticker] = row
        ends = sorted(table)
        for before, end in reversed(list(pairwise(ends))):
            both = table[before].keys() & table[end].keys()
            if (end - before).days <= 93 and 2 * len(both) >= len(table[before]):
                if (self.days[at] - end).days > 145:
                    return None
                return self.bought(name, table, before, end, sorted(both))
        return None

    def bought(self, name: str, table: dict, before: date, end: date, managers: Sequence[str]) -> Value:
        tickers = {ticker for day in (before, end) for manager in managers for ticker in table[day][manager]}
        net = dict.fromkeys(managers, 0.0)
        told = left_out = 0.0
        for ticker in sorted(tickers):
            rows = [[table[day][manager].get(ticker) for manager in managers] for day in (before, end)]
            worth = math.fsum(row.value_usd for side in rows for row in side if row and known(row.value_usd))
            prices = [
                [row.value_usd / row.shares for row in side if row and row.shares and row.value_usd > 0]
                for side in rows
            ]
            terms = self.terms([median(side) if side else None for side in prices], ticker, before, end)
            doubt = False
            for manager, old, new in zip(managers, *rows, strict=True):
                if old is None or new is None or (old.shares == 0 and new.shares == 0):
                    continue
                if terms is None:
                    doubt = True
                else:
                    split, price = terms
                    net[manager] += (new.shares - old.shares * split) * price
            told += worth
            left_out += worth if doubt else 0.0
        if told and (told - left_out) / told < 0.9:
            return None
        if name == "tech_net_change":
            return math.fsum(net.values())
        return sum(each > 0 for each in net.values()) - sum(each < 0 for each in net.values())

    def terms(self, prices: Sequence[Value], ticker: str, before: date, end: date) -> tuple[float, float] | None:
        """Split factor and price at the end, or None where closes do not tell them."""
        old, new = prices
        closes = [self.close_at(ticker, day) for day in (before, end)]
        grown = None if None in closes else closes[1] / closes[0]  # type: ignore[operator]
        if old is None or new is None:
            price = new if new is not None else old * grown if old is not None and grown is not None else None
            return None if price is None else (1.0, price)
        if grown is None:
            return None
        implied = old / new * grown
        nearest = min(STOCK_SPLITS, key=lambda factor: abs(math.log(implied / factor)))
        return (nearest, new) if abs(implied / nearest - 1) <= 0.04 else None

    def close_at(self, ticker: str, day: date) -> Value:
        place = bisect_right(self.days, day) - 1
        return self.close(ticker, place) if place >= 0 and (day - self.days[place]).days <= 7 else None


def known(value: Value) -> bool:
    return value is not None and value == value


def believed(counts: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Counts without jumps of over 15% of assets that the next count does not confirm; the last one has none."""
    kept: list[tuple[int, float, float]] = []
    for number, now in enumerate(counts):
        if kept and wild(kept[-1], now):
            ratio = now[1] * now[2] / (kept[-1][1] * kept[-1][2])
            after = counts[number + 1] if number + 1 < len(counts) else None
            if not 1 / 5 < ratio < 5 or after is None:
                continue
            created = after[1] - now[1] * split_of_fund(now, after)
            if abs(created) > 0.15 * after[1]:
                continue
        kept.append(now)
    return kept


def wild(before: tuple[int, float, float], now: tuple[int, float, float]) -> bool:
    created = now[1] - before[1] * split_of_fund(before, now)
    return abs(created * now[2]) > 0.15 * before[1] * before[2]


def split_of_fund(before: tuple[int, float, float], now: tuple[int, float, float]) -> float:
    """2 for 2:1: the count jumps by a clean multiple while assets stay within 15%."""
    jump, price = now[1] / before[1], before[2] / now[2]
    if 0.71 < jump < 1.4 or abs(jump / price - 1) > 0.15:
        return 1.0
    nearest = min(CLEAN_SPLITS, key=lambda factor: abs(math.log(price / factor)))
    return nearest if abs(jump / nearest - 1) <= 0.15 else 1.0


def calendar_quarter(end: date) -> int:
    """4 x year + 0..3 of the calendar quarter whose last day is nearest."""
    ends = [
        (date(year, month, day), 4 * year + place)
        for year in (end.year - 1, end.year)
        for place, (month, day) in enumerate(((3, 31), (6, 30), (9, 30), (12, 31)))
    ]
    return min(ends, key=lambda each: (abs((each[0] - end).days), each[1]))[1]


def three_months(facts: list[tuple[date, date, float]]) -> dict[int, tuple[date, float]]:
    """De-cumulated: differences of year-to-date figures over 60 to 120 days; a true three-month figure goes before them."""
    found: dict[int, tuple[date, float]] = {}
    for start in sorted({fact[0] for fact in facts}):
        told = sorted((end, value) for begins, end, value in facts if begins == start)
        for (earlier, some), (end, more) in pairwise(told):
            if 60 <= (end - earlier).days <= 120:
                found.setdefault(calendar_quarter(end), (end, more - some))
    for start, end, value in facts:
        if 60 <= (end - start).days + 1 <= 120:
            found[calendar_quarter(end)] = (end, value)
    return found
