"""Capex and inventories of the watched companies as they were known session by session."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from signals import catalogue
from signals.core.datasets import empty
from signals.core.market import Market
from signals.families.capex_filings import HYPERSCALERS, SEMIS
from tests import recorded
from tests.signals.markets import last, market, values

PPE, PRODUCTIVE = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
Row = tuple[str, str, str, str, float, str]


def facts(rows: list[Row]) -> pd.DataFrame:
    """(ticker, concept, start, end, value, filed), public at half past five in New York (22:30 UTC is after it all year)."""
    frame = pd.DataFrame(rows, columns=["ticker", "concept", "start", "end", "value", "filed"])
    found = pd.DataFrame(
        {
            "ticker": frame["ticker"],
            "concept": frame["concept"],
            "start": pd.to_datetime(frame["start"]),
            "end": pd.to_datetime(frame["end"]),
            "value": frame["value"].astype(float),
            "form": "10-Q",
            "accession": frame["filed"] + frame["ticker"],
            "known_at": pd.to_datetime(frame["filed"] + " 22:30").dt.tz_localize("UTC"),
            "source": "edgar",
        }
    )
    return found[list(empty("facts").columns)].sort_values("known_at", kind="stable")


QUARTERS = [
    ("01-01", "03-31", "05-01"),
    ("01-01", "06-30", "08-01"),
    ("01-01", "09-30", "11-01"),
    ("01-01", "12-31", "02-05"),
]


def year_to_date(ticker: str, year: int, amounts: list[float], concept: str = PPE) -> list[Row]:
    """A calendar-year filer's year-to-date figures, the fourth one filed in the year after."""
    rows, total = [], 0.0
    for amount, (start, end, filed) in zip(amounts, QUARTERS, strict=False):
        total += amount
        filed_in = year + 1 if filed.startswith("02") else year
        rows.append((ticker, concept, f"{year}-{start}", f"{year}-{end}", total, f"{filed_in}-{filed}"))
    return rows


def spending(first: str, count: int, rows: list[Row]) -> Market:
    return market(first, count=count, records={"facts": facts(rows)})


def everybody(now: float, before: float) -> list[Row]:
    rows = []
    for ticker in HYPERSCALERS:
        rows += year_to_date(ticker, 2023, [before] * 4) + year_to_date(ticker, 2024, [now])
    return rows


def test_growth_is_the_sum_of_newest_quarters_over_the_same_a_year_ago() -> None:
    rows = everybody(1.3e9, 1e9)
    # Amazon spends the other tag and twice as much: (4 x 1.3 + 2.0) / (4 x 1.0 + 2.0) = 1.2.
    rows = [row for row in rows if row[0] != "AMZN"]
    rows += year_to_date("AMZN", 2023, [2e9] * 4, PRODUCTIVE) + year_to_date("AMZN", 2024, [2e9], PRODUCTIVE)
    reading = last(spending("2024-05-02", 1, rows), "capex.hyperscaler_yoy")
    assert reading.value == pytest.approx(20.0)
    assert reading.observed == date(2024, 3, 31)
    assert reading.notes == ("quarters that ended 2024-03-31 to 2024-03-31",)
    assert reading.sources == ("edgar",)


def test_the_year_is_the_sum_of_four_quarters_of_all_five() -> None:
    found = spending("2024-05-02", 1, everybody(1.5e9, 1e9))
    assert last(found, "capex.hyperscaler_ttm").value == pytest.approx(5 * 4.5e9)


def test_a_filing_counts_from_the_session_after_its_day() -> None:
    # Filed on Wednesday 1 May after the close.
    found = spending("2024-04-30", 3, everybody(1.5e9, 1e9))
    before, on_the_day, after = values(found, "capex.hyperscaler_ttm")
    assert before == on_the_day == pytest.approx(5 * 4e9)
    assert after == pytest.approx(5 * 4.5e9)


def test_one_missing_filer_is_named_and_leaves_the_growth_but_not_the_total() -> None:
    rows = [row for row in everybody(1.5e9, 1e9) if row[0] != "ORCL"]
    found = spending("2024-05-02", 1, rows)
    growth, total = (last(found, id) for id in ("capex.hyperscaler_yoy", "capex.hyperscaler_ttm"))
    assert growth.value == pytest.approx(50.0)
    assert growth.notes[1] == "without ORCL has not reported what is needed"
    assert total.value is None
    assert total.reason == "5 of 5 filers are needed; ORCL has not reported what is needed"


