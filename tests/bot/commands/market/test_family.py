"""What the screens of the families say: a sentence, figures within 40 columns, what is old, withheld or not computed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import pytest

from bot.commands.context import Core
from bot.commands.market import family, family_layouts, signals, tables
from bot.commands.market.family_summary import FamilySummary, family_summary
from bot.commands.reply import Reply, Tone
from bot.domain.fetched import Health, HealthState
from bot.errors import UserError
from bot.formatting import formats
from bot.ingest.status import BackfillProgress, SourceStatus
from bot.readings.state import ReadingState, Snapshot
from signals.catalogue import SIGNALS
from signals.core.model import Coverage, Measures, Reading, Signal, State
from signals.core.units import Unit
from tests.helpers import register_of_signals
from tests.support import sample_readings

FLOWS = ("flows", "filings")
EARNINGS = ("earnings", "capex", "valuation")


def without(core: Core, families: Collection[str]) -> Core:
    """The core of a version that computes nothing of these families."""
    return replace(core, signals={id: signal for id, signal in core.signals.items() if signal.family not in families})


def with_readings(core: Core, **changed: Reading) -> Core:
    """The core with readings replaced, by id with dots as double underscores."""
    full = sample_readings.snapshot()
    found = {name.replace("__", "."): reading for name, reading in changed.items()}
    return shown(core, replace(full, readings={**full.readings, **found}))


def shown(core: Core, snapshot: Snapshot) -> Core:
    state = ReadingState()
    state.put(snapshot)
    return replace(core, readings=state)


def valued(core: Core, values: Mapping[str, float], percentile: float | None = 88.0) -> Core:
    """The core with these values by id, each with the same percentile and changes of +0.2; unknown ids become signals."""
    full = sample_readings.snapshot()
    readings, signals = dict(full.readings), dict(core.signals)
    for id, value in values.items():
        signals.setdefault(id, _made_up(id))
        measures = Measures(0.2, 0.2, 0.2, percentile, 0.5)
        readings[id] = Reading(
            id, sample_readings.SESSION, value, State.FINAL, observed=sample_readings.SESSION, measures=measures
        )
    state = ReadingState()
    state.put(replace(full, readings=readings))
    return replace(core, readings=state, signals=signals)


def _made_up(id: str) -> Signal:
    """A signal of the register's second table, as a version that computes it may describe it."""
    unit = Unit.USD if "usd" in id or "ttm" in id or "net_change" in id else Unit.PERCENT
    return replace(SIGNALS[sample_readings.SILVER], id=id, label=id, unit=unit, decimals=1)


def text_of(reply: Reply) -> str:
    return "\n".join([reply.title, *reply.lines, reply.table, *(field.value for field in reply.fields), reply.footer])


