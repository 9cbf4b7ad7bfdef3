"""`rotation-bot init`: asks for what a real bot needs, tries it, and writes it down."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from bot.calendar.clock import SystemClock
from bot.cli.common import configuration, explained, home_option
from bot.cli.setting_up import trials
from bot.errors import ConfigError, UserError
from bot.settings import secrets
from bot.settings.config import Config, parse
from bot.settings.environment import PREFIX
from bot.settings.paths import Home
from bot.settings.text_files import read_text, write_private
from bot.sources import factory

HEAD = """\
# Settings of the rotation bot. config.example.toml explains every key; `rotation-bot check-config` checks this file.
"""

PROGRAM = "rotation-bot"

_SECTION = re.compile(r"(?m)^\[sources\][^\n]*\n")
_CONTACT = re.compile(r"(?m)^[ \t]*contact[ \t]*=[^\n]*\n?")
_NEXT_SECTION = re.compile(r"(?m)^\[")
_CONTACT_VARIABLE = f"{PREFIX}SOURCES_CONTACT"


@click.command("init", short_help="Set up a real bot: asks for three things and tries each.")
@home_option
@explained
def command(home: Home) -> None:
    """Ask for the Discord token, the contact and the FRED key, try each, and write them into the home folder.

    Only the token is needed; Enter skips the others. Secrets are not shown while they are typed and
    go into files of secrets/ that you alone can read, the contact into config.toml. Nothing that is
    there already is replaced without asking. Answers can be piped in, one a line.
    """
    config = configuration(None, home)
    home.ensure()
    click.echo(f"Setting up the bot in {home.path}.")
    click.echo(
        "\n1 of 3: the Discord token\n  discord.com/developers/applications, your application, page Bot, Reset Token"
    )
    trial = _secret(
        home,
        (secrets.TOKEN_VARIABLE, secrets.TOKEN_NAME),
        "Token, or the path of a file that holds it",
        lambda: secrets.discord_token(os.environ, home.secrets),
        lambda text: trials.token(text, config.discord.api_base),
        needed=True,
    )
    click.echo(
        "\n2 of 3: the contact that sites such as the SEC and Wikipedia ask of programs\n"
        "  Without it there are no filings and no Nasdaq-100 breadth"
    )
    config = _contact(home, config)
    click.echo(
        "\n3 of 3: the FRED API key, free at https://fred.stlouisfed.org/docs/api/api_key.html\n"
        "  Without it yields and macro figures come from files that are slow and often blocked"
    )
    _secret(
        home,
        (secrets.KEY_VARIABLE, secrets.KEY_NAME),
        "Key, or the path of a file that holds it (Enter to skip)",
        lambda: secrets.fred_key(os.environ, home.secrets),
        lambda text: trials.key(text, config, SystemClock().now()),
        needed=False,
    )
    click.echo()
    if trial is not None and trial.application is not None:
        click.echo(f"Invite the bot to a server: {trials.invitation(trial.application)}")
    click.echo(f"Next: {program_words()} run{home.option}")


def _secret(
    home: Home,
    names: tuple[str, str],
    prompt: str,
    stored: Callable[[], str | None],
    attempt: Callable[[str], Awaitable[trials.Trial]],
    *,
    needed: bool,
) -> trials.Trial | None:
    """Ask for a secret until one is good or nobody could try it, and store it; None when it is skipped.

    `names` are its variable and its file. One that comes from elsewhere wins over the file, so it is only tried.
    """
    variable, name = names
    elsewhere = secrets.set_outside(os.environ, variable, name)
    if elsewhere is not None and (secret := stored()) is not None:
        click.echo(f"  It comes from {elsewhere}, which wins over what is stored here.")
        trial = _tried(attempt, secret)
        if trial.good is False:
            raise UserError(f"Put a right one into {elsewhere}, or remove that so that `init` can store one.")
        return trial
    before = _stored(stored)
    if before is not None:
        trial = _tried(attempt, before)
        if trial.good is not False and not _agreed("There is one already. Replace it?"):
            return trial
    while True:
        text = _ask(prompt, hidden=True)
        if not text and not needed:
            return None
        if not text:
            click.echo("  A token is needed; without one the bot cannot connect to Discord.")
            continue
        try:
            secret = secrets.of_text(name, _content(text))
        except UserError as error:
            click.echo(f"  {error}")
            continue
        except ConfigError as error:
            problem = error.problems[0]
            click.echo(f"  That cannot be it: {problem.actual}; {problem.expected}.")
            continue
        trial = _tried(attempt, secret)
        if trial.good is not False:
            click.echo(f"  Stored in {secrets.store(home.secrets, name, secret)}, which you alone can read.")
            return trial


def _stored(read: Callable[[], str | None]) -> str | None:
    try:
        return read()
    except ConfigError:
        return None


def _content(text: str) -> str:
    """The secret that was typed, or the content of the file whose path was.

    Raises UserError for a path that leads to no text; it may be a mistyped secret and is not shown. Neither tokens nor
    keys have a slash.
    """
    try:
        path = Path(text).expanduser()
        return read_text(path) if "/" in text or path.is_file() else text
    except (OSError, ValueError, RuntimeError) as error:
        if "/" not in text:
            return text
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UserError(f"That file cannot be read ({reason}). Type the path of a text file.") from error


def _contact(home: Home, config: Config) -> Config:
    """Ask for a contact until one is good, write it into config.toml; returns the config with it."""
    if _CONTACT_VARIABLE in os.environ and config.sources.contact is not None:
        click.echo(f"  It comes from {_CONTACT_VARIABLE}, which wins over config.toml.")
        _tried(lambda text: trials.contact(text, config, SystemClock().now()), config.sources.contact)
        return config
    if config.sources.contact is not None:
        trial = _tried(lambda text: trials.contact(text, config, SystemClock().now()), config.sources.contact)
        if trial.good is not False and not _agreed(f"It is “{config.sources.contact}”. Replace it?"):
            return config
    while True:
        text = _ask("Name and e-mail address (Enter to skip)")
        if not text:
            if not home.config.exists():
                write_private(home.config, HEAD)
            return config
        if _tried(lambda given: trials.contact(given, config, SystemClock().now()), text).good is not False:
            break
    if home.config.exists() and not _agreed(f"Write it into {home.config}, which exists already?"):
        return config
    content = with_contact(read_text(home.config) if home.config.exists() else HEAD, text)
    config = parse(content, factory.names(), os.environ)
    write_private(home.config, content)
    click.echo(f"  Written to {home.config}.")
    return config


def with_contact(content: str, contact: str) -> str:
    """The text of a config file with this contact; everything else in it stays as it is."""
    line = f"contact = {json.dumps(contact, ensure_ascii=False)}\n"
    section = _SECTION.search(content)
    if section is None:
        return f"{content.rstrip()}\n\n[sources]\n{line}"
    following = _NEXT_SECTION.search(content, section.end())
    end = following.start() if following else len(content)
    body = _CONTACT.sub("", content[section.end() : end])
    return content[: section.end()] + line + body + content[end:]


def _tried(attempt: Callable[[str], Awaitable[trials.Trial]], text: str) -> trials.Trial:
    async def run() -> trials.Trial:
        return await attempt(text)

    click.echo("  Trying it ...")
    trial = asyncio.run(run())
    click.echo(f"  {trial.sentence}.")
    if not trial.clock_is_right and trial.ahead is not None:
        click.echo(f"  {clock_sentence(trial.ahead.total_seconds())}.")
    return trial


def clock_sentence(ahead: float) -> str:
    """What is wrong with the machine's clock, which is so many seconds ahead of Discord's."""
    side = "ahead of" if ahead > 0 else "behind"
    return (
        f"The machine's clock is {abs(ahead):.0f} s {side} Discord's; set it (`timedatectl set-ntp true`) before `run`"
    )


def _ask(prompt: str, *, hidden: bool = False) -> str:
    """One answer, from the terminal or from what is piped in. Raises UserError at the end of that."""
    # Whoever starts a program may have closed its input.
    if sys.stdin is not None and sys.stdin.isatty():
        answer: str = click.prompt(f"  {prompt}", default="", show_default=False, hide_input=hidden)
        return answer.strip()
    click.echo(f"  {prompt}:")
    line = "" if sys.stdin is None else sys.stdin.readline()
    if not line:
        raise UserError(f"The answers ended before this question: {prompt}. Nothing further was written.")
    return line.strip()


def _agreed(question: str) -> bool:
    return _ask(f"{question} [y/N]").casefold() in ("y", "yes")


def program_words() -> str:
    """What to type for the program: its name where the shell finds it, else the path that was typed now."""
    typed = sys.argv[0]
    return typed if Path(typed).name == PROGRAM and shutil.which(PROGRAM) is None else PROGRAM
