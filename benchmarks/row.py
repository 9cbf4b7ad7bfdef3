"""A row of the table, and how its two figures are measured."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work.

    `figure` and `floor` are in `unit`; `aim` is what the figure (or its ratio) should keep to.

    `met`: whether it does. `note` says what the floor is and what else was seen.
    """

    work: str
    figure: float
    unit: str
    aim: str
    met: bool
    floor: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Figure over floor, or None without a floor."""
        return None if self.floor is None else self.figure / self.floor


def within(work: str, figure: float, floor: float, *, times: float, unit: str = "ms", note: str = "") -> Row:
    """A row whose figure should be at most so many `times` its floor."""
    return Row(work, figure, unit, f"<= {times:g}x", figure <= times * floor, floor, note)


def under(work: str, figure: float, most: float, *, unit: str = "s", floor: float | None = None, note: str = "") -> Row:
    """A row whose figure should be at most `most`."""
    return Row(work, figure, unit, f"<= {most:g} {unit}", figure <= most, floor, note)


def seconds(work: Callable[[], object], *, repeats: int = 7, before: Callable[[], object] | None = None) -> float:
    """Median wall seconds of `work` after one call that does not count; `before` runs before each,
    unmeasured.
    """
    times = []
    for _ in range(repeats + 1):
        if before is not None:
            before()
        gc.collect()
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return median(times[1:])


def pair(
    figure: Callable[[], object],
    floor: Callable[[], object],
    *,
    repeats: int = 7,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """Median wall seconds of both, taken in turns so that a disturbance meets both; `before` runs
    before each, unmeasured.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats + 1):
        for kept, work in zip(times, (figure, floor), strict=True):
            before()
            gc.collect()
            begun = perf_counter()
            work()
            kept.append(perf_counter() - begun)
    return median(times[0][1:]), median(times[1][1:])


def table(rows: Iterable[Row]) -> str:
    """The rows as lines of text: work, figure, floor, ratio, aim, and whether it is met."""
    lines = [("work", "figure", "floor", "ratio", "aim", "", "note")]
    for row in rows:
        floor = "-" if row.floor is None else f"{row.floor:.3g} {row.unit}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}x"
        lines.append(
            (row.work, f"{row.figure:.3g} {row.unit}", floor, ratio, row.aim, "ok" if row.met else "OVER", row.note)
        )
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, (*widths, 0), strict=True)).rstrip() for line in lines
    )
