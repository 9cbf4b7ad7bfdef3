"""Earnings and valuation from daily snapshots: sums worked by hand, what is unknown, and since when anything is known."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.asof import watched_names
from signals.core.datasets import empty
from signals.core.market import Market
from signals.core.model import Axis, Vote
from signals.core.units import Unit
from tests.signals.markets import last, last_value, market, values

Row = tuple[str, str, dict[str, float]]

FIVE = ("AAPL", "NVDA", "MSFT", "META", "GOOGL")
TECH = [(ticker, "Information Technology", "sp500") for ticker in FIVE]
REST = [(ticker, "Energy", "sp500") for ticker in ("XOM", "CVX", "COP", "KO", "PEP")]
IDS = [id for id in catalogue.SIGNALS if id.startswith(("earnings.", "valuation."))]
MINE = [id for id in IDS if id != "earnings.tech_guidance"]


def evening(day: str) -> pd.Timestamp:
    """9 in the evening in New York, when a snapshot is taken: after that session, before the next."""
    return pd.Timestamp(f"{day} 21:00", tz="America/New_York").tz_convert("UTC").as_unit("ns")


def frame(dataset: str, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    shape = empty(dataset)
    made = pd.DataFrame(list(rows)).reindex(columns=shape.columns).astype(shape.dtypes.to_dict())
    return made.sort_values("known_at", kind="stable", ignore_index=True)


def estimates(*rows: Row) -> pd.DataFrame:
    """(day of the snapshot, ticker, numbers), each known on its evening."""
    return frame(
        "estimates",
        [
            {"date": pd.Timestamp(day), "ticker": ticker, **numbers, "known_at": evening(day), "source": "yahoo"}
            for day, ticker, numbers in rows
        ],
    )


def revised(day: str, up_down: dict[str, tuple[float, float]]) -> list[Row]:
    return [(day, ticker, {"up_30d": up, "down_30d": down}) for ticker, (up, down) in up_down.items()]


def priced(day: str, tickers: Sequence[str], eps: Sequence[float]) -> list[Row]:
    """Snapshots at a price of 100, so that 5 of earnings are a P/E of 20."""
    return [(day, ticker, {"price": 100.0, "eps_next_year": each}) for ticker, each in zip(tickers, eps, strict=True)]


def shown(rows: Sequence[Row], *, count: int = 3, first: str = "2024-03-04", universe: object = ()) -> Market:
    return market(first, count=count, universe=universe or [*TECH, *REST], records={"estimates": estimates(*rows)})


def report(
    ticker: str, quarter: str, reported: str | None, actual: float, estimate: float, known: str
) -> dict[str, object]:
    return {
        "quarter": pd.Timestamp(quarter),
        "ticker": ticker,
        "reported": pd.NaT if reported is None else pd.Timestamp(reported),
        "actual": actual,
        "estimate": estimate,
        "known_at": evening(known),
        "source": "yahoo",
    }


def reported(rows: Sequence[dict[str, object]], *, first: str, count: int = 2) -> Market:
    return market(first, count=count, universe=TECH, records={"surprises": frame("surprises", rows)})


# Revisions


def test_revisions_are_summed_over_the_group_and_count_from_the_next_session() -> None:
    """Up 9 + 20 + 5 + 0 + 1 = 35, down 15 + 0 + 5 + 0 + 0 = 20: 15 of 55. Taken on Monday evening, it counts on Tuesday."""
    up_down = {"AAPL": (9, 15), "NVDA": (20, 0), "MSFT": (5, 5), "META": (0, 0), "GOOGL": (1, 0)}
    found = shown(revised("2024-03-04", {**up_down, "XOM": (0, 50)}))
    assert values(found, "earnings.tech_revisions") == [None, pytest.approx(15 / 55), pytest.approx(15 / 55)]
    reading = last(found, "earnings.tech_revisions")
    assert reading.observed == date(2024, 3, 4)
    assert reading.sources == ("yahoo",)
    assert (reading.coverage.counted, reading.coverage.listed) == (5, 5)


def test_the_rest_is_the_sp500_without_tech() -> None:
    up_down = {"XOM": (1, 3), "CVX": (0, 4), "COP": (2, 0), "KO": (0, 0), "PEP": (0, 0), "AAPL": (50, 0)}
    assert last_value(shown(revised("2024-03-04", up_down)), "earnings.rest_revisions") == pytest.approx((3 - 7) / 10)


def test_four_of_five_names_are_enough_and_three_are_not() -> None:
    """An empty answer is unknown: it never stands as zero revisions."""
    four = revised("2024-03-04", {"AAPL": (1, 3), "NVDA": (0, 0), "MSFT": (0, 0), "META": (0, 0)})
    assert last_value(shown(four), "earnings.tech_revisions") == -0.5
    reading = last(shown(four[:3]), "earnings.tech_revisions")
    assert reading.value is None
    assert reading.reason == (
        "only 3 of 5 names have known revisions (60%, at least 80% needed); estimates are stored since 2024-03-05"
    )
    half_known = [*four[:3], ("2024-03-04", "META", {"up_30d": 4.0})]
    assert last_value(shown(half_known), "earnings.tech_revisions") is None


def test_no_revision_at_all_is_no_direction() -> None:
    reading = last(shown(revised("2024-03-04", dict.fromkeys(FIVE, (0, 0)))), "earnings.tech_revisions")
    assert reading.reason == "no analyst changed an estimate of next year in 30 days"


def test_reasons_say_since_when_estimates_are_stored() -> None:
    found = shown(revised("2024-03-04", dict.fromkeys(FIVE, (1, 0))))
    early = catalogue.readings(found, catalogue.compute(found, MINE), date(2024, 3, 4))
    for id in set(MINE) - {"earnings.tech_beats"}:
        assert early[id].reason == "estimates are stored since 2024-03-05, sources show only today's", id
    bare = market("2024-03-04", count=2, universe=[*TECH, *REST])
    for id in set(MINE) - {"earnings.tech_beats"}:
        assert last(bare, id).reason == (
            "no estimates are stored yet; sources show only today's, so their history begins with the first"
        ), id
    assert last(bare, "earnings.tech_beats").reason == "no surprises stored up to 2024-03-05"


def test_without_a_member_that_is_watched_there_is_nothing_to_say() -> None:
    found = shown(revised("2024-03-04", {"AAPL": (1, 0)}), universe=[("ZZZ", "Energy", "sp500")])
    for id in ("earnings.tech_revisions", "earnings.rest_revisions", "valuation.tech_pe", "earnings.tech_beats"):
        assert last(found, id).reason == "none of the companies watched is a member", id


def test_a_snapshot_older_than_five_sessions_is_unknown() -> None:
    """That of Monday March 4 still stands on Monday the 11th, five sessions later, and no longer on the 12th."""
    found = shown(revised("2024-03-04", dict.fromkeys(FIVE, (1, 0))), count=7)
    assert values(found, "earnings.tech_revisions") == [None, 1, 1, 1, 1, 1, None]


def test_the_newest_snapshot_of_each_name_stands_and_a_late_row_about_an_older_day_changes_nothing() -> None:
    rows = [*revised("2024-03-05", dict.fromkeys(FIVE, (1, 0))), *revised("2024-03-06", {"AAPL": (0, 4)})]
    late = estimates(*revised("2024-03-04", {"NVDA": (0, 99)})).assign(known_at=evening("2024-03-06"))
    found = market(
        "2024-03-05",
        count=3,
        universe=TECH,
        records={"estimates": pd.concat([estimates(*rows), late], ignore_index=True)},
    )
    assert values(found, "earnings.tech_revisions") == [None, 1, 0]


def test_the_gap_of_growth_is_between_medians() -> None:
    """Seven: 10 12 14 16 18 20 90, median 16. Rest (XOM CVX COP KO): 2 4 6 100, median 5; PEP's loss has no growth."""
    growth = dict(zip(watched_names.SEVEN, (10, 12, 14, 16, 18, 20, 90), strict=True))
    growth |= {"XOM": 2, "CVX": 4, "COP": 6, "KO": 100}
    rows: list[Row] = [("2024-03-04", ticker, {"growth_next_year": each}) for ticker, each in growth.items()]
    found = shown(
        rows, universe=[*REST, *((ticker, "Information Technology", "sp500") for ticker in watched_names.SEVEN)]
    )
    reading = last(found, "earnings.growth_gap")
    assert reading.value == 11
    assert (reading.coverage.counted, reading.coverage.listed) == (11, 12)
    fewer = shown([row for row in rows if row[1] not in ("AAPL", "TSLA")])
    assert last(fewer, "earnings.growth_gap").reason.startswith("only 5 of 7 names have an expected growth (71%")


