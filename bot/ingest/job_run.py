"""The state of one run of a job: what it requests, what came, and when it ends early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from bot.domain.fetched import FetchRequest
from bot.domain.gap import Gap
from bot.errors import SourceError
from bot.ingest.gaps import gaps
from bot.ingest.planner import Scope
from bot.ingest.run_outcome import OnProgress, Yield

FEW_FAILURES = 2
"""How many chunks may fail in any job: one series that cannot be read must not keep the others from
being fetched."""


@dataclass
class JobRun:
    """The state of one run of a job."""

    begun: datetime
    session: date
    today: date
    on_progress: OnProgress
    scope: Scope = field(default_factory=Scope)
    covered: Sequence[Gap] = ()
    requested: set[str] = field(default_factory=set)
    came: Yield = field(default_factory=Yield)
    stopped: bool = False
    left: list[FetchRequest] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def record_failure(self, error: SourceError, *, refused: bool, most: int) -> None:
        """Record that a chunk has to be requested again.

        Raises:
            SourceError: The same error, when the other chunks need not be tried now: the source
                `refused`, or more than `most` chunks have failed.
        """
        self.errors.append(error)
        if refused or len(self.errors) > most:
            raise error

    def in_vain(self, chunk: FetchRequest) -> bool:
        """Whether what is left of the run can wait, because too little came of what it has requested."""
        if self.scope.planned:
            return self.came.in_vain(chunk, pd.Timestamp(self.session))
        return gaps.in_vain(len(self.came.names), len(self.came.filled))
