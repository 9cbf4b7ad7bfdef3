"""Flows of baskets of funds: windows by hand, what is withheld and why, and an independent count of random histories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.asof.fund_flows import NEVER_ISSUERS
from signals.core.datasets import published
from signals.core.market import FINAL_AFTER, Market
from signals.core.model import Axis
from signals.families.sectors import SECTORS
from tests.signals.markets import last, last_value, market, sessions_from, values

FIRST = "2024-01-02"
LONG = 60


def days(count: int) -> pd.DatetimeIndex:
    return sessions_from(FIRST, count)[:count]


def fund(
    ticker: str,
    shares: Sequence[float] | None = None,
    *,
    nav: float | Sequence[float] = 10.0,
    flow: object = np.nan,
    first: int = 0,
    source: str = "issuer",
    count: int | None = None,
) -> pd.DataFrame:
    """Rows of consecutive sessions from position `first`, public on the next morning."""
    length = len(shares) if shares is not None else count
    frame = pd.DataFrame(
        {
            "date": sessions_from(FIRST, first + length)[first : first + length],
            "ticker": ticker,
            "nav": nav if shares is not None else np.nan,
            "shares_outstanding": np.nan if shares is None else shares,
            "flow_usd": flow,
            "source": source,
        }
    )
    return frame.assign(known_at=published("funds", frame))


def of(*funds: pd.DataFrame, count: int = LONG) -> Market:
    rows = pd.concat(funds).sort_values(["known_at", "date", "ticker"], kind="stable").reset_index(drop=True)
    return market(FIRST, count=count, records={"funds": rows})


def rising(count: int, start: float = 1000.0, step: float = 1.0) -> list[float]:
    return [start + step * number for number in range(count)]


def test_four_weeks_are_twenty_sessions_of_creations_in_percent_of_the_assets_before() -> None:
    # One share a session at 10 USD. After the 31st session (position 30) the row of position 29 is the newest, so the window
    # runs over 20 flows of 10 USD; they began when the count was 1000 + 9 shares.
    found = of(fund("RSP", rising(30)), count=31)
    reading = last(found, "flows.equal_weight_4w_usd")
    assert reading.value == 200.0
    assert last(found, "flows.equal_weight_4w").value == pytest.approx(100 * 200 / 10090)
    # The row of position 29 holds the orders of the session before it.
    assert reading.observed == days(31)[28].date()
    assert (reading.coverage.counted, reading.coverage.listed) == (1, 1)


def test_a_row_counts_from_the_session_after_its_date() -> None:
    shares = [*rising(30), 1029 + 100]
    assert last(of(fund("RSP", shares), count=31), "flows.equal_weight_4w_usd").value == 200.0
    assert last(of(fund("RSP", shares), count=32), "flows.equal_weight_4w_usd").value == 190.0 + 1000.0


def test_eight_weeks_are_forty_sessions() -> None:
    ours = [fund(ticker, rising(50)) for ticker in ("XLK", "XLC")]
    # The row of position 49 is the newest, the window begins with the count of position 9.
    assert last(of(*ours, count=51), "flows.tech_8w").value == pytest.approx(100 * 400 / 10090)


def test_a_split_inside_the_window_gives_no_flow() -> None:
    # The count moves by one share to and fro, and doubles in the middle; all is worth the same.
    shares = [1000.0 + number % 2 for number in range(16)] + [2 * (1000.0 + number % 2) for number in range(16, 33)]
    prices = [10.0] * 16 + [5.0] * 17
    found = of(fund("RSP", shares, nav=prices), count=34)
    # 20 flows between counts of positions 12 and 32, both even.
    assert last(found, "flows.equal_weight_4w_usd").value == pytest.approx(0.0, abs=1e-6)
    assert last(found, "flows.equal_weight_4w").value == pytest.approx(0.0, abs=1e-9)
    assert max(abs(value) for value in values(found, "flows.equal_weight_4w_usd") if value is not None) < 21


def test_a_jump_is_believed_only_with_the_row_behind_it() -> None:
    shares = [*rising(30), 1300.0, 1301.0]
    usd = values(of(fund("RSP", shares), count=33), "flows.equal_weight_4w_usd")
    # On position 31 the jump in the row of 30 is the newest thing known: the row before it stands.
    assert usd[30] == usd[31] == 200.0
    assert usd[32] == pytest.approx(18 * 10 + (1300 - 1029) * 10 + 10)


def test_a_jump_that_is_taken_back_leaves_no_trace() -> None:
    shares = [*rising(30), 1300.0, 1031.0, 1032.0]
    usd = values(of(fund("RSP", shares), count=34), "flows.equal_weight_4w_usd")
    assert usd[30:] == [200.0, 200.0, 200.0, 200.0]


def test_rows_older_than_four_sessions_are_no_data() -> None:
    found = of(fund("RSP", rising(30)), count=40)
    usd = values(found, "flows.equal_weight_4w_usd")
    assert usd[33] == 200.0
    assert usd[34] is None
    reading = last(found, "flows.equal_weight_4w_usd")
    assert reading.reason == (
        f"0 of 1 funds known, needs 1: RSP's newest row is of {days(30)[29].date()}, 10 sessions old, at most 4"
    )


def test_a_fund_whose_rows_ended_long_ago_is_old_and_not_unknown() -> None:
    found = of(fund("RSP", rising(30)), count=130)
    assert "100 sessions old" in str(last(found, "flows.equal_weight_4w_usd").reason)


def test_the_reason_says_since_when_figures_have_been_stored() -> None:
    found = of(fund("RSP", rising(30), first=10), count=45)
    history = catalogue.compute(found, ["flows.equal_weight_4w"])
    early = catalogue.readings(found, history, found.days[5].date())["flows.equal_weight_4w"]
    assert early.reason == f"0 of 1 funds known, needs 1: no figures of RSP before {found.days[11].date()}"
    soon = catalogue.readings(found, history, found.days[15].date())["flows.equal_weight_4w"]
    assert "RSP's flows are not known on enough of 20 sessions" in str(soon.reason)
    assert "no figures of RSP" in str(last(of(fund("XLK", rising(30))), "flows.equal_weight_4w").reason)


def test_published_flows_stand_in_where_shares_are_unknown() -> None:
    found = of(fund("RSP", flow=[float(number) for number in range(30)], count=30), count=31)
    # Published flows belong to their own date: positions 10 to 29.
    assert last(found, "flows.equal_weight_4w_usd").value == sum(range(10, 30))
    assert last(found, "flows.equal_weight_4w_usd").observed == days(31)[29].date()
    percent = last(found, "flows.equal_weight_4w")
    assert percent.value is None
    assert "RSP is known in USD but not its assets" in str(percent.reason)


def test_published_flows_join_counts_without_counting_a_session_twice() -> None:
    # Flows of positions 0 to 19 are published, 7 USD each; counts begin at 20 and add 10 USD for positions 20 to 28.
    both = (fund("RSP", flow=[7.0] * 25, count=25), fund("RSP", rising(10), first=20))
    rows = pd.concat(both).groupby("date", as_index=False).first()
    # The newest count holds the orders of position 28; the window of 20 ends there and begins with position 9.
    assert last(of(rows, count=31), "flows.equal_weight_4w_usd").value == 7.0 * 11 + 10.0 * 9


def test_two_sessions_of_a_month_may_be_missing_in_published_flows_and_three_not() -> None:
    def without(*gone: int) -> float | None:
        rows = fund("RSP", flow=[1.0] * 30, count=30)
        return last(of(rows[~rows.index.isin(gone)], count=31), "flows.equal_weight_4w_usd").value

    assert without(15, 20) == 18.0
    assert without(15, 20, 22) is None


def test_a_count_that_stands_still_is_not_kept_up_to_date() -> None:
    found = of(fund("RSP", [1000.0] * 20 + [1010.0] * 30), count=51)
    reading = last(found, "flows.equal_weight_4w")
    assert reading.value is None
    assert "RSP's count of shares stands still" in str(reading.reason)


def test_a_correction_changes_only_what_is_said_from_then_on() -> None:
    rows = fund("RSP", rising(40))
    wrong = rows.iloc[25:26].assign(shares_outstanding=1020.0)
    right = rows.iloc[25:26].assign(known_at=rows["known_at"].iloc[30])
    told = pd.concat([rows.drop(index=25), wrong, right])
    usd = values(of(told, count=41), "flows.equal_weight_4w_usd")
    plain = values(of(rows, count=41), "flows.equal_weight_4w_usd")
    # The row of position 25 is the newest on 26, where it says 5 shares too few.
    assert usd[26] == plain[26] - 50.0
    assert usd[31:] == plain[31:]
    assert usd[:26] == plain[:26]


def test_funds_are_weighed_by_their_assets_and_a_third_of_a_basket_is_enough() -> None:
    small = fund("XLK", rising(30), nav=10.0)
    large = fund("QQQ", rising(30, start=5000.0, step=-2.0), nav=20.0)
    found = of(small, large, count=31)
    reading = last(found, "flows.tech_4w")
    assert reading.value == pytest.approx(100 * (200 - 800) / (10090 + 20 * 4982))
    assert (reading.coverage.counted, reading.coverage.listed) == (2, 6)
    assert last(of(small, count=31), "flows.tech_4w").value is None


def test_tech_minus_rest_is_the_gap_of_both_percentages() -> None:
    tech = [fund(ticker, rising(50)) for ticker in ("XLK", "XLC")]
    rest = [fund(ticker, rising(50, step=-1.0)) for ticker in ("XLF", "XLI", "XLV")]
    reading = last(of(*tech, *rest, count=51), "flows.tech_minus_rest_8w")
    assert reading.value == pytest.approx(100 * (400 / 10090 + 400 / 9910))
    assert (reading.coverage.counted, reading.coverage.listed) == (5, 9)
    assert "XLF" in str(last(of(*tech, count=51), "flows.tech_minus_rest_8w").reason)


def test_rows_of_days_without_a_session_are_left_out() -> None:
    rows = fund("RSP", rising(30))
    weekend = rows.iloc[[29]].assign(date=pd.Timestamp("2024-01-06"), shares_outstanding=1.0)
    plain = of(rows, count=31)
    with_it = of(pd.concat([rows, weekend]), count=31)
    assert values(with_it, "flows.equal_weight_4w") == values(plain, "flows.equal_weight_4w")


def test_votes_are_those_of_the_register() -> None:
    votes = {
        id.partition(".")[2]: {vote.axis: vote.sign for vote in signal.votes}
        for id, signal in catalogue.SIGNALS.items()
        if id.startswith("flows.")
    }
    rec, rot = Axis.RECOVERY, Axis.ROTATION
    assert votes == {
        "tech_4w": {rec: 1, rot: -1},
        "tech_8w": {rec: 1, rot: -1},
        "tech_4w_usd": {},
        "small_4w_usd": {},
        "value_4w_usd": {},
        "equal_weight_4w_usd": {},
        **{f"{ticker.lower()}_4w": {} for ticker in SECTORS},
        "spy_4w": {},
        "defensive_minus_tech_4w": {rot: 1},
        "software_4w": {},
        "small_4w": {rot: 1},
        "value_4w": {rot: 1},
        "equal_weight_4w": {rot: 1},
        "tech_minus_rest_8w": {rec: 1, rot: -1},
    }


def random_rows(seed: int, count: int) -> pd.DataFrame:
    """A fund's history with gaps, late rows, corrections and published flows; no jump beyond belief."""
    dice = np.random.default_rng(seed)
    shares = np.round(1e6 * np.exp(np.cumsum(dice.normal(0, 0.01, count))))
    rows = fund("RSP", shares.tolist(), nav=(20 * np.exp(np.cumsum(dice.normal(0, 0.01, count)))).tolist())
    rows["flow_usd"] = np.where(dice.random(count) < 0.5, np.round(dice.normal(0, 1e5, count)), np.nan)
    bare = dice.random(count) < 0.15
    rows.loc[bare, ["shares_outstanding", "nav"]] = np.nan
    rows = rows[dice.random(count) > 0.1]
    rows = rows[rows[["nav", "flow_usd"]].notna().any(axis=1)]
    late = dice.random(len(rows)) < 0.1
    rows.loc[late, "known_at"] += pd.to_timedelta(dice.integers(1, 9, int(late.sum())), unit="D")
    fixes = rows[dice.random(len(rows)) < 0.1].copy()
    fixes["shares_outstanding"] *= 1.01
    fixes["known_at"] += pd.to_timedelta(dice.integers(1, 12, len(fixes)), unit="D")
    return pd.concat([rows, fixes])


