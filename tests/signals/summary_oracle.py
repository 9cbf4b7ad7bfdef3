"""What the sentences of a daily summary claim, computed anew from the closes of the market pack.

It reads the pack's files and nothing of the program, so that a formula that is wrong there is not wrong here too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tools.pack_frames import read_frames

_SEVEN = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
_FUNDS = {
    "technology": "XLK", "communication services": "XLC", "consumer discretionary": "XLY", "financials": "XLF",
    "industrials": "XLI", "materials": "XLB", "energy": "XLE", "health care": "XLV", "consumer staples": "XLP",
    "utilities": "XLU", "real estate": "XLRE",
}  # fmt: skip
_INDICES = {"the s&p 500": "^GSPC", "the index": "^GSPC", "the nasdaq": "^IXIC", "the russell 2000": "^RUT"}
_UP = ("soared", "surged", "jumped", "rose", "edged up", "gained")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = (
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)

_SUBJECT = rf"(?P<subject>{'|'.join([*_INDICES, *_FUNDS, 'small caps'])})"
_VERB = r"(?P<verb>soared|surged|jumped|rose|edged up|crashed|plunged|sank|dropped|fell|slipped|gained|lost)"
_SIZE = r"(?P<size>\d+(?:\.\d+)?)"
_SINCE = r"(?P<since>since (?P<day>\w+ \d+(?:, \d{4})?)|in at least (?P<years>\w+) years|in more than a year)"


@dataclass(frozen=True)
class Claim:
    """A part of a text, what the closes say, and whether they agree."""

    text: str
    computed: str
    holds: bool


class Oracle:
    """The closes of a pack up to one session."""

    def __init__(self, folder: Path) -> None:
        frames = read_frames(folder)
        self.close, self.adjusted, self.series = frames.close, frames.adjusted, frames.series
        listed = frames.universe["ticker"][frames.universe["groups"].str.contains("sp500")]
        self.members = [ticker for ticker in listed if ticker in self.close]
        self.day = self.close.index[-1]
        self._extremes: dict[str, pd.Series] = {}
        sectors = frames.universe.set_index("ticker")["sector"]
        self.tech = [
            name for name in self.members if sectors[name] in ("Information Technology", "Communication Services")
        ]

    def at(self, day: pd.Timestamp) -> Oracle:
        """The same, as if `day` were the last session."""
        self.day = day
        return self

    def change(self, name: str) -> pd.Series:
        """Changes of a session in per cent: of an index by its closes, of a fund or share with dividends."""
        frame = self.close if name.startswith("^") else self.adjusted
        return 100 * frame[name].loc[: self.day].pct_change(fill_method=None)

    def named(self, subject: str) -> pd.Series:
        """The changes of what a sentence calls so."""
        subject = subject.lower()
        ticker = _INDICES.get(subject) or _FUNDS.get(subject) or "^RUT"
        return self.change(ticker)

    def equal_weight(self) -> pd.Series:
        """RSP's return of a session minus SPY's."""
        return self.change("RSP") - self.change("SPY")

    def seven(self) -> pd.Series:
        """The mean return of the Magnificent Seven minus SPY's."""
        returns = pd.DataFrame({name: self.change(name) for name in _SEVEN})
        return returns.mean(axis=1, skipna=True) - self.change("SPY")

    def small(self) -> pd.Series:
        """The Russell 2000's change minus the S&P 500's."""
        return self.change("^RUT") - self.change("^GSPC")

    def sector_gap(self) -> pd.Series:
        """Best minus worst sector of each session."""
        returns = pd.DataFrame({fund: self.change(fund) for fund in _FUNDS.values()})
        return returns.max(axis=1) - returns.min(axis=1)

    def vix(self) -> pd.Series:
        """The VIX at each close."""
        return self.series["VIX"].loc[: self.day].dropna()

    def extremes(self, kind: str) -> pd.Series:
        """How many members closed at their highest (lowest) close of 252 sessions."""
        if not self._extremes:
            closes = self.close[self.members]
            window = closes.rolling(252, min_periods=252)
            for name, edge in (("highs", window.max()), ("lows", window.min())):
                self._extremes[name] = (closes == edge).sum(axis=1)
        return self._extremes[kind].loc[: self.day]

    def tech_highs(self) -> pd.Series:
        """How many members of the two technology sectors closed at their highest of 252 sessions, in three years."""
        closes = self.close[self.tech].loc[: self.day].iloc[-3 * 252 - 251 :]
        return (closes == closes.rolling(252, min_periods=252).max()).sum(axis=1).iloc[251:]

    def rising(self) -> float:
        """Per cent of the members that rose among those that moved."""
        moved = self.close[self.members].loc[: self.day].iloc[-2:].diff().iloc[-1]
        up, down = int((moved > 0).sum()), int((moved < 0).sum())
        return 100 * up / (up + down)


