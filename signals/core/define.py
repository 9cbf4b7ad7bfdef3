"""One entry of the register from a formula: what every family's list is made with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from signals.core.model import Axis, Cadence, Family, History, Measure, Signal, Unit, Vote
from signals.core.panel import Panel
from signals.core.series_ops import Line, history

Formula = Callable[[Panel], Line]

_DECIMALS = {
    Unit.PERCENT: 1,
    Unit.POINTS_PERCENT: 2,
    Unit.RATIO: 2,
    Unit.COUNT: 0,
    Unit.ISSUES_PER_DAY: 1,
    Unit.POINTS: 1,
    Unit.SHARE: 3,
    Unit.FLAG: 0,
    Unit.SEVEN: 0,
    Unit.Z: 2,
    Unit.SESSIONS: 0,
    Unit.MONTHS: 0,
    Unit.RANK: 1,
    Unit.USD: 2,
    Unit.THOUSAND: 0,
    Unit.TURNS: 1,
    Unit.BALANCE: 2,
    Unit.DAYS: 0,
    Unit.STEPS: 2,
    Unit.VOL_POINTS: 1,
    Unit.SCORE: 1,
    Unit.SIDE: 0,
}


def entry(
    id: str,
    label: str,
    *,
    unit: Unit,
    meaning: str,
    inputs: tuple[str, ...],
    line: Formula,
    lookback: int = 1,
    votes: tuple[Vote, ...] = (),
    parts: tuple[str, ...] = (),
    cadence: Cadence = Cadence.DAILY,
    max_age: int = 0,
    decimals: int | None = None,
) -> Signal:
    """A signal whose history is the line of a formula; the family is the first word of the id, decimals those of the unit."""

    def compute(panel: Panel) -> History:
        return history(panel, line(panel))

    return Signal(
        id=id,
        label=label,
        family=Family(id.partition(".")[0]),
        unit=unit,
        decimals=_DECIMALS[unit] if decimals is None else decimals,
        meaning=meaning,
        inputs=inputs,
        compute=compute,
        lookback=lookback,
        votes=votes,
        cadence=cadence,
        max_age=max_age,
        parts=parts,
        formula=_said_of(line),
    )


def _said_of(line: Formula) -> str:
    """The first line of what a formula's docstring says, in which the entry's own arguments stand for their `names`."""
    given: dict[str, object] = {}
    while isinstance(line, partial):
        given = {**line.keywords, **given}
        line = line.func
    said = (line.__doc__ or "").strip().partition("\n")[0]
    for name, value in given.items():
        said = said.replace(f"`{name}`", str(value))
    return said


def levels(low: float, high: float, *, rec: int = 0, rot: int = 0) -> tuple[Vote, ...]:
    """Votes by rule `low/high`; `rec` and `rot` are the signs, 0 for no vote."""
    return tuple(Vote(axis, sign, low=low, high=high) for axis, sign in _axes(rec, rot))


def by_z(*, rec: int = 0, rot: int = 0, measure: Measure = Measure.VALUE) -> tuple[Vote, ...]:
    """Votes by rule `z`, on the value or on one of its measures."""
    return tuple(Vote(axis, sign, measure=measure) for axis, sign in _axes(rec, rot))


def on_itself(*, rec: int = 0, rot: int = 0) -> tuple[Vote, ...]:
    """Votes of a signal that is a z-score itself."""
    return tuple(Vote(axis, sign, on_itself=True) for axis, sign in _axes(rec, rot))


def _axes(rec: int, rot: int) -> list[tuple[Axis, int]]:
    return [(axis, sign) for axis, sign in ((Axis.RECOVERY, rec), (Axis.ROTATION, rot)) if sign]