def test_old_reports_are_withheld() -> None:
    found = spending("2024-09-09", 1, everybody(1.5e9, 1e9))
    # 31 March to 9 September is 162 days.
    reading = last(found, "capex.hyperscaler_yoy")
    assert reading.value is None
    assert "MSFT's newest quarter ended 2024-03-31, over 160 days ago" in reading.reason


def test_a_restated_figure_changes_nothing_that_was_known_and_is_told_from_then_on() -> None:
    rows = everybody(1.5e9, 1e9)
    restated = [*rows, ("MSFT", PPE, "2023-01-01", "2023-03-31", 9e9, "2024-05-02")]
    plain, again = (values(spending("2024-04-30", 8, each), "capex.hyperscaler_yoy") for each in (rows, restated))
    assert plain == again
    (quarters,) = last(spending("2024-04-30", 3, restated), "capex.hyperscaler_yoy").notes
    assert quarters == "quarters that ended 2024-03-31 to 2024-03-31"
    assert last(spending("2024-04-30", 4, restated), "capex.hyperscaler_yoy").notes == (
        quarters,
        "MSFT 2023-01-01 to 2023-03-31 filed anew as 9,000 m, 1,000 m stands",
    )


def test_what_was_only_rounded_or_taken_back_or_is_older_than_a_year_is_not_told_as_filed_anew() -> None:
    rows = [
        *everybody(1.5e9, 1e9),
        ("MSFT", PPE, "2023-01-01", "2023-03-31", 1e9 - 400_000, "2024-05-02"),
        ("META", PPE, "2023-01-01", "2023-06-30", 7e9, "2024-05-02"),
        ("META", PPE, "2023-01-01", "2023-06-30", 2e9, "2024-05-03"),
        ("ORCL", PPE, "2022-01-01", "2022-12-31", 4e9, "2023-02-05"),
        ("ORCL", PPE, "2022-01-01", "2022-12-31", 8e9, "2024-05-03"),
    ]
    assert len(last(spending("2024-05-02", 4, rows), "capex.hyperscaler_yoy").notes) == 1


def test_a_balance_that_is_filed_anew_is_told_with_its_day() -> None:
    anew = ("NVDA", "InventoryNet", "2024-03-31", "2024-03-31", 4e9, "2024-05-02")
    notes = last(spending("2024-05-02", 4, [*stocks(), anew]), "capex.semis_inventory_days").notes
    assert notes[1:] == ("NVDA 2024-03-31 filed anew as 4,000 m, 3,000 m stands",)


def test_a_company_that_states_a_whole_year_anew_does_not_fill_the_page() -> None:
    rows = everybody(1.5e9, 1e9)
    anew = [(*row[:4], row[4] * 2, "2024-05-02") for row in rows if row[:2] == ("MSFT", PPE)]
    notes = last(spending("2024-05-02", 4, [*rows, *anew]), "capex.hyperscaler_ttm").notes
    assert notes[-1] == "2 more figures filed anew"
    assert len(notes) == 5


def test_a_company_that_changes_its_tag_goes_on() -> None:
    rows = [row for row in everybody(1.5e9, 1e9) if row[0] != "META"]
    rows += year_to_date("META", 2023, [1e9] * 4) + year_to_date("META", 2024, [1.5e9], PRODUCTIVE)
    assert last(spending("2024-05-02", 1, rows), "capex.hyperscaler_yoy").value == pytest.approx(50.0)


def stocks(cost: str = "CostOfRevenue") -> list[Row]:
    rows: list[Row] = []
    for ticker in SEMIS:
        rows.append((ticker, cost, "2024-01-01", "2024-03-31", 2e9, "2024-05-01"))
        rows.append((ticker, "InventoryNet", "2024-03-31", "2024-03-31", 3e9, "2024-05-01"))
    return rows


