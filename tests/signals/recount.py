"""Every signal of the register once more, slowly: plain Python over dicts and lists, written from the text of the register.

It shares no code with the program. A value is a float, or None where the register withholds it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pandas as pd

from signals.asof.fomc_meetings import planned
from signals.core.market import Market
from tests.signals.recount_records import Told

SEVEN = ["AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA"]
ELEVEN = ["XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"]
SAME_SESSION = {"VIX", "VIX9D", "VIX3M", "VXN", "SKEW", "DFEDTARU", "DFEDTARL"}
MONTHLY = {"CPILFESL": 45, "CPIAUCSL": 45, "PCEPILFE": 61, "UNRATE": 38, "PAYEMS": 38, "CAPUTLG3344S": 48, "A34SNO": 66}
EXACT_TO = 10
"""Decimal places to which both sides of a comparison inside a formula are rounded."""
LATE = {
    "PAYEMS": {"2013-09": "2013-10-22", "2025-09": "2025-11-20", "2025-10": "2025-12-16", "2025-11": "2025-12-16"},
    "UNRATE": {"2013-09": "2013-10-22", "2025-09": "2025-11-20", "2025-11": "2025-12-16"},
    "CPILFESL": {"2013-09": "2013-10-30", "2013-10": "2013-11-20", "2025-09": "2025-10-24", "2025-11": "2025-12-18"},
}
LATE["CPIAUCSL"] = LATE["CPILFESL"]
LATE["PCEPILFE"] = {
    **{"2013-09": "2013-11-08", "2013-10": "2013-12-06", "2018-12": "2019-03-01", "2019-01": "2019-03-29"},
    **{"2019-02": "2019-04-29", "2025-09": "2025-12-05", "2025-10": "2026-01-22", "2025-11": "2026-01-22"},
}
OF_RECORDS = ("flows", "earnings", "valuation", "filings", "capex.hyperscaler", "capex.semis_inventory")
"""Beginnings of the ids that `recount_records` recounts."""

Value = float | None

ROTATION = ("equal_weight", "small_caps", "value", "ex_tech", "nasdaq_equal", "ex_mag7")
TECH = ("tech", "nasdaq", "semis", "software", "average_tech")
YARDSTICKS: dict[str, tuple[str, str | None, float]] = {
    "equal_weight": ("RSP", "SPY", 3.0),
    "small_caps": ("IWM", "SPY", 6.0),
    "value": ("IVE", "IVW", 5.0),
    "ex_tech": ("SPY", "XLK", 5.0),
    "nasdaq_equal": ("QQQE", "QQQ", 4.0),
    "ex_mag7": ("SPY", "seven", 8.5),
    "tech": ("XLK", None, 10.0),
    "nasdaq": ("QQQ", None, 10.0),
    "semis": ("SMH", None, 15.0),
    "software": ("IGV", None, 12.0),
    "average_tech": ("RSPT", None, 10.0),
}
"""Ticker, what it is divided by, and the per cent at which it turns."""


class Recount:
    """Asks a market for one value of one signal at a time."""

    def __init__(self, market: Market) -> None:
        self.days = [day.date() for day in market.days]
        self.ahead = [day.date() for day in market.sessions]
        self.final = [end + pd.Timedelta(minutes=20) for end in market.ends[: len(self.days)]]
        self.close = {ticker: column.tolist() for ticker, column in market.close.items()}
        self.adjusted = {ticker: column.tolist() for ticker, column in market.adj_close.items()}
        self.first = {
            ticker: next((place for place, value in enumerate(column) if value == value), len(column))
            for ticker, column in self.close.items()
        }
        self.rows = {
            name: [
                (day.date(), value, known)
                for day, value, known in zip(frame.index, frame["value"], frame["known_at"], strict=True)
            ]
            for name, frame in market.series.items()
        }
        self.groups: dict[str, list[str]] = {"sp500": [], "ndx100": [], "tech": [], "rest": []}
        for row in market.universe.itertuples():
            words = row.groups.split()
            if "sp500" in words:
                self.groups["sp500"].append(row.ticker)
                tech = row.sector in ("Information Technology", "Communication Services")
                self.groups["tech" if tech else "rest"].append(row.ticker)
            if "ndx100" in words:
                self.groups["ndx100"].append(row.ticker)
        self.moves: dict[tuple[str, int], tuple[int, int] | None] = {}
        self.legs: dict[str, list[tuple[int, int, int]]] = {}
        self.yardsticks: dict[str, list[Value]] = {}
        self.clocks: dict[str, list[tuple[int, int, Value, Value]]] = {}
        self.told = Told(market.records, self.days, self.final, self.groups, self.c)

    # The clocks

    def turns(self, name: str, threshold: float) -> list[tuple[int, int, int]]:
        """Direction, start and confirmation of every leg, each looked for anew from where the last one was confirmed."""
        if name in self.legs:
            return self.legs[name]
        known = [(at, value) for at, value in enumerate(self.yardstick(name)) if value is not None]
        legs: list[tuple[int, int, int]] = []
        begin, number = 0, 0
        low = high = None
        while number < len(known):
            at, value = known[number]
            side = legs[-1][0] if legs else 0
            low = known[number] if low is None or value < low[1] else low
            high = known[number] if high is None or value > high[1] else high
            if side <= 0 and value >= round(low[1] * (1 + threshold / 100), 10):
                legs.append((1, low[0], at))
            elif side >= 0 and value <= round(high[1] * (1 - threshold / 100), 10):
                legs.append((-1, high[0], at))
            else:
                number += 1
                continue
            begin, low, high = number, known[number], known[number]
            number = begin + 1
        self.legs[name] = legs
        return legs

    def yardstick(self, name: str) -> list[Value]:
        """Every session's value, rounded as it is compared; None where a price is missing."""
        if name in self.yardsticks:
            return self.yardsticks[name]
        first, second, _ = YARDSTICKS[name]
        basket: list[Value] = []
        level, last = None, -1
        for at in range(len(self.days)):
            prices = [self.a(ticker, at) for ticker in SEVEN]
            if any(price is None for price in prices):
                basket.append(None)
                continue
            if level is None:
                level = 1.0
            else:
                level *= sum(self.a(ticker, at) / self.a(ticker, last) for ticker in SEVEN) / 7
            last = at
            basket.append(level)
        values: list[Value] = []
        for at in range(len(self.days)):
            over = 1.0 if second is None else basket[at] if second == "seven" else self.a(second, at)
            own = self.a(first, at)
            values.append(None if own is None or over is None else round(own / over, 10))
        self.yardsticks[name] = values
        return values

    def leg(self, name: str, what: str, at: int) -> Value:
        values = self.yardstick(name)
        newest = next((place for place in range(at, -1, -1) if values[place] is not None), None)
        if newest is None or at - newest > 5:
            return None
        last = values[newest]
        done = [leg for leg in self.turns(name, YARDSTICKS[name][2]) if leg[2] <= at]
        if not done:
            return 0.0 if what == "direction" else None
        direction, start, confirmed = done[-1]
        if what == "direction":
            return float(direction)
        since = [value for value in values[confirmed : at + 1] if value is not None]
        extreme = max(since) if direction > 0 else min(since)
        back = 100 * abs(last / extreme - 1)
        return {
            "move": 100 * (last / values[start] - 1),
            "age": float(at - start),
            "given_back": back,
            "out_given_back": back if direction > 0 else None,
        }[what]

    def clock(self, family: str) -> list[tuple[int, int, Value, Value]]:
        """Up, with a direction, state and age of every session, by a walk from the first one."""
        if family in self.clocks:
            return self.clocks[family]
        names, quorum = (ROTATION, 4) if family == "rotation" else (TECH, 3)
        state: Value = None
        age: Value = None
        walk: list[tuple[int, int, Value, Value]] = []
        for at in range(len(self.days)):
            sides = [side for name in names if (side := self.leg(name, "direction", at))]
            up = sum(side > 0 for side in sides)
            named = state
            if len(sides) >= quorum:
                named = 1.0 if 3 * up >= 2 * len(sides) else -1.0 if 3 * up <= len(sides) else state
            age = 0.0 if named != state else None if age is None else age + 1
            state = named
            known = len(sides) >= quorum
            walk.append((up, len(sides), state if known else None, age if known else None))
        self.clocks[family] = walk
        return walk

    def lasted(self, id: str, at: int) -> int | None:
        """Sessions since the leg or state of an id came into force, for ids that restart with a turn; None for others."""
        family, _, rest = id.partition(".")
        if family not in ("rotation", "tech"):
            return None
        if rest == "age":
            age = self.clock(family)[at][3]
            return None if age is None else int(age)
        name = rest.partition(".")[0]
        if name not in YARDSTICKS:
            return None
        done = [leg for leg in self.turns(name, YARDSTICKS[name][2]) if leg[2] <= at]
        return at - done[-1][2] if done else None

    def _rotation(self, words: list[str], at: int) -> Value:
        if len(words) == 2:
            return self.leg(words[0], words[1], at)
        if words[0] == "regime":
            rotation, tech = self.clock("rotation")[at][2], self.clock("tech")[at][2]
            if rotation is None or tech is None:
                return None
            return {(1, 1): 1.0, (-1, 1): 2.0, (1, -1): 3.0, (-1, -1): 4.0}[int(tech), int(rotation)]
        return self._clock("rotation", words[0], at)

    def _tech(self, words: list[str], at: int) -> Value:
        return self.leg(words[0], words[1], at) if len(words) == 2 else self._clock("tech", words[0], at)

    def _clock(self, family: str, what: str, at: int) -> Value:
        up, known, state, age = self.clock(family)[at]
        if what == "yardsticks":
            return float(up) if known else None
        if what == "turning":
            own = up if state == 1 else known - up
            return None if state is None else float(3 * own < 2 * known)
        return state if what == "state" else age

    # Prices

    def c(self, ticker: str, at: int) -> Value:
        return self._at(self.close, ticker, at)

    def a(self, ticker: str, at: int) -> Value:
        return self._at(self.adjusted, ticker, at)

    @staticmethod
    def _at(table: dict[str, list[float]], ticker: str, at: int) -> Value:
        if at < 0 or ticker not in table:
            return None
        value = table[ticker][at]
        return None if value != value else value

    @staticmethod
    def ratio(now: Value, before: Value) -> Value:
        return None if now is None or before is None else now / before - 1

    def last_year(self, at: int) -> int:
        inside = [place for place in range(at) if self.days[place].year < self.days[at].year]
        return inside[-1] if inside else -1

    def ytd(self, price: Callable[[str, int], Value], ticker: str, at: int) -> Value:
        return self.ratio(price(ticker, at), price(ticker, self.last_year(at)))

    def spread(self, first: str, second: str, n: int, at: int) -> Value:
        ours, theirs = (self.ratio(self.a(ticker, at), self.a(ticker, at - n)) for ticker in (first, second))
        return None if ours is None or theirs is None else 100 * (ours - theirs)

    def z252(self, first: str, second: str, at: int) -> Value:
        logs: list[float] = []
        for place in range(at, -1, -1):
            one, two = self.a(first, place), self.a(second, place)
            if one is not None and two is not None:
                logs.insert(0, math.log(one / two))
            elif place == at:
                return None
            if len(logs) == 252:
                break
        return z_score(logs)

    def streak(self, won: Callable[[int], float | None], at: int) -> Value:
        sign = won(at)
        if sign is None or sign == 0:
            return sign
        length = 0
        while at >= 0 and won(at) == sign:
            length += 1
            at -= 1
        return float(sign * length)

    def beat(self, price: Callable[[str, int], Value], first: str, second: str) -> Callable[[int], float | None]:
        def won(at: int) -> float | None:
            ours, theirs = (self.ratio(price(ticker, at), price(ticker, at - 1)) for ticker in (first, second))
            if ours is None or theirs is None:
                return None
            ours, theirs = round(ours, EXACT_TO), round(theirs, EXACT_TO)
            return 0.0 if ours == theirs else math.copysign(1, ours - theirs)

        return won

    def all_fell(self, at: int) -> float | None:
        parts = [self.ratio(self.c(ticker, at), self.c(ticker, at - 1)) for ticker in ("^GSPC", "^IXIC", "^DJI")]
        if parts[2] is None:
            parts[2] = self.ratio(self.a("DIA", at), self.a("DIA", at - 1))
        if None in parts:
            return None
        return 1.0 if all(round(part, EXACT_TO) < 0 for part in parts) else 0.0

    # Members

    def listed(self, group: str, at: int) -> list[str]:
        return [ticker for ticker in dict.fromkeys(self.groups[group]) if self.first.get(ticker, at + 1) <= at]

    def window(self, ticker: str, n: int, at: int) -> list[float] | None:
        if at - n + 1 < 0:
            return None
        values = self.close[ticker][at - n + 1 : at + 1]
        # One missing value makes the sum missing; prices are never infinite.
        return None if math.isnan(sum(values)) else values

    def above(self, group: str, n: int, at: int) -> Value:
        listed = self.listed(group, at)
        full = [values for ticker in listed if (values := self.window(ticker, n, at)) is not None]
        if not listed or len(full) < 0.9 * len(listed):
            return None
        return (
            100
            * sum(round(values[-1], EXACT_TO) > round(math.fsum(values) / n, EXACT_TO) for values in full)
            / len(full)
        )

    def extremes(self, group: str, at: int) -> tuple[int, int, int] | None:
        listed = self.listed(group, at)
        full = [values for ticker in listed if (values := self.window(ticker, 252, at)) is not None]
        if not listed or len(full) < 0.9 * len(listed):
            return None
        return sum(v[-1] == max(v) for v in full), sum(v[-1] == min(v) for v in full), len(full)

    def moved(self, group: str, at: int) -> tuple[int, int] | None:
        if (group, at) not in self.moves:
            self.moves[group, at] = self._moved(group, at)
        return self.moves[group, at]

    def _moved(self, group: str, at: int) -> tuple[int, int] | None:
        listed = self.listed(group, at)
        pairs = [(self.c(ticker, at), self.c(ticker, at - 1)) for ticker in listed]
        pairs = [(now, before) for now, before in pairs if now is not None and before is not None]
        if not listed or len(pairs) < 0.9 * len(listed):
            return None
        return sum(now > before for now, before in pairs), sum(now < before for now, before in pairs)

    def recursive(self, value: Callable[[int, int], float], alpha: float, at: int) -> list[Value]:
        mean: Value = None
        means: list[Value] = []
        for place in range(at + 1):
            move = self.moved("sp500", place)
            if move is not None:
                today = value(*move)
                mean = today if mean is None else alpha * today + (1 - alpha) * mean
            means.append(mean)
        return means

    def mcclellan(self, at: int) -> tuple[float, float] | None:
        if self.moved("sp500", at) is None:
            return None
        fast, slow = (self.recursive(rana, alpha, at)[-1] for alpha in (0.10, 0.05))
        return None if fast is None or slow is None else (fast, slow)

    def thrust_signal(self, at: int) -> Value:
        if self.moved("sp500", at) is None:
            return None
        means = [None if mean is None else round(mean, EXACT_TO) for mean in self.recursive(share_up, 2 / 11, at)]
        spell = fires = False
        for place, mean in enumerate(means):
            fires = False
            if mean is None:
                continue
            if mean < 0.50:
                spell = False
            before = [each for each in means[max(0, place - 10) : place] if each is not None]
            if (
                not spell
                and mean > 0.615
                and any(each < 0.40 for each in before)
                and self.moved("sp500", place) is not None
            ):
                spell = fires = True
        return float(fires)

    # Series

    def counts_from(self, name: str, day: date, known: pd.Timestamp) -> int:
        """Position of the first session at which a row counts."""
        if known is not pd.NaT:
            return bisect_left(self.final, known)
        if name in MONTHLY:
            late = LATE.get(name, {}).get(f"{day:%Y-%m}")
            return bisect_left(self.days, date.fromisoformat(late) if late else day + timedelta(days=MONTHLY[name]))
        return (bisect_left if name in SAME_SESSION else bisect_right)(self.days, day)

    def known(self, name: str, at: int) -> dict[date, float]:
        """Value of each date as known after a session."""
        if not hasattr(self, "_from"):
            self._from: dict[str, list[int]] = {}
        if name not in self._from:
            self._from[name] = [self.counts_from(name, day, known) for day, _, known in self.rows.get(name, [])]
        found: dict[date, tuple[int, float]] = {}
        for (day, value, _), start in zip(self.rows.get(name, []), self._from[name], strict=True):
            if start <= at and (day not in found or start >= found[day][0]):
                found[day] = (start, value)
        return {day: value for day, (_, value) in found.items()}

    def joined(self, name: str, at: int) -> Value:
        known = self.known(name, at)
        if not known:
            return None
        newest = max(known)
        days, sessions = (self.days[at] - newest).days, at + 1 - bisect_right(self.days, newest)
        stale = days > 106 if name in MONTHLY else sessions > 5
        return None if stale else known[newest]

    def quarter(self, name: str, at: int, back: int = 3) -> tuple[float, float] | None:
        now = self.joined(name, at)
        if now is None:
            return None
        known = self.known(name, at)
        newest = max(known)
        months = 12 * newest.year + newest.month - 1 - back
        before = known.get(date(months // 12, months % 12 + 1, 1))
        return None if before is None else (now, before)

    # Weeks and months

    def period_ends(self, key: Callable[[date], object], at: int) -> list[int]:
        """Positions of sessions, up to `at`, after which the calendar goes on in another period."""
        return [
            place
            for place in range(at + 1)
            if place + 1 < len(self.ahead) and key(self.ahead[place]) != key(self.ahead[place + 1])
        ]

    def rrg(self, ticker: str, at: int) -> tuple[Value, Value]:
        ends = self.period_ends(lambda day: day.isocalendar()[:2], at)
        strength: list[Value] = []
        for end in ends:
            own, index = self.a(ticker, end), self.a("SPY", end)
            strength.append(None if own is None or index is None else 100 * own / index)
        ratio = [standard(strength[max(0, place - 13) : place + 1]) for place in range(len(strength))]
        rate = [self.ratio(now, before) for now, before in zip(ratio, [None, *ratio], strict=False)]
        return (ratio[-1] if ratio else None), standard(rate[-14:])

    def losing_months(self, at: int) -> Value:
        ends = self.period_ends(lambda day: (day.year, day.month), at)
        count = 0
        for place in range(len(ends) - 1, -1, -1):
            change = self.ratio(self.c("MAGS", ends[place]), self.c("MAGS", ends[place - 1])) if place else None
            if change is None:
                return None if place == len(ends) - 1 else float(count)
            if round(change, EXACT_TO) >= 0:
                break
            count += 1
        return float(count) if ends else None

    def month_to_date(self, at: int) -> Value:
        return self.ratio(self.c("MAGS", at), self.c("MAGS", self.last_month(at)))

    def last_month(self, at: int) -> int:
        day = self.days[at]
        inside = [place for place in range(at) if self.days[place] < day.replace(day=1)]
        return inside[-1] if inside else -1

    def third_month(self, at: int) -> Value:
        own, end = self.month_to_date(at), self.last_month(at)
        before = self.losing_months(end) if end >= 0 else None
        if own is None or before is None:
            return None
        return float(at - end >= 10 and round(own, EXACT_TO) < 0 and before >= 2)

    def drawdown(self, ticker: str, at: int) -> Value:
        values = self.window(ticker, 252, at) if ticker in self.close else None
        return None if values is None else 100 * (values[-1] / max(values) - 1)

    # The register

    def value(self, id: str, at: int) -> Value:
        if id.startswith(OF_RECORDS):
            result = self.told.value(id, at)
        else:
            family, *words = id.split(".")
            result = getattr(self, f"_{family}")(words, at)
        return None if result is None else round(float(result), 2 if id in DOLLAR_SUMS else 8)

    def _breadth(self, words: list[str], at: int) -> Value:
        if words == ["rest_minus_tech"]:
            rest, tech = self.above("rest", 50, at), self.above("tech", 50, at)
            return None if rest is None or tech is None else rest - tech
        group, name = words
        if name.startswith("above"):
            return self.above(group, {"above_50dma": 50, "above_200dma": 200}[name], at)
        if name in ("new_highs", "new_lows", "high_low"):
            found = self.extremes(group, at)
            if found is None:
                return None
            high, low, counted = found
            return {"new_highs": high, "new_lows": low, "high_low": 100 * (high - low) / counted}[name]
        if name == "advance_decline":
            move = self.moved(group, at)
            return None if move is None else move[0] / max(move[1], 1)
        if name == "ad_slope_21d":
            moves = [self.moved(group, place) if place >= 0 else None for place in range(at - 20, at + 1)]
            return None if None in moves else sum(up - down for up, down in moves) / 21
        if name == "thrust_signal":
            return self.thrust_signal(at)
        if name == "thrust":
            return None if self.moved(group, at) is None else self.recursive(share_up, 2 / 11, at)[-1]
        means = self.mcclellan(at)
        if means is None:
            return None
        fast, slow = means
        return fast - slow if name == "mcclellan" else 1000 + (fast - slow) - (10 * fast - 20 * slow)

    def _pair(self, first: str, second: str, name: str, at: int) -> Value:
        if name == "z_252d":
            return self.z252(first, second, at)
        return self.spread(first, second, int(name.removeprefix("spread_").removesuffix("d")), at)

    def _weighting(self, words: list[str], at: int) -> Value:
        if words[0] in ("mag7_share", "top10_share"):
            row = self.newest("weights", "SPY", at)
            if row is None:
                return None
            found = row.seven if words[0] == "mag7_share" else row.top_ten
            return None if math.isnan(found) else found
        first, second = words[0].upper().split("_")
        return self._pair(first, second, words[1], at)

    def _size(self, words: list[str], at: int) -> Value:
        pair, name = words
        first, second, price = {
            "russell_sp500": ("^RUT", "^GSPC", self.c),
            "russell_nasdaq": ("^RUT", "^IXIC", self.c),
            "iwm_spy": ("IWM", "SPY", self.a),
            "ijh_spy": ("IJH", "SPY", self.a),
            "value_growth": ("IVE", "IVW", self.a),
            "lowvol_spy": ("SPLV", "SPY", self.a),
            "quality_spy": ("QUAL", "SPY", self.a),
            "momentum_spy": ("MTUM", "SPY", self.a),
        }[pair]
        if name == "streak":
            return self.streak(self.beat(price, first, second), at)
        if name == "ytd_gap":
            ours, theirs = self.ytd(price, first, at), self.ytd(price, second, at)
            return None if ours is None or theirs is None else 100 * (ours - theirs)
        return self._pair(first, second, name, at)

    def _index(self, words: list[str], at: int) -> Value:
        if words == ["all_down_streak"]:
            return self.streak(self.all_fell, at)
        names = {"sp500": "^GSPC", "nasdaq": "^IXIC", "ndx": "^NDX", "dow": "^DJI", "russell": "^RUT"}
        return self.on_close(names[words[0]], words[1], at)

    def on_close(self, ticker: str, name: str, at: int) -> Value:
        if name == "drawdown":
            return self.drawdown(ticker, at)
        if name == "ytd":
            value = self.ytd(self.c, ticker, at)
        else:
            sessions = int(name.removeprefix("return_").removesuffix("d"))
            value = self.ratio(self.c(ticker, at), self.c(ticker, at - sessions))
        return None if value is None else 100 * value

    def _megacap(self, words: list[str], at: int) -> Value:
        name = words[0]
        if len(words) == 2:
            return self.on_close(name.upper(), words[1], at)
        if name == "mags_losing_months":
            return self.losing_months(at)
        if name == "mags_mtd":
            value = self.month_to_date(at)
            return None if value is None else 100 * value
        if name == "mags_third_month":
            return self.third_month(at)
        if name == "count_beating_ytd":
            index = self.ytd(self.c, "^GSPC", at)
            own = [self.ytd(self.c, ticker, at) for ticker in SEVEN]
            return (
                None
                if index is None or None in own
                else sum(round(value, EXACT_TO) > round(index, EXACT_TO) for value in own)
            )
        if name == "down_2pct":
            falls = [self.ratio(self.c(ticker, at), self.c(ticker, at - 1)) for ticker in SEVEN]
            return None if None in falls else sum(round(fall, EXACT_TO) <= -0.02 for fall in falls)
        n = int(name.removeprefix("spread_").removesuffix("d"))
        basket = 1.0
        for place in range(at - n + 1, at + 1):
            returns = [self.ratio(self.a(ticker, place), self.a(ticker, place - 1)) for ticker in SEVEN]
            if None in returns:
                return None
            basket *= 1 + sum(returns) / 7
        index = self.ratio(self.a("SPY", at), self.a("SPY", at - n))
        return None if index is None else 100 * (basket - 1 - index)

    def _sectors(self, words: list[str], at: int) -> Value:
        if words[-1].startswith("rrg"):
            return self.rrg(words[0].upper(), at)[words[-1] == "rrg_momentum"]
        if len(words) == 1:
            months = {ticker: self.ratio(self.a(ticker, at), self.a(ticker, at - 21)) for ticker in ELEVEN}
            if None in months.values():
                return None
            if words[0] == "dispersion_21d":
                return 100 * (max(months.values()) - min(months.values()))
            ranked = pd.Series(months).round(EXACT_TO).rank(ascending=False)
            if words[0] == "defensive_rank_21d":
                return (ranked["XLP"] + ranked["XLU"] + ranked["XLV"]) / 3
            return (ranked["XLK"] + ranked["XLC"]) / 2
        if words[0] in ("igv_smh", "kre_spy"):
            first, second = words[0].upper().split("_")
            return self._pair(first, second, words[1], at)
        ticker, span = words[0].upper(), words[1].removeprefix("return_")
        if span == "ytd":
            value = self.ytd(self.a, ticker, at)
        else:
            value = self.ratio(self.a(ticker, at), self.a(ticker, at - int(span.removesuffix("d"))))
        return None if value is None else 100 * value

    def _rates(self, words: list[str], at: int) -> Value:
        if words == ["curve_10y2y"]:
            return less(self.joined("DGS10", at), self.joined("DGS2", at))
        if words[0] in ("priced_cuts", "sep_gap", "sep_change"):
            return self._fed(words[0], at)
        names = {"real_10y": "DFII10", "nominal_10y": "DGS10", "nominal_2y": "DGS2", "breakeven_10y": "T10YIE"}
        names |= {"fed_upper": "DFEDTARU", "fed_lower": "DFEDTARL"}
        return self.joined(names[words[0]], at)

    def _fed(self, name: str, at: int) -> Value:
        rate = self.joined("DFF", at)
        if rate is None:
            return None
        held = max(self.known("DFF", at))
        plan = set(planned())
        for row in self.told.public("meetings", at):
            plan = plan | {row.date.date()} if row.planned else plan - {row.date.date()}
        coming = sorted(day for day in plan if day >= held)
        year = coming[0].year

        def mean(month: int) -> Value:
            name = "ZQ" + "FGHJKMNQUVXZ"[month % 12] + f"{(year + month // 12) % 100}.CBT"
            price = self.c(name, at)
            return None if price is None else 100 - price

        if name == "sep_change":
            return self.projected(year, at)
        effective = rate
        meetings = [day for day in coming if day.year == year]
        months = {day.month for day in meetings}
        last = None
        for day in meetings:
            length = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
            left = length - day.day
            if last is not None and day.month - last > 1 and mean(day.month - 2) is not None:
                rate = mean(day.month - 2)
            last = day.month
            if left < 8 and (day.month == 12 or day.month + 1 not in months):
                rate = mean(day.month)
            else:
                own = mean(day.month - 1)
                rate = None if own is None or rate is None else (length * own - day.day * rate) / left
        if rate is None:
            return None
        if name == "priced_cuts":
            return (effective - rate) / 0.25
        told = [row for row in self.told.public("projections", at) if row.year_end.year == year]
        return told[-1].median - rate if told else None

    def projected(self, year: int, at: int) -> Value:
        """The newest median of a year less the one from before the day of the newest projections."""
        told = self.told.public("projections", at)
        of_year = [row for row in told if row.year_end.year == year]
        if not of_year:
            return None
        newest = max(row.known_at for row in told).date()
        before = [row for row in of_year if row.known_at.date() < newest]
        return of_year[-1].median - before[-1].median if before else None

    def chain(self, symbol: str, at: int):
        return self.newest("options", symbol, at)

    def newest(self, dataset: str, subject: str, at: int):
        """The row of a subject with the latest date, of those with one date the newest known; None after five sessions."""
        known = self.told.public_of(dataset, subject, at, newest=30)
        if not known:
            return None
        newest = max(known, key=lambda row: (row.date, row.known_at))
        return newest if at + 1 - bisect_right(self.days, newest.date.date()) <= 5 else None

    def _macro(self, words: list[str], at: int) -> Value:
        if words == ["unemployment"]:
            return self.joined("UNRATE", at)
        if words == ["cpi_yoy"]:
            year = self.quarter("CPIAUCSL", at, back=12)
            return None if year is None else 100 * (year[0] / year[1] - 1)
        series = {"core_cpi_3m": "CPILFESL", "core_pce_3m": "PCEPILFE", "payrolls_3m": "PAYEMS"}[words[0]]
        found = self.quarter(series, at)
        if found is None:
            return None
        now, before = found
        return (now - before) / 3 if series == "PAYEMS" else ((now / before) ** 4 - 1) * 100

    def _options(self, words: list[str], at: int) -> Value:
        name = words[0]
        if name in ("put_call", "skew_25d", "iv30"):
            row = self.chain(words[1].upper(), at)
            if row is None:
                return None
            if name == "iv30":
                return None if math.isnan(row.iv_atm) else row.iv_atm
            found = (
                row.skew_25d
                if name == "skew_25d"
                else row.put_volume / row.call_volume
                if row.call_volume
                else math.nan
            )
            return None if math.isnan(found) else found
        if name in ("vix", "skew"):
            return self.joined(name.upper(), at)
        if name == "vxn_minus_vix":
            return less(self.joined("VXN", at), self.joined("VIX", at))
        if name == "vix_term":
            short, long = self.joined("VIX", at), self.joined("VIX3M", at)
            return None if short is None or long is None else short / long
        values = [self.joined("CBOE_EQUITY_PC", place) if place >= 0 else None for place in range(at - 20, at + 1)]
        return None if None in values else sum(values) / 21

    def _capex(self, words: list[str], at: int) -> Value:
        if words == ["semis_capacity"]:
            return self.joined("CAPUTLG3344S", at)
        if words == ["computer_orders_yoy"]:
            pair = self.quarter("A34SNO", at, back=12)
            return None if pair is None else 100 * (pair[0] / pair[1] - 1)
        return self._pair("SMH", "SPY", words[1], at)

    def _havens(self, words: list[str], at: int) -> Value:
        if words[0] == "gld_spy":
            return self._pair("GLD", "SPY", words[1], at)
        gold, silver = self.c("GC=F", at), self.c("SI=F", at)
        if words[0] == "gold_silver":
            return None if gold is None or silver is None else gold / silver
        return {"gold": gold, "silver": silver, "oil": self.c("CL=F", at)}[words[0]]


def z_score(values: list[float]) -> Value:
    """Of the last value, among at least 200."""
    if len(values) < 200:
        return None
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return (values[-1] - mean) / deviation if deviation > 1e-12 * abs(mean) else None


def standard(values: list[Value]) -> Value:
    """100 + (last - mean)/sd of exactly 14 values."""
    if len(values) < 14 or None in values:
        return None
    mean = sum(values) / 14
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / 13)
    return 100 + (values[-1] - mean) / deviation


def rana(up: int, down: int) -> float:
    """Net advances per thousand that moved."""
    return 1000 * (up - down) / (up + down) if up + down else 0.0


def share_up(up: int, down: int) -> float:
    """Advancers among those that moved."""
    return up / (up + down) if up + down else 0.5


def own(ids: Iterable[str]) -> list[str]:
    """Those of the signals that are computed from a market alone; the scenario is recounted in `recount_scenario`."""
    return [id for id in ids if not id.startswith("scenario.")]


def less(first: Value, second: Value) -> Value:
    """first - second where both are known."""
    return None if first is None or second is None else first - second


DOLLAR_SUMS = ("capex.hyperscaler_ttm", "filings.tech_net_change")
DOLLAR_SUMS += tuple(f"flows.{basket}_4w_usd" for basket in ("tech", "small", "value", "equal_weight"))
"""Rounded to cents, all others to 8 places."""

STATES = (
    "breadth.sp500.thrust_signal",
    "megacap.mags_third_month",
    "scenario.recovery_state",
    *(f"{family}.{what}" for family in ("rotation", "tech") for what in ("state", "turning")),
    "rotation.regime",
    *(f"rotation.{name}.direction" for name in ROTATION),
    *(f"tech.{name}.direction" for name in TECH),
)
"""Flags and named states."""


def restart(id: str) -> str | None:
    """`year`, `month` or `turn` for signals that start anew with it."""
    if id.startswith(("rotation.", "tech.")) and id.rpartition(".")[2] in (
        "move",
        "age",
        "given_back",
        "out_given_back",
    ):
        return "turn"
    if id == "megacap.mags_mtd":
        return "month"
    anew = id.endswith((".ytd", ".ytd_gap", ".return_ytd")) or id == "megacap.count_beating_ytd"
    return "year" if anew else None


def measures(
    values: list[Value], id: str = "", days: list[date] | None = None, lasted: int | None = None
) -> dict[str, Value]:
    """The five measures of the last of a list of readings, one a session; `days` are the sessions where the id restarts.

    `lasted`: for how many sessions before this one the leg or state has been in force, for ids that restart with a turn.
    """
    now = values[-1]
    found: dict[str, Value] = {}
    period = restart(id)
    for sessions in (1, 5, 21):
        before = values[-1 - sessions] if len(values) > sessions else None
        if period == "turn" and (lasted is None or sessions > lasted):
            before = None
        elif period and period != "turn" and days and len(values) > sessions:
            same = days[-1].year == days[-1 - sessions].year
            before = before if same and (period == "year" or days[-1].month == days[-1 - sessions].month) else None
        found[f"change_{sessions}d"] = None if now is None or before is None else round(now - before, 8)
    if period or id in STATES:
        return found | {"percentile_1y": None, "z_1y": None}
    year = [value for value in values[-252:] if value is not None]
    found["percentile_1y"] = found["z_1y"] = None
    if now is not None and len(year) >= 200:
        lower, equal = sum(value < now for value in year), sum(value == now for value in year)
        found["percentile_1y"] = 100 * (lower + equal / 2) / len(year)
        found["z_1y"] = z_score(year) if len(set(year)) > 1 else None
    return found
