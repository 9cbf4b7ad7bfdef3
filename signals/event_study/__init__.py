"""Event studies: conditions on a signal, their episodes, the outcomes that followed, and intervals for them.

Pure arithmetic over readings and prices. A study is a statement about the past and never a forecast.
"""

from signals.event_study.episodes import LevelCondition, days, episode_starts, firings
from signals.event_study.intervals import Interval, newcombe, wilson
from signals.event_study.model import FALSE_SHARE, FEWEST, HORIZONS, SMALL, Era, Result, StudyPlan
from signals.event_study.outcomes import Outcome, returns
from signals.event_study.point_in_time import OutcomeCounts, PointInTimeCounts, count_outcomes
from signals.event_study.study import run_study

__all__ = [
    "FALSE_SHARE",
    "FEWEST",
    "HORIZONS",
    "SMALL",
    "Era",
    "Interval",
    "LevelCondition",
    "Outcome",
    "OutcomeCounts",
    "PointInTimeCounts",
    "Result",
    "StudyPlan",
    "count_outcomes",
    "days",
    "episode_starts",
    "firings",
    "newcombe",
    "returns",
    "run_study",
    "wilson",
]
