"""What a migration does to stored levels with more places than values have: they take the neighbour that asks for the same.

No value lies between two neighbours, so above a level is above the lower of them, and below it is below the upper one.
"""

from __future__ import annotations

from sqlite_utils import Database

from signals.core.decimals import PLACES, finished_one

_STEP = 10.0**-PLACES
_NOISE = _STEP / 100
"""What a level that was computed and not typed is off by."""

_STATEMENTS = """
UPDATE alert SET band = level_nearest(band), level_high = level_under(level_high),
    level = CASE condition WHEN 'above' THEN level_under(level) WHEN 'crosses' THEN level_nearest(level)
        ELSE level_over(level) END
    WHERE level <> level_nearest(level) OR level_high <> level_nearest(level_high) OR band <> level_nearest(band);
UPDATE trigger SET rearm = level_nearest(rearm),
    level = CASE direction WHEN 'above' THEN level_under(level) ELSE level_over(level) END
    WHERE level <> level_nearest(level) OR rearm <> level_nearest(rearm);
UPDATE trigger SET rearm = level WHERE CASE direction WHEN 'above' THEN rearm > level ELSE rearm < level END
"""


def give(db: Database) -> None:
    """Round levels, bands and re-arm levels; no re-arm level is past its level afterwards.

    An alert on crossings either way has one level: the nearest, while each of its triggers keeps what it asks for.
    """
    functions = {"level_nearest": finished_one, "level_under": _under, "level_over": _over}
    for name, function in functions.items():
        db.conn.create_function(name, 1, lambda level, of=function: None if level is None else of(level))
    for statement in _STATEMENTS.split(";"):
        db.execute(statement)
    for name in functions:
        db.conn.create_function(name, 1, None)


def _under(level: float) -> float:
    nearest = finished_one(level)
    return nearest if nearest - level < _NOISE else finished_one(nearest - _STEP)


def _over(level: float) -> float:
    return -_under(-level)
