"""`rotation-bot run`: the real bot."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.cli.common import config_option, configuration, explained, home_option
from bot.ops import log_setup
from bot.ops.garbage import importing
from bot.settings.paths import Home
from bot.settings.secrets import discord_token, fred_key


@click.command("run")
@click.option("--new", is_flag=True, help="Begin with an empty bot.db although this home had one, which is gone.")
@config_option
@home_option
@explained
def command(new: bool, file: Path | None, home: Home) -> None:
    """Connect to Discord and run until SIGTERM or Ctrl-C.

    A second signal ends at once.

    The token comes from DISCORD_TOKEN, from the file that DISCORD_TOKEN_FILE names, from the
    systemd credential discord_token, or from `rotation-bot init`. With an empty archive the bot is online at once and fetches
    its history in the background.

    Exits with 2 when the configuration is wrong and with 3 when Discord refuses the token.
    """
    config = configuration(file, home)
    token, key = discord_token(os.environ, home.secrets), fred_key(os.environ, home.secrets)
    log_setup.set_up(level=config.log.level, form=config.log.form, secrets=[token, *([key] if key else [])])
    with importing():
        from bot.app import serve
        from bot.ops.stop_signals import StopSignals

    asyncio.run(serve(home, config, StopSignals(), token=token, fred_key=key, new=new))
