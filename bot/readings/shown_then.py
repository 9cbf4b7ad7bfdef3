"""What people were shown of a past session beside what the archive gives for it by now, and why the two differ.

Adjusted closes are replaced whole and lists without dates hold for all of the past, so the reading
of a past session may change without a correction that the archive could name. The readings on which
an alert fired or that a summary showed are stored (`bot.database.readings`) and stand against that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.archive import Archive
from bot.database.readings import ShownReading
from signals import catalogue
from signals.core.datasets import INPUT
from signals.core.inputs import of_members
from signals.core.market import Market
from signals.core.model import Reading

SAME = 1e-9
"""Relative difference up to which two values count as equal."""

ADJUSTED = "adjusted closes changed"
CLOSES = "closes changed"
FIGURES = "figures changed"


@dataclass(frozen=True, slots=True)
class ShownThen:
    """A value as people were shown it. `reason`: why it is another one by now, None where it is the same."""

    value: float
    recorded_at: datetime
    reason: str | None


def compare(
    archive: Archive, market: Market, shown: Mapping[str, ShownReading], readings: Mapping[str, Reading]
) -> dict[str, ShownThen]:
    """The shown value of each reading that was shown.

    Args:
        archive: The archive that `market` is of.
        market: The market as known after the session.
        shown: What was stored of that session.
        readings: The readings that `market` gives, by signal id.
    """
    return {
        id: ShownThen(
            shown[id].value,
            shown[id].recorded_at,
            None if same(shown[id].value, reading.value) else _reason(archive, market, shown[id], reading),
        )
        for id, reading in readings.items()
        if id in shown
    }


def same(first: float | None, second: float | None) -> bool:
    """Whether two values are equal but for rounding; a missing one equals only a missing one."""
    if first is None or second is None:
        return first is second
    return abs(first - second) <= SAME * max(1.0, abs(first))


def _reason(archive: Archive, market: Market, shown: ShownReading, reading: Reading) -> str:
    """What has changed since: the list of members if a later one is used, else the prices or figures read."""
    signal = catalogue.signal(shown.signal)
    if of_members(signal.inputs):
        listed_at = archive.members_fetched_at(market)
        if listed_at is not None and listed_at > shown.recorded_at:
            return catalogue.TODAYS_MEMBERS
    if _reads_adjusted(market, reading):
        return ADJUSTED
    return FIGURES if signal.max_age or signal.inputs[0].startswith(INPUT) else CLOSES


def _reads_adjusted(market: Market, reading: Reading) -> bool:
    """Whether the reading would be another one if the adjusted closes were others."""
    bare = replace(market, adj_close=market.close)
    histories = catalogue.compute(bare, [reading.signal])
    return not same(reading.value, catalogue.readings(bare, histories, reading.session)[reading.signal].value)
