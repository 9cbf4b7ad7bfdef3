"""Health of a source: logged once when it goes down and once when it is back, not at every failure."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.domain.fetched import Health, HealthState
from bot.errors import SourceError

log = logging.getLogger(__name__)


class HealthRecord:
    """The running record of one source."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._health = Health()
        self._down_since: datetime | None = None
        self._notes: dict[str, str] = {}

    @property
    def health(self) -> Health:
        """As of the newest outcome; with `RESTING` it has the instant of the next try, which may be
        past by now.
        """
        return self._health

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks that apply now."""
        return tuple(self._notes.values())

    @contextmanager
    def watch(self, now: datetime) -> Iterator[list[SourceError]]:
        """Record the outcome of the block.

        A SourceError is a failure and is raised again. Any other exception is one too: it is logged
        with its traceback and turned into a SourceError, because an error in a parser must affect
        only its own source. A block with a partial result, because the source stopped responding,
        appends the reason to the list.
        """
        partial_failures: list[SourceError] = []
        try:
            yield partial_failures
        except SourceError as error:
            self.failed(error, now)
            raise
        except Exception as error:
            log.exception("%s sent something that its reader stumbled over", self._name)
            wrapped = SourceError(f"{self._name}'s answer cannot be read ({type(error).__name__})")
            self.failed(wrapped, now)
            raise wrapped from error
        if partial_failures:
            self.failed(partial_failures[-1], now)
        else:
            self.succeeded(now)

    def succeeded(self, now: datetime) -> None:
        """The source responded at `now`."""
        if self._down_since is not None:
            minutes = (now - self._down_since) // timedelta(minutes=1)
            log.info("%s is back after %d failures in %d minutes", self._name, self._health.failures, minutes)
            self._down_since = None
        self._health = Health(HealthState.OK, last_success=now, last_failure=self._health.last_failure)

    def failed(self, error: SourceError, now: datetime) -> None:
        """The source did not respond at `now`.

        After a refusal with `retry_after` its state is `RESTING` until then.
        """
        if self._down_since is None:
            log.warning("%s is down: %s", self._name, error)
            self._down_since = now
        resting = error.rate_limited and error.retry_after is not None
        self._health = Health(
            HealthState.RESTING if resting else HealthState.FAILING,
            last_success=self._health.last_success,
            last_failure=now,
            failures=self._health.failures + 1,
            next_try=now + timedelta(seconds=error.retry_after or 0.0) if resting else None,
            reason=str(error),
        )

    def note(self, about: str, sentence: str | None) -> None:
        """Log a remark on one series or ticker when it appears or changes.

        None when it no longer applies.
        """
        if sentence is None:
            self._notes.pop(about, None)
        elif self._notes.get(about) != sentence:
            self._notes[about] = sentence
            log.warning("%s: %s", self._name, sentence)