def said(core: Core, name: str) -> FamilySummary:
    found = family_summary(core, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", family_layouts.FAMILY_LAYOUTS)
async def test_a_screen_has_a_sentence_a_table_its_day_and_its_source(core: Core, name: str) -> None:
    reply = family.show(core, name)
    assert re.match(r"\*\*[A-Z].+:\*\* .+\.$", reply.lines[0])
    assert reply.lines[-1].startswith("Tue, Jan 13, final")
    assert "Source: Yahoo" in reply.footer
    assert "not investment advice" in reply.footer
    assert reply.menu is not None
    assert {option.value for option in reply.menu.options} <= set(core.signals)


@pytest.mark.parametrize("name", family_layouts.FAMILY_LAYOUTS)
async def test_a_screen_fits_a_phone_with_one_line_a_signal(core: Core, name: str) -> None:
    lines = [line for line in family.show(core, name).table.splitlines() if line]
    assert max(len(line) for line in lines) <= tables.WIDTH
    screen = family_layouts.FAMILY_LAYOUTS[name]
    computed = [id for id in screen.ids() if id in core.signals]
    groups = [group for group in screen.groups if any(id in core.signals for id, _ in group.lines)]
    ranking = 12 if name == "sectors" else 0
    assert len(lines) == ranking + len(groups) + len(computed)


async def test_values_of_a_real_size_leave_room_for_their_units(core: Core) -> None:
    sizes = {"havens.gold": 4637.3, "breadth.sp500.ad_slope_21d": -162.2, "breadth.sp500.mcclellan_sum": -1234.5}
    core = valued(core, sizes)
    assert "Gold               $4,637.30" in family.show(core, "havens").table
    breadth = family.show(core, "breadth").table
    assert "A/D slope, 21d  -162.2 a day" in breadth
    assert all(len(line) <= tables.WIDTH for line in breadth.splitlines())


def test_the_table_of_screens_names_ids_of_the_register_once_a_screen() -> None:
    register = register_of_signals()
    for screen in family_layouts.FAMILY_LAYOUTS.values():
        assert len(screen.ids()) == len(set(screen.ids()))
        for id, name in (line for group in screen.groups for line in group.lines):
            # A name stands in one line of 40 columns with its figures.
            assert 0 < len(name) <= 18
            assert id in register, id


def test_every_family_has_a_screen() -> None:
    on_screens = {id.partition(".")[0] for screen in family_layouts.FAMILY_LAYOUTS.values() for id in screen.ids()}
    assert {signal.family.value for signal in SIGNALS.values()} - {"scenario"} <= on_screens


@pytest.mark.parametrize(("name", "families"), [("flows", FLOWS), ("earnings", EARNINGS)])
async def test_a_family_that_is_not_computed_says_so(core: Core, name: str, families: Collection[str]) -> None:
    reply = family.show(without(core, families), name)
    assert "are not computed by this version" in reply.lines[0]
    assert (reply.table, reply.menu, reply.tone) == ("", None, Tone.ATTENTION)


async def test_signals_that_a_later_version_computes_appear_where_they_belong(core: Core) -> None:
    core = valued(without(core, FLOWS), {"flows.tech_4w": -1.2, "flows.small_4w": 0.4, "flows.tech_4w_usd": -3.2e9})
    reply = family.show(core, "flows")
    assert reply.table.splitlines() == [
        "% OF ASSETS              now      5d 1y%",
        "Tech, 4 weeks          -1.2%    +0.2  88",
        "Small, 4 weeks          0.4%    +0.2  88",
        "",
        "FOUR WEEKS, DOLLARS      now      5d 1y%",
        "Tech                  -$3.2B    +0.2  88",
    ]


async def test_dollars_and_valuations_of_a_real_size_stand_in_one_line(core: Core) -> None:
    flows = {"flows.tech_4w_usd": -12.3e9, "flows.equal_weight_4w_usd": -410.0e6, "filings.tech_net_change": 104.2e9}
    core = valued(core, {**flows, "capex.hyperscaler_ttm": 412.5e9, "valuation.forward_pe_megacap": 28.4})
    shown = family.show(core, "flows").table.splitlines()
    assert "Tech                 -$12.3B       0  88" in shown
    assert "Equal weight          -$410M       0  88" in shown
    assert "Tech, net buying     $104.2B   +0.20  88" in shown
    shown = family.show(core, "earnings").table.splitlines()
    assert "Cloud capex          $412.5B   +0.20  88" in shown
    assert "Forward P/E, Mag 7      28.4    +0.2  88" in shown


@pytest.mark.parametrize("change", [20.5e9, -120.5e9])
async def test_a_large_change_in_dollars_neither_leaves_the_screen_nor_touches_its_value(
    core: Core, change: float
) -> None:
    capex = core.signals["capex.hyperscaler_ttm"]
    reading = Reading(
        capex.id, sample_readings.SESSION, 412.5e9, State.FINAL, measures=Measures(change, change, change, 99.0, 2.0)
    )
    core = with_readings(core, capex__hyperscaler_ttm=reading)
    arrow = formats.change(change, capex, with_unit=False)
    arrow = ("▲" if change > 0 else "▼") + arrow
    narrow = tables.line(tables.row(core.readings, capex)).splitlines()
    screen = family.show(core, "earnings").table.splitlines()
    for lines in (narrow, screen):
        assert max(len(line) for line in lines) <= tables.WIDTH
        assert any(line.endswith(f"$412.5B {arrow}  99") for line in lines)


async def test_before_the_first_check_a_screen_says_what_is_loading(empty_core: Core) -> None:
    empty_core.ingest.progress = (BackfillProgress("members", 120, 606),)
    for name in family_layouts.FAMILY_LAYOUTS:
        with pytest.raises(UserError, match=r"No data yet\. Still loading history: 120 of 606 members"):
            family.show(empty_core, name)
    assert "not computed by this version" in family.show(without(empty_core, FLOWS), "flows").lines[0]


async def test_a_screen_says_that_history_is_still_loading(core: Core) -> None:
    core.ingest.progress = (BackfillProgress("tickers", 500, 606),)
    assert "Still loading history: 500 of 606 tickers." in family.show(core, "breadth").lines


async def test_a_withheld_figure_stands_with_its_reason(core: Core) -> None:
    core = shown(core, sample_readings.withheld(sample_readings.SILVER, "SI=F has no close on 2026-01-13"))
    reply = family.show(core, "havens")
    assert "Silver              withheld" in reply.table.splitlines()
    assert [field.value for field in reply.fields] == ["**Silver**: SI=F has no close on Jan 13, 2026"]


async def test_without_the_figure_it_stands_on_there_is_no_verdict(core: Core) -> None:
    core = shown(core, sample_readings.withheld(sample_readings.BREADTH, "only 61% of members have a close"))
    reply = family.show(core, "breadth")
    assert reply.lines[0] == "**No verdict:** Above 50-day average, S&P 500 is withheld."
    assert reply.tone is Tone.ATTENTION
    assert "only 61% of members have a close" in reply.fields[0].value


async def test_many_withheld_signals_share_their_reasons(core: Core) -> None:
    full = sample_readings.snapshot()
    readings = {
        id: replace(reading, value=None, state=State.WITHHELD, reason=f"reason {number % 7}", measures=Measures())
        for number, (id, reading) in enumerate(full.readings.items())
    }
    [field] = family.show(shown(core, replace(full, readings=readings)), "breadth").fields
    assert len(field.value.splitlines()) == 6
    assert field.value.endswith("and 2 other reasons; /signal tells each")
    ranking = family.show(shown(core, replace(full, readings=readings)), "sectors").table.splitlines()
    assert ranking[1].startswith(f" {formats.NOTHING} Technology")
    assert all(" withheld " in line and len(line) <= tables.WIDTH for line in ranking[1:12])


async def test_a_running_session_is_called_provisional(core: Core) -> None:
    now = replace(sample_readings.snapshot().readings[sample_readings.BREADTH], state=State.PROVISIONAL)
    core = with_readings(core, breadth__sp500__above_50dma=now)
    assert family.show(core, "breadth").lines[1].startswith("Tue, Jan 13, provisional, session still running")


async def test_simulated_figures_are_marked_on_every_screen(core: Core) -> None:
    core = replace(core, simulated=True)
    assert all(family.show(core, name).footer.endswith("simulated") for name in family_layouts.FAMILY_LAYOUTS)


async def test_figures_of_an_earlier_day_are_named_with_it_and_monthly_ones_with_their_month(core: Core) -> None:
    full = sample_readings.snapshot().readings
    core = with_readings(
        core,
        rates__real_10y=replace(full[sample_readings.REAL], observed=date(2026, 1, 12)),
        rates__nominal_2y=replace(full["rates.nominal_2y"], observed=date(2026, 1, 12)),
        macro__unemployment=replace(full["macro.unemployment"], observed=date(2025, 12, 1)),
    )
    [field] = family.show(core, "yields").fields
    assert field.value.splitlines() == [
        "**Mon, Jan 12**: 10-year real yield, 2-year yield",
        "**December 2025**: Unemployment rate",
    ]


async def test_a_source_that_is_down_is_named_on_its_screens(core: Core) -> None:
    health = Health(HealthState.FAILING, last_success=sample_readings.NOW)
    core.ingest.sources = (SourceStatus("yahoo", health, sample_readings.SESSION, sample_readings.SESSION),)
    assert any(line.startswith("Yahoo has not answered since") for line in family.show(core, "havens").lines)


async def test_the_sectors_are_ranked_by_their_month(core: Core) -> None:
    months = {f"sectors.{etf}.return_21d": 10.0 - place for place, etf in enumerate(family_layouts.SECTOR_NAMES)}
    core = valued(
        core, {**months, "sectors.xle.return_21d": 12.5, "sectors.xle.return_1d": -0.4, "sectors.xle.return_ytd": 3}
    )
    lines = family.show(core, "sectors").table.splitlines()
    assert lines[0] == "RETURNS, %          21d    1d    YTD 1y%"
    assert lines[1] == " 1 Energy         +12.5  -0.4   +3.0  88"
    assert [line.split()[0] for line in lines[1:12]] == [str(place) for place in range(1, 12)]
    assert lines[2].startswith(" 2 Technology")


async def test_rotation_shows_both_lines_of_the_scenario(core: Core) -> None:
    lines = family.show(core, "rotation").lines
    assert [line.partition(":")[0] for line in lines[1:3]] == ["Tech recovery", "Rotation"]


async def test_figures_of_the_year_have_no_change_on_its_first_session(core: Core) -> None:
    full = sample_readings.snapshot().readings["index.sp500.ytd"]
    first = replace(full, session=date(2026, 1, 2), measures=Measures(change_1d=-20.0, percentile_1y=42.0))
    line = next(
        line for line in family.show(with_readings(core, index__sp500__ytd=first), "rotation").table.splitlines()[-4:]
    )
    assert line.split()[-2:] == [formats.NOTHING, "42"]


@pytest.mark.parametrize(
    ("share", "head", "tone"),
    [
        (72.6, "Broad", Tone.BROADENING),
        (60.0, "Broad", Tone.BROADENING),
        (50.0, "Mixed", Tone.NEUTRAL),
        (40.0, "Narrow", Tone.CONCENTRATING),
        (19.9, "Washed out", Tone.CONCENTRATING),
    ],
)
async def test_breadth_is_called_what_its_share_is(core: Core, share: float, head: str, tone: Tone) -> None:
    core = valued(
        core, {sample_readings.BREADTH: share, "breadth.rest_minus_tech": 8.1, "breadth.sp500.thrust_signal": 0}
    )
    assert said(core, "breadth") == FamilySummary(
        f"**{head}:** {share}% of members above their 50-day average, at the 88th percentile of the past year; "
        "the rest 8.1 points ahead of tech.",
        tone,
    )


async def test_a_thrust_stands_in_front(core: Core) -> None:
    core = valued(core, {sample_readings.BREADTH: 65, "breadth.sp500.thrust_signal": 1})
    assert said(core, "breadth").text.startswith("**Broad, and a breadth thrust today:** ")


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (88.0, ", at the 88th percentile of the past year"),
        (12.0, ", at the 12th percentile of the past year"),
        (50.0, ", near the middle of the past year"),
        (99.8, ", at the 99.8th percentile of the past year"),
        (None, ""),
    ],
)
async def test_a_rank_is_said_as_its_percentile(core: Core, percentile: float | None, words: str) -> None:
    core = valued(core, {sample_readings.BREADTH: 65, "breadth.sp500.thrust_signal": 0}, percentile)
    assert f"their 50-day average{words}; " in said(core, "breadth").text


