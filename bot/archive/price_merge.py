"""Plans how a fetched price history changes a stored one. Pure: from arrays to a plan, without reading or writing.

A source that splits or re-bases a ticker rescales its whole history. Where both histories overlap
this is recognised, and the stored rows are rescaled too: stored as thousands of "corrections" it
would hide the few real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.archive.bar_history import EMPTY, BarHistory
from bot.archive.date_encoding import Days, Floats
from bot.archive.splits import Split, clean_split, explained
from bot.archive.unapplied_splits import on_one_scale

SAME_LIVE = 1e-6
"""Relative difference below which two live closes are the same: sources send 32-bit floats."""
SAME_PACK = 1e-9
"""The same for packs, whose files hold the exact numbers."""

ROUNDED, RECENT_DAYS = 5e-4, 30
"""Below the first, older closes than so many days before the newest are the same: packs hold rounded ones of all years."""

RUN_TOLERANCE = 1e-3
REBASE_TOLERANCE = 1e-4
MIN_RUN_SPLIT = 3
MIN_RUN_REBASE = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """How strictly to merge.

    Attributes:
        live: Whether a live source gave the rows, which may come late and whose numbers are rounded.
        splits: As reported by the source.
        requested: The last session that was final when the ticker was requested before, 0 = never.
    """

    live: bool
    splits: tuple[Split, ...] = ()
    requested: int = 0

    @property
    def same(self) -> float:
        """Relative difference below which two numbers are the same."""
        return SAME_LIVE if self.live else SAME_PACK


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What to write.

    Attributes:
        factor: Multiplies the stored rows up to ordinal `scaled_until` (closes, revisions and
            adjusted closes).
        scaled_until: Ordinal of the last row that is multiplied.
        exact: Rows of that stretch whose new value the source gave.
        new: Rows for days without one.
        late: Marks the rows of `new` that were missing when they should have been known.
        revised: Rows whose close differs from the stored one.
        adj: Rows whose adjusted close is replaced.
        adj_factor: Multiplies the adjusted closes before ordinal `adj_before`.
        adj_before: That ordinal.
        unjoined: The new rows do not overlap the stored ones, so dividends paid in between are not
            in the older adjusted closes: the whole history must be fetched again.
    """

    factor: float = 1.0
    scaled_until: int = 0
    exact: BarHistory = EMPTY
    new: BarHistory = EMPTY
    late: npt.NDArray[np.bool_] = field(default_factory=lambda: np.array([], dtype=bool))
    revised: BarHistory = EMPTY
    adj: BarHistory = EMPTY
    adj_factor: float = 1.0
    adj_before: int = 0
    unjoined: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        rows = (self.new, self.revised, self.adj)
        return self.factor != 1.0 or self.adj_factor != 1.0 or any(len(part.days) for part in rows)


def plan(stored: BarHistory, fetched: BarHistory, rules: Rules) -> MergePlan:
    """Plan the changes that storing `fetched` makes to the newest known rows of the same ticker.

    Splits that the source reported but did not apply are applied first, and those whose day has not
    come are taken off. Then a rescaling of the source is recognised in the overlap and applied to the
    stored rows, and only then are single differences taken, on one scale. What is merged has been
    judged before (`bot.ingest.plausibility`). The arguments are not changed.
    """
    if rules.live:
        fetched = on_one_scale(fetched, rules.splits, stored)
    if not len(stored.days):
        return MergePlan(new=fetched, late=np.zeros(len(fetched.days), dtype=bool))
    factor, until = rescaling(stored, fetched, rules.splits)
    return _differences(stored, scaled(stored, factor, until), fetched, rules, factor, until)


def _common(first: BarHistory, second: BarHistory) -> tuple[Days, Days]:
    _, left, right = np.intersect1d(first.days, second.days, assume_unique=True, return_indices=True)
    return left.astype(np.int64), right.astype(np.int64)


def scaled(stored: BarHistory, factor: float, until: int) -> BarHistory:
    """The stored rows with those up to `until` multiplied by a factor."""
    factors = np.where(stored.days <= until, factor, 1.0)
    return BarHistory(stored.days, stored.closes * factors, stored.adj * factors)


def rescaling(stored: BarHistory, fetched: BarHistory, splits: Sequence[Split]) -> tuple[float, int]:
    """The factor by which the source multiplied its older closes and the last ordinal it applies
    to; (1, 0) for none.
    """
    ours, theirs = _common(stored, fetched)
    if not len(ours):
        # Without an overlap only the splits that the source reports between both histories show a
        # rescaling.
        return _rescale_by_report(stored, fetched, splits)
    old, new = stored.closes[ours], fetched.closes[theirs]
    if not ((old > 0) & (new > 0)).all():
        return 1.0, 0
    ratios = new / old
    # A split rescales the days before it alone, so the factor is that of the leading run of equal
    # ratios.
    run = _leading_run(ratios)
    factor = float(np.median(ratios[:run]))
    if abs(factor - 1) <= SAME_LIVE or not _credible(ratios[:run], factor, splits):
        return 1.0, 0
    return factor, int(stored.days[ours[run - 1]])


