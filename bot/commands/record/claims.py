"""`/claims`: public claims about the rotation and those of people, with the verdict as of any session."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import date

from bot.alerts.validation import parse_level
from bot.claims.model import ClaimsAnswer
from bot.commands.alerts import parse
from bot.commands.alerts.texts.describe import describe
from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market import study
from bot.commands.market.study_lines import outcome_words
from bot.commands.record.session_of import session_of
from bot.commands.reply import Button, Field, Menu, Option, Reply, Weight
from bot.commands.signal_search import one_of
from bot.database import claims as stored
from bot.database.claims import OwnClaim
from bot.domain.foreign_text import ForeignText
from bot.errors import UserError
from bot.event_study.model import LONGEST
from bot.formatting import formats
from bot.formatting.claim_words import verdict_line
from bot.formatting.quoting import quoted
from signals.claims import CLAIMS, Claim, Verdict
from signals.event_study import Outcome

MOST = 20
"""Claims that one person may store."""

_CONDITION = re.compile(r"(?P<signal>.+?)\s+(?P<condition>above|below|crosses)\s+(?P<level>\S+)", re.IGNORECASE)
_OUTCOME = re.compile(r"(?P<outcome>\S+)(\s+after\s+(?P<horizon>\d{1,4})(\s+sessions?)?)?", re.IGNORECASE)
CONDITION_EXAMPLE = "weighting.rsp_spy.spread_1d above 0.9"
OUTCOME_EXAMPLE = "^IXIC after 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """The fields of a new claim as typed."""

    sentence: str
    source: str
    condition: str
    outcome: str
    share: str


async def show(core: Core, caller: Caller, session: date) -> Reply:
    """Every public claim with its verdict as of a session."""
    answer = await _judged(core, caller, session)
    fields = [Field(claim.sentence, verdict_line(answer.judgments[claim.id])) for claim in CLAIMS]
    options = tuple(Option(f"{claim.id} {answer.session}", formats.capitalised(claim.sentence)) for claim in CLAIMS)
    return Reply(
        title=f"Public claims, {_as_of(answer)}",
        lines=(_count_words(answer),),
        fields=tuple(fields),
        menu=Menu("claim", "Formula, source and date of a claim", options),
        buttons=(Button("claim-new", "Add your own"), Button("claims-own", "Your claims")),
        footer=core.footer("Judged by what was known that evening", ADVICE),
    )


async def detail(core: Core, caller: Caller, chosen: str) -> Reply:
    """One public claim with its formula, source and date. `chosen`: its id, and the session after a blank."""
    name, _, typed = chosen.partition(" ")
    claim = one_of(name, {claim.id: claim for claim in CLAIMS}, "claim")
    answer = await _judged(core, caller, session_of(core, typed))
    return _detail(core, claim, answer)


def _detail(core: Core, claim: Claim, answer: ClaimsAnswer) -> Reply:
    return Reply(
        title=claim.sentence,
        lines=(verdict_line(answer.judgments[claim.id]),),
        fields=(Field("How it is judged", claim.formula), Field("Source", f"{claim.source}, {claim.dated}")),
        footer=core.footer(formats.capitalised(_as_of(answer)), ADVICE),
        private=True,
    )


async def own_claims(core: Core, caller: Caller) -> Reply:
    """The caller's claims with their verdicts as of the newest session."""
    core = core.seen_by(caller)
    claims = tuple(await core.store.read(stored.of_person, caller.user_id))
    if not claims:
        return Reply(
            title="You have no claims yet",
            lines=("Add one with /claims and the button Add your own: it is judged after every close.",),
            private=True,
        )
    answer = await _judged(core, caller, session_of(core, None), claims)
    return Reply(
        title=f"Your claims, {_as_of(answer)}",
        fields=tuple(Field(str(ForeignText(claim.sentence)), _own_lines(core, claim, answer)) for claim in claims),
        menu=Menu(
            "claim-own",
            "Show one of them",
            tuple(Option(str(claim.id), str(ForeignText(claim.sentence))) for claim in claims),
        ),
        footer=core.footer(ADVICE),
        private=True,
    )


async def own_detail(core: Core, caller: Caller, number: int) -> Reply:
    """One claim of the caller with its study. Raises UserError where they have none of that number."""
    core = core.seen_by(caller)
    claims = tuple(await core.store.read(stored.of_person, caller.user_id))
    claim = next((claim for claim in claims if claim.id == number), None)
    if claim is None:
        raise UserError("You have no such claim. /claims lists yours under Your claims.")
    # All of them, as in the list, so that what it has judged already costs nothing here.
    return _own_detail(core, claim, await _judged(core, caller, session_of(core, None), claims))


async def add(core: Core, caller: Caller, request: ClaimRequest) -> Reply:
    """Judge a claim and store it.

    Raises UserError for the first field that is not valid, an outcome without prices, and beyond `MOST` claims.
    """
    core = core.seen_by(caller)
    claim = claim_of(core, caller, request)
    answer = await _judged(core, caller, session_of(core, None), (claim,))
    judgment = answer.judgments[str(claim.id)]
    if judgment.verdict is Verdict.UNKNOWN:
        raise UserError(judgment.reason)

    number = await core.store.run(stored.add, claim, owner_id=caller.user_id, most=MOST, now=core.now())
    if number is None:
        raise UserError(f"You have {MOST} claims, which is the most. Remove one first.")
    judged = replace(answer, judgments={str(number): judgment})
    return _own_detail(core, replace(claim, id=number), judged)


