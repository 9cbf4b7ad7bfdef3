"""The signals of the two clocks and of the regime that they name together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from signals.asof.series import STALE_SESSIONS
from signals.core.define import define, levels
from signals.core.model import Restart, Signal, Vote
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult, Why
from signals.core.units import Unit
from signals.rotation.directional_change import DirectionalChanges
from signals.rotation.rotation_clock import RotationClock, clock
from signals.rotation.yardsticks import ROTATION, TECH, Yardstick, changes_of

WHOLE_PAST = 800
"""Sessions after which a later start of the archive makes no difference."""

ROTATION_QUORUM, TECH_QUORUM = 4, 3
"""Yardsticks that must have a direction before a state is named."""

OUT, BACK = "out of big tech", "back into big tech"
LEG_NAMES: Mapping[int, str] = MappingProxyType({1: OUT, -1: BACK, 0: "no turn yet"})
TECH_LEG_NAMES: Mapping[int, str] = MappingProxyType({1: "up", -1: "down", 0: "no turn yet"})
STATE_NAMES: Mapping[int, str] = MappingProxyType({1: f"rotating {OUT}", -1: f"rotating {BACK}"})
TECH_NAMES: Mapping[int, str] = MappingProxyType({1: "advancing", -1: "falling"})
FALLS = (2, 4)
"""Regimes in which tech is falling: what turns there is relative, and no money need have moved."""

REGIME_NAMES: Mapping[int, str] = MappingProxyType(
    {1: "broadening advance", 2: "tech-led decline", 3: "tech-led advance", 4: "broad decline"}
)

_Formula = Callable[..., SeriesResult]


def rotation_clock(panel: Panel) -> RotationClock:
    """The rotation clock over the whole past."""
    return panel.once("rotation clock", lambda: clock(_changes(panel, ROTATION), quorum=ROTATION_QUORUM))


def tech_clock(panel: Panel) -> RotationClock:
    """Tech's own clock over the whole past."""
    return panel.once("tech clock", lambda: clock(_changes(panel, TECH), quorum=TECH_QUORUM))


def regime_of(rotation: Floats, tech: Floats) -> Floats:
    """The regime of two states, 1 to 4 (`REGIME_NAMES`); NaN where one is unknown."""
    regime = np.where(tech > 0, np.where(rotation > 0, 1.0, 3.0), np.where(rotation > 0, 2.0, 4.0))
    return np.where(np.isnan(rotation) | np.isnan(tech), np.nan, regime)


def _changes(panel: Panel, yardsticks: tuple[Yardstick, ...]) -> list[DirectionalChanges]:
    return [changes_of(panel, yardstick) for yardstick in yardsticks]


def direction(panel: Panel, *, yardstick: Yardstick) -> SeriesResult:
    """1 once the yardstick stands its threshold above its running low, -1 once it stands it below
    its running high, 0 before the first turn.
    """
    changes = changes_of(panel, yardstick)
    values = np.where(np.isnan(changes.values), np.nan, changes.direction.astype(np.float64))
    return _of_yardstick(panel, yardstick, values)


def move(panel: Panel, *, yardstick: Yardstick) -> SeriesResult:
    """The yardstick against its value at the start of the leg, in per cent."""
    return _of_yardstick(panel, yardstick, changes_of(panel, yardstick).move)


def age(panel: Panel, *, yardstick: Yardstick) -> SeriesResult:
    """Sessions since the start of the yardstick's leg, which is 0."""
    return _of_yardstick(panel, yardstick, changes_of(panel, yardstick).age)


def given_back(panel: Panel, *, yardstick: Yardstick) -> SeriesResult:
    """Distance of the yardstick from its leg's extreme in per cent, without sign; at its threshold it turns."""
    return _of_yardstick(panel, yardstick, changes_of(panel, yardstick).given_back)


def out_given_back(panel: Panel, *, yardstick: Yardstick) -> SeriesResult:
    """Distance of the yardstick from its extreme in per cent during a leg out; withheld during a leg back."""
    changes = changes_of(panel, yardstick)
    values = np.where(changes.direction > 0, changes.given_back, np.nan)
    return _of_yardstick(panel, yardstick, values, back=changes.direction[panel.earlier :] < 0)


