"""Verdicts on claims for whoever asks: each session is judged once while the data stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date

from bot.claims.model import ClaimJudge, ClaimsAnswer
from bot.database.claims import OwnClaim
from bot.worker.shared_answers import SharedAnswers


@dataclass
class ClaimsService:
    """Judges claims and keeps the verdicts of a session until the data change; `known` as in `SharedAnswers`."""

    judge: ClaimJudge
    known: Callable[[], Hashable]
    _answers: SharedAnswers[ClaimsAnswer] = field(init=False)

    def __post_init__(self) -> None:
        self._answers = SharedAnswers(self.known)

    def has(self, session: date, own: tuple[OwnClaim, ...] = ()) -> bool:
        """Whether these verdicts cost nothing, because they are there or under way."""
        return self._answers.has((session, own))

    async def after(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """The verdicts as known after a session, as `ClaimJudge.judge` gives them."""
        return await self._answers.ask((session, own), lambda: self.judge.judge(session, own))
