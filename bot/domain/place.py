"""The state of a place that messages go to: what a refusal, a delivery and events of Discord make of it.

Pure: every function gives the state after something has happened.

A place is *active*. Where Discord refuses for now (a permission, a lock, a time-out) it waits: it is tried again at
growing distances and at every event that may have mended the matter, and what is due meanwhile stays. After two weeks
of refusals it is *parked*, as it is at once when Discord says that it exists no more. While the bot is not in the
server the place is *paused*.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.model import DestinationState

TRIES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""When a place is tried again, counted from its first refusal; then once a day."""

DAILY = timedelta(days=1)
GIVEN_UP = timedelta(days=14)
"""After so long a place that refuses is parked."""

LEFT = "The bot left this server."


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a place.

    `reason`: why it waits, is parked or paused. `refused_since`: the first of the refusals in a row, or since when a
    place is tried again after the bot came back; None while everything is delivered, and for a place that is gone.
    `next_try`: when a place that waits is tried. `told`: whoever set it up has been told of its state.
    """

    state: DestinationState = DestinationState.ACTIVE
    reason: str | None = None
    refused_since: datetime | None = None
    next_try: datetime | None = None
    told: bool = True

    @property
    def waits(self) -> bool:
        """Whether it is tried again at `next_try`."""
        return self.next_try is not None


def refused(place: Place, reason: str, *, now: datetime) -> Place:
    """Discord does not take a message there for now."""
    since = place.refused_since or now
    if now - since >= GIVEN_UP:
        return Place(DestinationState.PARKED, reason, since, told=False)
    return replace(
        place,
        reason=reason,
        refused_since=since,
        next_try=_next_try(since, now),
        told=place.told and place.reason is not None,
    )


def gone(place: Place, reason: str) -> Place:
    """Discord says that there is no such place any more."""
    if place.state is DestinationState.PARKED:
        return replace(place, refused_since=None, next_try=None)
    return Place(DestinationState.PARKED, reason, told=False)


def delivered(place: Place) -> Place:
    """A message arrived there."""
    return replace(place, reason=None, refused_since=None, next_try=None, told=True) if place.waits else place


def opened(place: Place) -> Place:
    """Somebody has set the place up again, or the bot may write there as far as Discord's events tell."""
    return Place() if place.state is not DestinationState.ACTIVE else place


def woken(place: Place) -> Place:
    """Something has happened that may have mended the matter: try at once, by whatever clock."""
    return replace(place, next_try=place.refused_since) if place.waits else place


def permitted(place: Place) -> Place:
    """Events of Discord say that the bot may write there: try at once, also where it had been given up."""
    given_up = place.state is DestinationState.PARKED and place.refused_since is not None
    return opened(place) if given_up else woken(place)


def left(place: Place) -> Place:
    """The bot is not in the server any more. Refusals shortly before that were its herald."""
    if place.state is DestinationState.PARKED and place.refused_since is None:
        return place
    return Place(DestinationState.PAUSED, LEFT)


def joined(place: Place, *, now: datetime) -> Place:
    """The bot is in the server: what waited since it left is sent together."""
    if place.state is DestinationState.PAUSED:
        return Place(refused_since=now, next_try=now)
    return permitted(place)


def _next_try(since: datetime, now: datetime) -> datetime:
    for wait in TRIES:
        if since + wait > now:
            return since + wait
    days = (now - since) // DAILY + 1
    return since + days * DAILY
