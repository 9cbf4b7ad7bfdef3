"""What the courier says: in the log, in the rows of batches that wait, and to the readers of a place."""

from __future__ import annotations

from bot.domain.model import Destination
from bot.outbox import Claimed

TURN, CLOSED = "waits for its turn to open a DM", "nothing can be sent at present"
READINGS = "waits for the readings that it is made of"
OVERDUE, ABSENT = "its turn came too late", "it was looked for and is not there"
NO_TROUBLE = (TURN, CLOSED, READINGS, OVERDUE, ABSENT)
"""Reasons of a wait that are no trouble of their own."""


def place_words(destination: Destination) -> str:
    """A place as an operator knows it: `channel 81 of server 8`, `the DM with user 7`."""
    if destination.guild_id is not None:
        return f"channel {destination.channel_id} of server {destination.guild_id}"
    return f"the DM with user {destination.user_id}"


def unseen_sentence(claimed: Claimed) -> str:
    """What a place reads where nobody can tell whether a message arrived."""
    session, channel_id = claimed.items[0].session, claimed.doubtful_channel_id or claimed.channel_id
    return (
        f"Discord did not confirm a message to <#{channel_id}> about {session:%b} {session.day}, and I may not read "
        "that channel's history to see whether it arrived. Give me Read Message History there: I then look for it, and "
        "send it if it is missing. Until then I do not send it again, because it could come twice. "
        "After 14 days I give it up."
    )