def yardsticks(panel: Panel, *, rotation: bool) -> SeriesResult:
    """How many yardsticks point up (out of big tech; tech: up); coverage is how many have a direction."""
    counted = rotation_clock(panel) if rotation else tech_clock(panel)
    up, known = counted.up[panel.earlier :], counted.known[panel.earlier :]
    values = np.where(known > 0, up, np.nan)
    listed = np.full(panel.count, len(ROTATION if rotation else TECH))
    members = ROTATION if rotation else TECH
    reason = _reason(panel, members, values, "no yardstick has turned yet", "one must have a direction")
    return SeriesResult(values, reason, _observed(panel, members), counted=known, listed=listed)


def state(panel: Panel, *, rotation: bool) -> SeriesResult:
    """1 when at least two thirds of the yardsticks with a direction point up, -1 when at least two
    thirds point down, else what it was.
    """
    return _of_clock(panel, (rotation_clock(panel) if rotation else tech_clock(panel)).state, rotation)


def turning(panel: Panel, *, rotation: bool) -> SeriesResult:
    """1 while the state is only held: its side has fewer than two thirds of those with a direction."""
    return _of_clock(panel, (rotation_clock(panel) if rotation else tech_clock(panel)).turning, rotation)


def state_age(panel: Panel, *, rotation: bool) -> SeriesResult:
    """Sessions since the state's last change, which is 0."""
    return _of_clock(panel, (rotation_clock(panel) if rotation else tech_clock(panel)).age, rotation)


def regime(panel: Panel) -> SeriesResult:
    """Tech advancing and money rotating out 1, falling and out 2, advancing and back 3, falling and back 4."""
    values = regime_of(rotation_clock(panel).state, tech_clock(panel).state)[panel.earlier :]
    sentence = "one of the two states has not been named yet"
    need = f"{ROTATION_QUORUM} of the rotation and {TECH_QUORUM} of tech must have a direction"
    members = (*ROTATION, *TECH)
    return SeriesResult(values, _reason(panel, members, values, sentence, need), _observed(panel, members))


def _of_yardstick(
    panel: Panel, yardstick: Yardstick, values: Floats, back: NDArray[np.bool_] | None = None
) -> SeriesResult:
    """Values of the whole past cut to the panel, with the reason where there is none."""
    changes = changes_of(panel, yardstick)
    newest = np.maximum(changes.newest, 0)
    dates = panel.whole_past_dates[newest][panel.earlier :]
    own = values[panel.earlier :]

    def why(position: int) -> str | None:
        if not np.isnan(own[position]):
            return None
        if back is not None and back[position]:
            return "the leg goes back into big tech"
        at = panel.earlier + position
        missing = (panel.no_price(ticker, position, adjusted=True) for ticker in yardstick.tickers)
        first = next((reason for reason in missing if reason), None)
        if changes.stopped(at):
            age = f"the newest value is {dates[position]}, {at - newest[at]} sessions old; at most {STALE_SESSIONS}"
            return f"{first}: {age}" if first else age
        return first or f"it has not turned by {yardstick.threshold:g}% yet"

    return SeriesResult(own, why, observed=dates, spans=changes.start[panel.earlier :])


def _observed(panel: Panel, members: tuple[Yardstick, ...]) -> NDArray[np.datetime64]:
    """The session of the oldest value among the yardsticks that have begun, and whose prices have not stopped."""
    places = np.arange(len(panel.whole_past_dates))
    oldest = places.copy()
    for yardstick in members:
        changes = changes_of(panel, yardstick)
        oldest = np.where(np.isnan(changes.values), oldest, np.minimum(oldest, changes.newest))
    return panel.whole_past_dates[oldest][panel.earlier :]


def _of_clock(panel: Panel, values: Floats, rotation: bool) -> SeriesResult:
    since = (rotation_clock(panel) if rotation else tech_clock(panel)).since[panel.earlier :]
    need = ROTATION_QUORUM if rotation else TECH_QUORUM
    own = values[panel.earlier :]
    sentence = f"{need} yardsticks must have turned, and two thirds of them to one side"
    members = ROTATION if rotation else TECH
    reason = _reason(panel, members, own, sentence, f"{need} must have a direction")
    return SeriesResult(own, reason, _observed(panel, members), spans=since)


def _reason(panel: Panel, members: tuple[Yardstick, ...], values: Floats, sentence: str, need: str) -> Why:
    """The sentence where there is no value, unless prices of members have stopped: then which, and what is needed."""

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        at = panel.earlier + position
        stopped = ", ".join(member.short for member in members if changes_of(panel, member).stopped(at))
        return f"no price for more than {STALE_SESSIONS} sessions: {stopped}; {need}" if stopped else sentence

    return why


