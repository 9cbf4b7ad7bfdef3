"""The headline: one sentence on the day, from the most important candidate of a table of rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.commands.summary.headline import rules_market as market
from bot.commands.summary.headline import rules_rotation as rotation
from bot.commands.summary.headline.facts import HeadlineCandidate, SessionFacts

LONGEST = 150
"""Characters of a headline; most are much shorter, and a phone shows the first 120."""

_LEAST_TAIL_SCORE = 1.0
_INDEX_TAIL_BONUS = 3.0
"""Added to the score of a tail about the index where the lead is about something else."""
_INDEX = "the S&P 500 "
_COMMA_FROM_LENGTH = 53
_SUBORDINATE = (" after ", " though ", " while ", ": ")


@dataclass(frozen=True, slots=True)
class HeadlineRule:
    """A headline rule: subject, weight, and the function that computes its candidate.

    Two candidates of one subject never share a sentence. `tail_subject`: the subject of the tail
    where it differs from that of the lead.
    """

    subject: str
    weight: float
    candidate: Callable[[SessionFacts], HeadlineCandidate | None]
    tail_subject: str = ""


RULES = (
    HeadlineRule("index", 1.00, market.fall_from_high),
    HeadlineRule("index", 1.00, market.end_of_period, tail_subject="period"),
    HeadlineRule("index", 1.00, market.policy_rate),
    HeadlineRule("index", 1.00, market.index_move),
    HeadlineRule("index", 1.00, market.record),
    HeadlineRule("index", 0.90, market.run_of_days),
    HeadlineRule("index", 1.00, market.quiet_day),
    HeadlineRule("index", 1.00, rotation.index_against_breadth),
    HeadlineRule("distance", 1.00, market.still_below),
    HeadlineRule("scenario", 1.00, rotation.scenario),
    HeadlineRule("weights", 1.00, rotation.weights),
    HeadlineRule("weights", 1.00, rotation.together),
    HeadlineRule("small", 1.00, rotation.small_caps),
    HeadlineRule("small", 1.00, rotation.small_streak),
    HeadlineRule("mag7", 0.90, rotation.seven_red),
    HeadlineRule("mag7", 0.90, rotation.seven_apart),
    HeadlineRule("breadth", 1.00, rotation.thrust),
    HeadlineRule("breadth", 0.90, rotation.nearly_all),
    HeadlineRule("breadth", 0.80, rotation.highs_and_lows),
    HeadlineRule("breadth", 0.80, rotation.participation),
    HeadlineRule("nasdaq", 0.85, market.nasdaq_move),
    HeadlineRule("fear", 0.80, market.vix_move),
    HeadlineRule("yields", 0.90, market.long_yield),
    HeadlineRule("sectors", 0.85, rotation.sectors),
    HeadlineRule("all", 0.80, rotation.all_down),
)
"""Among candidates of equal score the first rule of the table wins."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence of at most 150 characters, empty where no rule has a lead, and the signals whose
    values its rules have read.
    """

    text: str = ""
    signals: frozenset[str] = frozenset()


def headline(facts: SessionFacts) -> Headline:
    """The headline of a session."""
    read: dict[HeadlineCandidate, frozenset[str]] = {}
    ranked: list[tuple[HeadlineRule, HeadlineCandidate]] = []
    for rule in RULES:
        own = replace(facts, read=set())
        candidate = rule.candidate(own)
        if candidate is not None and math.isfinite(candidate.size):
            ranked.append((rule, candidate))
            read[candidate] = read.get(candidate, frozenset()) | own.read
    ranked.sort(key=lambda pair: -pair[0].weight * pair[1].size)
    leading = next(((rule, candidate) for rule, candidate in ranked if candidate.lead), None)
    if leading is None:
        return Headline()
    rule, candidate = leading
    when = _context(facts)
    start = candidate.lead.replace("{when}", when) if "{when}" in candidate.lead else candidate.lead + when
    if candidate.alone:
        start = candidate.lead
    others = [] if candidate.alone else _others(ranked, rule, candidate)
    aside = f", {candidate.aside}" if candidate.aside else ""
    own_signals = read[candidate]
    lines = [
        *((start + aside + _joined_tail(rule, candidate, start, other), own_signals | read[other]) for other in others),
        *((line, own_signals) for line in (start + aside, start, candidate.lead.replace("{when}", ""))),
    ]
    text, signals = next((line for line in lines if len(line[0]) < LONGEST), lines[-1])
    return Headline(f"{text}.", signals)


def _others(
    ranked: Sequence[tuple[HeadlineRule, HeadlineCandidate]], rule: HeadlineRule, candidate: HeadlineCandidate
) -> list[HeadlineCandidate]:
    """Candidates that can follow as a tail, the best first."""
    tails = []
    for other_rule, other in ranked:
        subject = other_rule.tail_subject or other_rule.subject
        index_in_lead = subject == "index" and (
            rule.subject == subject or " the S&P 500 " in candidate.lead.partition(" while")[2]
        )
        if not other.tail or other_rule is rule or subject == rule.subject or index_in_lead:
            continue
        score = other_rule.weight * other.size + (_INDEX_TAIL_BONUS if subject == "index" else 0.0)
        if score >= _LEAST_TAIL_SCORE:
            tails.append((score, other))
    return [other for _, other in sorted(tails, key=lambda pair: -pair[0])]


def _joined_tail(rule: HeadlineRule, candidate: HeadlineCandidate, start: str, other: HeadlineCandidate) -> str:
    """The tail of another candidate with the conjunction before it.

    The subject of the lead is not named again.
    """
    tail, of_index = other.tail, other.tail.startswith(_INDEX)
    if rule.subject == "index":
        tail = tail.removeprefix(_INDEX).replace("of S&P 500 stocks", "of its stocks").replace(" the S&P 500 ", " it ")
        if " though " in start and candidate.sentiment * other.sentiment > 0:
            # The sentence has turned once already; what goes on with its first half stands by itself.
            return f"; {tail}"
        link = " but" if " though " not in start and candidate.sentiment * other.sentiment < 0 else " and"
    else:
        index_named = "S&P 500" in candidate.lead or "the index" in candidate.lead
        tail = f"the index {tail.removeprefix(_INDEX)}" if of_index and index_named else tail
        link = " as" if of_index or rule.subject == "scenario" else " and"
    if candidate.today and not tail.startswith("with "):
        return f"; {tail} on {candidate.today}"
    if tail.startswith("with "):
        return f" and {tail.removeprefix('with ')}" if candidate.aside.startswith("with ") else f", {tail}"
    comma = (
        ","
        if candidate.aside
        or "," in candidate.lead
        or len(start) > _COMMA_FROM_LENGTH
        or any(word in candidate.lead for word in _SUBORDINATE)
        else ""
    )
    return f"{comma}{link} {tail}"


def _context(facts: SessionFacts) -> str:
    """The context of the session, as ` on the day of the Fed's decision`.

    Empty on an ordinary day.
    """
    day = facts.session_context
    if day.half and day.eve_of:
        return f" in a shortened session before {day.eve_of}"
    if day.half and day.after:
        return f" in the shortened session after {day.after}"
    if facts.decided:
        return " on the day of the Fed's decision"
    if len(facts.past) > 1 and facts.past.index[-2].year != facts.session.year:
        return f" on the first day of {facts.session.year}"
    return ""
