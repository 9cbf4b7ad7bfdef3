"""What a turn came from and how large it is, for the first line of its alert."""

from __future__ import annotations

from bot.commands.alerts.texts import first_line
from bot.commands.market.rotation import reading_of
from bot.domain.model import ItemEvent, OutboxItem
from bot.formatting import formats
from bot.formatting.scenario_words import ROTATION_REGIME, SCORES, STATES, thresholds
from bot.readings.state import Snapshot
from signals.core.measure_kinds import STATE_MEASURES
from signals.core.model import Axis, Signal
from signals.scenario.score import ROTATION_STATE

_BEFORE = {ROTATION_STATE: {1: "rotating back", -1: "rotating out"}, "tech.state": {1: "falling", -1: "advancing"}}


def turn_context(snapshot: Snapshot | None, item: OutboxItem, signal: Signal) -> str:
    """`it had been rotating back since Nov 11, 63 sessions`; of a yardstick its leg's move and its threshold.

    Of the recovery its score and thresholds. Empty for what is no turn, and where the facts are not in memory.
    """
    if snapshot is None or item.event is not ItemEvent.FIRED:
        return ""
    if not first_line.turn(item, signal) and item.measure not in STATE_MEASURES:
        return ""
    if signal.id == ROTATION_REGIME:
        return _split(snapshot, item)
    if signal.id in _BEFORE:
        return _lasted(snapshot, item, signal)
    if signal.id == STATES[Axis.RECOVERY]:
        reading = snapshot.readings.get(SCORES[Axis.RECOVERY])
        if reading is None or reading.value is None or reading.session != item.session:
            return ""
        return f"{formats.plain(reading.value, 1, signed=True)}; {thresholds(0.0)}"
    return _leg(snapshot, item, signal)


def regime_of(snapshot: Snapshot | None, item: OutboxItem) -> float | None:
    """What both clocks named together on the session of an item; None where it is not in memory."""
    reading = reading_of(snapshot, item.session)
    return None if reading is None else reading.regime


def _split(snapshot: Snapshot, item: OutboxItem) -> str:
    """Which of the two clocks behind a regime is turning, so that the regime stands on a state that is only held."""
    reading = reading_of(snapshot, item.session)
    if reading is None:
        return ""
    parts = []
    if reading.rotation.turning:
        parts.append(f"the rotation is turning: {reading.rotation.up} of {reading.rotation.known} yardsticks out")
    if reading.tech.turning:
        parts.append(f"tech itself is split: {reading.tech.up} of {reading.tech.known} up")
    return "; ".join(parts)


def _lasted(snapshot: Snapshot, item: OutboxItem, signal: Signal) -> str:
    """How long the state before had lasted; empty for the first naming."""
    past = snapshot.rotation.past if snapshot.rotation is not None else None
    if past is None:
        return ""
    turns = past.rotation_turns if signal.id == ROTATION_STATE else past.tech_turns
    turn = next((turn for turn in turns if turn.session == item.session), None)
    before = next((turn for turn in reversed(turns) if turn.session < item.session), None)
    if turn is None or before is None or before.state == turn.state:
        return ""
    since = formats.short_day(before.session, year=before.session.year != item.session.year)
    lasted = "" if before.lasted is None else f", {formats.counted(before.lasted, 'session')}"
    return f"it had been {_BEFORE[signal.id][turn.state]} since {since}{lasted}"


def _leg(snapshot: Snapshot, item: OutboxItem, signal: Signal) -> str:
    """How far the yardstick has moved since its leg's start, and the move at which it turns."""
    reading = reading_of(snapshot, item.session)
    if reading is None:
        return ""
    family, _, name = signal.id.removesuffix(".direction").partition(".")
    clock = reading.rotation if family == "rotation" else reading.tech
    leg = next((leg for leg in clock.legs if leg.yardstick.name == name), None)
    if leg is None or leg.move is None or leg.start is None:
        return ""
    since = formats.short_day(leg.start, year=leg.start.year != item.session.year)
    threshold = formats.plain(leg.yardstick.threshold, 1).removesuffix(".0")
    return f"{formats.plain(leg.move, 1, signed=True)}% since {since}; threshold {threshold}%"
