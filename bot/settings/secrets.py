"""Secrets from the environment, a file or a systemd credential.

Never from the config file or the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ConfigError, Problem
from bot.settings.text_files import read_text

TOKEN_SHAPE = re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")
"""What a Discord bot token looks like: user id, time and signature, base64url, joined by dots."""

_QUOTATION_MARKS = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"


def discord_token(environ: Mapping[str, str]) -> str:
    """The bot's token.

    DISCORD_TOKEN, else the file that DISCORD_TOKEN_FILE names, else the credential `discord_token`.
    Raises ConfigError with what to do when there is none, a file cannot be read or it is empty.
    """
    token = _secret(environ, "DISCORD_TOKEN", "discord_token")
    if token is None:
        remedy = (
            "set DISCORD_TOKEN, or DISCORD_TOKEN_FILE to a file that holds it, or the systemd credential discord_token"
        )
        raise ConfigError([Problem("token", "", f"no Discord token; {remedy}")])
    return token


def fred_key(environ: Mapping[str, str]) -> str | None:
    """The FRED API key; None means key-less CSV.

    From FRED_API_KEY, FRED_API_KEY_FILE or the credential `fred_api_key`.
    """
    return _secret(environ, "FRED_API_KEY", "fred_api_key")


def _secret(environ: Mapping[str, str], variable: str, credential: str) -> str | None:
    if variable in environ:
        return _stripped(variable, environ[variable])
    if named := environ.get(f"{variable}_FILE"):
        return _stripped(f"{variable}_FILE", _read(f"{variable}_FILE", Path(named)))
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        path = Path(folder) / credential
        if path.exists():
            return _stripped(credential, _read(credential, path))
    return None


def _read(where: str, path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problem = Problem(where, f'"{path}" cannot be read ({reason})', "name a readable text file")
        raise ConfigError([problem]) from error


def _stripped(where: str, text: str) -> str:
    secret = text.strip()
    if secret and (secret[0] in _QUOTATION_MARKS or secret[-1] in _QUOTATION_MARKS):
        raise ConfigError([Problem(where, "there are quotation marks around it", "put the secret there without them")])
    if not secret or any(character.isspace() or not character.isprintable() for character in secret):
        fault = "it is empty" if not secret else "there is white space inside it"
        raise ConfigError([Problem(where, fault, "put the secret there, and nothing else")])
    return secret
