"""Series in another unit, and steps that no rate makes, are left out and named; real ones of 2008, 2009, 2020 and 2023 pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.domain.doubt import DoubtRule, DoubtState
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from bot.ingest.plausibility.series_moves import doubted
from tests.bot.archive.conftest import evening, observations

FIRST = date(2026, 1, 5)
DAYS = [FIRST + timedelta(days=offset) for offset in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
YIELDS = [4.18, 4.17, 4.15, 4.19, 4.18, 4.15, 4.18, 4.15, 4.17, 4.24]


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    return ArchiveLocation(tmp_path / "market.db", date(2024, 1, 1), date(2026, 12, 31))


@pytest.fixture
def archive(location: ArchiveLocation) -> Iterator[Archive]:
    with location.open() as opened:
        yield opened


def store(
    location: ArchiveLocation,
    values: Mapping[date, float],
    *,
    name: str = "DGS10",
    source: str = "fred",
    rules_off: Sequence[str] = (),
) -> Mapping[str, frozenset[date]]:
    fetched = Fetched(source, evening(max(values)), observations={name: observations(values)})
    return worker_tasks.store(location, fetched, rules_off).withheld


def stored(archive: Archive, name: str = "DGS10") -> list[float]:
    return list(archive.observations_since(name, date.min).values())


@pytest.mark.parametrize(("name", "factor"), [("DGS10", 0.01), ("A34SNO", 1000.0), ("SKEW", 0.01), ("PAYEMS", 1000.0)])
def test_an_answer_in_another_unit_is_left_out_as_a_whole(
    location: ArchiveLocation, archive: Archive, name: str, factor: float
) -> None:
    usual = [130.0 + value for value in YIELDS] if name == "SKEW" else YIELDS
    store(location, dict(zip(DAYS[:-1], usual, strict=False)), name=name)

    for _ in range(3):
        withheld = store(location, {day: value * factor for day, value in zip(DAYS, usual, strict=True)}, name=name)
        assert withheld == {name: frozenset(DAYS)}

    assert stored(archive, name) == usual[:-1]
    newest = archive.doubts()[-1].doubt
    assert (newest.subject, newest.day, newest.rule) == (name, DAYS[-1], DoubtRule.SERIES)


def test_the_sentence_names_the_factor(location: ArchiveLocation, archive: Archive) -> None:
    store(location, dict(zip(DAYS[:-1], YIELDS, strict=False)))
    store(location, {day: value / 100 for day, value in zip(DAYS, YIELDS, strict=True)})

    assert {own.doubt.sentence for own in archive.doubts()} == {"all values of DGS10 are 0.01 times the stored ones"}


def test_a_shifted_decimal_point_in_the_newest_yield_is_left_out_until_the_source_mends_it(
    location: ArchiveLocation, archive: Archive
) -> None:
    store(location, dict(zip(DAYS[:8], YIELDS, strict=False)))

    assert store(location, {DAYS[7]: 4.15, DAYS[8]: 0.417}, source="treasury") == {"DGS10": {DAYS[8]}}
    [doubt] = archive.doubts()
    assert doubt.doubt.sentence == "DGS10 went from 4.15 of Jan 14, 2026 to 0.417, further than it moves in a day"

    assert store(location, {DAYS[7]: 4.15, DAYS[8]: 4.17, DAYS[9]: 4.24}) == {}
    assert stored(archive) == YIELDS
    assert [own.doubt.state for own in archive.doubts(only_open=False)] == [DoubtState.REPLACED]


@pytest.mark.parametrize("factor", [0.1, 10.0, 100.0])
def test_a_shifted_decimal_point_in_a_figure_that_is_no_rate_is_left_out_until_the_source_mends_it(
    location: ArchiveLocation, archive: Archive, factor: float
) -> None:
    prices = [320.1, 320.9, 321.4, 322.0, 322.7]
    months = [date(2025, month, 1) for month in range(6, 11)]
    store(location, dict(zip(months[:-1], prices, strict=False)), name="CPILFESL")
    wrong = [*prices[:-1], prices[-1] * factor]
    for _ in range(2):
        withheld = store(location, dict(zip(months, wrong, strict=True)), name="CPILFESL")
        assert withheld == {"CPILFESL": frozenset(months[-1:])}
    [doubt] = archive.doubts()
    assert doubt.doubt.sentence == (
        f"CPILFESL went from 322 of Sep 1, 2025 to {wrong[-1]:g}, which looks like a shifted decimal point"
    )

    store(location, dict(zip(months, prices, strict=True)), name="CPILFESL")

    assert stored(archive, "CPILFESL") == prices
    assert archive.doubts() == []


def test_what_goes_on_from_a_shifted_decimal_point_is_left_out_too(location: ArchiveLocation, archive: Archive) -> None:
    store(location, dict(zip(DAYS[:7], YIELDS, strict=False)))

    store(location, {DAYS[6]: 4.18, DAYS[7]: 0.415, DAYS[8]: 0.417, DAYS[9]: 0.424})

    assert stored(archive) == YIELDS[:7]


def test_a_correction_by_whole_points_is_not_believed(location: ArchiveLocation, archive: Archive) -> None:
    store(location, dict(zip(DAYS, YIELDS, strict=True)))

    store(location, {DAYS[8]: 41.7 / 2, DAYS[9]: 4.24})
    store(location, {DAYS[8]: 7.17, DAYS[9]: 4.24})

    assert stored(archive) == YIELDS
    assert archive.doubts(only_open=False)[-1].doubt.sentence == "DGS10 at 7.17 of Jan 15, 2026 is stored as 4.17"


def test_a_correction_by_hundredths_is_stored(location: ArchiveLocation, archive: Archive) -> None:
    store(location, dict(zip(DAYS, YIELDS, strict=True)))

    assert store(location, {DAYS[8]: 4.19, DAYS[9]: 4.24}) == {}

    assert stored(archive) == [*YIELDS[:8], 4.19, 4.24]


def test_a_rule_that_is_switched_off_doubts_nothing(location: ArchiveLocation, archive: Archive) -> None:
    store(location, dict(zip(DAYS[:9], YIELDS, strict=False)))

    assert store(location, {DAYS[9]: 0.0424}, rules_off=["series"]) == {}

    assert stored(archive)[-1] == 0.0424


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("DGS2", [4.60, 4.03]),  # 13 March 2023
        ("DGS10", [3.02, 2.51]),  # 18 March 2009
        ("DFEDTARU", [1.25, 0.25]),  # 16 March 2020
        ("DFF", [3.06, 4.11]),  # 2 January 2008
    ],
)
def test_the_largest_steps_of_21_years_are_believed(name: str, values: list[float]) -> None:
    assert doubted(name, DAYS[:2], values, {}) == {}


def test_a_step_at_which_the_next_value_stays_is_believed() -> None:
    # DFII5 of 28 November to 2 December 2008: another bond became the benchmark.
    assert doubted("DFII5", DAYS[:3], [4.24, 2.10, 2.04], {}) == {}
    assert list(doubted("DFII5", DAYS[:2], [4.24, 2.10], {})) == [1]


def test_a_step_that_the_next_evening_bears_out_is_stored_then(location: ArchiveLocation, archive: Archive) -> None:
    store(location, {DAYS[0]: 4.30, DAYS[1]: 4.24}, name="DFII5")
    store(location, {DAYS[1]: 4.24, DAYS[2]: 2.10}, name="DFII5")
    assert stored(archive, "DFII5") == [4.30, 4.24]

    store(location, {DAYS[1]: 4.24, DAYS[2]: 2.10, DAYS[3]: 2.04}, name="DFII5")

    assert stored(archive, "DFII5") == [4.30, 4.24, 2.10, 2.04]
    [doubt] = archive.doubts(only_open=False)
    assert (doubt.doubt.state, doubt.doubt.evidence) == (DoubtState.BELIEVED, "the next value stays there")


def test_few_common_days_say_nothing_of_a_unit() -> None:
    known = dict(zip(DAYS[:4], YIELDS, strict=False))
    assert doubted("PAYEMS", DAYS[:4], [value * 1000 for value in YIELDS[:4]], known) == {}


def test_a_series_that_is_no_rate_may_move_as_it_likes() -> None:
    assert doubted("VIX", DAYS[:2], [17.0, 37.0], {}) == {}
