"""`rotation-bot doctor`: checks everything that `run` needs."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator

import click

from bot.calendar.clock import SystemClock
from bot.cli.common import FAILED, explained, home_option
from bot.cli.setting_up.doctor_program import calendars, program
from bot.cli.setting_up.doctor_secrets import secrets
from bot.cli.setting_up.finding import Finding
from bot.database import DatabaseError
from bot.database.recovery import copies, integrity, lost_file
from bot.errors import ConfigError, UserError
from bot.formatting import formats
from bot.ops import backup_rotation
from bot.ops.health_server import port_problem
from bot.settings import process_lock
from bot.settings.config import Config, HealthSection, load
from bot.settings.paths import Home
from bot.sources import factory

NEEDED_BYTES = 500_000_000
FRESH_DAYS = 2


@click.command("doctor", short_help="Say what stands in the way of `run`.")
@home_option
@explained
def command(home: Home) -> None:
    """Look at everything that `run` needs: libraries, folders, configuration, databases, copies. Tries the token at
    Discord, the contact at the SEC and the key at FRED, with one request each. Changes nothing.

    Exits with 1 when something is wrong.
    """
    findings = [finding for check in CHECKS for finding in check(home)]
    for finding in findings:
        click.echo(finding)
    wrong = sum(finding.good is False for finding in findings)
    click.echo(verdict(wrong))
    if wrong:
        sys.exit(FAILED)


def verdict(wrong: int) -> str:
    """The last line: whether `run` can start, by how many things are wrong."""
    if wrong == 0:
        return "Verdict: nothing stands in the way of `rotation-bot run`."
    return f"Verdict: {formats.counted(wrong, 'thing')} to put right before `rotation-bot run`."


def _home(home: Home) -> Iterator[Finding]:
    if not home.path.exists():
        yield Finding(None, f"home folder {home.path} does not exist yet; `run` makes it")
        return
    writable = os.access(home.path, os.W_OK | os.X_OK)
    yield Finding(writable, f"home folder {home.path} " + ("can be written" if writable else "cannot be written"))
    status = os.statvfs(home.path)
    free = status.f_bavail * status.f_frsize
    enough = free >= NEEDED_BYTES
    yield Finding(enough, f"{free / 1e9:.1f} GB free there" + ("" if enough else "; ten years of figures need 0.5 GB"))


def _modes(home: Home) -> Iterator[Finding]:
    places = [home.path, home.config, home.payloads, home.path / "backups", *home.path.glob("*.db*")]
    places += [home.secrets, *home.secrets.glob("*")]
    open_to_others = [place.name for place in places if place.exists() and place.stat().st_mode & 0o077]
    if open_to_others:
        names = ", ".join(sorted(open_to_others))
        yield Finding(
            False, f"others on this machine may read {names}; `chmod -R go= {shlex.quote(str(home.path))}` mends it"
        )
    elif home.path.exists():
        yield Finding(True, "the home folder, its databases and secrets are readable by their owner alone")


def _config(home: Home) -> Iterator[Finding]:
    path = home.config if home.config.exists() else None
    try:
        config = _load(home)
    except ConfigError as error:
        yield from (Finding(False, f"{home.config.name}: {problem}") for problem in error.problems)
        # What a config would change is where Discord and the hosts are asked.
        return
    yield (
        Finding(True, f"{home.config.name} is good")
        if path
        else Finding(None, f"no {home.config.name} there, so the defaults hold")
    )
    yield from secrets(home, config)
    yield from _running(home, config.health)


def _load(home: Home) -> Config:
    return load(home.config if home.config.exists() else None, factory.names(), os.environ)


def _is_simulated(home: Home) -> bool:
    try:
        return _load(home).sources.simulated
    except ConfigError:
        return False


def _running(home: Home, health: HealthSection) -> Iterator[Finding]:
    """Whether a bot runs here, and whether another program has its port."""
    owner = process_lock.owner(home.bot)
    if owner is not None:
        yield Finding(
            None, f"a rotation-bot runs on this home (process {owner}); a second `run` is refused until it stops"
        )
    elif health.port is not None and (problem := port_problem(health.host, health.port)):
        yield Finding(False, problem)


def _databases(home: Home) -> Iterator[Finding]:
    market = home.simulated_market if _is_simulated(home) else home.market
    again = "`run` moves it aside and fetches its content again; once it is deleted `market import` brings it in."
    for path, what, remedy in (
        (home.bot, "what people asked for", integrity.restore_instructions),
        (market, "market data", lambda _: again),
    ):
        if path == home.bot and (lost := lost_file.refusal(path, new=False)):
            yield Finding(False, lost)
            continue
        if not path.exists():
            yield Finding(None, f"no {path.name} yet ({what}); `run` makes it")
            continue
        try:
            problem = integrity.damage(path)
        except (DatabaseError, OSError) as error:
            yield Finding(False, f"{path.name} cannot be read ({error})")
            continue
        if problem is None:
            yield Finding(True, f"{path.name} is sound, {path.stat().st_size / 1e6:.0f} MB ({what})")
        else:
            yield Finding(False, f"{path.name} is damaged ({problem}). {remedy(path)}")


def _backups(home: Home) -> Iterator[Finding]:
    folder = home.path / "backups"
    daily = backup_rotation.copies_in(folder)
    if not daily:
        if home.bot.exists():
            yield Finding(None, f"no daily copy of {home.bot.name} yet; a running bot makes one")
        return
    newest = daily[-1]
    held, day = copies.contents_of(newest), backup_rotation.day_of(newest)
    if held is None or day is None:
        yield Finding(False, f"the newest copy, {newest}, cannot be read; `rotation-bot backup FILE` makes another")
        return
    age = (SystemClock().now().date() - day).days
    fresh = age <= FRESH_DAYS
    yield Finding(
        True if fresh else None,
        f"{len(daily)} daily {'copy' if len(daily) == 1 else 'copies'} of {home.bot.name}, the newest of {day} with {held}"
        + ("" if fresh else f"; it is {age} days old, because only a running bot makes them"),
    )
    richer = [path.name for path in daily if (older := copies.contents_of(path)) is not None and older.lost_in(held)]
    if richer:
        yield Finding(None, f"more than twice as much is in {', '.join(richer)}: kept until you restore or delete it")


def _newest(home: Home) -> Iterator[Finding]:
    market = home.simulated_market if _is_simulated(home) else home.market
    if not market.exists():
        return
    from bot.archive import Archive

    try:
        with Archive.open(market, read_only=True) as archive:
            span = archive.span()
    except UserError as error:
        yield Finding(None, str(error))
        return
    except DatabaseError:
        return
    if span is not None:
        age = (SystemClock().now().date() - span[1]).days
        yield Finding(
            None if age > 5 else True, f"prices from {span[0]} to {span[1]}, {formats.counted(age, 'day')} ago"
        )


CHECKS: tuple[Callable[[Home], Iterator[Finding]], ...] = (
    program,
    calendars,
    _home,
    _modes,
    _config,
    _databases,
    _backups,
    _newest,
)
