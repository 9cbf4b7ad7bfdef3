"""Types of judged claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.database.claims import OwnClaim
from bot.event_study.model import StudyQuestion
from signals.claims import Judgment


@dataclass(frozen=True, slots=True)
class ClaimsAnswer:
    """The verdict on each claim as known after `session`, by its id (a person's claim: its number as text)."""

    session: date
    judgments: Mapping[str, Judgment]


class ClaimJudge(Protocol):
    """Judges claims over all years that are known."""

    async def judge(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """The verdicts as known after the session at or before `session`: on `own` claims, or without any on the public ones.

        Raises UserError before the first session, and for an outcome without prices.
        """


def question_of(claim: OwnClaim) -> StudyQuestion:
    """The study that a person's claim maps to."""
    return StudyQuestion(claim.spec, claim.outcome, horizon=claim.horizon)