async def test_yields_say_which_way_they_went(core: Core) -> None:
    assert said(valued(core, {sample_readings.REAL: 1.92, sample_readings.CURVE: 0.62}), "yields").text == (
        "**Real yields rise:** 10-year at 1.92%, +20 bp in 21 sessions, "
        "at the 88th percentile of the past year; the curve steeper at +0.62 points."
    )


async def test_rotation_needs_all_three_on_one_side(core: Core) -> None:
    three = {"weighting.rsp_spy.spread_21d": 1.2, "size.value_growth.spread_21d": 0.8, "size.iwm_spy.ytd_gap": 2.1}
    away = said(valued(core, {**three, sample_readings.STREAK: 8}), "rotation")
    assert away == FamilySummary(
        "**Out of big tech:** equal weight +1.20 points and value +0.80 points in 21 sessions; "
        "small caps +2.1 points this year; Russell 2000 ahead of the S&P 500 for 8 sessions in a row.",
        Tone.BROADENING,
    )
    mixed = said(valued(core, {**three, "size.value_growth.spread_21d": 0.2, sample_readings.STREAK: 0}), "rotation")
    assert mixed.text.startswith("**No clear direction:**")
    assert mixed.text.endswith("this year.")
    back = said(valued(core, {**{id: -gap for id, gap in three.items()}, sample_readings.STREAK: -1}), "rotation")
    assert (back.tone, back.text.endswith("Russell 2000 behind the S&P 500 for 1 session.")) == (
        Tone.CONCENTRATING,
        True,
    )


