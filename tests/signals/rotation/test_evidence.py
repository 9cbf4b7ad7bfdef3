"""What past turns and legs were worth, on paths made by hand and on 21 years."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from signals.core.market import Market
from signals.core.panel import Panel
from signals.rotation.answer import read
from signals.rotation.evidence import Evidence, evidence
from tests.recorded import where_present
from tests.signals.markets import market
from tests.support.rotation_pack import made_market, session


def record(made: Market) -> Evidence:
    panel = Panel(made)
    return evidence(panel, read(panel, made.last.date()))


def of_equal_weight(path: list[float]) -> Evidence:
    """The record of RSP along `path` with SPY at 100 throughout."""
    return record(market(adjusted={"RSP": path, "SPY": [100.0] * len(path)}))


def test_a_past_leg_counts_from_the_session_on_which_it_was_as_old_and_as_large_and_went_on_if_it_added_two_points() -> (
    None
):
    """Two legs up of 10% and of 5%, between falls of 9%; the present one has risen 4% in two sessions.

    The first went from +4 % to +10 %, the second from +4 % to +5 % only.
    """
    path = [100.0, 102.0, 104.0, 110.0, 100.1, 102.1, 104.105, 105.105, 96.0, 98.0, 99.84]
    leg = of_equal_weight(path).leg
    assert leg is not None
    assert (leg.leg.direction, leg.leg.age, round(leg.leg.move or 0, 6)) == (1, 2, 4.0)
    assert (leg.n, leg.hits) == (2, 1)


def test_a_leg_that_never_got_as_old_or_as_large_does_not_count() -> None:
    leg = of_equal_weight([100.0, 103.0, 104.0, 100.0, 102.0, 104.0, 106.0, 108.0]).leg
    assert leg is not None
    assert (leg.leg.age, leg.n, leg.hits) == (4, 0, 0)


def test_without_a_state_or_a_leg_there_is_no_record() -> None:
    found = of_equal_weight([100.0, 100.5, 101.0])
    assert (found.turns, found.leg) == ((), None)


@pytest.mark.parametrize(
    ("name", "day", "turns", "leg"),
    [
        # RSP rose on all 63 sessions after the turns of 440 and 740; of one leg up that had got so old it added 7 points.
        ("made", session(850), [(21, 2, 2), (63, 2, 2)], (1, 1)),
        *where_present(("pack", date(2025, 12, 31), [(21, 22, 13), (63, 22, 16)], (16, 9))),
    ],
)
@pytest.mark.slow
def test_the_record_equals_a_recount_from_the_closes(
    request: pytest.FixtureRequest,
    name: str,
    day: date,
    turns: list[tuple[int, int, int]],
    leg: tuple[int, int],
) -> None:
    """Over 21 years RSP beat SPY 13 times over the 21 sessions after 22 turns out and 16 times over 63, by the closes."""
    whole: Market = request.getfixturevalue("pack") if name == "pack" else made_market()
    found = record(whole.until(day))
    assert [(turn.horizon, turn.n, turn.hits) for turn in found.turns] == turns
    rsp, spy = (whole.until(day).adj_close[ticker].to_numpy() for ticker in ("RSP", "SPY"))
    for turn in found.turns:
        ahead = rsp[turn.horizon :] / rsp[: -turn.horizon] - spy[turn.horizon :] / spy[: -turn.horizon]
        assert (turn.base_n, turn.base_hits) == (len(ahead), int(np.sum(ahead > 0)))
    assert found.leg is not None
    assert (found.leg.n, found.leg.hits) == leg


@pytest.mark.parametrize(
    ("name", "day", "counts"),
    [
        # On session 460 the turn of 440 has no outcome yet, on 470 the first, on 510 both.
        ("made", session(460), [(0, 0), (0, 0)]),
        ("made", session(470), [(1, 1), (0, 0)]),
        ("made", session(510), [(1, 1), (1, 1)]),
        # Four of today's turns out had not happened, and the newest one had no outcome yet.
        *where_present(("pack", date(2022, 6, 16), [(18, 11), (17, 13)])),
    ],
)
@pytest.mark.slow
def test_the_record_knows_nothing_of_what_came_later(
    request: pytest.FixtureRequest, name: str, day: date, counts: list[tuple[int, int]]
) -> None:
    whole: Market = request.getfixturevalue("pack") if name == "pack" else made_market()
    found = record(whole.until(day))
    assert [(turn.n, turn.hits) for turn in found.turns] == counts
