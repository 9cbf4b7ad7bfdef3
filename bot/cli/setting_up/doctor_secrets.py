"""What `rotation-bot doctor` asks others: whether the token, the contact and the key are taken, and Discord's time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterator
from datetime import datetime
from typing import Any

from bot.calendar.clock import SystemClock
from bot.cli.setting_up import trials
from bot.cli.setting_up.finding import Finding
from bot.cli.setting_up.init_command import clock_sentence
from bot.errors import ConfigError
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.settings.secrets import discord_token, fred_key


def secrets(home: Home, config: Config) -> Iterator[Finding]:
    """Try what there is, one request each; what is missing is told."""
    now = SystemClock().now()
    yield from _token(home, config)
    yield from _contact(config, now)
    yield from _key(home, config, now)


def _token(home: Home, config: Config) -> Iterator[Finding]:
    try:
        token = discord_token(os.environ, home.secrets)
    except ConfigError as error:
        yield from (Finding(False, str(problem)) for problem in error.problems)
        return
    trial = _tried(trials.token(token, config.discord.api_base))
    yield Finding(trial.good is True, trial.sentence)
    if trial.ahead is not None:
        off = trial.ahead.total_seconds()
        right = trial.clock_is_right
        yield Finding(right, f"the clock agrees with Discord's ({off:+.0f} s)" if right else clock_sentence(off))


def _contact(config: Config, now: datetime) -> Iterator[Finding]:
    if config.sources.simulated:
        return
    if config.sources.contact is None:
        yield Finding(
            None,
            "sources.contact is not set: without it there are no filings and no Nasdaq-100; `rotation-bot init` asks",
        )
    else:
        trial = _tried(trials.contact(config.sources.contact, config, now))
        yield Finding(trial.good, trial.sentence)


def _key(home: Home, config: Config, now: datetime) -> Iterator[Finding]:
    try:
        key = fred_key(os.environ, home.secrets)
    except ConfigError as error:
        yield from (Finding(False, str(problem)) for problem in error.problems)
        return
    if key is None and not config.sources.simulated:
        yield Finding(None, "no FRED key: its slower public files are used; `rotation-bot init` asks for one")
    elif key is not None and not config.sources.simulated:
        trial = _tried(trials.key(key, config, now))
        yield Finding(trial.good, trial.sentence)


def _tried(trial: Coroutine[Any, Any, trials.Trial]) -> trials.Trial:
    return asyncio.run(trial)