# Reports


def test_beats_are_reports_of_ninety_days_above_the_estimate() -> None:
    """On March 1, 2024 the window begins on December 3, 2023: of 4 reports in it 2 beat, a hit of the estimate does not."""
    rows = [
        report("AAPL", "2023-12-31", "2024-02-01", 2.18, 2.10, "2024-02-01"),
        report("NVDA", "2024-01-31", "2024-02-21", 5.16, 4.64, "2024-02-21"),
        report("MSFT", "2023-12-31", "2024-01-30", 2.5, 2.5, "2024-01-30"),
        report("META", "2023-12-31", "2023-12-03", 1.0, 1.2, "2024-01-30"),
        report("GOOGL", "2023-09-30", "2023-12-02", 9.0, 1.0, "2024-01-30"),
        report("XOM", "2023-12-31", "2024-02-02", 9.0, 1.0, "2024-02-02"),
    ]
    found = reported(rows, first="2024-03-01", count=1)
    reading = last(found, "earnings.tech_beats")
    assert reading.value == 50
    assert reading.observed == date(2024, 2, 21)
    assert (reading.coverage.counted, reading.coverage.listed) == (4, 5)


def test_half_of_the_names_must_have_reported() -> None:
    rows = [report(ticker, "2023-12-31", "2024-02-01", 2, 1, "2024-02-01") for ticker in FIVE[:2]]
    found = reported(rows, first="2024-03-01", count=1)
    assert last(found, "earnings.tech_beats").reason == (
        "only 2 of 5 names have a known report of the last 90 days (at least 50% needed); stored since 2024-03-01"
    )


