"""Labels beside points: the nearest free place inside the box, never over another."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.charts.layout.label_places import LabelPlaces
from bot.charts.layout.plot import Box

BOX = Box(0, 0, 600, 400)
INSIDE = st.tuples(st.floats(0, 600), st.floats(0, 400))


def test_a_label_is_level_with_its_point_and_right_beside_it() -> None:
    places = LabelPlaces(BOX)
    places.take(290, 190, 310, 210)
    x, y = places.nearest((300, 200), 100, 40) or (0, 0)
    assert y == 200
    # Half of the label and the point, and less than a step of the places that are tried.
    assert 60 <= abs(x - 300) < 72


def test_no_place_is_left_in_a_full_box() -> None:
    places = LabelPlaces(BOX)
    places.take(0, 0, 600, 400)
    assert places.nearest((300, 200), 100, 40) is None


@given(st.lists(INSIDE, min_size=2, max_size=11))
def test_labels_share_no_pixels_and_stay_inside(points: list[tuple[float, float]]) -> None:
    places = LabelPlaces(BOX)
    middles = [place for point in points if (place := places.nearest(point, 120, 40)) is not None]
    assert len(middles) == len(points)
    assert all(60 <= x <= 540 and 20 <= y <= 380 for x, y in middles)
    assert all(abs(one[0] - other[0]) >= 120 or abs(one[1] - other[1]) >= 40 for one, other in combinations(middles, 2))