def _yardstick_signals(family: str, yardstick: Yardstick, names: Mapping[int, str]) -> tuple[Signal, ...]:
    up, down = names[1], names[-1]
    rows: tuple[tuple[str, Unit, _Formula, str, str], ...] = (
        ("direction", Unit.SIDE, direction, "leg", f"Which way its leg goes: 1 {up}, -1 {down}."),
        ("move", Unit.PERCENT, move, "move", "How far the leg has gone since its start."),
        ("age", Unit.SESSIONS, age, "leg's age", "Sessions since the leg's start."),
        (
            *("given_back", Unit.PERCENT, given_back, "given back"),
            f"How far it is from its leg's extreme; at {yardstick.threshold:g}% it turns.",
        ),
    )
    if family == "rotation":
        last = ("out_given_back", Unit.PERCENT, out_given_back, "fading")
        rows = (*rows, (*last, f"The same during legs out alone; at {yardstick.threshold:g}% the leg out has ended."))
    return tuple(
        define(
            f"{family}.{yardstick.name}.{what}",
            f"{yardstick.short}, {words}",
            unit=unit,
            decimals=2 if unit is Unit.PERCENT else None,
            meaning=meaning,
            inputs=yardstick.tickers,
            formula=partial(formula, yardstick=yardstick),
            lookback=WHOLE_PAST,
            names=names if what == "direction" else {},
            restarts=None if what == "direction" else Restart.TURN,
        )
        for what, unit, formula, words, meaning in rows
    )


def _clock_signals(
    family: str,
    subject: str,
    members: tuple[Yardstick, ...],
    count: Unit,
    names: Mapping[int, str],
    votes: tuple[Vote, ...],
) -> tuple[Signal, ...]:
    rotation = family == "rotation"
    up = OUT if rotation else "up"
    rows: tuple[tuple[str, Unit, _Formula, str, str, Mapping[int, str], tuple[Vote, ...]], ...] = (
        (
            "yardsticks",
            count,
            yardsticks,
            f"{subject} yardsticks",
            f"How many of {len(members)} point {up}.",
            {},
            votes,
        ),
        ("state", Unit.STATE, state, subject, f"1 {names[1]}, -1 {names[-1]}: two thirds name it.", names, ()),
        (
            "turning",
            Unit.FLAG,
            turning,
            f"{subject} turning",
            "1 while fewer than two thirds support the state.",
            {},
            (),
        ),
        ("age", Unit.SESSIONS, state_age, f"{subject}, age", "Sessions since the state last changed.", {}, ()),
    )
    tickers = tuple(dict.fromkeys(name for member in members for name in member.tickers))
    return tuple(
        define(
            f"{family}.{what}",
            label,
            unit=unit,
            meaning=meaning,
            inputs=tickers,
            formula=partial(formula, rotation=rotation),
            lookback=WHOLE_PAST,
            votes=own_votes,
            names=own_names,
            restarts=Restart.TURN if what == "age" else None,
        )
        for what, unit, formula, label, meaning, own_names, own_votes in rows
    )


_REGIME = define(
    "rotation.regime",
    "Regime",
    unit=Unit.REGIME,
    meaning="Tech's state and the rotation's together: "
    + ", ".join(f"{number} {name}" for number, name in REGIME_NAMES.items())
    + ".",
    inputs=tuple(dict.fromkeys(name for member in (*ROTATION, *TECH) for name in member.tickers)),
    formula=regime,
    lookback=WHOLE_PAST,
    names=REGIME_NAMES,
)

ROTATION_SIGNALS: tuple[Signal, ...] = (
    *_clock_signals("rotation", "Rotation", ROTATION, Unit.SIX, STATE_NAMES, ()),
    _REGIME,
    *(signal for member in ROTATION for signal in _yardstick_signals("rotation", member, LEG_NAMES)),
)

TECH_SIGNALS: tuple[Signal, ...] = (
    *_clock_signals("tech", "Tech", TECH, Unit.FIVE, TECH_NAMES, levels(1, 4, rec=1)),
    *(signal for member in TECH for signal in _yardstick_signals("tech", member, TECH_LEG_NAMES)),
)
