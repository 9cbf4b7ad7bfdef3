"""`python -m benchmarks`: every row but the long ones. Words choose rows whose name contains one of them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence

from benchmarks import (
    alerts,
    charts,
    commands,
    delivery,
    demo,
    evening,
    market,
    people,
    plausibility,
    previews,
    readings,
    scale,
    starting,
)
from benchmarks.row import Row, table

ROWS: tuple[Callable[[], Row], ...] = (
    *alerts.ROWS,
    *previews.ROWS,
    *readings.ROWS,
    *market.ROWS,
    *plausibility.ROWS,
    *commands.ROWS,
    *people.ROWS,
    *delivery.ROWS,
    *evening.ROWS,
    *charts.ROWS,
    *starting.ROWS,
)

LONG_ROWS: tuple[Callable[[], Row], ...] = (*scale.ROWS, *demo.ROWS)
"""Measured when a word asks for them."""


def main(words: list[str]) -> int:
    """Measure what is asked for; 1 when something could not be measured."""
    every = (*ROWS, *LONG_ROWS)
    chosen = (
        [row for row in every if any(word in f"{row.__module__}.{row.__name__}" for word in words)] if words else ROWS
    )
    if not chosen:
        sys.stderr.write("no row has such a name; there are:\n")
        sys.stderr.writelines(f"  {row.__module__.rpartition('.')[2]}.{row.__name__}\n" for row in every)
        return 2
    done = list(_measured(chosen))
    print(table(done))
    return 0 if len(done) == len(chosen) else 1


def _measured(rows: Sequence[Callable[[], Row]]) -> Iterator[Row]:
    for row in rows:
        sys.stderr.write(f"{row.__module__.rpartition('.')[2]}.{row.__name__} ...\n")
        try:
            yield row()
        except Exception:
            traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