def test_reports_that_stop_coming_are_not_an_answer_for_long() -> None:
    """Sessions after February 1, 2024: the 31st is Monday March 18, the 32nd the day after."""
    rows = [report(ticker, "2023-12-31", "2024-02-01", 2, 1, "2024-02-01") for ticker in FIVE]
    found = reported(rows, first="2024-02-01", count=33)
    assert values(found, "earnings.tech_beats") == [None, *[100] * 31, None]
    assert last(found, "earnings.tech_beats").reason == (
        "newest known report is of 2024-02-01, 32 sessions old; at most 31; stored since 2024-02-02"
    )


def test_a_report_counts_once_it_is_known_and_a_correction_replaces_it() -> None:
    rows = [report(ticker, "2023-12-31", "2024-02-01", 2, 1, "2024-02-01") for ticker in FIVE]
    rows.append(report("AAPL", "2023-12-31", "2024-02-01", 0.5, 1, "2024-02-05"))
    rows.append(report("NVDA", "2024-01-31", "2024-02-05", 0.5, 1, "2024-02-06"))
    found = reported(rows, first="2024-02-05", count=3)
    assert values(found, "earnings.tech_beats") == [100, 80, pytest.approx(100 * 4 / 6)]


def test_a_report_without_a_day_lies_at_most_six_weeks_after_its_quarter() -> None:
    """First seen on March 1: quarters of December are taken as of February 14, those of September (November 14) are too old."""
    rows = [report(ticker, "2023-12-31", None, 2, 1, "2024-02-29") for ticker in FIVE]
    rows += [report(ticker, "2023-09-30", None, 0, 1, "2024-02-29") for ticker in FIVE]
    reading = last(reported(rows, first="2024-03-01", count=1), "earnings.tech_beats")
    assert (reading.value, reading.observed) == (100, date(2024, 2, 14))
    # Seen before six weeks are over, it was out on the evening when it was first seen, also when it is told again later.
    rows = [report(ticker, "2023-12-31", None, 2, 1, "2024-01-29") for ticker in FIVE]
    rows += [report(ticker, "2023-12-31", None, 2, 1.5, "2024-02-05") for ticker in FIVE]
    assert last(reported(rows, first="2024-03-01", count=1), "earnings.tech_beats").observed == date(2024, 1, 29)


# Valuation


def test_the_seven_are_a_harmonic_mean_in_which_each_counts_alike() -> None:
    """At a price of 100 earnings are 10 5 4 2 2.5 1 0.5, together 25: 700 of price for 25 are 28 turns."""
    rows = priced("2024-03-04", watched_names.SEVEN, (10, 5, 4, 2, 2.5, 1, 0.5))
    assert last_value(shown(rows), "valuation.forward_pe_megacap") == pytest.approx(28)
    assert statistics.harmonic_mean([10, 20, 25, 50, 40, 100, 200]) == pytest.approx(28)


def test_an_expected_loss_among_the_seven_is_negative_earnings() -> None:
    rows = priced("2024-03-04", watched_names.SEVEN, (10, 5, 4, 2, 2.5, 1, -0.5))
    assert last_value(shown(rows), "valuation.forward_pe_megacap") == pytest.approx(700 / 24)
    losses = priced("2024-03-04", watched_names.SEVEN, (-10, 1, 1, 1, 1, 1, 1))
    assert (
        last(shown(losses), "valuation.forward_pe_megacap").reason == "the seven together are expected to earn nothing"
    )


