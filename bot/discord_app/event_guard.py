"""What Discord sends and discord.py cannot read costs that event alone, and not the connection.

discord.py reads events in the task of the gateway: an error there ends the client.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, TypeAlias

log = logging.getLogger(__name__)

Parse: TypeAlias = Callable[[Any], None]

NEEDED = frozenset({"READY", "RESUMED"})
"""Events without which there is no connection: an error in these ends it, and the next one begins anew."""


def guard(parsers: MutableMapping[str, Parse]) -> None:
    """Let each parser of an event leave out what it cannot read, with a line in the log."""
    for event, parse in list(parsers.items()):
        if event not in NEEDED:
            parsers[event] = partial(_parse, event, parse)


def _parse(event: str, parse: Parse, data: Any) -> None:
    try:
        if event == "INTERACTION_CREATE":
            _require_person(data)
        parse(data)
    except Exception as error:
        log.warning("an event %s of Discord could not be read and is left out: %r", event, error)


def _require_person(data: Mapping[str, Any]) -> None:
    """Raise ValueError for an interaction of nobody, which discord.py takes on and its handlers fail at."""
    field = "member" if data.get("guild_id") else "user"
    if not data.get(field):
        raise ValueError(f"it has no {field}")
