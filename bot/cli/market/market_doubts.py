"""`rotation-bot market doubts`: figures that are not believed, and the operator's word on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import click

from bot.archive import Archive
from bot.calendar.clock import Calendar, SystemClock
from bot.cli.common import archive_to_read
from bot.domain.doubt import Decision, DoubtState, StoredDoubt
from bot.formatting import formats
from bot.ingest.plausibility.decisions import decide
from bot.settings import process_lock
from bot.settings.paths import Home

LINE = "{id:>5}  {subject:<12} {day:<12}  {rule:<10} {state:<9} {times:>5}  {sentence}"


def show(home: Home, *, every: bool, as_json: bool) -> None:
    """Print the open doubts, or all of them."""
    with archive_to_read(home) as archive:
        doubts = archive.doubts(only_open=not every)
    if as_json:
        for stored in doubts:
            click.echo(json.dumps(_fields(stored), default=str))
        return
    if not doubts:
        click.echo("Nothing was ever doubted." if every else "Nothing is doubted.")
        return
    _print(doubts)


def settle(home: Home, number: int, decision: Decision) -> None:
    """Accept or reject one figure. Raises UserError while the bot runs, and for a number that is not open."""
    now = SystemClock().now()
    with process_lock.held(home.ensure().bot), Archive.open(home.market) as archive:
        first, last = archive.span() or (now.date(), now.date())
        calendar = Calendar(first, max(last, now.date()) + timedelta(days=10))
        doubt, stored = decide(archive, number, decision, calendar, now)
    if decision is DoubtState.REJECTED:
        end = "rejected; it is not stored whenever it comes again"
    elif stored:
        end = "accepted and stored"
    else:
        end = "accepted; it is stored when it comes again"
    click.echo(f"{doubt.subject} of {formats.short_day(doubt.day, year=True)}: {end}.")


def _print(doubts: Sequence[StoredDoubt]) -> None:
    heads = ("id", "subject", "day", "rule", "state", "times", "sentence")
    click.echo(LINE.format(**{**dict(zip(heads, heads, strict=True)), "id": "no.", "sentence": "reason"}))
    for stored in doubts:
        fields = {**_fields(stored), "day": formats.short_day(stored.doubt.day, year=True)}
        click.echo(LINE.format(**{name: str(fields[name]) for name in heads}))


def _fields(stored: StoredDoubt) -> dict[str, object]:
    doubt = stored.doubt
    return {
        "id": stored.id,
        "kind": doubt.kind.value,
        "subject": doubt.subject,
        "day": doubt.day.isoformat(),
        "rule": doubt.rule.value,
        "value": None if doubt.value != doubt.value else doubt.value,
        "state": doubt.state.value,
        "times": stored.times,
        "first_at": stored.first_at.isoformat(),
        "last_at": stored.last_at.isoformat(),
        "sentence": doubt.sentence,
        "evidence": doubt.evidence,
    }