@pytest.mark.parametrize("cost", ["CostOfRevenue", "CostOfGoodsAndServicesSold"])
def test_inventory_days_are_stocks_over_the_cost_of_a_day(cost: str) -> None:
    # 8 x 3 bn / (8 x 2 bn / 91 days)
    assert last(spending("2024-05-02", 1, stocks(cost)), "capex.semis_inventory_days").value == pytest.approx(136.5)


def test_a_filer_with_half_a_report_is_left_out_and_under_six_there_is_no_value() -> None:
    rows = [row for row in stocks() if row[:2] not in (("NVDA", "CostOfRevenue"), ("AMD", "InventoryNet"))]
    reading = last(spending("2024-05-02", 1, rows), "capex.semis_inventory_days")
    assert reading.value == pytest.approx(136.5)
    rows = [row for row in rows if row[0] != "MU"]
    reading = last(spending("2024-05-02", 1, rows), "capex.semis_inventory_days")
    assert reading.reason.startswith("6 of 8 filers are needed; NVDA has not reported")


def test_growth_from_nothing_is_no_growth() -> None:
    found = last(spending("2024-05-02", 3, everybody(10.0, 0.0)), "capex.hyperscaler_yoy")
    assert (found.value, found.reason) == (None, "what it is divided by stands at 0")


def test_without_facts_the_reason_says_so() -> None:
    for id in ("capex.hyperscaler_yoy", "capex.hyperscaler_ttm", "capex.semis_inventory_days"):
        assert last(market("2024-05-02", count=2), id).reason == "no facts stored up to 2024-05-03"


# NVIDIA at 2026-04-26: inventories of 25,797 m and cost of revenue of 20,458 m for the quarter (10-Q of 2026-05-20), so
# 91 x 25,797 / 20,458 = 114.7 days; the other seven are made to stand still at the same figures.
def test_nvidias_inventory_days_from_its_recorded_facts() -> None:
    body = recorded.companyfacts(recorded.NVDA)["facts"]["us-gaap"]
    rows: list[Row] = [
        (ticker, concept, row.get("start", row["end"]), row["end"], row["val"], row["filed"])
        for concept in ("InventoryNet", "CostOfRevenue")
        for row in body[concept]["units"]["USD"]
        for ticker in SEMIS
        if row["end"] > "2024"
    ]
    found = spending("2026-05-20", 2, rows)
    # As of 20 May the newest quarter is that of 25 January: 91 x 21,403 / (62,475 - 45,441).
    assert values(found, "capex.semis_inventory_days") == pytest.approx([91 * 21403 / 17034, 91 * 25797 / 20458])


# Alphabet's 10-Q of 2016-11-03: nine months of 2015 as 7,848 m; its 10-Q of 2015-10-29 had 7,815 m.
def test_alphabets_restatement_is_told_from_the_session_after_its_filing() -> None:
    body = recorded.companyfacts(recorded.GOOGL)["facts"]["us-gaap"]
    rows: list[Row] = [
        (ticker, PPE, row["start"], row["end"], row["val"], row["filed"])
        for row in body[PPE]["units"]["USD"]
        for ticker in HYPERSCALERS
    ]
    before, after = (last(spending("2016-11-02", count, rows), "capex.hyperscaler_yoy") for count in (2, 3))
    assert "GOOGL 2015-01-01 to 2015-09-30 filed anew as 7,848 m, 7,815 m stands" in after.notes
    assert not any("filed anew" in note for note in before.notes)


def test_nothing_that_comes_later_changes_a_reading() -> None:
    """A year of sessions: what was computed with the rows of the time equals what is computed with all of them."""
    rows = stocks()
    for year, amount in ((2022, 1e9), (2023, 1.1e9), (2024, 1.4e9)):
        for ticker in HYPERSCALERS:
            rows += year_to_date(ticker, year, [amount, 1.1 * amount, 1.2 * amount, amount])
    found = spending("2023-06-01", 252, rows)
    ids = ("capex.hyperscaler_yoy", "capex.hyperscaler_ttm", "capex.semis_inventory_days")
    whole = catalogue.compute(found, ids)
    for position in range(0, 252, 9):
        cut = catalogue.compute(found.until(found.days[position].date()), ids)
        for id in ids:
            assert cut[id].values.iloc[-1] == pytest.approx(whole[id].values.iloc[position], nan_ok=True)
