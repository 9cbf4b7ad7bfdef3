"""Defines one signal of the catalogue from its formula; every family's list is made with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from signals.core.decimals import PLACES, finished
from signals.core.model import Axis, Cadence, Family, History, Measure, Restart, Signal, Vote, VoteMeasure
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult, history
from signals.core.short_names import SHORT_NAMES
from signals.core.units import Unit

Formula = Callable[[Panel], SeriesResult]


def define(
    id: str,
    label: str,
    *,
    unit: Unit,
    meaning: str,
    inputs: tuple[str, ...],
    formula: Formula,
    lookback: int = 1,
    votes: tuple[Vote, ...] = (),
    parts: tuple[str, ...] = (),
    cadence: Cadence = Cadence.DAILY,
    max_age: int = 0,
    decimals: int | None = None,
    names: Mapping[int, str] = MappingProxyType({}),
    restarts: Restart | None = None,
    places: int = PLACES,
) -> Signal:
    """A signal whose history is the result of `formula`, its values rounded to their decimals.

    The family is the first word of the id; the decimals are those of the unit unless given.
    """

    def compute(panel: Panel) -> History:
        result = formula(panel)
        return history(panel, replace(result, values=finished(result.values, places)))

    return Signal(
        id=id,
        label=label,
        short=SHORT_NAMES.get(id, label),
        family=Family(id.partition(".")[0]),
        unit=unit,
        decimals=unit.decimals if decimals is None else decimals,
        meaning=meaning,
        inputs=inputs,
        compute=compute,
        lookback=lookback,
        votes=votes,
        cadence=cadence,
        max_age=max_age,
        parts=parts,
        formula=_formula_text(formula),
        names=names,
        restarts=restarts,
        places=places,
    )


def _formula_text(formula: Formula) -> str:
    """The first paragraph of a formula's docstring, with the bound arguments in place of their `names`.

    `docs/signals.md` shows this text as the way a signal is computed.
    """
    arguments: dict[str, object] = {}
    while isinstance(formula, partial):
        arguments = {**formula.keywords, **arguments}
        formula = formula.func
    text = " ".join((formula.__doc__ or "").strip().partition("\n\n")[0].split())
    for name, value in arguments.items():
        text = text.replace(f"`{name}`", str(value))
    return text


def levels(low: float, high: float, *, rec: int = 0, rot: int = 0) -> tuple[Vote, ...]:
    """Votes by rule `low/high`; `rec` and `rot` are the signs for recovery and rotation, 0 for no vote."""
    return tuple(Vote(axis, sign, low=low, high=high) for axis, sign in _axes(rec, rot))


def by_z(*, rec: int = 0, rot: int = 0, measure: Measure | VoteMeasure = Measure.VALUE) -> tuple[Vote, ...]:
    """Votes by rule `z`, on the value or on one of its measures."""
    return tuple(Vote(axis, sign, measure=measure) for axis, sign in _axes(rec, rot))


def on_itself(*, rec: int = 0, rot: int = 0) -> tuple[Vote, ...]:
    """Votes of a signal that is a z-score itself."""
    return tuple(Vote(axis, sign, on_itself=True) for axis, sign in _axes(rec, rot))


def _axes(rec: int, rot: int) -> list[tuple[Axis, int]]:
    return [(axis, sign) for axis, sign in ((Axis.RECOVERY, rec), (Axis.ROTATION, rot)) if sign]