def test_all_seven_are_needed() -> None:
    rows = priced("2024-03-04", watched_names.SEVEN[:5], (10, 5, 4, 2, 2.5))
    assert last(shown(rows), "valuation.forward_pe_megacap").reason == (
        "no estimate of NVDA, TSLA of the last 5 sessions; estimates are stored since 2024-03-05"
    )
    assert (
        last(shown(rows), "valuation.forward_pe_gap").reason == last(shown(rows), "valuation.forward_pe_megacap").reason
    )


def test_the_gap_is_the_seven_less_the_fund_of_small_companies() -> None:
    rows = priced("2024-03-04", watched_names.SEVEN, (10, 5, 4, 2, 2.5, 1, 0.5))
    rows.append(("2024-03-04", "IWM", {"forward_pe": 17.5}))
    assert last_value(shown(rows), "valuation.forward_pe_small") == 17.5
    assert last_value(shown(rows), "valuation.forward_pe_gap") == pytest.approx(10.5)
    assert last(shown(rows[:-1]), "valuation.forward_pe_small").reason == (
        "no price over earnings of IWM of the last 5 sessions; estimates are stored since 2024-03-05"
    )


def test_a_price_is_never_held_against_an_estimate_of_another_day() -> None:
    """After a split the price is known at once and the estimate is not: the older estimate must not serve."""
    rows = priced("2024-03-04", watched_names.SEVEN, (10, 5, 4, 2, 2.5, 1, 0.5))
    found = shown([*rows, ("2024-03-05", "NVDA", {"price": 10.0})])
    assert values(found, "valuation.forward_pe_megacap") == [None, pytest.approx(28), None]


def test_ai_is_a_median_of_clipped_figures_without_losses_and_counts_those_left_out() -> None:
    """12 of 15 known, one of them a loss, 11 P/E of 2, 10, 20, ..., 90, 1000: the sixth is 50.

    The clip shows with 2 and 1000 alone: the median of 3 and 200 is 101.5, where 501 would be that of the two."""
    turns = (2, 10, 20, 30, 40, 50, 60, 70, 80, 90, 1000)
    rows = priced("2024-03-04", watched_names.AI[:12], [-1.0, *(100 / each for each in turns)])
    reading = last(shown(rows), "valuation.ai_pe")
    assert reading.value == pytest.approx(50)
    assert (reading.coverage.counted, reading.coverage.listed) == (11, 15)
    assert reading.notes == ("1 of 12 left out, losses are expected",)
    extremes = priced("2024-03-04", watched_names.AI[:12], [*[-1.0] * 10, 50, 0.1])
    assert last_value(shown(extremes), "valuation.ai_pe") == pytest.approx((3 + 200) / 2)


def test_eleven_of_fifteen_companies_of_ai_are_too_few_and_losses_alone_have_no_price() -> None:
    few = priced("2024-03-04", watched_names.AI[:11], [5.0] * 11)
    assert last(shown(few), "valuation.ai_pe").reason.startswith("only 11 of 15 names have a known estimate (73%")
    losses = priced("2024-03-04", watched_names.AI, [-5.0] * 15)
    assert last(shown(losses), "valuation.ai_pe").reason == "none of them is expected to make a profit"


def test_other_tech_leaves_the_companies_of_ai_out() -> None:
    """AAPL at 20, CRM at 40, IBM at 10: 20. NVDA belongs to AI."""
    universe = [(ticker, "Information Technology", "sp500") for ticker in ("AAPL", "CRM", "IBM", "NVDA")]
    rows = priced("2024-03-04", ("AAPL", "CRM", "IBM", "NVDA"), (5, 2.5, 10, 0.5))
    assert last_value(shown(rows, universe=universe), "valuation.tech_pe") == pytest.approx(20)


def test_the_gap_of_ai_is_its_median_less_that_of_other_tech() -> None:
    """All of AI at 50; AAPL at 20, CRM at 40, IBM at 10."""
    universe = [(ticker, "Information Technology", "sp500") for ticker in ("AAPL", "CRM", "IBM", "NVDA")]
    ai = priced("2024-03-04", watched_names.AI, [2.0] * 15)
    rest = priced("2024-03-04", ("AAPL", "CRM", "IBM"), (5, 2.5, 10))
    assert last_value(shown([*ai, *rest], universe=universe), "valuation.ai_gap") == 30.0
    assert last(shown(ai, universe=universe), "valuation.ai_gap").value is None


