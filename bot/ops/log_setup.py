"""Logging to stderr, one line per event: plain text on a terminal, JSON otherwise, without secrets.

The filter is on the handler, so the records of every library pass it, whatever logger they come
from.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from bot.domain.foreign_text import resolved
from bot.ops.full_disk_filter import FullDiskFilter
from bot.settings.secrets import TOKEN_SHAPE

HIDDEN = "<hidden>"

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line ends, and those that turn the direction of what follows."""

_PATTERNS = (
    (TOKEN_SHAPE, HIDDEN),
    # As in an address (api_key=...), in a header (Authorization: ...) and in a printed dict
    # ({'Authorization': 'Bot ...'}).
    (
        re.compile(
            r"""(?ix) \b ((?: api_?key | crumb | authorization | token | cookie | password | secret ) ["']? \s? [:=] \s? b?)
            (?: "[^"\n]*" | '[^'\n]*' | (?: (?: Bot | Bearer | Basic ) \s )? [^&\s"',;})\]]+ )"""
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<=\bBot )[\w.-]{20,}"), HIDDEN),
    (re.compile(r"(/webhooks/\d+/)[\w-]{20,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/interactions/\d+/)[\w-]{20,}"), rf"\1{HIDDEN}"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that looks like a token or key, and without the `secrets` themselves."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class RedactingFilter(logging.Filter):
    """Rewrites message and traceback of each record before any formatter sees them.

    Secrets are hidden; control characters, which may come from outside, are shown as their codes.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the secrets and control characters of a record; it is never dropped."""
        record.msg = _visible(redact(record.getMessage(), self._secrets))
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _visible(redact(record.exc_text, self._secrets))
        if record.stack_info:
            record.stack_info = _visible(redact(record.stack_info, self._secrets))
        return True


class NoVoiceFilter(logging.Filter):
    """Drops what discord.py says about libraries for voice, which a bot that only writes does not need."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is about anything else."""
        return "voice will NOT be supported" not in record.getMessage()


class HumanFormatter(logging.Formatter):
    """`2026-01-13 14:05:09+01:00 warning sources.yahoo  text`; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        line = f"{moment.isoformat(' ', 'seconds')} {record.levelname.lower():<7} {record.name}  {_one_line(record.getMessage())}"
        return f"{line}\n{record.exc_text}" if record.exc_text else line


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time (UTC), level, logger, message, and error when there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as a JSON line."""
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            event["error"] = record.exc_text
        return json.dumps(event, ensure_ascii=False)


def handler(stream: TextIO, form: str, secrets: Iterable[str] = ()) -> logging.Handler:
    """A handler with filter and formatter.

    `form` is auto, human or json; auto is human on a terminal.
    """
    if form == "auto":
        form = "human" if stream.isatty() else "json"
    stream_handler = logging.StreamHandler(stream)
    stream_handler.addFilter(NoVoiceFilter())
    stream_handler.addFilter(FullDiskFilter())
    stream_handler.addFilter(RedactingFilter(secrets))
    stream_handler.setFormatter(HumanFormatter() if form == "human" else JsonFormatter())
    return stream_handler


def set_up(*, level: str = "info", form: str = "auto", secrets: Iterable[str] = ()) -> None:
    """Send every log of the process to stderr. Verbose libraries only log warnings and errors."""
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler(sys.stderr, form, secrets))
    root.setLevel(level.upper())
    # APScheduler warns of each run that it leaves out while the one before goes on; `/livez` says when that lasts.
    logging.getLogger("apscheduler").setLevel(max(logging.ERROR, root.level))
    for library in (
        "yfinance",
        "peewee",
        "curl_cffi",
        "discord",
        "aiohttp.access",
    ):
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _visible(text: str) -> str:
    """The text with control characters as their codes: they come from outside and would steer a terminal."""
    text = resolved(text, str)
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
