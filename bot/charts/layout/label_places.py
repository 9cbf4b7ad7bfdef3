"""Places of labels beside points, so that no two share pixels. Without drawing."""

from __future__ import annotations

import numpy as np

from bot.charts.layout.plot import Box

_STEP = 12.0
"""Pixels between the places that are tried."""


class LabelPlaces:
    """The free places inside a box."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, left: float, top: float, right: float, bottom: float) -> None:
        """Mark a rectangle as taken."""
        self._taken.append((left, top, right, bottom))

    def nearest(self, point: tuple[float, float], width: float, height: float) -> tuple[float, float] | None:
        """The middle of the free place nearest to a point, which is then taken; None where none is left.

        Nearness is measured from the edge of the label. Of equally near places the right one is preferred.
        """
        box = self._box
        across = np.arange(box.left + width / 2, box.right - width / 2 + 0.1, _STEP)
        down = np.arange(box.top + height / 2, box.bottom - height / 2 + 0.1, _STEP)
        # Places level with the point come first: a label right beside it reads best.
        down = np.append(down, np.clip(point[1], box.top + height / 2, box.bottom - height / 2))
        x, y = (grid.ravel() for grid in np.meshgrid(across, down))
        free = np.ones(len(x), dtype=np.bool_)
        for left, top, right, bottom in self._taken:
            free &= (
                (x + width / 2 <= left)
                | (x - width / 2 >= right)
                | (y + height / 2 <= top)
                | (y - height / 2 >= bottom)
            )
        if not free.any():
            return None
        away = np.hypot(
            np.maximum(np.abs(x - point[0]) - width / 2, 0), np.maximum(np.abs(y - point[1]) - height / 2, 0)
        )
        # A tie-breaker below the step of the grid.
        away += 1e-3 * np.abs(y - point[1]) - 1e-4 * (x - point[0])
        best = int(np.argmin(np.where(free, away, np.inf)))
        place = float(x[best]), float(y[best])
        self.take(place[0] - width / 2, place[1] - height / 2, place[0] + width / 2, place[1] + height / 2)
        return place
