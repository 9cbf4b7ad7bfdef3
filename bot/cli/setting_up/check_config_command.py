"""`rotation-bot check-config`: every problem of the config file, or that there is none."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot.cli.common import explained, home_option
from bot.settings.config import load
from bot.settings.paths import Home
from bot.sources import factory


@click.command("check-config", short_help="Name every problem of a config file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@home_option
@explained
def command(file: Path | None, home: Home) -> None:
    """Check FILE, or config.toml in the home folder, with the settings of the environment, and print every problem
    with its key or variable, its value and what would be right.

    Nothing is started and nothing is changed. Exits with 0 when the file is good and with 2 when it
    is not.
    """
    path = file or home.config
    if file is None and not path.exists():
        load(None, factory.names(), os.environ)
        click.echo(f"{path} does not exist, so the defaults hold. config.example.toml shows every key.")
        return
    load(path, factory.names(), os.environ)
    click.echo(f"{path} is good.")