# The register


def test_the_list_of_names_is_sound() -> None:
    assert 100 <= len(watched_names.COMPANIES) <= 150
    assert len(set(watched_names.NAMES)) == len(watched_names.NAMES)
    assert set(watched_names.AI) <= set(watched_names.COMPANIES)
    assert set(watched_names.SEVEN) <= set(watched_names.COMPANIES)
    assert set(watched_names.TECH) >= set(watched_names.AI) - {"AMZN"}


def test_the_list_belongs_to_the_index(us_pack) -> None:
    """Against the list of August 2025; APP joined the S&P 500 in September 2025."""
    universe = pd.read_csv(us_pack / "universe.csv", dtype=str).fillna("")
    known = market(
        "2024-03-04", count=1, universe=[tuple(row) for row in universe[["ticker", "sector", "groups"]].to_numpy()]
    )
    inside = {group: watched_names.within(known, group) for group in ("tech", "rest")}
    assert set(watched_names.TECH) - set(inside["tech"]) == {"APP"}
    assert inside["rest"] == list(watched_names.OTHERS)


def test_votes_and_units_are_those_of_the_register() -> None:
    recovery, rotation = Axis.RECOVERY, Axis.ROTATION
    votes = {id: catalogue.signal(id).votes for id in MINE}
    assert votes == {
        "earnings.tech_revisions": (Vote(recovery, 1, low=-0.1, high=0.1), Vote(rotation, -1, low=-0.1, high=0.1)),
        "earnings.rest_revisions": (Vote(rotation, 1, low=-0.1, high=0.1),),
        "earnings.tech_beats": (Vote(recovery, 1, low=60, high=80),),
        "earnings.growth_gap": (Vote(recovery, 1, low=0, high=10), Vote(rotation, -1, low=0, high=10)),
        **dict.fromkeys([id for id in MINE if id.startswith("valuation.")], ()),
    }
    assert {catalogue.signal(id).unit for id in MINE if id.startswith("valuation.")} == {Unit.TURNS}
    assert catalogue.signal("earnings.tech_revisions").unit.value == "-1..1"


@pytest.mark.parametrize("seed", range(3))
def test_nothing_looks_ahead(seed: int) -> None:
    """Cutting off whatever became known later changes no value before, with corrections, gaps and rows that come late."""
    found = _random(seed)
    whole = catalogue.compute(found, MINE)
    told = {id: history.values.to_numpy() for id, history in whole.items()}
    for position in (0, 3, 11, 24, 38):
        cut = catalogue.compute(found.until(found.days[position].date()), MINE)
        for id, history in cut.items():
            np.testing.assert_allclose(history.values.to_numpy(), told[id][: position + 1], err_msg=id)
    assert all((~np.isnan(values)).any() for values in told.values())
    for id, history in whole.items():
        assert all((history.why(place) is None) == (value == value) for place, value in enumerate(told[id])), id


def _random(seed: int) -> Market:
    dice = np.random.default_rng(seed)
    days = market("2024-03-04", count=40).days
    rows = []
    for day in days[4:]:
        for ticker in watched_names.NAMES:
            if dice.random() < 0.1:
                continue
            numbers = {
                "up_30d": dice.integers(0, 9),
                "down_30d": dice.integers(0, 9),
                "growth_next_year": dice.normal(9, 20),
            }
            numbers |= {"price": 100.0, "eps_next_year": dice.normal(5, 2), "forward_pe": dice.uniform(9, 30)}
            known_at = evening(str(day.date())) + pd.Timedelta(hours=int(dice.integers(0, 90)))
            rows.append({"date": day, "ticker": ticker, **numbers, "known_at": known_at, "source": "dice"})
    reports = [
        report(
            ticker,
            str(quarter),
            str(day.date()) if dice.random() < 0.7 else None,
            dice.normal(2.1, 0.2),
            2,
            str(day.date()),
        )
        for ticker in watched_names.TECH
        for quarter in ("2023-12-31", "2024-03-31")
        for day in dice.choice(days, 2)
        for day in [pd.Timestamp(day)]
    ]
    universe = [(ticker, "Information Technology", "sp500") for ticker in watched_names.TECH]
    universe += [(ticker, "Energy", "sp500") for ticker in watched_names.OTHERS]
    records = {"estimates": frame("estimates", rows), "surprises": frame("surprises", reports)}
    return market("2024-03-04", count=40, universe=universe, records=records)
