"""When people were told: nothing of alerts within their quiet hours, and digests at their time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from bot.calendar.clock import NEW_YORK
from tests.discord_server.world import Json
from tests.soak.wire import kind_of

OF_ALERTS = ("alert", "held back")


@dataclass(frozen=True)
class Hours:
    """The New York hours within which a place is told of alerts, or (`told` False) within which it is not."""

    begin: time
    end: time
    told: bool

    def allow(self, at: datetime) -> bool:
        """Whether a message may come at an instant."""
        inside = self.begin <= at.astimezone(NEW_YORK).time() < self.end
        return inside is self.told


def untimely(messages: Iterable[Json], hours: Mapping[int, Hours]) -> list[str]:
    """Messages of alerts that came when their place wants none. `hours`: by the id of the channel."""
    wrong = []
    for message in messages:
        place, at = int(message["channel_id"]), datetime.fromisoformat(message["timestamp"])
        if place in hours and kind_of(message) in OF_ALERTS and not hours[place].allow(at):
            wrong.append(f"at {at.astimezone(NEW_YORK):%F %H:%M} in {place}: {str(message['content'])[:120]}")
    return wrong
