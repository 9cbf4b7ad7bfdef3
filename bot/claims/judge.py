"""Claims judged over the archive: what each reads is loaded as it was known after the session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.claims.model import ClaimsAnswer, question_of
from bot.database.claims import OwnClaim
from bot.domain.ports import TaskRunner
from bot.errors import UserError
from bot.event_study.study import answer_from, outcome_of
from signals import catalogue
from signals.claims import CLAIMS, Judgment, Record, Verdict
from signals.claims.claim_rules import share_judgment
from signals.claims.public_claims import HALF_DECADE
from signals.core.histories import history_until
from signals.core.inputs import of_members
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel


def judge_public(market: Market, histories: Mapping[str, History]) -> dict[str, Judgment]:
    """The verdict on every public claim as known after the session of `market`.

    `histories`: of the signals that claims read; they may reach beyond that session.
    """
    until = market.last.date()
    record = Record(Panel(market), {name: history_until(history, until) for name, history in histories.items()})
    return {claim.id: claim.judge(record) for claim in CLAIMS}


def judge_own(market: Market, histories: Mapping[str, History], own: Collection[OwnClaim]) -> dict[str, Judgment]:
    """The verdict on claims of people, by number; `histories`: of their signals on the days of `market`."""
    return {str(claim.id): _judged(market, histories, claim) for claim in own}


def _judged(market: Market, histories: Mapping[str, History], claim: OwnClaim) -> Judgment:
    if claim.spec.signal not in histories:
        return Judgment(Verdict.UNKNOWN, reason="its signal does not exist any more")
    question = question_of(claim)
    try:
        outcome = outcome_of(question, market.close.columns)
    except UserError as error:
        return Judgment(Verdict.UNKNOWN, reason=str(error))
    answer = answer_from(question, outcome, market, histories[claim.spec.signal])
    result = next(result for result in answer.results if result.horizon == claim.horizon)
    return share_judgment(result, claim.share)


def signals_of_claims() -> frozenset[str]:
    """Every signal that a public claim reads."""
    return frozenset(name for claim in CLAIMS for name in claim.signals)


def judge(location: ArchiveLocation, session: date, own: tuple[OwnClaim, ...]) -> ClaimsAnswer:
    """The task of the worker process; see `bot.claims.model.ClaimJudge`."""
    calendar = location.calendar
    with location.open() as archive:
        newest = archive.newest()
        if not newest:
            raise UserError("There are no prices yet. The first download takes a few minutes.")
        as_of = min(session, max(newest.values()))
        if own:
            return _own(archive, calendar, as_of, own, known=newest.keys())
        tickers = {ticker for claim in CLAIMS for ticker in claim.tickers}
        light = {name for name in signals_of_claims() if not of_members(catalogue.signal(name).inputs)}
        heavy = signals_of_claims() - light
        market = archive.market(
            calendar,
            as_of=as_of,
            only=tickers.union(*(catalogue.signal(name).inputs for name in light)),
        )
        members = archive.market(calendar, as_of=as_of, tail=HALF_DECADE + catalogue.TAIL)
    histories = {**catalogue.compute(market, light), **catalogue.compute(members, heavy)}
    return ClaimsAnswer(market.last.date(), judge_public(market, histories))


def _own(
    archive: Archive, calendar: Calendar, as_of: date, own: tuple[OwnClaim, ...], *, known: Collection[str]
) -> ClaimsAnswer:
    names = {claim.spec.signal for claim in own if claim.spec.signal in catalogue.SIGNALS}
    tickers = {ticker for claim in own for ticker in _tickers(claim, known)}
    only = tickers.union(*(catalogue.signal(name).inputs for name in names))
    market = archive.market(calendar, as_of=as_of, only=only)
    return ClaimsAnswer(market.last.date(), judge_own(market, catalogue.compute(market, names), own))


def _tickers(claim: OwnClaim, known: Collection[str]) -> tuple[str, ...]:
    """The tickers of a claim's outcome; none where it has no prices, which its judgment says."""
    try:
        return outcome_of(question_of(claim), known).tickers
    except UserError:
        return ()


@dataclass(frozen=True)
class ArchiveClaimJudge:
    """The `ClaimJudge` over the archive, in the worker process for people."""

    worker: TaskRunner
    location: ArchiveLocation

    async def judge(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """See `bot.claims.model.ClaimJudge`."""
        return await self.worker.run(judge, self.location, session, own)
