"""Random rows of every dataset for `markets.random_market`: late ones, corrected ones, unknown cells, splits and gaps."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from signals.asof import fomc_meetings
from signals.asof.watched_names import AI, FUND, OTHERS, SEVEN, TECH
from signals.core.datasets import empty
from signals.families import options
from signals.families.capex_filings import CAPEX, COST, HYPERSCALERS, INVENTORY, SEMIS

FUNDS = ("XLK", "XLC", "QQQ", "SMH", "SOXX", "IGV", "XLP", "IWM", "IVE", "RSP", "XLF", "XLI", "XLV", "XLU", "SPY")
MEMBERS = (*TECH[:10], *OTHERS[:8])
"""Companies that are members of a random market beside those without a known name."""
ESTIMATED = tuple(dict.fromkeys((*SEVEN, *AI, *MEMBERS, FUND)))
MANAGERS = ("Alder", "Birch", "Cedar", "Drum", "Elm")
HELD = MEMBERS[:6]
SPLIT_OF_STOCK = HELD[1]
"""It splits 4:1 at half time: managers report four times the shares at a quarter of the price, closes show nothing."""

Dice = np.random.Generator


def random_records(dice: Dice, prices: pd.DataFrame, ends: pd.DatetimeIndex, holes: float) -> dict[str, pd.DataFrame]:
    """Rows known by the last session of `prices`. `ends`: closing times; `holes`: share that is missing, late or corrected."""
    days = pd.DatetimeIndex(prices.index)
    told = {
        "funds": _funds(dice, days, holes),
        "options": _chains(dice, days, ends, holes),
        "weights": _weights(dice, days, ends, holes),
        "meetings": _meetings(dice, holes),
        "projections": _projections(dice, days),
        "estimates": _estimates(dice, days, holes),
        "surprises": _surprises(dice, days, holes),
        "facts": _facts(dice, days, holes),
        "guidance": _guidance(dice, days, holes),
        "holdings": _holdings(dice, prices, holes),
    }
    return {name: _shaped(name, rows, ends[-1]) for name, rows in told.items()}


def _shaped(name: str, rows: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    model = empty(name)
    if "source" not in rows:
        rows = rows.assign(source="dice")
    rows = rows.reindex(columns=model.columns).astype(model.dtypes.to_dict())
    return rows[rows["known_at"] <= until].sort_values("known_at", kind="stable", ignore_index=True)


def _with_trouble(dice: Dice, rows: pd.DataFrame, cells: tuple[str, ...], holes: float) -> pd.DataFrame:
    """Some cells unknown, some rows missing, some late by days, some corrected by a few percent a day later."""
    rows = rows.copy()
    for name in cells:
        rows.loc[dice.random(len(rows)) < holes, name] = np.nan
    again = rows[dice.random(len(rows)) < 2 * holes].copy()
    again[list(cells)] *= 1 + np.round(dice.normal(0, 0.02, (len(again), 1)), 3)
    again["known_at"] += pd.Timedelta(hours=26)
    late = dice.random(len(rows)) < holes
    rows.loc[late, "known_at"] += pd.to_timedelta(dice.integers(1, 9, late.sum()), unit="D")
    return pd.concat([rows[dice.random(len(rows)) >= 2 * holes], again])


def _morning(days: pd.Series | pd.DatetimeIndex, after: int = 1) -> pd.DatetimeIndex:
    return (pd.DatetimeIndex(days) + pd.Timedelta(days=after, hours=13)).tz_localize("UTC").as_unit("ns")


def _funds(dice: Dice, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """Counts of shares; one fund splits, one stands still, one is only told of by published flows, one jumps and comes back."""
    tables = []
    for number, ticker in enumerate(FUNDS):
        nav = np.round(40 * np.exp(np.cumsum(dice.normal(0, 0.01, len(days)))), 2)
        steps = dice.normal(0, 0.004, len(days)) * (dice.random(len(days)) < 0.7)
        shares = np.round(2000 * np.exp(np.cumsum(steps))) * 50_000
        flow = np.full(len(days), np.nan)
        half = len(days) // 2
        if ticker == "XLC":
            shares[half:], nav[half:] = shares[half:] * 2, np.round(nav[half:] / 2, 2)
        elif ticker == "IGV":
            shares[half:] = shares[half]
        elif ticker == "SOXX":
            flow, shares = np.round(dice.normal(0, 5e7, len(days))), np.full(len(days), np.nan)
        elif ticker == "SMH":
            shares[half] *= 1.3
        elif ticker == "XLF":
            flow = np.where(dice.random(len(days)) < 0.9, np.round(dice.normal(0, 5e7, len(days))), np.nan)
        elif ticker == "RSP":
            shares[half + 3 : half + 12] = np.nan
        table = pd.DataFrame(
            {"date": days, "ticker": ticker, "nav": nav, "shares_outstanding": shares, "flow_usd": flow}
        )
        tables.append(table.assign(source="yahoo" if number % 13 == 6 else "dice"))
    rows = pd.concat(tables, ignore_index=True)
    rows["known_at"] = _morning(rows["date"])
    return _with_trouble(dice, rows, ("nav", "shares_outstanding", "flow_usd"), holes / 2)


def _chains(dice: Dice, days: pd.DatetimeIndex, ends: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """A snapshot of each underlying each session before the close; some late, some corrected the day after, some unknown."""
    symbols = np.array(options.CHAIN_SYMBOLS)
    count = len(days) * len(symbols)
    frame = pd.DataFrame(
        {"date": days.repeat(len(symbols)).as_unit("ns"), "symbol": np.tile(symbols, len(days))}
        | {name: dice.integers(1, 900, count).astype(float) for name in ("put_volume", "call_volume")}
        | {"skew_25d": np.round(dice.normal(4, 2, count), 2), "iv_atm": np.round(dice.normal(25, 3, count), 2)}
    )
    late = np.where(dice.random(count) < holes, pd.Timedelta(hours=3), -pd.Timedelta(minutes=15))
    frame["known_at"] = (ends.repeat(len(symbols)) + pd.TimedeltaIndex(late)).as_unit("ns")
    for name in ("put_volume", "call_volume", "skew_25d", "iv_atm"):
        frame.loc[dice.random(count) < holes, name] = np.nan
    frame.loc[dice.random(count) < holes, "call_volume"] = 0.0
    again = frame[dice.random(count) < 2 * holes].assign(skew_25d=3.0)
    again["known_at"] += pd.Timedelta(hours=18)
    return pd.concat([frame[dice.random(count) >= 4 * holes], again])


def _weights(dice: Dice, days: pd.DatetimeIndex, ends: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """Sums of SPY's holdings, stored from the second month on."""
    rows = pd.DataFrame(
        {
            "date": days[25:],
            "fund": "SPY",
            "seven": np.round(30 + dice.normal(0, 1, len(days) - 25), 4),
            "top_ten": np.round(35 + dice.normal(0, 1, len(days) - 25), 4),
            "known_at": (ends[25:] + pd.Timedelta(hours=15)).as_unit("ns"),
        }
    )
    return _with_trouble(dice, rows, ("seven", "top_ten"), holes)


