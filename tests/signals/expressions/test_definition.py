"""Own signals as signals: values worked out by hand, units, ids, and what holds for every signal."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.model import Measure
from signals.core.units import Unit
from signals.expressions.definition import whole_past
from tests.signals.markets import market, random_market

CLOSE = {"AAA": [10.0, 11.0, 12.0, 9.0], "BBB": [4.0, 5.0, math.nan, 4.5]}
ADJUSTED = {"AAA": [5.0, 5.5, 6.0, 9.0], "BBB": [2.0, 2.5, math.nan, 4.5]}


def values_of(expression: str, of: Market | None = None) -> list[float]:
    of = market(close=CLOSE, adjusted=ADJUSTED) if of is None else of
    id = f"own.{expression}"
    return [round(value, 8) for value in catalogue.compute(of, [id])[id].values]


NAN = math.nan


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("AAA", [10.0, 11.0, 12.0, 9.0]),  # a bare ticker reads closes
        ("AAA/BBB", [2.5, 2.2, NAN, 2.0]),  # 5/2, 5.5/2.5, no pair, 9/4.5: adjusted closes
        ("AAA+BBB", [7.0, 8.0, NAN, 13.5]),
        ("ret(AAA, 1)", [NAN, 10.0, 9.09090909, 50.0]),
        ("ret(AAA, 2) - ret(BBB, 2)", [NAN, NAN, NAN, -16.36363636]),  # 63.63636364 - 80
        ("sma(BBB, 2)", [NAN, 2.25, NAN, 3.5]),  # over the last two sessions with a price
        ("dc(AAA, 10)", [NAN, 1.0, 1.0, 1.0]),
        ("dc(AAA/BBB, 10)", [NAN, -1.0, NAN, -1.0]),  # 2.2 lies 12% under 2.5; no pair, no value
    ],
)
def test_values_are_those_worked_out_by_hand(expression: str, expected: list[float]) -> None:
    np.testing.assert_allclose(values_of(expression), expected, atol=1e-8)


def test_a_drawdown_is_taken_from_the_high_of_252_sessions() -> None:
    closes = [100.0, *([80.0] * 251), 60.0]
    found = values_of("dd(AAA)", market(close={"AAA": closes}))
    assert math.isnan(found[250])
    assert found[251:] == [-20.0, -25.0]  # on the last session 100 has left the window


def test_a_z_score_is_taken_over_the_window_with_today() -> None:
    closes = [1.0, 2.0] * 10
    # mean 1.5, squared deviations 20 times 0.25, divided by 19
    assert values_of("z(AAA, 20)", market(close={"AAA": closes}))[-1] == pytest.approx(
        0.5 / math.sqrt(5 / 19), abs=1e-8
    )


@pytest.mark.parametrize(
    ("expression", "unit", "decimals"),
    [
        ("TLT", Unit.USD, 2),
        ("BRK-B", Unit.USD, 2),
        ("BTC-USD", Unit.USD, 2),
        ("^GSPC", Unit.POINTS, 2),
        ("7203.T", Unit.PRICE, 2),
        ("EURUSD=X", Unit.PRICE, 2),
        ("BTC-EUR", Unit.PRICE, 2),
        ("SMH/IGV", Unit.RATIO, 4),
        ("dd(SMH)", Unit.PERCENT, 1),
        ("ret(KRE, 21) - ret(SPY, 21)", Unit.POINTS_PERCENT, 2),
        ("z(SMH/IGV, 252)", Unit.Z, 2),
        ("dc(SMH/IGV, 10)", Unit.STATE, 0),
    ],
)
def test_the_unit_follows_from_the_expression(expression: str, unit: Unit, decimals: int) -> None:
    own = catalogue.signal(f"own.{expression}")
    assert (own.unit, own.decimals, own.label) == (unit, decimals, expression)


def test_a_long_expression_has_a_label_that_fits() -> None:
    own = catalogue.signal("own.(AAPL+MSFT+GOOGL+AMZN+META+NVDA+TSLA)/SPY")
    assert own.label == "(AAPL+MSFT+GOOGL+AMZN+META+NVDA…"
    assert own.meaning == ("(AAPL+MSFT+GOOGL+AMZN+META+NVDA+TSLA)/SPY, from closes adjusted for splits and dividends.")


def test_ids_find_own_signals_that_the_list_does_not_have() -> None:
    assert "own.SMH/IGV" in catalogue.SIGNALS
    assert "own.SMH/IGV" not in list(catalogue.SIGNALS)
    assert not any(id.startswith("own.") for id in catalogue.SIGNALS)
    for none in ("own.", "own.smh/igv", "own.SMH / IGV", "own.SMH/", "SMH/IGV", "nothing.of_this"):
        assert none not in catalogue.SIGNALS
        with pytest.raises(KeyError):
            catalogue.signal(none)


def test_a_direction_is_a_named_state() -> None:
    own = catalogue.signal("own.dc(SMH/IGV, 10)")
    assert (own.name_of(1.0), own.name_of(-1.0)) == ("up leg", "down leg")
    assert Measure.PERCENTILE_1Y not in own.measures
    assert whole_past(own.id) == ("SMH", "IGV")
    assert whole_past("own.SMH/IGV") == ()


def test_a_missing_value_says_why() -> None:
    found = catalogue.compute(market(close=CLOSE), ["own.AAA/BBB", "own.dc(AAA, 50)", "own.z(AAA, 20)", "own.AAA/CCC"])
    why = {id: history.why(2) for id, history in found.items() if history.why is not None}
    assert why == {
        "own.AAA/BBB": "BBB has no adjusted close for 2024-01-04",
        "own.dc(AAA, 50)": "AAA has not moved 50% from an extreme yet",
        "own.z(AAA, 20)": "needs 20 sessions, 3 are known since 2024-01-02",
        "own.AAA/CCC": "CCC has no adjusted close",
    }


EVERY_KIND = (
    "own.SPY",
    "own.SMH/IGV",
    "own.(XLY+XLK)/(XLP+XLU)",
    "own.ret(KRE, 21) - ret(SPY, 21)",
    "own.sma(RSP/SPY, 50)",
    "own.z(SMH/IGV, 100)",
    "own.dd(XLK)",
    "own.dc(RSP/SPY, 3)",
)


def test_nothing_looks_ahead_and_nothing_is_changed() -> None:
    whole = random_market(3, holes=0.01)
    before = (whole.close.copy(), whole.adj_close.copy())
    complete = catalogue.compute(whole, EVERY_KIND)
    for position in (60, 200, 300):
        cut = catalogue.compute(whole.until(whole.days[position].date()), EVERY_KIND)
        for id, history in cut.items():
            np.testing.assert_array_equal(history.values.to_numpy(), complete[id].values.to_numpy()[: position + 1], id)
    pd.testing.assert_frame_equal(whole.close, before[0])
    pd.testing.assert_frame_equal(whole.adj_close, before[1])


def test_a_direction_is_that_of_the_yardstick_with_the_same_threshold() -> None:
    found = random_market(3)
    histories = catalogue.compute(found, ["own.dc(RSP/SPY, 3)", "rotation.equal_weight.direction"])
    own, yardstick = (history.values for history in histories.values())
    assert own.notna().sum() > 100
    np.testing.assert_array_equal(own.dropna(), yardstick[own.notna()])


def test_readings_come_with_sources_and_measures() -> None:
    found = random_market(3)
    histories = catalogue.compute(found, EVERY_KIND)
    readings = catalogue.readings(found, histories, found.last.date())
    assert readings["own.SMH/IGV"].measures.percentile_1y is not None
    assert readings["own.SMH/IGV"].sources == tuple(dict.fromkeys(found.sources[name] for name in ("SMH", "IGV")))


def test_a_tail_gives_what_the_whole_history_gives() -> None:
    """A direction reads the whole past of its tickers, which a tail carries beside its frame."""
    whole = random_market(4, holes=0.01)
    cut = 70
    tail = dataclasses.replace(
        whole,
        sessions=whole.sessions[cut:],
        ends=whole.ends[cut:],
        close=whole.close.iloc[cut:],
        adj_close=whole.adj_close.iloc[cut:],
        earlier=whole.adj_close.iloc[:cut][["RSP", "SPY"]],
    )
    ids = ("own.SMH/IGV", "own.sma(RSP/SPY, 50)", "own.z(SMH/IGV, 100)", "own.dc(RSP/SPY, 3)")
    complete, shorter = catalogue.compute(whole, ids), catalogue.compute(tail, ids)
    for id in ids:
        np.testing.assert_array_equal(shorter[id].values[180:], complete[id].values[180 + cut :], id)
    assert shorter["own.dc(RSP/SPY, 3)"].values.iloc[0] == complete["own.dc(RSP/SPY, 3)"].values.iloc[cut]
