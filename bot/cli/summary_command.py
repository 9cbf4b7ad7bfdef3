"""`rotation-bot summary`: the daily summary on the terminal, and its picture in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import click
import pandas as pd

from bot.calendar.clock import Calendar, SystemClock
from bot.charts.inputs import ChartInputs, needs
from bot.cli.common import archive_to_read, calendar_day, explained, home_option, span_of
from bot.commands.context import ADVICE, SIMULATED
from bot.commands.market import rotation
from bot.commands.summary.contents import SummaryContents
from bot.commands.summary.summary import as_of, contents_from, fields_of, index_moves_lines, title_of
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.errors import UserError
from bot.formatting import formats
from bot.readings.past_snapshot import snapshot_as_of
from bot.settings.paths import Home, keep_fonts
from signals import catalogue

AHEAD = timedelta(days=200)
"""How far the calendar reaches beyond the archive, to count the sessions up to the Fed's next
decision."""


@click.command("summary", short_help="Print the daily summary of a session, with its picture if you want.")
@click.option(
    "--as-of",
    "day",
    type=calendar_day,
    metavar="YYYY-MM-DD",
    help="The session to sum up, as known 20 minutes after its close. [default: the newest session in the archive]",
)
@click.option(
    "--png",
    "png",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also draw the day's dashboard into this file, whose name ends in .png.",
)
@home_option
@explained
def command(day: date | None, png: Path | None, home: Home) -> None:
    """Print the daily summary of a session: a headline, the scenario, what moved most for its own habits, which levels were
    crossed, and what is due next."""
    if png is not None:
        _check_target(png)
    summary = _summarize(home, day, drawn=png is not None)
    if day is not None and day > summary.contents.session:
        newest = formats.day(summary.contents.session)
        click.echo(f"The archive has no session of {formats.day(day)}; its last one before that is {newest}:\n")
    click.echo("\n".join(_lines(summary)))
    if png is not None:
        keep_fonts(home.cache)
        _write(png, summary)


@dataclass(frozen=True, slots=True)
class _Summary:
    """The contents of a summary with the inputs of its picture."""

    contents: SummaryContents
    answer: Sequence[str]
    calendar: Calendar
    inputs: ChartInputs | None
    simulated: bool


def _lines(summary: _Summary) -> list[str]:
    contents = summary.contents
    title = f"{title_of(contents.session)}{', simulated figures' if summary.simulated else ''}"
    lines = [title, "", contents.headline or "Nothing moved much.", *index_moves_lines(contents)]
    for field in fields_of(contents, summary.calendar, summary.answer):
        text = field.value.replace("```\n", "").replace("\n```", "").replace("** · ", ": ").replace("**", "")
        lines += ["", field.name, text]
    return [*lines, "", f"{'. '.join(as_of(contents))}. {ADVICE}."]


def _summarize(home: Home, day: date | None, *, drawn: bool) -> _Summary:
    with archive_to_read(home) as archive:
        first, last = span_of(archive, *([] if day is None else [day]))
        newest = max(archive.newest(catalogue.tickers()).values(), default=last)
        described = min(day or newest, newest)
        calendar = Calendar(first - timedelta(days=10), last + AHEAD, archive.closures())
        market, snapshot = snapshot_as_of(archive, calendar, described, now=SystemClock().now())
        session, history = market.last.date(), snapshot.history
        prices = None
        if drawn:
            tickers = needs(ChartRequest(ChartKind.DASHBOARD, session)).tickers
            prices = archive.closes(tickers, pd.DatetimeIndex(history.index), calendar.final_at(session))
    session_digest = contents_from(catalogue.SIGNALS, snapshot, calendar, session)
    simulated = any(SIMULATED in reading.sources for reading in snapshot.readings.values())
    inputs = None if prices is None else ChartInputs(history, prices, simulated=simulated)
    return _Summary(session_digest, rotation.brief(snapshot), calendar, inputs, simulated=simulated)


def _check_target(png: Path) -> None:
    """Check a file's name before anything is computed for it. Raises UserError."""
    if png.suffix.lower() != ".png":
        raise UserError(f"“{png}” does not end in .png, which is what is drawn. Try {png.with_suffix('.png')}.")
    if not png.absolute().parent.is_dir():
        raise UserError(f"There is no folder “{png.absolute().parent}” to write {png.name} into.")


def _write(png: Path, summary: _Summary) -> None:
    # Imported only here: matplotlib takes half a second to import, which other commands should not
    # spend.
    from bot.charts.render import draw

    session = summary.contents.session
    request = ChartRequest(ChartKind.DASHBOARD, session)
    picture = None if summary.inputs is None else draw(request, summary.inputs)
    if picture is None:
        raise UserError(f"Too little is known up to {session} for an honest picture, so {png} was not written.")
    try:
        png.write_bytes(picture.content)
    except OSError as error:
        raise UserError(f"“{png}” cannot be written: {error.strerror or error}.") from error
    click.echo(f"\nDrawn into {png}: {picture.alt}")