@pytest.mark.parametrize(
    ("rank", "head", "tone"),
    [
        (2.5, "Tech leads", Tone.CONCENTRATING),
        (6.0, "Tech in the middle", Tone.NEUTRAL),
        (9.5, "Tech trails", Tone.BROADENING),
    ],
)
async def test_sectors_say_where_tech_stands(core: Core, rank: float, head: str, tone: Tone) -> None:
    returns = {f"sectors.{etf}.return_21d": 1.0 for etf in family_layouts.SECTOR_NAMES}
    returns |= {"sectors.xle.return_21d": 5.2, "sectors.xlu.return_21d": -3.1, "sectors.tech_rank_21d": rank}
    assert said(valued(core, returns), "sectors") == FamilySummary(
        f"**{head}:** XLK and XLC rank {rank} of 11 on average over 21 sessions; best Energy +5.2%; worst Utilities -3.1%.",
        tone,
    )


@pytest.mark.parametrize(
    ("count", "head", "tone"),
    [
        (5, "The Magnificent Seven lead", Tone.CONCENTRATING),
        (3, "The Magnificent Seven are split", Tone.NEUTRAL),
        (2, "The Magnificent Seven lag", Tone.BROADENING),
    ],
)
async def test_the_giants_lead_or_lag(core: Core, count: int, head: str, tone: Tone) -> None:
    core = valued(core, {"megacap.count_beating_ytd": count, "megacap.spread_21d": -1.5, "megacap.down_2pct": 4}, None)
    assert said(core, "megacaps") == FamilySummary(
        f"**{head}:** {count} of 7 ahead of the S&P 500 this year; together 1.50 points behind the S&P 500 in 21 sessions; "
        f"4 of them down 2% or more today.",
        tone,
    )