async def remove(core: Core, caller: Caller, number: int) -> Reply:
    """Delete one claim of the caller. Raises UserError where they have none of that number."""
    if not await core.store.run(stored.remove, caller.user_id, number):
        raise UserError("You have no such claim. It may have been removed already.")
    return Reply("Removed", ("The claim is gone.",), private=True)


_OUTCOMES = (
    f"Type a ticker, or one minus another, and up to {LONGEST} sessions, such as {OUTCOME_EXAMPLE} or RSP-SPY after 21."
)


def claim_of(core: Core, caller: Caller, request: ClaimRequest) -> OwnClaim:
    """The claim that a person typed. Raises UserError for the first field that is not valid."""
    sentence, source = (" ".join(text.split()) for text in (request.sentence, request.source))
    if not sentence:
        raise UserError("Type the claim in a sentence.")
    condition = _CONDITION.fullmatch(request.condition.strip())
    if condition is None:
        raise UserError(f"{quoted(request.condition)} is not a condition. Type one such as {CONDITION_EXAMPLE}.")
    typed = parse.AlertRequest(
        signal=condition["signal"], condition=condition["condition"].lower(), level=condition["level"]
    )
    question = study.question(core, typed, caller=caller)
    outcome = _OUTCOME.fullmatch(request.outcome.strip())
    horizon = int(outcome["horizon"] or 1) if outcome else 0
    if outcome is None or not 1 <= horizon <= LONGEST:
        raise UserError(f"{quoted(request.outcome)} is not an outcome. {_OUTCOMES}")
    names = {name.casefold() for signal in core.signals.values() for name in (signal.id, signal.label)}
    if outcome["outcome"].casefold() in names:
        raise UserError(f"{quoted(outcome['outcome'])} is a signal, and an outcome is a price. {_OUTCOMES}")
    return OwnClaim(
        sentence,
        source or "no source given",
        question.spec,
        outcome["outcome"].upper(),
        horizon,
        _percent(request.share) / 100,
    )


def _percent(typed: str) -> float:
    with contextlib.suppress(UserError):
        percent = parse_level(typed.strip().removesuffix("%"))
        if 0 < percent < 100:
            return percent
    raise UserError(f"{quoted(typed)} is not a percentage between 0 and 100. Type one such as 70.")


def _own_detail(core: Core, claim: OwnClaim, answer: ClaimsAnswer) -> Reply:
    added = claim.created_at or core.now()
    return Reply(
        title=str(ForeignText(claim.sentence)),
        lines=(verdict_line(answer.judgments[str(claim.id)]),),
        fields=(
            Field("How it is judged", f"{_study_words(core, claim)}. True if the 95% interval contains that share and it differs "
            "from that on all days by more than chance."),
            Field("Source", f"{ForeignText(claim.source)}, added {formats.short_day(added.date(), year=True)}"),
        ),
        buttons=(Button("claim-gone", "Remove", (str(claim.id),), Weight.DANGER),),
        footer=core.footer(formats.capitalised(_as_of(answer)), ADVICE),
        private=True,
    )  # fmt: skip


def _own_lines(core: Core, claim: OwnClaim, answer: ClaimsAnswer) -> str:
    return f"{verdict_line(answer.judgments[str(claim.id)])}\n{_study_words(core, claim)}"


def _study_words(core: Core, claim: OwnClaim) -> str:
    """`After Equal weight vs. S&P 500 above 0.9: the Nasdaq up after 1 session, 70% of the time`."""
    subject = describe(core, claim.spec) if claim.spec.signal in core.signals else claim.spec.signal
    outcome = outcome_words(Outcome(claim.outcome))
    share = formats.share(100 * claim.share)
    return f"After {subject}: {outcome} up after {formats.counted(claim.horizon, 'session')}, {share} of the time"


def _count_words(answer: ClaimsAnswer) -> str:
    verdicts = [judgment.verdict for judgment in answer.judgments.values()]
    order = (
        (Verdict.TRUE, "true"),
        (Verdict.CLOSES_ONLY, "true on closes only"),
        (Verdict.NOT_TRUE, "not true"),
        (Verdict.NOT_SUPPORTED, "not supported"),
        (Verdict.OPEN, "open"),
        (Verdict.UNKNOWN, "not to be judged yet"),
    )
    parts = [f"{verdicts.count(verdict)} {words}" for verdict, words in order if verdict in verdicts]
    return f"{len(verdicts)} claims: {formats.listed(parts)}."


def _as_of(answer: ClaimsAnswer) -> str:
    return f"as of the close of {formats.day(answer.session)}"


async def _judged(core: Core, caller: Caller, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
    """The verdicts; who asks for what is still to be computed has it taken off their account."""
    if core.claims is None:
        raise UserError("Claims are switched off in this installation.")
    if not core.claims.has(session, own):
        core.costly.spend(caller.user_id)
    return await core.claims.after(session, own)
