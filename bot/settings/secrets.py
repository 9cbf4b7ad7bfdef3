"""Secrets from the environment, a file, a systemd credential, or the folder `secrets` of the home.

Never from the config file or the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ConfigError, Problem
from bot.settings.text_files import read_text, write_private

TOKEN_SHAPE = re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")
"""What a Discord bot token looks like: user id, time and signature, base64url, joined by dots."""

_QUOTATION_MARKS = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"


TOKEN_NAME, KEY_NAME = "discord_token", "fred_api_key"
"""Names of the files that hold the secrets, as credentials of systemd and in the folder of the home."""

TOKEN_VARIABLE, KEY_VARIABLE = "DISCORD_TOKEN", "FRED_API_KEY"
VARIABLES = tuple(f"{name}{ending}" for name in (TOKEN_VARIABLE, KEY_VARIABLE) for ending in ("", "_FILE"))
"""Environment variables that hold a secret, or name its file."""


def discord_token(environ: Mapping[str, str], folder: Path | None = None) -> str:
    """The bot's token.

    DISCORD_TOKEN, else the file that DISCORD_TOKEN_FILE names, else the credential `discord_token`,
    else the file of that name in `folder`, where `rotation-bot init` keeps it. Raises ConfigError
    with what to do when there is none, a file cannot be read or it is empty.
    """
    token = _secret(environ, TOKEN_VARIABLE, TOKEN_NAME, folder)
    if token is None:
        remedy = (
            "`rotation-bot init` asks for it; or set DISCORD_TOKEN, or DISCORD_TOKEN_FILE to a file that holds it, or the "
            "systemd credential discord_token"
        )
        raise ConfigError([Problem("token", "", f"no Discord token; {remedy}")])
    return token


def fred_key(environ: Mapping[str, str], folder: Path | None = None) -> str | None:
    """The FRED API key; None means key-less CSV.

    From FRED_API_KEY, FRED_API_KEY_FILE, the credential `fred_api_key` or that file in `folder`.
    """
    return _secret(environ, KEY_VARIABLE, KEY_NAME, folder)


def of_text(where: str, text: str) -> str:
    """The secret in a text that a person gave, without white space around it.

    Raises ConfigError, which names `where` and not the text, for what cannot be a secret.
    """
    return _stripped(where, text)


def store(folder: Path, name: str, secret: str) -> Path:
    """Write a secret into a file of `folder` that only its owner can read, in place of an older one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    write_private(path, f"{secret}\n")
    return path


def set_outside(environ: Mapping[str, str], variable: str, name: str) -> str | None:
    """The variable or credential that wins over the file `name` of the home, None where there is none."""
    if variable in environ:
        return variable
    if environ.get(f"{variable}_FILE"):
        return f"{variable}_FILE"
    return f"the credential {name}" if _credential(environ, name) is not None else None


def _secret(environ: Mapping[str, str], variable: str, credential: str, home: Path | None) -> str | None:
    if variable in environ:
        return _stripped(variable, environ[variable])
    if named := environ.get(f"{variable}_FILE"):
        return _stripped(f"{variable}_FILE", _read(f"{variable}_FILE", Path(named)))
    if (path := _credential(environ, credential)) is not None:
        return _stripped(credential, _read(credential, path))
    if home is not None and (home / credential).exists():
        return _stripped(str(home / credential), _read(str(home / credential), home / credential))
    return None


def _credential(environ: Mapping[str, str], name: str) -> Path | None:
    """The file in which systemd hands a credential over, if it does."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / name if folder else None
    return path if path is not None and path.exists() else None


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