@pytest.mark.parametrize(
    ("z", "term", "head", "tone"),
    [
        (1.2, 0.9, "Safe havens bid", Tone.ATTENTION),
        (0.0, 0.9, "Safe havens quiet", Tone.NEUTRAL),
        (-1.0, 1.1, "Safe havens sold, stress in options", Tone.ATTENTION),
    ],
)
async def test_havens_are_wanted_or_shunned(core: Core, z: float, term: float, head: str, tone: Tone) -> None:
    values = {
        "havens.gld_spy.z_252d": z,
        "havens.gld_spy.spread_21d": 3.1,
        "options.vix": 16.2,
        "options.vix_term": term,
    }
    found = said(valued(core, values), "havens")
    assert found.text.startswith(f"**{head}:** gold 3.10 points ahead of the S&P 500 in 21 sessions; gold/S&P 500 ")
    assert "VIX 16.2, at the 88th percentile" in found.text
    assert found.tone is tone


async def test_flows_name_who_gained_while_tech_lost(core: Core) -> None:
    flows = {"flows.tech_4w": -1.2, "flows.small_4w": 0.4, "flows.value_4w": 0.1, "flows.equal_weight_4w": -0.2}
    assert said(valued(core, flows), "flows") == FamilySummary(
        "**Money leaves tech funds:** -1.20% of their assets in four weeks, "
        "at the 88th percentile of the past year; inflows into small caps and value; outflows from equal weight.",
        Tone.BROADENING,
    )
    entering = said(valued(core, {**flows, "flows.tech_4w": 0.9}), "flows")
    assert entering.text.startswith("**Money enters tech funds:** +0.90% of their assets")
    assert entering.tone is Tone.NEUTRAL


async def test_estimates_rise_or_fall(core: Core) -> None:
    core = valued(core, {"earnings.tech_revisions": 0.35, "earnings.rest_revisions": -0.2, "earnings.tech_beats": 78})
    found = said(core, "earnings")
    assert found.text.startswith("**Estimates for tech rise:** revisions +0.3")
    assert found.text.endswith("78.0% of tech beat estimates.")
    assert found.tone is Tone.BROADENING


def test_a_short_name_leaves_its_room_to_large_figures() -> None:
    flows = SIGNALS["flows.small_4w_usd"]
    assert tables.columns(flows, "-$216M", "+$660M", 37.0) == "Small-cap flows, $    -$216M  +$660M  37"
    assert tables.columns(flows, "-$1,216.4M", "+$1,660.7M", 99.9) == (
        "Small-cap flows, $\n               -$1,216.4M +$1,660.7M  99"
    )


@pytest.mark.parametrize(
    ("name", "id", "words"),
    [
        ("flows", "flows.tech_4w", "8 of 9 funds"),
        ("earnings", "earnings.tech_revisions", "8 of 9 companies"),
        ("breadth", "breadth.sp500.above_50dma", "497 of 503 members"),
    ],
)
async def test_what_was_counted_is_called_by_its_name(core: Core, name: str, id: str, words: str) -> None:
    full = sample_readings.snapshot()
    counted = Coverage(8, 9) if name != "breadth" else Coverage(497, 503)
    core = shown(core, replace(full, readings={**full.readings, id: replace(full.readings[id], coverage=counted)}))
    assert words in "\n".join(family.show(core, name).lines)
    assert words in signals.detail(core, id).lines[1]
