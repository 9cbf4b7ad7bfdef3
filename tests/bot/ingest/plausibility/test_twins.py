"""What twins, members, sectors and the market say of a claimed move."""

from __future__ import annotations

import pytest

from bot.domain.doubt import DoubtRule
from bot.ingest.plausibility.twins import Corroboration, Member, View, corroborate, reference
from signals.core.instruments import instrument

ENERGY = {f"E{letter}": Member("Energy", ("sp500",)) for letter in "ABCDEFGHIJ"}
BANKS = {f"B{letter}": Member("Financials", ("sp500", "ndx100")) for letter in "ABCDE"}


def view(moves: dict[str, float], *, doubted: tuple[str, ...] = (), stored: dict[str, float] | None = None) -> View:
    """Closes of 100 on day 1; on day 2 what the moves make of them. `stored`: moves that the archive has."""
    claims = {name: {1: 100.0, 2: 100.0 * (1 + move)} for name, move in moves.items()}
    archive = {
        1: dict.fromkeys(stored or {}, 100.0),
        2: {name: 100.0 * (1 + move) for name, move in (stored or {}).items()},
    }
    return View(claims, doubted, lambda day: archive.get(day, {}), {**ENERGY, **BANKS})


def said(ticker: str, claimed: float, seen: View, rule: DoubtRule = DoubtRule.BAND) -> Corroboration:
    return corroborate(instrument(ticker), rule, 1, 2, claimed, seen)[0]


@pytest.mark.parametrize(
    ("moved", "expected"),
    [(-0.19, Corroboration.AGREE), (-0.186, Corroboration.AGREE), (-0.18, Corroboration.DISAGREE)],
)
def test_a_twin_agrees_within_a_point_and_a_half(moved: float, expected: Corroboration) -> None:
    assert said("SPY", -0.2, view({"^GSPC": moved})) is expected
    assert said("SPY", -0.2, view({}, stored={"^GSPC": moved})) is expected


def test_without_a_twin_nobody_says_anything_and_a_doubted_one_says_nothing_against() -> None:
    assert said("SPY", -0.2, view({})) is Corroboration.SILENT
    assert said("SPY", -0.2, view({"^GSPC": 0.0}, doubted=("^GSPC",))) is Corroboration.SILENT
    assert said("SPY", -0.2, view({"^GSPC": -0.2}, doubted=("^GSPC",))) is Corroboration.AGREE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SPY", "^GSPC"),
        ("SPY", "IVV"),
        ("^GSPC", "IVV"),
        ("QQQ", "^NDX"),
        ("IWM", "^RUT"),
        ("DIA", "^DJI"),
        ("GLD", "GC=F"),
        ("SLV", "SI=F"),
    ],
)
def test_each_of_two_twins_says_what_the_other_did(one: str, other: str) -> None:
    for ticker, twin in ((one, other), (other, one)):
        assert said(ticker, -0.2, view({twin: -0.19})) is Corroboration.AGREE
        assert said(ticker, -0.2, view({twin: -0.01})) is Corroboration.DISAGREE


def test_an_equal_weighted_fund_moves_like_the_mean_of_its_members() -> None:
    moves = {**dict.fromkeys(ENERGY, -0.3), **dict.fromkeys(BANKS, 0.0)}
    assert said("RSP", -0.2, view(moves)) is Corroboration.AGREE
    assert said("RSP", -0.12, view(moves)) is Corroboration.DISAGREE


def test_too_few_members_say_nothing() -> None:
    before = dict.fromkeys((*ENERGY, *BANKS), 0.0)
    some = view(dict.fromkeys(list(before)[:8], -0.2), stored={})
    some.claims = {**some.claims, **{name: {1: 100.0} for name in list(before)[8:]}}
    assert said("RSP", -0.2, some) is Corroboration.SILENT


def test_a_sector_fund_moves_within_the_range_of_most_of_its_members() -> None:
    # XLE on 2020-03-09: -20.1 %, its members from -12 to -54 %, which no mean tells.
    moves = dict(zip(ENERGY, (-0.12, -0.15, -0.25, -0.27, -0.32, -0.37, -0.38, -0.45, -0.52, -0.54), strict=True))
    assert said("XLE", -0.201, view(moves)) is Corroboration.AGREE
    assert said("XLE", -0.05, view(moves)) is Corroboration.DISAGREE
    assert said("XLE", 0.2, view(moves)) is Corroboration.DISAGREE


