"""What happened after a signal did something: conditions, episodes, outcomes, chances and what a study says of them.

Pure arithmetic over readings and prices. A study is a statement about the past and never a forecast.
"""

from signals.event_study.episodes import LevelCondition, days, episodes, firings
from signals.event_study.intervals import Interval, newcombe, wilson
from signals.event_study.outcomes import Outcome, returns
from signals.event_study.point_in_time import OutcomeCounts, PointInTimeCounts, record
from signals.event_study.study import FALSE_SHARE, FEWEST, SMALL, Era, Result, StudyPlan, study

__all__ = [
    "FALSE_SHARE",
    "FEWEST",
    "SMALL",
    "Era",
    "Interval",
    "LevelCondition",
    "Outcome",
    "OutcomeCounts",
    "PointInTimeCounts",
    "Result",
    "StudyPlan",
    "days",
    "episodes",
    "firings",
    "newcombe",
    "record",
    "returns",
    "study",
    "wilson",
]