def recounted(found: Market, position: int, window: int) -> tuple[float, float]:
    """USD and percent of RSP at one session by the definition, from the rows that were public by then and nothing else."""
    frame = found.records["funds"]
    frame = frame[frame["known_at"] <= found.ends[position] + FINAL_AFTER]
    standing = frame.drop_duplicates("date", keep="last").sort_values("date")
    place = {day: number for number, day in enumerate(found.days)}
    counted = [
        (place[row.date], row.shares_outstanding, row.nav)
        for row in standing.itertuples()
        if row.shares_outstanding == row.shares_outstanding
    ]
    told = {place[row.date]: row.flow_usd for row in standing.itertuples() if row.flow_usd == row.flow_usd}
    by_session: dict[int, float] = {}
    for (before, old, _), (at, new, nav) in pairwise(counted):
        if at - before <= 5:
            by_session |= dict.fromkeys(range(before, at - 1), 0.0)
            by_session[at - 1] = (new - old) * nav
    end = counted[-1][0] - 1 if counted else -1
    by_session |= {day: usd for day, usd in told.items() if day not in by_session}
    end = max([end, *told])
    if not counted and not told:
        return math.nan, math.nan
    used = max(counted[-1][0] if counted else -1, max(told, default=-1))
    if position - used > 4:
        return math.nan, math.nan
    inside = [by_session[day] for day in range(end - window + 1, end + 1) if day in by_session]
    if len(inside) < math.ceil(0.9 * window):
        return math.nan, math.nan
    base = [shares * nav for row, shares, nav in counted if end - window + 1 - 5 <= row <= end - window + 1]
    total = sum(inside)
    return total, 100 * total / base[-1] if base else math.nan


