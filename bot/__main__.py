"""The program `rotation-bot`: one command line for the bot, its demo and its tools."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import click

from bot import __version__
from bot.ops.garbage import importing
from bot.settings.paths import HOME_VARIABLE

COMMANDS = {
    "init": "bot.cli.setting_up.init_command",
    "run": "bot.cli.run_command",
    "demo": "bot.cli.demo_command",
    "check-config": "bot.cli.setting_up.check_config_command",
    "rotation": "bot.cli.rotation_command",
    "readings": "bot.cli.readings_command",
    "summary": "bot.cli.summary_command",
    "study": "bot.cli.study_command",
    "signals": "bot.cli.signals_command",
    "calendar": "bot.cli.calendar_command",
    "market": "bot.cli.market.market_command",
    "sources": "bot.cli.sources_command",
    "outbox": "bot.cli.outbox_command",
    "alerts": "bot.cli.alerts_command",
    "backup": "bot.cli.backup_command",
    "restore": "bot.cli.restore_command",
    "doctor": "bot.cli.setting_up.doctor_command",
}

_LIKE_DISCORDS = {"signal": "readings", "signals": "readings", "status": "sources", "help": "--help"}
"""What the command line calls a command of Discord that has another name here."""


class Program(click.Group):
    """Imports a command's module only when the command is used, because discord.py takes long to import."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a sign that the terminal cannot show is shown as `?`."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; a command in Discord's form is told the one that works here."""
        typed = args[0].removeprefix("/")
        if args[0].startswith("/") and typed.partition(" ")[0].isalpha():
            name = typed.split()[0]
            here = _LIKE_DISCORDS.get(name, name)
            form = (
                f"`rotation-bot {here}`"
                if here in (*COMMANDS, "--help")
                else "`rotation-bot demo`, which shows it in your browser"
            )
            ctx.fail(f"/{name} is a command for Discord. On the command line type {form}.")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        with importing():
            command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="rotation-bot")
@click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of both databases and config.toml. [default: {HOME_VARIABLE}, else the platform's data folder]",
)
def main(folder: Path | None) -> None:
    """Watch whether money leaves or returns to big tech, and tell people on Discord.

    Start with `rotation-bot demo`: the whole bot in your browser, without a token and without a network.

    Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 Discord refused the token.
    """
    # What the program writes is for its owner alone: alerts of people, answers of hosts, keys in
    # databases.
    os.umask(0o077)


if __name__ == "__main__":
    main()
