"""The evening of the newest sample session, of which two values are other ones by now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.commands.record.as_of_model import AsOfAnswer
from bot.commands.record.as_of_task import answer_of
from bot.database.readings import ShownReading
from bot.readings.shown_then import ADJUSTED, ShownThen
from signals.core.model import Reading
from tests.support import sample_readings


class SampleEvening:
    """Whatever the session, the newest sample one: silver reads another value today, and the spread was shown as another."""

    async def read(self, session: date, shown: Mapping[str, ShownReading], today: Mapping[str, float]) -> AsOfAnswer:
        """The answer of that evening."""
        return answer_of(
            sample_readings.snapshot(),
            sample_readings.calendar(),
            sample_readings.SESSION,
            comparing=_shown,
            today={**today, sample_readings.SILVER: 85.12} if today else {},
        )


def _shown(readings: Mapping[str, Reading]) -> Mapping[str, ShownThen]:
    return {sample_readings.SPREAD: ShownThen(0.93, sample_readings.NOW, ADJUSTED)}
