"""Titles of pictures say no more of the rotation than the answer does."""

from __future__ import annotations

import pandas as pd
import pytest

from bot.charts.layout.rotation_title import rotation_title


@pytest.mark.parametrize(
    ("state", "turning", "regime", "split", "title"),
    [
        (1, 0, 1, 0, "Rotating out of big tech"),
        (-1, 0, 3, 0, "Rotating back into big tech"),
        (-1, 1, 3, 1, "The rotation is turning"),
        (1, 0, 2, 0, "Tech-led decline"),
        (-1, 0, 4, 0, "Broad decline"),
        (1, 0, 2, 1, "Yardsticks out of big tech"),
        (-1, 0, 4, 1, "Yardsticks back into big tech"),
        (float("nan"), 0, 1, 0, ""),
    ],
)
def test_the_title_never_says_that_money_moves_while_tech_falls(
    state: float, turning: float, regime: float, split: float, title: str
) -> None:
    names = ("rotation.state", "rotation.turning", "rotation.regime", "tech.turning")
    assert rotation_title(pd.Series(dict(zip(names, (state, turning, regime, split), strict=True)))) == title
