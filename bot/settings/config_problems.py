"""Tokens in a config file, where none belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.errors import Problem
from bot.settings.secrets import TOKEN_SHAPE


def tokens(value: object, where: str = "") -> Iterator[Problem]:
    """A problem for each text that looks like a Discord token, or whose key does.

    The token itself is never shown.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{where}.{key}" if where else str(key)
            if "token" in str(key).lower() and not isinstance(inner, Mapping):
                yield _token_problem(path)
            else:
                yield from tokens(inner, path)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from tokens(inner, f"{where}[{position}]")
    elif isinstance(value, str) and TOKEN_SHAPE.search(value):
        yield _token_problem(where)


def _token_problem(where: str) -> Problem:
    reason = "config files are copied, shown and committed, and whoever reads the token owns the bot"
    remedy = f"{reason}; take it out and use DISCORD_TOKEN, DISCORD_TOKEN_FILE or a systemd credential"
    return Problem(where, "a token does not belong here", remedy)
