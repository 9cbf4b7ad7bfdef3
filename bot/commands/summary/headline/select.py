"""The headline: the day in one sentence, chosen from a table of rules by how much each has to tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.commands.summary.headline import rules_market as market
from bot.commands.summary.headline import rules_rotation as rotation
from bot.commands.summary.headline.facts import HeadlineCandidate, SessionFacts

LONGEST = 150
"""Signs of a headline; most are much shorter, and the first 120 are what a phone shows."""

_WORTH_A_WORD = 1.0
_THE_INDEX_ITSELF = 3.0
"""More worth as a second half where the first one is about something else."""
_INDEX = "the S&P 500 "
_BREATH = 54
_SUBORDINATE = (" after ", " though ", " while ", ": ")


@dataclass(frozen=True, slots=True)
class Rule:
    """A candidate: who it is about, its weight, and how it is told.

    Two of one subject never share a sentence; `behind`: the subject of its tail, when that is another one.
    """

    subject: str
    weight: float
    tell: Callable[[SessionFacts], HeadlineCandidate | None]
    behind: str = ""


RULES = (
    Rule("index", 1.00, market.fall_from_high),
    Rule("index", 1.00, market.end_of_period, behind="period"),
    Rule("index", 1.00, market.policy_rate),
    Rule("index", 1.00, market.index_move),
    Rule("index", 1.00, market.record),
    Rule("index", 0.90, market.run_of_days),
    Rule("index", 1.00, market.quiet_day),
    Rule("index", 1.00, rotation.against_the_many),
    Rule("distance", 1.00, market.still_below),
    Rule("scenario", 1.00, rotation.scenario),
    Rule("weights", 1.00, rotation.weights),
    Rule("weights", 1.00, rotation.together),
    Rule("small", 1.00, rotation.small_caps),
    Rule("small", 1.00, rotation.small_streak),
    Rule("giants", 0.90, rotation.seven_red),
    Rule("giants", 0.90, rotation.seven_apart),
    Rule("breadth", 1.00, rotation.thrust),
    Rule("breadth", 0.90, rotation.nearly_all),
    Rule("breadth", 0.80, rotation.highs_and_lows),
    Rule("breadth", 0.80, rotation.participation),
    Rule("nasdaq", 0.85, market.nasdaq_move),
    Rule("fear", 0.80, market.fear),
    Rule("yields", 0.90, market.long_yield),
    Rule("sectors", 0.85, rotation.sectors),
    Rule("all", 0.80, rotation.all_down),
)
"""Among equals the one that stands first wins."""


def headline(facts: SessionFacts) -> str:
    """One sentence of at most 150 signs; empty when no rule has anything to tell."""
    told = [
        (rule, candidate)
        for rule in RULES
        if (candidate := rule.tell(facts)) is not None and math.isfinite(candidate.size)
    ]
    told.sort(key=lambda each: -each[0].weight * each[1].size)
    leading = next(((rule, candidate) for rule, candidate in told if candidate.lead), None)
    if leading is None:
        return ""
    rule, candidate = leading
    when = _context(facts)
    start = candidate.lead.replace("{when}", when) if "{when}" in candidate.lead else candidate.lead + when
    if candidate.alone:
        start = candidate.lead
    tails = (
        [] if candidate.alone else [_behind(rule, candidate, start, other) for other in _others(told, rule, candidate)]
    )
    aside = f", {candidate.aside}" if candidate.aside else ""
    lines = [*(start + aside + tail for tail in tails), start + aside, start, candidate.lead.replace("{when}", "")]
    return next((line for line in lines if len(line) < LONGEST), lines[-1]) + "."


def _others(
    told: Sequence[tuple[Rule, HeadlineCandidate]], rule: Rule, candidate: HeadlineCandidate
) -> list[HeadlineCandidate]:
    """Candidates that can follow as a tail, the best first."""
    found = []
    for other_rule, other in told:
        subject = other_rule.behind or other_rule.subject
        spoken_of = subject == "index" and (
            rule.subject == subject or " the S&P 500 " in candidate.lead.partition(" while")[2]
        )
        if not other.tail or other_rule is rule or subject == rule.subject or spoken_of:
            continue
        worth = other_rule.weight * other.size + (_THE_INDEX_ITSELF if subject == "index" else 0.0)
        if worth >= _WORTH_A_WORD:
            found.append((worth, other))
    return [other for _, other in sorted(found, key=lambda each: -each[0])]


def _behind(rule: Rule, candidate: HeadlineCandidate, start: str, other: HeadlineCandidate) -> str:
    """The tail of another candidate, joined to this one; what this one is about is not named again."""
    said, of_index = other.tail, other.tail.startswith(_INDEX)
    if rule.subject == "index":
        said = said.removeprefix(_INDEX).replace("of S&P 500 stocks", "of its stocks").replace(" the S&P 500 ", " it ")
        link = " but" if candidate.sentiment * other.sentiment < 0 else " and"
    else:
        known = "S&P 500" in candidate.lead or "index" in candidate.lead
        said = f"the index {said.removeprefix(_INDEX)}" if of_index and known else said
        link = " as" if of_index or rule.subject == "scenario" else " and"
    if said.startswith("with "):
        return f", {said}"
    comma = (
        "," if candidate.aside or len(start) > _BREATH or any(word in candidate.lead for word in _SUBORDINATE) else ""
    )
    return f"{comma}{link} {said}"


def _context(facts: SessionFacts) -> str:
    """When it was, where the day was a special one."""
    day = facts.session_context
    if day.half and day.eve_of:
        return f" in a half session before {day.eve_of}"
    if day.half and day.after:
        return f" in the half session after {day.after}"
    if facts.decided:
        return " on the day of the Fed's decision"
    if len(facts.past) > 1 and facts.past.index[-2].year != facts.session.year:
        return f" on the first day of {facts.session.year}"
    return ""
