"""Whether the processes of a soak grow: what one life of the program takes late against what it took earlier.

Each session gives one sample, on its evening when nothing is left to do, so all are of comparable moments. A kill sets
everything back: only samples of one life are compared, the longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from tests.soak.bot_process import Footprint

MEMORY_GROWTH = 1.05
"""The most of the last quarter's mean against the second quarter's."""

FEWEST_SAMPLES = 8
"""Of each of the two quarters: fewer do not tell growth from what one session takes more than another."""

MORE_FILES = MORE_THREADS = 4
"""By how much the median may grow. Single evenings have more: connections to Discord stay open for some seconds."""


@dataclass(frozen=True)
class Sample:
    """What the processes took on the evening of a session; `life` numbers the starts of the program."""

    life: int
    footprint: Footprint


@dataclass(frozen=True)
class Growth:
    """The two means of each process in MB (empty where too few samples are of one life), and what is wrong."""

    means: dict[str, tuple[float, float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The verdict in a line."""
        if not self.means:
            return f"not judged: needs {FEWEST_SAMPLES} sessions of one life in both quarters"
        parts = [
            f"{what} {before:.1f} -> {after:.1f} MB ({after / before - 1:+.1%})"
            for what, (before, after) in self.means.items()
        ]
        return ", ".join(parts)


def growth(samples: Sequence[Sample]) -> Growth:
    """The last quarter of all sessions against the second, in the longest life of the program."""
    before, after = compared(samples)
    if min(len(before), len(after)) < FEWEST_SAMPLES:
        return Growth()
    means, wrong = {}, []
    for what in ("main", "worker"):
        means[what] = earlier, later = _of(mean, before, what), _of(mean, after, what)
        if later > earlier * MEMORY_GROWTH:
            wrong.append(f"memory ({what}) grew from {earlier:.0f} to {later:.0f} MB")
    for what, more in (("files", MORE_FILES), ("threads", MORE_THREADS)):
        usual_before, usual_after = _of(median, before, what), _of(median, after, what)
        if usual_after > usual_before + more:
            wrong.append(f"open {what} grew from {usual_before:g} to {usual_after:g}")
    return Growth(means, wrong)


def compared(samples: Sequence[Sample]) -> tuple[list[Footprint], list[Footprint]]:
    """What the longest life took in the second and in the last quarter of all sessions.

    Where it lived in too few of them (a soak that was stopped early, or killed in between), its own quarters count.
    """
    if not samples:
        return [], []
    ((longest, _),) = Counter(sample.life for sample in samples).most_common(1)
    before, after = _quarters(samples, longest)
    if min(len(before), len(after)) < FEWEST_SAMPLES:
        return _quarters([sample for sample in samples if sample.life == longest], longest)
    return before, after


def _quarters(samples: Sequence[Sample], life: int) -> tuple[list[Footprint], list[Footprint]]:
    count = len(samples)
    second, last = samples[count // 4 : count // 2], samples[count * 3 // 4 :]
    before, after = ([sample.footprint for sample in part if sample.life == life] for part in (second, last))
    return before, after


def _of(how: Callable[[list[float]], float], prints: Sequence[Footprint], what: str) -> float:
    return how([float(getattr(each, what)) for each in prints])
