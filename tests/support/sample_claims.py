"""Verdicts made by hand, one of every kind, in place of those that the worker process computes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.claims.model import ClaimsAnswer
from bot.claims.service import ClaimsService
from bot.commands.context import Core
from bot.database.claims import OwnClaim
from signals.claims import CLAIMS, Figure, Judgment, Share, Verdict
from signals.core.units import Unit
from signals.event_study import wilson

NOT_SUPPORTED = Judgment(Verdict.NOT_SUPPORTED, share=Share(42, 79, wilson(42, 79), 0.5539))
VERDICTS = {
    "nasdaq-70": NOT_SUPPORTED,
    "russell-run": Judgment(
        Verdict.CLOSES_ONLY,
        (
            Figure("won in a row on closes", 9, Unit.SESSIONS, 0),
            Figure("longest earlier run on closes", 8, Unit.SESSIONS, 0),
            Figure("won in a row with dividends", 9, Unit.SESSIONS, 0),
            Figure("longest earlier run with dividends", 9, Unit.SESSIONS, 0),
        ),
    ),
    "two-of-seven": Judgment(
        Verdict.TRUE, (Figure("on closes", 2, Unit.SEVEN, 0), Figure("with dividends", 2, Unit.SEVEN, 0))
    ),
    "staples-week": Judgment(Verdict.NOT_TRUE, (Figure("XLP", 0.2192, signed=True),)),
    "pe-gap": Judgment(Verdict.UNKNOWN, reason="no estimates are stored yet"),
    "small-caps-2026": Judgment(Verdict.OPEN, (Figure("Russell 2000", -0.512, signed=True),), until=date(2026, 12, 31)),
}


@dataclass
class MadeUpVerdicts:
    """Each public claim has a verdict of `VERDICTS`, else it is open; a person's claim is not supported."""

    async def judge(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """The verdicts, whatever the session."""
        if own:
            wrong = Judgment(Verdict.UNKNOWN, reason='There are no prices of "NOPE".')
            return ClaimsAnswer(
                session, {str(claim.id): wrong if claim.outcome == "NOPE" else NOT_SUPPORTED for claim in own}
            )
        still = Judgment(Verdict.OPEN, until=date(2026, 12, 31))
        return ClaimsAnswer(session, {claim.id: VERDICTS.get(claim.id, still) for claim in CLAIMS})


def service(core: Core) -> ClaimsService:
    """The service of a core over these verdicts."""
    return ClaimsService(MadeUpVerdicts(), lambda: core.readings.known)