def test_defensive_less_tech_is_mean_less_mean_and_needs_all_five() -> None:
    # Over 20 sessions XLP XLU XLV gain 20, 40 and 60 % of their shares at a steady price, XLK and XLC 10 and 30 %.
    gains = {"XLP": 0.2, "XLU": 0.4, "XLV": 0.6, "XLK": 0.1, "XLC": 0.3}
    rows = {name: fund(name, [1000 * (1 + gain * day / 20) for day in range(30)]) for name, gain in gains.items()}
    parts = {name: last_value(of(part, count=31), f"flows.{name.lower()}_4w") for name, part in rows.items()}
    defensive = sum(parts[name] for name in ("XLP", "XLU", "XLV")) / 3
    tech = (parts["XLK"] + parts["XLC"]) / 2
    both = last(of(pd.concat(list(rows.values())), count=31), "flows.defensive_minus_tech_4w")
    assert both.value == pytest.approx(defensive - tech, abs=2e-8)
    assert both.value > 5
    assert (both.coverage.counted, both.coverage.listed) == (5, 5)
    four = pd.concat([part for name, part in rows.items() if name != "XLU"])
    without = last(of(four, count=31), "flows.defensive_minus_tech_4w")
    assert without.value is None
    assert without.reason == "0 of 1 funds known, needs 1: no figures of XLU"


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_equal_an_independent_count_at_every_session(seed: int) -> None:
    found = of(random_rows(seed, 110), count=112)
    usd = values(found, "flows.equal_weight_4w_usd")
    percent = values(found, "flows.equal_weight_4w")
    told = 0
    for position in range(112):
        expected = recounted(found, position, 20)
        for value, wanted, places in zip((usd[position], percent[position]), expected, (2, 8), strict=True):
            told += value is not None
            rounded = round(wanted, places)
            assert (value is None and math.isnan(wanted)) or value == pytest.approx(
                rounded, rel=0, abs=1.1 * 10**-places
            )
    assert told > 60


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_come_later_change_no_earlier_reading(seed: int) -> None:
    rows = random_rows(seed, 110)
    jumps = rows.iloc[::17].assign(shares_outstanding=lambda frame: frame["shares_outstanding"] * 1.4)
    found = of(pd.concat([rows, jumps]), count=112)
    whole = values(found, "flows.equal_weight_4w")
    for cut in range(20, 112, 3):
        then = values(found.until(found.days[cut].date()), "flows.equal_weight_4w")
        assert then == pytest.approx(whole[: cut + 1], nan_ok=True)


