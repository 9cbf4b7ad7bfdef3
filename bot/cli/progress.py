"""How far an update is: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self, TextIO

import click

from bot.domain.ports import Clock
from bot.ingest.runner import ProgressEvent

LINES = 10
"""Lines about one job in a log, at most, besides those about failures."""


@dataclass
class _Course:
    """The pieces of one source: those of its jobs that are over, and those of the one under way."""

    before: int = 0
    done: int = 0
    total: int = 0

    def step(self, step: ProgressEvent) -> None:
        if step.done == 1:
            self.before += self.total
        self.done, self.total = step.done, step.total

    def left(self, since: timedelta) -> timedelta:
        """How long the rest takes at the pace since the beginning."""
        return since / (self.before + self.done) * (self.total - self.done)


class ProgressReporter:
    """Counts the pieces of all sources, which are asked beside one another; the slowest one says how long it takes."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream, self._clock, self._begun = stream, clock, clock.now()
        self._courses: dict[str, _Course] = {}
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

    def step(self, source: str, step: ProgressEvent) -> None:
        """One piece more is behind."""
        course = self._courses.setdefault(source, _Course())
        course.step(step)
        if self._stream.isatty():
            self._draw(f"{source}, {self.left()} left")
        elif step.error is not None:
            click.echo(f"{source}: {step.error}", file=self._stream)
        elif step.total > 1 and step.done * LINES // step.total > (step.done - 1) * LINES // step.total:
            left = "" if step.done == step.total else f", {_spoken(course.left(self._clock.now() - self._begun))} left"
            click.echo(f"{source}: {step.done} of {step.total} pieces{left}", file=self._stream)

    def left(self) -> str:
        """How long everything that is known of still takes, in words."""
        since = self._clock.now() - self._begun
        return _spoken(max(course.left(since) for course in self._courses.values()))

    def _draw(self, text: str) -> None:
        self._bar.length = sum(course.before + course.total for course in self._courses.values())
        self._bar.pos = sum(course.before + course.done for course in self._courses.values())
        self._bar.current_item = text
        self._bar.render_progress()


def _spoken(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    return f"about {minutes} min" if minutes else "less than a minute"
