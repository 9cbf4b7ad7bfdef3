"""The explanation of a scenario, for `rotation-bot readings --signal scenario.recovery`."""

from __future__ import annotations

from bot.formatting import formats
from bot.formatting.scenario_words import FAMILY_NAMES, SUBJECTS, agreement_words, side_word
from signals.scenario.explanation import Ballot, Explanation, Party

_STATES = {1: "high", 0: "between", -1: "low", None: "no state"}
_VOTES = {1: "for", 0: "for neither", -1: "against"}


def explanation_lines(explanation: Explanation) -> list[str]:
    """How many families agree, then each family and its signals' states and votes."""
    lines = [f"  {SUBJECTS[explanation.axis]}: {agreement_words(explanation)}."]
    for party in explanation.parties:
        leaning = "" if party.leaning is None else formats.plain(party.leaning, 2, signed=True)
        lines.append(f"  {FAMILY_NAMES[party.family]:<18}{leaning:>6}  {side_word(party)}{_dissent(party)}")
        lines += [_ballot_line(ballot) for ballot in party.ballots]
    return lines


def _dissent(party: Party) -> str:
    return ", does not agree" if party.agrees is False else ""


def _ballot_line(ballot: Ballot) -> str:
    high = f"(a high votes {'for' if ballot.sign > 0 else 'against'})"
    vote = "" if ballot.state is None else f"votes {_VOTES[ballot.state * ballot.sign]} "
    return f"    {ballot.signal:<34}{_STATES[ballot.state]:<10}{vote}{high}"


def as_object(explanation: Explanation) -> dict[str, object]:
    """The explanation as JSON: states are -1, 0, 1 or null, leanings have the signs applied."""
    return {
        "axis": explanation.axis.value,
        "score": explanation.score,
        "side": explanation.side,
        "agreement": explanation.agreement,
        "reason": explanation.reason,
        "dissenters": [party.family.value for party in explanation.dissenters],
        "families": [
            {
                "family": party.family.value,
                "leaning": party.leaning,
                "agrees": party.agrees,
                "signals": [
                    {"signal": ballot.signal, "state": ballot.state, "sign": ballot.sign} for ballot in party.ballots
                ],
            }
            for party in explanation.parties
        ],
    }
