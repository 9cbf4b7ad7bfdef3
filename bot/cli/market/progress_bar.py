"""Progress of an update: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self, TextIO

import click

from bot.domain.ports import Clock
from bot.ingest.run_outcome import ProgressEvent

LINES = 10
"""How many lines a log has about one job at most, besides those about failures."""


@dataclass
class _SourceProgress:
    """The chunks of one source: those of its finished jobs, and those of the current one."""

    before: int = 0
    done: int = 0
    total: int = 0

    def update(self, event: ProgressEvent) -> None:
        if event.done == 1:
            self.before += self.total
        self.done, self.total = event.done, event.total

    def left(self, since: timedelta) -> timedelta:
        """How long the remaining chunks take at the pace since the beginning."""
        return since / (self.before + self.done) * (self.total - self.done)


class ProgressReporter:
    """Counts the chunks of all sources, which are fetched concurrently.

    The slowest source decides the time left.
    """

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream, self._clock, self._begun = stream, clock, clock.now()
        self._sources: dict[str, _SourceProgress] = {}
        self._bar = click.progressbar(
            length=1, label="Asking", show_eta=False, item_show_func=lambda text: text, file=stream, width=24
        )

    def __enter__(self) -> Self:
        if self._stream.isatty():
            self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream.isatty():
            self._bar.__exit__(kind, error, trace)

    def step(self, source: str, event: ProgressEvent) -> None:
        """Show that one more chunk is done."""
        progress = self._sources.setdefault(source, _SourceProgress())
        progress.update(event)
        done, total = event.done, event.total
        if self._stream.isatty():
            self._draw(f"{source}, {self.left()} left")
        elif event.error is not None:
            click.echo(f"{source}: {event.error}", file=self._stream)
        elif total > 1 and done * LINES // total > (done - 1) * LINES // total:
            left = "" if done == total else f", {_duration(progress.left(self._clock.now() - self._begun))} left"
            click.echo(f"{source}: {done} of {total} chunks{left}", file=self._stream)

    def left(self) -> str:
        """How long all chunks that are planned by now still take, as text."""
        since = self._clock.now() - self._begun
        return _duration(max(progress.left(since) for progress in self._sources.values()))

    def _draw(self, text: str) -> None:
        self._bar.length = sum(progress.before + progress.total for progress in self._sources.values())
        self._bar.pos = sum(progress.before + progress.done for progress in self._sources.values())
        self._bar.current_item = text
        self._bar.render_progress()


def _duration(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    return f"about {minutes} min" if minutes else "less than a minute"
