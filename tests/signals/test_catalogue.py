"""The catalogue: what the entries promise, and what a reading carries besides its value."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import signals
from signals import catalogue
from signals.core.measure_kinds import PLAIN_MEASURES
from signals.core.model import Axis, Cadence, Measure, Restart, Signal, State, Vote, VoteMeasure
from signals.core.short_names import SHORT_NAMES
from signals.core.units import Unit
from tests.helpers import register_of_signals
from tests.signals.markets import market, random_market


def of_prices_and_series(entry: Signal) -> bool:
    return not entry.parts and not any(name.startswith(("records:", "futures:")) for name in entry.inputs)


def test_every_id_of_the_register_is_there_in_its_order() -> None:
    register = register_of_signals()
    assert list(catalogue.SIGNALS) == list(register)
    assert f"**{len(register)} signals**" in (Path(signals.__file__).parent.parent / "README.md").read_text("utf-8")
    assert sum(id.startswith("sectors.") and ".return_" in id for id in register) == 44
    assert sum(id.startswith("rotation.") for id in register) == 5 + 6 * 5
    assert sum(id.startswith("tech.") for id in register) == 4 + 5 * 4
    names = ("recovery", "recovery_state", "recovery_agreement", "rotation_support", "rotation_agreement")
    assert list(register)[-5:] == [f"scenario.{name}" for name in names]


def test_unit_decimals_and_age_are_those_of_the_register() -> None:
    for id, row in register_of_signals().items():
        entry = catalogue.signal(id)
        unit, _, decimals = row["unit"].rpartition(", ")
        assert unit == entry.unit.value, id
        assert decimals.partition(" ")[0] == (str(entry.decimals) if entry.decimals else "whole"), id
        cadence, _, age = row["age"].partition(", ")
        assert cadence == entry.cadence.value, id
        assert int(age.partition(" ")[0] or 0) == entry.max_age, id


def votes_of(cell: str) -> set[tuple[str, str, str]]:
    """Axis, sign and rule of each vote in a cell: `recovery +, rotation -: 2/5`."""
    found = set()
    for part in filter(None, cell.split("; ")):
        sides, _, rule = part.partition(": ")
        found |= {(*side.split(" "), rule) for side in sides.split(", ")}
    return found


def test_entries_are_fit_for_people() -> None:
    for id, entry in catalogue.SIGNALS.items():
        assert entry.id == id
        assert id.startswith(f"{entry.family.value}.")
        assert 3 <= len(entry.label) <= 41, entry.label
        assert entry.id in SHORT_NAMES, entry.id
        assert 2 <= len(entry.short) <= 22, entry.short
        for name in (entry.label, entry.short):
            assert not re.search(r"\b(less|(?<!year )over|one-year|hypersc)\b|(?<!vs)\.(?!\d)", name), name
        assert entry.meaning.endswith("."), id
        assert entry.meaning.count(". ") == 0, id
        assert len(entry.meaning) <= 130, (id, len(entry.meaning))
        assert entry.inputs
        assert entry.lookback >= 1
        assert 0 <= entry.decimals <= 3
        # Names in backticks are arguments that the entry should have filled in.
        assert entry.formula.endswith("."), id
        assert "`" not in entry.formula, id
    for names in zip(*((entry.label, entry.short) for entry in catalogue.SIGNALS.values()), strict=True):
        assert len(set(names)) == len(names)


def test_votes_are_those_of_the_register() -> None:
    register = register_of_signals()
    votes = {id: entry.votes for id, entry in catalogue.SIGNALS.items() if entry.votes}
    recovery, rotation = Axis.RECOVERY, Axis.ROTATION
    assert votes["breadth.sp500.above_50dma"] == (
        Vote(recovery, 1, low=40, high=60),
        Vote(rotation, 1, low=40, high=60),
    )
    assert votes["megacap.count_beating_ytd"] == (Vote(recovery, 1, low=2, high=5), Vote(rotation, -1, low=2, high=5))
    assert votes["rates.real_10y"] == (Vote(recovery, -1, measure=Measure.CHANGE_21D),)
    assert votes["rates.curve_10y2y"] == (Vote(rotation, 1, measure=Measure.CHANGE_21D),)
    assert votes["capex.smh_spy.z_252d"] == (Vote(recovery, 1, on_itself=True),)
    assert not any(id.startswith(("weighting.qqqe_qqq", "weighting.rspt_xlk", "index.")) for id in votes)
    assert votes["capex.semis_inventory_days"] == (Vote(recovery, -1, measure=VoteMeasure.CHANGE_252D),)
    assert votes["rates.priced_cuts"] == (Vote(recovery, 1, low=0.5, high=1.5), Vote(rotation, 1, low=0.5, high=1.5))
    assert "rates.sep_gap" not in votes
    for id in ("capex.semis_capacity", "capex.computer_orders_yoy"):
        assert votes[id] == (Vote(recovery, 1),)
    for id in ("options.skew_25d.qqq", "options.skew_25d.nvda"):
        assert votes[id] == (Vote(recovery, -1),)
    assert not any(id.startswith("options.put_call.") for id in votes)
    for id, entry in catalogue.SIGNALS.items():
        cast = set()
        for vote in entry.votes:
            by_z = "value as z" if vote.on_itself else "z"
            said = by_z if vote.low is None else f"{vote.low:g}/{vote.high:g}"
            measured = "" if vote.measure is Measure.VALUE else f" of {vote.measure}"
            cast.add((str(vote.axis), "+" if vote.sign > 0 else "-", said + measured))
        assert votes_of(register[id]["votes"]) == cast, id
    first = [id for id, entry in catalogue.SIGNALS.items() if of_prices_and_series(entry)]
    of_each = {axis: [id for id in first if any(vote.axis is axis for vote in votes.get(id, ()))] for axis in Axis}
    assert len(of_each[recovery]) == 20
    assert len(of_each[rotation]) == 23


def test_inputs_are_split_into_tickers_and_series() -> None:
    tickers, series = catalogue.tickers(), catalogue.series_ids()
    assert len(set(tickers)) == len(tickers) == 45
    assert {
        "SPY",
        "^DJI",
        "DIA",
        "GC=F",
        "MAGS",
        "XLRE",
        "TSLA",
        "SPLV",
        "QUAL",
        "MTUM",
        "XMAG",
        "IGV",
        "KRE",
        "^NDX",
    } <= set(tickers)
    assert set(series) == {
        *(
            "DFII10",
            "DGS10",
            "DGS2",
            "T10YIE",
            "DFEDTARU",
            "DFEDTARL",
            "CPILFESL",
            "CPIAUCSL",
            "PCEPILFE",
            "UNRATE",
            "PAYEMS",
        ),
        *("VIX", "VIX3M", "VXN", "SKEW", "CBOE_EQUITY_PC", "DFF", "CAPUTLG3344S", "A34SNO"),
    }
    assert not set(tickers) & set(series)
    assert not any(":" in name for name in (*tickers, *series))


def test_what_is_made_of_other_signals_names_them_and_their_inputs_once() -> None:
    names = {
        Axis.RECOVERY: ("recovery", "recovery_state", "recovery_agreement"),
        Axis.ROTATION: ("rotation_support", "rotation_agreement"),
    }
    # The rotation's own state is among the parts of how the families agree with it.
    for axis, count in ((Axis.RECOVERY, 32), (Axis.ROTATION, 34 + 1)):
        parts = catalogue.voters(axis)
        assert len(parts) == count
        for name in names[axis]:
            entry = catalogue.signal(f"scenario.{name}")
            assert entry.parts == parts
            assert len(entry.inputs) == len(set(entry.inputs))
            assert set(entry.inputs) == {name for part in parts for name in catalogue.signal(part).inputs}
    assert {"group:sp500", "XLK", "DFII10"} <= set(catalogue.signal("scenario.recovery").inputs)
    assert [id for id, entry in catalogue.SIGNALS.items() if entry.parts] == list(catalogue.SIGNALS)[-5:]


def test_what_starts_anew_and_what_only_names_a_state_has_no_place_within_a_year() -> None:
    by_year = {id for id, entry in catalogue.SIGNALS.items() if entry.restarts is Restart.YEAR}
    by_month = {id for id, entry in catalogue.SIGNALS.items() if entry.restarts is Restart.MONTH}
    gaps = {f"size.{pair}.ytd_gap" for pair in ("iwm_spy", "russell_sp500", "russell_nasdaq", "ijh_spy")}
    own = {id for id in catalogue.SIGNALS if id.startswith(("index.", "megacap.")) and id.endswith(".ytd")}
    assert (len(own), by_month) == (12, {"megacap.mags_mtd"})
    sectors = {id for id in catalogue.SIGNALS if id.endswith(".return_ytd")}
    assert by_year == gaps | own | sectors | {"megacap.count_beating_ytd"}
    changes = (Measure.VALUE, Measure.CHANGE_1D, Measure.CHANGE_5D, Measure.CHANGE_21D)
    for id in ("index.sp500.ytd", "megacap.mags_mtd", "megacap.mags_third_month", "breadth.sp500.thrust_signal"):
        assert catalogue.signal(id).measures == changes
    assert catalogue.signal("scenario.recovery_state").measures == changes
    assert catalogue.signal("index.sp500.drawdown").measures == PLAIN_MEASURES


def test_sums_of_dollars_have_cents_and_prices_all_their_places() -> None:
    cents = {id for id, entry in catalogue.SIGNALS.items() if entry.places == 2}
    flows = {f"flows.{basket}_4w_usd" for basket in ("tech", "small", "value", "equal_weight")}
    assert cents == flows | {"capex.hyperscaler_ttm", "filings.tech_net_change"}
    assert {entry.places for id, entry in catalogue.SIGNALS.items() if id not in cents} == {8}


def test_cadence_and_age_follow_the_series() -> None:
    assert catalogue.signal("macro.core_cpi_3m").cadence is Cadence.MONTHLY
    assert catalogue.signal("macro.core_cpi_3m").max_age == 106
    assert catalogue.signal("capex.computer_orders_yoy").max_age == 106
    assert catalogue.signal("rates.fed_upper").max_age == 5
    assert catalogue.signal("sectors.tech_rank_21d").unit is Unit.RANK
    assert catalogue.signal("sectors.tech_rank_21d").unit.value == "1-11"


def test_an_unknown_id_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match=r"rates\.real_yeild"):
        catalogue.signal("rates.real_yeild")
    with pytest.raises(KeyError, match="nothing"):
        catalogue.compute(market(count=1), ["nothing"])


def test_a_reading_carries_its_session_instant_sources_and_measures() -> None:
    found = market(close={"RSP": [100, 101, 103], "SPY": [100, 100, 100]}, sources={"RSP": "yahoo", "SPY": "yahoo"})
    id = "weighting.rsp_spy.spread_1d"
    reading = catalogue.readings(found, catalogue.compute(found, [id]), date(2024, 1, 4))[id]
    assert reading.signal == id
    assert reading.session == reading.observed == date(2024, 1, 4)
    assert reading.value == pytest.approx(100 * (103 / 101 - 1))
    assert reading.state is State.FINAL
    assert reading.reason is None
    # 16:00 New York in winter is 21:00 UTC; a price is final 20 minutes later.
    assert reading.known_at == datetime(2024, 1, 4, 21, 20, tzinfo=UTC)
    assert reading.sources == ("yahoo",)
    assert reading.measures.change_1d == pytest.approx(100 * (103 / 101 - 1) - 1)
    assert reading.measure(Measure.Z_1Y) is None
    assert reading.notes == ()


def test_only_the_running_session_is_provisional_and_nobody_knows_yet_when_it_is_final() -> None:
    found = market(close={"GC=F": [2000, 2010]}, provisional=True)
    histories = catalogue.compute(found, ["havens.gold", "havens.silver"])
    before, now = (catalogue.readings(found, histories, day.date()) for day in found.days)
    assert before["havens.gold"].state is State.FINAL
    assert now["havens.gold"].state is State.PROVISIONAL
    assert now["havens.gold"].known_at is None
    assert now["havens.silver"].state is State.WITHHELD


def test_sources_of_a_group_are_those_of_its_members() -> None:
    found = market(
        close={"A": [10, 11], "B": [10, 9], "C": [10, 9]},
        universe=[("A", "Energy", "sp500"), ("B", "Energy", "sp500"), ("C", "Energy", "sp500")],
        sources={"A": "yahoo", "B": "pack", "C": "yahoo"},
    )
    ids = ["breadth.sp500.advance_decline", "breadth.sp500.thrust"]
    for reading in catalogue.readings(found, catalogue.compute(found, ids), found.last.date()).values():
        assert reading.sources == ("yahoo", "pack")
        assert reading.notes == ("today's members",)
        assert (reading.coverage.counted, reading.coverage.listed, reading.coverage.share) == (3, 3, 1.0)


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 1, 6), date(2030, 1, 2)])
def test_days_that_the_market_does_not_describe_have_no_readings(day: date) -> None:
    found = market(close={"GC=F": [2000, 2010, 2020]})
    with pytest.raises(KeyError, match=str(day)):
        catalogue.readings(found, catalogue.compute(found, ["havens.gold"]), day)


def test_readings_of_every_session_agree_with_the_histories() -> None:
    found = random_market(4, count=280, holes=0.01)
    histories = catalogue.compute(found)
    for position in (0, 100, 279):
        day = found.days[position].date()
        for id, reading in catalogue.readings(found, histories, day).items():
            value = float(histories[id].values.iloc[position])
            assert reading.value == (None if value != value else value)
            assert (reading.state is State.WITHHELD) is (value != value)


@pytest.mark.slow
def test_importing_the_catalogue_loads_neither_the_bot_nor_discord() -> None:
    code = "import sys, signals.catalogue; print([m for m in ('bot', 'discord', 'aiohttp', 'sqlite_utils') if m in sys.modules])"
    root = Path(signals.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