@pytest.mark.parametrize(
    ("fund", "sector"),
    [
        ("XLB", "Materials"),
        ("XLC", "Communication Services"),
        ("XLE", "Energy"),
        ("XLF", "Financials"),
        ("XLI", "Industrials"),
        ("XLK", "Information Technology"),
        ("XLP", "Consumer Staples"),
        ("XLRE", "Real Estate"),
        ("XLU", "Utilities"),
        ("XLV", "Health Care"),
        ("XLY", "Consumer Discretionary"),
    ],
)
def test_every_sector_fund_is_held_against_the_members_of_its_sector(fund: str, sector: str) -> None:
    own = {f"A{letter}": Member(sector, ("sp500",)) for letter in "ABCDEF"}
    others = {f"Z{letter}": Member("Another", ("sp500",)) for letter in "ABCDEF"}
    seen = view({**dict.fromkeys(own, -0.2), **dict.fromkeys(others, 0.0)})
    seen.members = {**own, **others}
    assert said(fund, -0.2, seen) is Corroboration.AGREE
    assert said(fund, 0.0, seen) is Corroboration.DISAGREE


@pytest.mark.parametrize(
    ("market", "sector", "claimed", "expected"),
    [
        (-0.076, -0.2, -0.54, Corroboration.AGREE),
        (-0.076, -0.1, -0.54, Corroboration.SILENT),
        (-0.02, -0.2, -0.54, Corroboration.SILENT),
        (0.09, -0.2, -0.54, Corroboration.SILENT),
        (0.115, 0.2, 0.5, Corroboration.AGREE),
    ],
)
def test_a_member_is_borne_out_by_its_sector_on_a_day_on_which_the_market_moves(
    market: float, sector: float, claimed: float, expected: Corroboration
) -> None:
    moves = {**dict.fromkeys(ENERGY, sector), "^GSPC": market, "EA": claimed}
    assert said("EA", claimed, view(moves)) is expected


def test_a_fund_without_twins_is_borne_out_by_the_market_on_such_a_day() -> None:
    assert said("IJH", -0.13, view({"SPY": -0.09})) is Corroboration.AGREE
    assert said("IJH", -0.14, view({"SPY": -0.09})) is Corroboration.SILENT
    assert said("CL=F", -0.1, view({"SPY": -0.09})) is Corroboration.SILENT


@pytest.mark.parametrize(("moved", "expected"), [(0.0029, Corroboration.AGREE), (0.0031, Corroboration.DISAGREE)])
def test_who_stands_still_has_a_twin_that_stands_still(moved: float, expected: Corroboration) -> None:
    assert said("SPY", 0.0, view({"^GSPC": moved}), DoubtRule.UNCHANGED) is expected


def test_members_of_an_equal_weighted_fund_may_stray_by_half_a_point() -> None:
    everybody = (*ENERGY, *BANKS)
    assert said("RSP", 0.0, view(dict.fromkeys(everybody, 0.0049)), DoubtRule.UNCHANGED) is Corroboration.AGREE
    assert said("RSP", 0.0, view(dict.fromkeys(everybody, 0.0051)), DoubtRule.UNCHANGED) is Corroboration.DISAGREE


def test_futures_do_not_tell_whether_a_fund_stood_still() -> None:
    assert reference(instrument("GLD"), 1, 2, view({"GC=F": 0.02})) is None


def test_members_on_both_sides_say_that_a_sector_fund_may_stand_still() -> None:
    moves = {name: 0.01 * (at - 4) for at, name in enumerate(ENERGY)}
    assert said("XLE", 0.0, view(moves), DoubtRule.UNCHANGED) is Corroboration.AGREE
    assert said("XLE", 0.0, view(dict.fromkeys(ENERGY, 0.01)), DoubtRule.UNCHANGED) is Corroboration.DISAGREE