def test_counts_of_a_source_that_never_knows_them_give_no_flow_though_they_rise_like_an_issuers() -> None:
    of_issuer, of_yahoo = (of(fund("RSP", rising(30), source=source), count=31) for source in ("issuer", "yahoo"))
    assert last(of_issuer, "flows.equal_weight_4w_usd").value == 200.0
    assert last(of_yahoo, "flows.equal_weight_4w_usd").value is None
    assert "yahoo" in NEVER_ISSUERS


@pytest.mark.parametrize("counts", [[1000.0] * LONG, [350e6, 68.0] * (LONG // 2)], ids=["stale", "jumping"])
def test_counts_that_are_stale_or_jump_to_and_fro_never_give_a_flow(counts: list[float]) -> None:
    found = of(fund("RSP", counts, nav=100.0))
    for id in ("flows.equal_weight_4w_usd", "flows.equal_weight_4w"):
        assert all(value is None or value != value for value in values(found, id)), id


def test_published_flows_of_three_funds_add_up_over_the_last_twenty_sessions() -> None:
    """At position 30 the window runs from 10 to 29: 390 of XLK, which gets its position, 780 of XLC, 20 of QQQ and not the 1,000
    of the session before: 1,190."""
    positions = np.arange(30.0)
    qqq = np.where(positions == 9, 1000.0, 1.0)
    flows = {"XLK": positions, "XLC": 2 * positions, "QQQ": qqq}
    found = of(*(fund(ticker, flow=flow, count=30) for ticker, flow in flows.items()), count=31)
    reading = last(found, "flows.tech_4w_usd")
    assert reading.value == pytest.approx(1190.0)
    assert reading.coverage.counted == 3


def yahoo_counts(shared: Path, source: str) -> Market:
    """Yahoo's share counts of 95 funds, with a net asset value beside each as a malicious merger might."""
    given = pd.read_csv(
        shared / "data/etf_flows/yahoo_shares_outstanding_2026-05_08.csv.gz", parse_dates=["snapshot_date"]
    )
    rows = given.rename(columns={"snapshot_date": "date"}).assign(nav=100.0, flow_usd=np.nan, source=source)
    rows["known_at"] = published("funds", rows)
    rows = rows.sort_values(["known_at", "ticker"], kind="stable").reset_index(drop=True)
    days = pd.bdate_range("2026-05-08", "2026-08-25").difference(
        pd.to_datetime(["2026-05-25", "2026-06-19", "2026-07-03"])
    )
    ends = (days + pd.Timedelta(hours=20)).tz_localize("UTC")
    empty = pd.DataFrame(index=days[:-1])
    universe = pd.DataFrame(columns=["ticker", "name", "sector", "industry", "groups"], dtype=str)
    return Market(days, ends, days[-2], empty, empty, {}, universe, records={"funds": rows})


def test_published_flows_of_2026_add_up_and_yahoos_stale_counts_never_give_a_flow(shared: Path) -> None:
    """Flows as etf.com published them: at the end of February the last 20 sessions of XLK, XLC and QQQ, added by hand. Yahoo's
    file has 72 days in which SPY has one value and XLK jumps between its count and 68 shares."""
    given = pd.read_csv(shared / "data/etf_flows/etf_flows.csv", parse_dates=["date"])
    assert len(given) == 1567
    rows = given.assign(nav=np.nan, shares_outstanding=np.nan, source="etf.com")
    rows["known_at"] = published("funds", rows)
    rows = rows.sort_values(["known_at", "ticker"], kind="stable").reset_index(drop=True)
    # The first session after the table's last day, 27 February 2026, on whose morning that day's flows are out.
    found = market("2026-01-02", count=40, records={"funds": rows})
    assert str(found.last.date()) == "2026-03-02"
    window = given[given["date"] >= found.days[-21]]
    expected = window[window["ticker"].isin(["XLK", "XLC", "QQQ"])]["flow_usd"].sum()
    reading = last(found, "flows.tech_4w_usd")
    assert reading.value == pytest.approx(expected)
    assert reading.coverage.counted == 3

    flows = [id for id in catalogue.SIGNALS if id.startswith("flows.")]
    for source in ("yahoo", "somebody who copied them"):
        for id, history in catalogue.compute(yahoo_counts(shared, source), flows).items():
            assert history.values.isna().all(), (source, id)
