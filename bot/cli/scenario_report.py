"""Why the scenario stands where it stands, for `rotation-bot readings --signal scenario.recovery`."""

from __future__ import annotations

from bot.formatting import formats
from bot.formatting.scenario import SUBJECTS, agreement_words, side_word
from signals.scenario.explanation import Ballot, Explanation, Party
from signals.scenario.score import name_of

_STATES = {1: "high", 0: "between", -1: "low", None: "no state"}
_VOTES = {1: "for", 0: "for neither", -1: "against"}


def explanation_lines(found: Explanation) -> list[str]:
    """The named state and who agrees, then each family with its signals: their state and what that speaks for."""
    named = "" if found.state is None else f"{name_of(found.axis, found.state)}. "
    lines = [f"  {SUBJECTS[found.axis]}: {named}{agreement_words(found)}."]
    for party in found.parties:
        leaning = "" if party.leaning is None else formats.plain(party.leaning, 2, signed=True)
        lines.append(f"  {party.family.value:<12}{leaning:>6}  {side_word(party)}{_dissent(party)}")
        lines += [_ballot_line(each) for each in party.ballots]
    return lines


def _dissent(party: Party) -> str:
    return ", does not agree" if party.agrees is False else ""


def _ballot_line(found: Ballot) -> str:
    high = f"(a high votes {'for' if found.sign > 0 else 'against'})"
    vote = "" if found.state is None else f"votes {_VOTES[found.state * found.sign]} "
    return f"    {found.signal:<34}{_STATES[found.state]:<10}{vote}{high}"


def as_object(found: Explanation) -> dict[str, object]:
    """The explanation as JSON: states are -1, 0, 1 or null, leanings are after the signs."""
    return {
        "axis": found.axis.value,
        "state": None if found.state is None else name_of(found.axis, found.state),
        "score": found.score,
        "concordance": found.concordance,
        "reason": found.reason,
        "dissenters": [party.family.value for party in found.dissenters],
        "families": [
            {
                "family": party.family.value,
                "leaning": party.leaning,
                "agrees": party.agrees,
                "signals": [{"signal": each.signal, "state": each.state, "sign": each.sign} for each in party.ballots],
            }
            for party in found.parties
        ],
    }
