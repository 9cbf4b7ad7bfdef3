"""Shared parts of the commands: options, finding the data, and turning errors into exit codes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from bot.archive import Archive
from bot.calendar.clock import SystemClock
from bot.database import DatabaseError
from bot.database.full_disk import is_full
from bot.errors import ConfigError, ProblemsError, TokenRefusedError, UserError
from bot.settings.config import Config, load
from bot.settings.paths import HOME_VARIABLE, Home
from bot.sources import factory

P = ParamSpec("P")
T = TypeVar("T")

FAILED, WRONG, TOKEN_REFUSED = 1, 2, 3
"""Exit codes beside 0: failed, wrong usage or config, Discord refused the token."""


AFTER_REFUSAL = (
    "Reset it in the developer portal, page Bot, then give the new one to `rotation-bot init` or where you keep it."
)

DISK_FULL = "There is no room on the disk; what was there before is unchanged."

FURTHEST = timedelta(days=366)
"""How far ahead a date may lie; there every reading is withheld."""


def calendar_day(text: str) -> date:
    """The date of YYYY-MM-DD, for an option's type.

    Raises click.BadParameter with the text and what would be right.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no day of the calendar; wanted: YYYY-MM-DD, such as 2025-12-31."
        ) from None


def home_option(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command the option `--home` and the argument `home: Home`.

    One given to the program itself holds as well.
    """

    @click.option(
        "--home",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        help=f"Folder of both databases and config.toml. [default: {HOME_VARIABLE}, else the platform's data folder]",
    )
    @click.pass_context
    @functools.wraps(command)
    def with_home(context: click.Context, /, *args: Any, folder: Path | None, **kwargs: Any) -> T:
        return command(*args, home=Home.find(folder or context.find_root().params.get("folder")), **kwargs)

    return with_home


def config_option(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command the option `--config` and the argument `file`, for `configuration`."""
    return click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The config file. [default: config.toml in the home folder; without one the defaults hold]",
    )(command)


def configuration(file: Path | None, home: Home) -> Config:
    """The config that `--config` names, else that of the home, else the defaults; the environment wins over each.

    Raises ConfigError.
    """
    path = file if file is not None else home.config
    return load(path if file is not None or path.exists() else None, factory.names(), os.environ)


def archive_to_read(home: Home) -> Archive:
    """The archive of a home for reading, the simulated one where its config.toml says so.

    Raises UserError where there is none yet, ConfigError for a config that cannot be read.
    """
    config = configuration(None, home)
    simulated = config.sources.simulated
    path = home.simulated_market if simulated else home.market
    if not path.exists():
        what = "simulated market data" if simulated else "market data"
        ways = "" if simulated else ", `rotation-bot market import DIR` brings some in"
        raise UserError(f"There are no {what} in {home.path} yet: `rotation-bot market update` fetches them{ways}.")
    return Archive.open(path, read_only=True, closures=config.calendar.closures)


def span_of(archive: Archive, *days: date) -> tuple[date, date]:
    """First and last session of an archive.

    Raises UserError while it has none, and for `days` before the first or more than a year after
    both today and the last.
    """
    span = archive.span()
    if span is None:
        raise UserError("The archive holds no prices yet: `rotation-bot market update` fetches them.")
    first, last = span
    for day in days:
        if day < first:
            raise UserError(f"{day} is before the first session of the archive, {first}.")
        if day > max(last, SystemClock().now().date()) + FURTHEST:
            raise UserError(f"{day} is too far ahead: the archive ends on {last}.")
    return span


def explained(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the program's own errors into sentences on stderr and an exit code.

    Others keep their traceback.

    A closed pipe (`| head`) is left to click, which ends the process silently. A TimeoutError is an
    OSError in Python although no file has failed: it is unexpected, and keeps its traceback.
    """

    @functools.wraps(command)
    def with_sentences(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except TokenRefusedError as error:
            stop(TOKEN_REFUSED, f"{str(error).rstrip('.')}. {AFTER_REFUSAL}")
        except ConfigError as error:
            stop(WRONG, *map(str, error.problems))
        except ProblemsError as error:
            stop(FAILED, *map(str, error.problems))
        except UserError as error:
            stop(FAILED, str(error))
        except DatabaseError as error:
            if is_full(error):
                stop(FAILED, DISK_FULL)
            stop(FAILED, f"A database in the home folder cannot be used ({error}); `rotation-bot doctor` says which.")
        except BrokenPipeError:
            raise
        except OSError as error:
            if isinstance(error, TimeoutError) and error.filename is None:
                raise
            if is_full(error):
                stop(FAILED, DISK_FULL)
            stop(FAILED, f"{error.filename or 'a file'}: {error.strerror or error}")

    return with_sentences


def stop(code: int, *sentences: str) -> NoReturn:
    """Print each sentence on a line of stderr and end the process with `code`."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(code)