def _leading_run(ratios: Floats) -> int:
    outside = np.flatnonzero(np.abs(ratios / ratios[0] - 1) > RUN_TOLERANCE)
    return int(outside[0]) if len(outside) else len(ratios)


def _credible(ratios: Floats, factor: float, splits: Sequence[Split]) -> bool:
    if explained(factor, [split for _, split in splits]) or (len(ratios) >= MIN_RUN_SPLIT and clean_split(factor)):
        return True
    return len(ratios) >= MIN_RUN_REBASE and bool(np.abs(ratios / factor - 1).max() <= REBASE_TOLERANCE)


def _rescale_by_report(stored: BarHistory, fetched: BarHistory, splits: Sequence[Split]) -> tuple[float, int]:
    last = int(stored.days[-1])
    if not len(fetched.days) or fetched.days[0] <= last:
        return 1.0, 0
    between = [factor for day, factor in splits if last < day <= fetched.days[0] and factor > 0]
    product = float(np.prod(between)) if between else 1.0
    return (1 / product, last) if product != 1.0 else (1.0, 0)


def _differences(
    stored: BarHistory,
    current: BarHistory,
    kept: BarHistory,
    rules: Rules,
    factor: float,
    until: int,
) -> MergePlan:
    ours, theirs = _common(current, kept)
    fresh = np.ones(len(kept.days), dtype=bool)
    fresh[theirs] = False
    new, overlap = kept.where(fresh), kept.where(~fresh)
    rescaled = overlap.days <= until
    same = _same(overlap.days, kept, rules)
    differs = ~_close_to(overlap.closes, current.closes[ours], same) & ~rescaled
    adj, adj_factor = _adj_changes(current.where(np.isin(current.days, overlap.days)), overlap, rules.same)
    appended = bool(len(new.days)) and bool(new.days[-1] > stored.days[-1])
    return MergePlan(
        factor=factor,
        scaled_until=until,
        exact=overlap.where(rescaled),
        new=new,
        late=_late(stored, new.days, rules),
        revised=overlap.where(differs),
        adj=adj,
        adj_factor=adj_factor,
        adj_before=int(overlap.days[0]) if len(overlap.days) else 0,
        unjoined=appended and not len(ours),
    )


def _same(days: Days, fetched: BarHistory, rules: Rules) -> Floats:
    """For each day the relative difference below which its two closes are the same."""
    old = days < (int(fetched.days[-1]) - RECENT_DAYS if rules.live and len(fetched.days) else 0)
    return np.where(old, ROUNDED, rules.same)


def _close_to(new: Floats, old: Floats, same: float | Floats) -> npt.NDArray[np.bool_]:
    return np.abs(new - old) <= same * np.abs(old)


def _adj_changes(old: BarHistory, overlap: BarHistory, same: float) -> tuple[BarHistory, float]:
    """Rows whose adjusted close is to be replaced and the factor for the adjusted closes before them.

    The factor is that of the oldest common row: a dividend paid since then lowers every older
    adjusted close by the same factor. The ratio of adjusted to raw close is compared, so that a
    correction of that one close does not change the older rows.
    """
    has_adj = ~np.isnan(overlap.adj)
    if not (has_adj & ~_close_to(overlap.adj, old.adj, same)).any():
        return EMPTY, 1.0
    positive = (old.adj > 0) & (overlap.adj > 0) & (old.closes > 0) & (overlap.closes > 0)
    both = np.flatnonzero(has_adj & positive)
    if not len(both):
        return overlap.where(has_adj), 1.0
    at = both[0]
    factor = float((overlap.adj[at] / overlap.closes[at]) / (old.adj[at] / old.closes[at]))
    return overlap.where(has_adj), factor if abs(factor - 1) > same else 1.0


def _late(stored: BarHistory, days: Days, rules: Rules) -> npt.NDArray[np.bool_]:
    """Marks days that were missing among or right after stored ones.

    Days older than all stored ones are a back-fill and not late.
    """
    if not rules.live:
        return np.zeros(len(days), dtype=bool)
    late: npt.NDArray[np.bool_] = (days > stored.days[0]) & (days <= max(int(stored.days[-1]), rules.requested))
    return late