def _near(shown: str, value: float) -> bool:
    decimals = len(shown.partition(".")[2])
    return abs(float(shown) - abs(value)) <= 0.5 * 10.0**-decimals + 1e-6


def _run(changes: pd.Series) -> int:
    signs = np.sign(changes.dropna().to_numpy())[::-1]
    ends = np.flatnonzero(signs != signs[0])
    return int(signs[0]) * (int(ends[0]) if len(ends) else len(signs))


def _extreme(match: re.Match[str], values: pd.Series, *, lowest: bool) -> tuple[str, bool]:
    """Whether the last value is as far out as the words say: not reached since that day, and on that day."""
    known = values.dropna()
    now, past = float(known.iloc[-1]), known.iloc[:-1]
    reached = past[past <= now] if lowest else past[past >= now]
    newest = reached.index[-1] if len(reached) else None
    computed = f"{now:+.2f}; as far out last on {newest.date() if newest is not None else 'no known session'}"
    if match["day"]:
        text = match["day"] if "," in match["day"] else f"{match['day']}, {known.index[-1].year}"
        day = pd.Timestamp(text)
        day = day if day < known.index[-1] else day - pd.DateOffset(years=1)
        return computed, newest == day
    years = (
        1 if not match["years"] else int(match["years"]) if match["years"].isdigit() else _WORDS.index(match["years"])
    )
    return computed, newest is None and len(past) >= 252 * years