def _meetings(dice: Dice, holes: float) -> pd.DataFrame:
    """With holes some meetings move by a week, a month before they were planned."""
    moved = [day for day in fomc_meetings.planned() if holes and dice.random() < 0.2]
    rows = [(day, 0.0) for day in moved] + [(day + timedelta(days=7), 1.0) for day in moved]
    known = [pd.Timestamp(day, tz="UTC") - pd.Timedelta(days=30) for day in moved] * 2
    return pd.DataFrame(rows, columns=["date", "planned"]).assign(known_at=pd.DatetimeIndex(known, tz="UTC"))


def _projections(dice: Dice, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Medians for this year and the next two, every 90 days since four months before the first session."""
    told = pd.date_range(days[0] - pd.Timedelta(days=120), days[-1], freq="90D")
    rows = [
        (pd.Timestamp(day.year + ahead, 12, 31), round(float(dice.normal(40, 5)), 1), day.tz_localize("UTC"))
        for day in told
        for ahead in range(3)
    ]
    return pd.DataFrame(rows, columns=["year_end", "median", "known_at"])


def _estimates(dice: Dice, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """A snapshot every third session; some expect losses, in some weeks nobody changes anything."""
    told = days[::3]
    tables = []
    for ticker in ESTIMATED:
        size = len(told)
        price = np.round(100 * np.exp(np.cumsum(dice.normal(0, 0.02, size))), 2)
        eps = np.round(price / dice.uniform(2, 260, size), 3) * np.where(dice.random(size) < 0.1, -1, 1)
        table = pd.DataFrame({"date": told, "ticker": ticker, "price": price, "eps_next_year": eps})
        table["up_30d"], table["down_30d"] = (dice.integers(0, 9, size).astype(float) for _ in range(2))
        table["growth_next_year"] = np.where(eps > 0, np.round(dice.normal(10, 6, size), 1), np.nan)
        table["forward_pe"] = np.round(price / eps, 2)
        tables.append(table)
    rows = pd.concat(tables, ignore_index=True)
    calm = rows["date"].isin(told[len(told) // 3 : len(told) // 3 + 2])
    rows.loc[calm, ["up_30d", "down_30d"]] = 0.0
    rows["known_at"] = _morning(rows["date"])
    return _with_trouble(dice, rows, ("price", "eps_next_year", "growth_next_year", "up_30d"), holes)


def _surprises(dice: Dice, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """A report a quarter of each company, some without the day on which it came, some that met the estimate to the cent."""
    ends = pd.date_range(days[0] - pd.Timedelta(days=200), days[-1], freq="QE")
    rows = pd.DataFrame([(end, ticker) for end in ends for ticker in MEMBERS], columns=["quarter", "ticker"])
    rows["reported"] = rows["quarter"] + pd.to_timedelta(dice.integers(12, 50, len(rows)), unit="D")
    rows["estimate"] = np.round(dice.normal(1, 1, len(rows)), 2)
    rows["actual"] = np.round(rows["estimate"] + dice.integers(-2, 4, len(rows)) / 100, 2)
    rows["known_at"] = _morning(rows["reported"], after=0)
    rows.loc[dice.random(len(rows)) < 4 * holes, "reported"] = pd.NaT
    return _with_trouble(dice, rows, ("actual",), holes)


_FISCAL = (1, 7, 2, 10, 6)


def _facts(dice: Dice, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """Year-to-date figures by fiscal year; some filers tell three months as well, some change their tag, some file again."""
    rows = []
    for place, ticker in enumerate((*HYPERSCALERS, *SEMIS)):
        tags = CAPEX if ticker in HYPERSCALERS else COST
        for year in range(days[0].year - 2, days[-1].year + 1):
            start, total = pd.Timestamp(year, _FISCAL[place % 5], 1), 0.0
            tag = tags[place % 2 if year < days[0].year + 1 or place % 4 else 1 - place % 2]
            for quarter in range(1, 5):
                end = start + pd.DateOffset(months=3 * quarter) - pd.Timedelta(days=1)
                begin = start + pd.DateOffset(months=3 * quarter - 3)
                value = float(dice.integers(900, 1300))
                total += value
                filed = end + pd.Timedelta(days=int(dice.integers(25, 50)))
                told = [(tag, start, end, total)]
                told += [(tag, begin, end, value)] if place % 3 == 0 and quarter > 1 else []
                told += [(INVENTORY, end, end, float(dice.integers(900, 1300)))] if ticker in SEMIS else []
                for again in range(1 + (dice.random() < 4 * holes)):
                    known = filed + pd.Timedelta(days=92 * again, hours=22)
                    for concept, begins, ends, figure in told:
                        form = f"{ticker}-{ends.date()}-{again}"
                        rows.append((ticker, concept, begins, ends, figure * (1 + 0.1 * again), form, form, known))
    columns = ["ticker", "concept", "start", "end", "value", "form", "accession", "known_at"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["known_at"] = frame["known_at"].dt.tz_localize("UTC")
    return frame[dice.random(len(frame)) >= holes]


def _guidance(dice: Dice, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    """Releases since two months before the first session, some found out about weeks later, in which nobody looked before."""
    filed = pd.date_range(days[0] - pd.Timedelta(days=60), days[-1], freq="B").repeat(2)
    rows = pd.DataFrame({"ticker": dice.choice(MEMBERS, len(filed)), "filed": filed})
    rows["accession"] = [f"0001-{number}" for number in range(len(rows))]
    rows["direction"] = dice.choice([1.0, -1.0, 0.0, np.nan], len(rows))
    rows["sentence"], rows["url"] = "We raise our outlook.", "https://example.org"
    rows["known_at"] = _morning(rows["filed"], after=0)
    late = dice.random(len(rows)) < 2 * holes
    rows.loc[late, "known_at"] += pd.Timedelta(days=25)
    if holes:
        rows.loc[rows["filed"] < days[20], "known_at"] = _morning(days[[45]])[0]
    return pd.concat(
        [rows, rows[dice.random(len(rows)) < holes].assign(direction=1.0, known_at=_morning(days[[-20]])[0])]
    )


def _holdings(dice: Dice, prices: pd.DataFrame, holes: float) -> pd.DataFrame:
    """Shares of five managers at the ends of quarters: one stays away at times, stocks split, amendments restate."""
    ends = pd.date_range(prices.index[0], prices.index[-1], freq="QE")
    half = prices.index[len(prices) // 2]
    rows = []
    for end in ends:
        for manager in MANAGERS:
            if holes and dice.random() < 0.1:
                continue
            filed = end + pd.Timedelta(days=int(dice.integers(30, 45)))
            for ticker in HELD:
                before = ticker == SPLIT_OF_STOCK and end < half
                shares = float(dice.choice([0, 4000, 8000, 12000])) / (4 if before else 1)
                close = prices.loc[:end, ticker].ffill().iloc[-1] * (4 if before else 1)
                told = filed + pd.Timedelta(hours=22)
                rows.append((end, manager, ticker, shares, np.nan_to_num(shares * close), filed, told))
    columns = ["quarter", "manager", "ticker", "shares", "value_usd", "filed", "known_at"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["known_at"] = frame["known_at"].dt.tz_localize("UTC")
    return _with_trouble(dice, frame, ("shares",), holes)
