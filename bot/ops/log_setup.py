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

from bot.settings.secrets import TOKEN_SHAPE

HIDDEN = "<hidden>"

_PATTERNS = (
    TOKEN_SHAPE,
    re.compile(r"(?i)(?<=api_key=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=crumb=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=authorization: )\S+( \S+)?"),
    re.compile(r"(?<=\bBot )[\w.-]{20,}"),
    re.compile(r"(?<=/webhooks/)(\d+)/[\w-]{20,}"),
    re.compile(r"(?<=/interactions/)(\d+)/[\w-]{20,}"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that looks like a token or key, and without the `secrets` themselves."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(lambda match: f"{match[1]}/{HIDDEN}" if match.re.groups and match[1] else HIDDEN, text)
    return text


class RedactingFilter(logging.Filter):
    """Rewrites message and traceback of each record before any formatter sees them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove the secrets of a record; it is never dropped."""
        record.msg = redact(record.getMessage(), self._secrets)
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        if record.stack_info:
            record.stack_info = redact(record.stack_info, self._secrets)
        return True


class HumanFormatter(logging.Formatter):
    """`14:05:09 warning sources.yahoo  text`; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        line = f"{moment:%H:%M:%S} {record.levelname.lower():<7} {record.name}  {_one_line(record.getMessage())}"
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
    for library in (
        "apscheduler",
        "yfinance",
        "peewee",
        "curl_cffi",
        "discord",
        "aiohttp.access",
    ):
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")