def _moved(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    value = float(oracle.named(match["subject"]).iloc[-1])
    return f"{value:+.3f}%", _near(match["size"], value) and (value > 0) == (match["verb"] in _UP)


def _gap(values: Callable[[Oracle], pd.Series]) -> Callable[[Oracle, re.Match[str]], tuple[str, bool]]:
    def check(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
        value = float(values(oracle).iloc[-1])
        return f"{value:+.3f} points", _near(match["size"], value) and (value > 0) == (match["verb"] == "beat")

    return check


def _of(
    values: Callable[[Oracle], pd.Series], best: tuple[str, ...] = ("best", "widest")
) -> Callable[..., tuple[str, bool]]:
    def check(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
        return _extreme(match, values(oracle), lowest=match["kind"] not in best)

    return check


def _vix(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    before, value = (float(value) for value in oracle.vix().iloc[-2:])
    moved = (value > before) == ("jumped" in match[0].lower())
    return f"{before:.2f} to {value:.2f}", moved and _near(match["size"], value) and _near(
        match["before"] or f"{before}", before
    )


def _a_touch(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    value = float(oracle.named(match["subject"]).iloc[-1])
    return f"{value:+.3f}%", 0 < abs(value) < 0.05 and (value > 0) == (match["way"] == "higher")


def _extremes(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    count = int(oracle.extremes(match["kind"]).iloc[-1])
    return f"{count}", count == int(match["count"])


def _most(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    """The most of what the sentence has just counted, highs or lows."""
    highs, lows = oracle.extremes("highs"), oracle.extremes("lows")
    found = [_extreme(match, values, lowest=False) for values in (highs, lows)]
    return next((one for one in found if one[1]), found[0])


def _above_average(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    values = _values(oracle, "breadth.sp500.above_50dma")
    share = math.nan if values is None else float(values.iloc[-1])
    return f"{share:.2f}%", _near(match["size"], share)


def _first_in(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    changes = oracle.small()
    before = _run(changes.iloc[:-1])
    turned = float(changes.iloc[-1]) * before < 0 and (before > 0) == (match["verb"] == "lost to")
    return f"run of {before} before", turned and abs(before) + 1 == _WORDS.index(match["count"])


def _longest(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    signs = np.sign(oracle.small().round(10))
    runs = signs.groupby((signs != signs.shift()).cumsum()).cumsum()
    return _extreme(match, runs, lowest=match["kind"] == "losing")


def _yield(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    """Of the newest day before the session, against what was known on the session before: one day, or on a day without a
    session more.
    """
    known = oracle.series["DGS10"].dropna()
    known = known[known.index < oracle.day]
    session_before = oracle.close["^GSPC"].dropna().loc[: oracle.day].index[-2]
    earlier = known[known.index < session_before]
    moved = round(100 * float(known.iloc[-1] - earlier.iloc[-1]))
    how = "on" if known.index[-1] == session_before else "by"
    computed = f"{moved:+d} bp to {known.iloc[-1]:.2f}% {how} {known.index[-1]:%A}"
    sign = 1 if match["verb"] == "jumped" else -1
    same = moved == sign * int(match["bp"]) and f"{known.iloc[-1]:.2f}" == match["level"]
    same = same and how == match["how"].lower()
    return computed, same and f"{known.index[-1]:%A}".lower() == match["weekday"].lower()


def _below_high(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    closes = oracle.close["^GSPC"].loc[: oracle.day].dropna()
    peak = closes.idxmax()
    below = float(100 * (1 - closes.iloc[-1] / closes.max()))
    text = match["peak"]
    if text and "," not in text:
        text = f"{text}, {oracle.day.year}"
    return f"{below:.2f}% below {peak.date()}", _near(match["size"], below) and (not text or pd.Timestamp(text) == peak)


def _in_a_row(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    run = _run(oracle.change("^GSPC"))
    return f"run of {run}", abs(run) == _number(match["nth"]) and (run > 0) == (match["sort"] == "gain")


def _run_of(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    run = _run(oracle.change("^GSPC").iloc[:-1])
    return f"run of {run}", abs(run) == _WORDS.index(match["count"]) and (run > 0) == (match["sort"] == "gains")


def _day_before(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    value = float(oracle.change("^GSPC").iloc[-2])
    return f"{value:+.3f}%", _near(match["size"], value) and (value > 0) == (match["verb"] in _UP)


def _record(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    closes = oracle.close["^GSPC"].loc[: oracle.day].dropna()
    record = closes == closes.cummax()
    count = int((record & (closes.index.year == oracle.day.year)).sum())
    wanted = match["nth"]
    return f"{count} of the year", bool(record.iloc[-1]) and count == _number(wanted)


def _number(ordinal: str) -> int:
    return _ORDINALS.index(ordinal) if ordinal in _ORDINALS else int(re.sub(r"\D", "", ordinal) or 0)


def _period(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    closes = oracle.close["^GSPC"].loc[: oracle.day].dropna()
    last = closes.groupby(
        closes.index.to_period({"year": "Y", "month": "M", "quarter": "Q", "week": "W"}[match["period"]])
    ).last()
    value = float(100 * (last.iloc[-1] / last.iloc[-2] - 1))
    return f"{value:+.3f}%", _near(match["size"], value) and (value > 0) == (match["way"] == "higher")


def _best_period(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    closes = oracle.close["^GSPC"].loc[: oracle.day].dropna()
    changes = closes.groupby(closes.index.to_period("M")).last().pct_change()
    earlier = changes.iloc[:-1]
    last = earlier[earlier >= changes.iloc[-1]].index[-1]
    return f"as good last in {last}", f"{last.strftime('%B %Y')}" == match["name"]


def _years_in_a_row(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    closes = oracle.close["^GSPC"].loc[: oracle.day].dropna()
    run = _run(closes.groupby(closes.index.year).last().pct_change())
    return f"run of {run}", abs(run) == _number(match["nth"])


def _streak(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    run = _run(oracle.small())
    return f"run of {run}", abs(run) == _number(match["nth"]) and (run > 0) == (match["verb"] in ("led", "beat"))


def _seven_down(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    count = sum(round(float(oracle.change(name).iloc[-1]), 8) <= -2 for name in _SEVEN)
    return f"{count}", count == (7 if match["count"].startswith("all") else _WORDS.index(match["count"].split()[0]))


def _all_fell(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    fell = pd.DataFrame({name: oracle.change(name) < 0 for name in ("^GSPC", "^IXIC", "DIA")}).all(axis=1)
    run = int((~fell.iloc[::-1]).to_numpy().argmax())
    return f"run of {run}", run == _number(match["nth"])


def _members(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    rising = oracle.rising()
    share = rising if match["verb"] in ("rose", "rising") else 100 - rising
    return f"{share:.2f}%", _near(match["size"], share)


def _together(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    value = float(oracle.equal_weight().iloc[-1])
    return f"{value:+.3f} points", abs(value) < 0.3


def _cut(oracle: Oracle, match: re.Match[str]) -> tuple[str, bool]:
    upper, lower = (oracle.series[name].loc[: oracle.day].dropna() for name in ("DFEDTARU", "DFEDTARL"))
    computed = f"{float(lower.iloc[-1]):.2f}–{float(upper.iloc[-1]):.2f}%"
    return computed, computed == f"{match['low']}–{match['high']}%"


Pattern = tuple[str, Callable[[Oracle, re.Match[str]], tuple[str, bool]]]
_PATTERNS: tuple[Pattern, ...] = (
    (rf"{_SUBJECT} {_VERB} (?:another |only )?{_SIZE}%", _moved),
    (
        rf"equal weight (?P<verb>beat|trailed) the (?:index|s&p 500)(?: again,)? by {_SIZE} points",
        _gap(Oracle.equal_weight),
    ),
    (rf"the magnificent seven (?P<verb>beat|trailed) (?:the s&p 500|it) by {_SIZE} points", _gap(Oracle.seven)),
    (rf"small caps (?P<verb>beat|trailed) the s&p 500 by {_SIZE} points", _gap(Oracle.small)),
    (rf"its (?P<kind>best|worst) day {_SINCE}", _of(lambda oracle: oracle.change("^GSPC"))),
    (rf"its (?P<kind>widest) lead {_SINCE}", _of(Oracle.equal_weight)),
    (rf"its (?P<kind>worst) day against it {_SINCE}", _of(Oracle.equal_weight)),
    (rf"(?:their|small caps') (?P<kind>widest) lead {_SINCE}", _of(Oracle.small)),
    (rf"(?:their|small caps') (?P<kind>worst) day against it {_SINCE}", _of(Oracle.small)),
    (rf"the (?P<kind>widest) gap between sectors {_SINCE}", _of(Oracle.sector_gap)),
    (rf"the vix (?:jumped|fell|slipped) to {_SIZE}(?: from (?P<before>[\d.]+))?", _vix),
    (rf"its (?P<kind>highest|lowest) {_SINCE}", _of(lambda oracle: oracle.vix(), ("highest",))),
    (rf"{_SUBJECT} closed a touch (?P<way>higher|lower)", _a_touch),
    (r"(?P<count>\d+) stocks made 52-week (?P<kind>highs|lows)", _extremes),
    (rf"(?P<kind>the most) {_SINCE}", _most),
    (rf"(?:only )?{_SIZE}% of (?:its|s&p 500) stocks closed above their 50-day average", _above_average),
    (r"small caps (?P<verb>lost to|beat) the s&p 500 for the first time in (?P<count>\w+) days", _first_in),
    (r"small caps (?P<verb>trailed|beat) the s&p 500 for an? (?P<nth>\w+) day running", _streak),
    (rf"their longest (?P<kind>losing|winning) streak {_SINCE}", _longest),
    (
        r"the 10-year yield (?:had )?(?P<verb>jumped|sank|sunk) (?P<bp>\d+) bp to (?P<level>[\d.]+)%"
        r" (?P<how>on|by) (?P<weekday>\w+)",
        _yield,
    ),
    (
        rf"(?:is still|into (?:a bear market|a correction)),? {_SIZE}% below its (?:high|record)"
        r"(?: of (?P<peak>\w+ \d+(?:, \d+)?))?",
        _below_high,
    ),
    (r"its (?P<nth>\w+) (?P<sort>gain|fall) in a row", _in_a_row),
    (rf"a day after it {_VERB} {_SIZE}%", _day_before),
    (r"ending a run of (?P<count>\w+) (?P<sort>gains|falls)", _run_of),
    (r"to its (?P<nth>\w+) record of the year", _record),
    (rf"(?:to end|ended) the (?P<period>year|month|quarter|week) {_SIZE}% (?P<way>higher|lower)", _period),
    (r"its best month since (?P<name>\w+ \d{4})", _best_period),
    (r"its (?P<nth>\w+) yearly (?:gain|loss) in a row", _years_in_a_row),
    (r"small caps (?P<verb>led|lagged) for an? (?P<nth>\w+) day running", _streak),
    (r"(?P<count>all the|\w+ of the) magnificent seven fell 2% or more", lambda o, m: _seven_down(o, m)),
    (r"the major indexes fell an? (?P<nth>\w+) day running", _all_fell),
    (rf"(?:though|with) {_SIZE}% of (?:its|s&p 500) stocks (?P<verb>rose|fell|rising|falling)", _members),
    (r"with the magnificent seven and the rest moving together", _together),
    (
        r"the day after the fed (?:cut|raised) its rate by (?:a full point|\d+ bp) to (?P<low>[\d.]+)–(?P<high>[\d.]+)%",
        _cut,
    ),
)
_JOINTS = re.compile(
    r"[ ,.;]+|\b(?:and|but|as|while)\b|a quiet day:|on (?:monday|tuesday|wednesday|thursday|friday)\b"
    r"|on the last day of \d{4}|on the day of the fed's decision"
    r"|in (?:a|the) shortened session (?:before|after) (?:independence day|thanksgiving|christmas)|on the first day of \d{4}",
    re.IGNORECASE,
)


def claims(oracle: Oracle, headline: str, more: Sequence[Pattern] = ()) -> Iterator[Claim]:
    """Every claim of a headline, from left to right; what no pattern knows, nor `more`, is a claim that does not hold."""
    rest = headline
    while rest:
        if joint := _JOINTS.match(rest):
            rest = rest[joint.end() :]
            continue
        for pattern, check in (*_PATTERNS, *more):
            if match := re.match(pattern, rest, re.IGNORECASE):
                lowered = re.match(pattern, match[0].lower() if "since" not in match[0] else match[0], re.IGNORECASE)
                computed, holds = check(oracle, lowered or match)
                yield Claim(match[0], computed, holds)
                rest = rest[match.end() :]
                break
        else:
            yield Claim(rest, "nothing computes this", False)
            return


def index_claims(oracle: Oracle, line: str) -> Iterator[Claim]:
    """The claims of the line of indexes: `S&P 500 -9.0% · Nasdaq -8.5% · ...`."""
    values = {"S&P 500": "^GSPC", "Nasdaq": "^IXIC", "Russell 2000": "^RUT"}
    for part in line.split(" · "):
        for name, ticker in values.items():
            if match := re.fullmatch(rf"{re.escape(name)} ([+-]?)([\d.]+)%", part):
                value = float(oracle.change(ticker).iloc[-1])
                yield Claim(
                    part, f"{value:+.3f}%", _near(match[2], value) and (match[1] == "-") == (round(value, 1) < 0)
                )
        if match := re.fullmatch(r"equal weight vs\. S&P 500 ([+-]?)([\d.]+) points", part):
            value = float(oracle.equal_weight().iloc[-1])
            yield Claim(
                part, f"{value:+.4f} points", _near(match[2], value) and (match[1] == "-") == (round(value, 2) < 0)
            )


def mover_claims(oracle: Oracle, id: str, value: float, change: float) -> Iterator[Claim]:
    """The value and the day's change of a signal whose formula needs only closes; nothing for others."""
    series = _values(oracle, id)
    if series is not None:
        now, before = float(series.iloc[-1]), float(series.iloc[-2])
        text = f"{id} {value:.4f}, {change:+.4f} on the day"
        yield Claim(
            text, f"{now:.4f}, {now - before:+.4f}", abs(now - value) < 2e-3 and abs(now - before - change) < 2e-3
        )


def _values(oracle: Oracle, id: str) -> pd.Series | None:
    family, _, name = id.partition(".")
    adjusted, close = oracle.adjusted.loc[: oracle.day], oracle.close.loc[: oracle.day]
    if family == "havens" and name in ("gold", "silver", "oil"):
        return close[{"gold": "GC=F", "silver": "SI=F", "oil": "CL=F"}[name]]
    if id == "havens.gold_silver":
        return close["GC=F"] / close["SI=F"]
    if name.endswith("_ytd") or name.endswith(".ytd"):
        ticker = name.partition(".")[0].upper()
        frame, ticker = (
            (
                close,
                {"SP500": "^GSPC", "NASDAQ": "^IXIC", "NDX": "^NDX", "DOW": "^DJI", "RUSSELL": "^RUT"}.get(
                    ticker, ticker
                ),
            )
            if family in ("index", "megacap")
            else (adjusted, ticker)
        )
        if ticker not in frame or family == "size":
            return None
        years = frame.index.year
        base = frame[ticker].groupby(years).last().shift()
        return 100 * (frame[ticker] / base.reindex(years).to_numpy() - 1)
    if match := re.fullmatch(r"breadth\.sp500\.above_(\d+)dma", id):
        members = close[oracle.members].iloc[-400:]
        mean = members.rolling(int(match[1])).mean()
        known = mean.notna() & members.notna()
        return (100 * ((members > mean) & known).sum(axis=1) / known.sum(axis=1)).iloc[-2:]
    if name.endswith(".drawdown"):
        return None
    if id == "options.vix":
        return oracle.series["VIX"].loc[: oracle.day].dropna()
    if id == "rates.nominal_10y":
        # On each session that of the newest day before it.
        known = oracle.series["DGS10"].dropna()
        return pd.Series(known.to_numpy()[known.index.searchsorted(close.index[-2:]) - 1], index=close.index[-2:])
    return None
