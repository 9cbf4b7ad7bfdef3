"""The answer of the two clocks in sentences: the same on Discord, in the summary and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from bot.formatting import formats
from bot.formatting.verdict import interval_words, verdict_words
from signals.event_study import FEWEST, SMALL, wilson
from signals.event_study.intervals import false_discoveries, p_value
from signals.rotation.answer import ClockReading, LegReading, RotationReading
from signals.rotation.evidence import GAIN, Evidence, LegOutcomes, TurnOutcomes
from signals.rotation.yardsticks import ROTATION

ROTATION_QUESTION = "Is money rotating out of big tech?"
TECH_QUESTION = "Is tech itself advancing?"

_PROPER = ("S&P", "Nasdaq")

NOT_YET = "Not known yet: too few yardsticks have made their first turn"


def headline(reading: RotationReading) -> str:
    """The regime in one sentence; a clock that is turning is never said to go one way.

    A fall of tech that lifts equal weight without its price rising is a decline, not a rotation.
    """
    rotation, tech = reading.rotation, reading.tech
    if reading.regime is None:
        return "Too few yardsticks have turned once to say whether money is rotating out of big tech"
    if rotation.turning:
        tech_part = "and tech itself is split" if tech.turning else f"while tech is {_tech(tech)}"
        return f"The rotation is turning: neither side has two thirds of the yardsticks, {tech_part}"
    direction = "out of" if rotation.state == 1 else "back into"
    if tech.turning and only_relative(reading):
        return f"The yardsticks point {direction} big tech, and tech itself is split"
    if tech.turning:
        return f"Money is rotating {direction} big tech, and tech itself is split"
    if only_relative(reading) and reading.regime == 2:
        return "Tech is leading the market down: a decline, not a rotation"
    sentences = {
        1: "Money is rotating out of big tech while tech advances: a broadening advance",
        2: "Money is rotating out of big tech, and tech is falling: a tech-led decline",
        3: "Money is rotating back into big tech, and tech is advancing: a tech-led advance",
        4: "Tech is in decline, and the rest of the market is weaker still: a broad decline",
    }
    return sentences[reading.regime]


def only_relative(reading: RotationReading) -> bool:
    """Whether the yardsticks say which side falls less, so that no money is said to move to it."""
    return reading.regime == 4 or (reading.regime == 2 and not reading.equal_weight_gains)


def rotation_words(reading: RotationReading) -> str:
    """`Yes, since Fri, Dec 12 (12 sessions)`; what only falls less is not said to attract money.

    A state says how the yardsticks stand, not that prices have fallen since: tech may have come up from its low while
    its clock still says falling.
    """
    clock, today = reading.rotation, reading.session
    if clock.state is None or clock.since is None:
        return NOT_YET
    if clock.turning:
        side = "out of" if clock.state > 0 else "back into"
        return f"Turning: last clear state {side} big tech{_since(clock, today)}"
    if only_relative(reading):
        if clock.state < 0:
            return f"No: the yardsticks favor big tech{_since(clock, today)}"
        return f"Only relatively{_since(clock, today)}: {_equal_weight(reading)}"
    if clock.state > 0:
        return f"Yes{_since(clock, today)}"
    if not clock.age:
        return f"No: money is rotating back into it{_since(clock, today)}"
    return f"No: money has been rotating back into it{_since(clock, today, ' ')}"


def _equal_weight(reading: RotationReading) -> str:
    """Why a rotation is only relative: what equal weight itself has done."""
    leg = next((leg for leg in reading.rotation.legs if leg.yardstick.name == "equal_weight"), None)
    if leg is None or leg.direction <= 0 or leg.start is None:
        return "equal weight itself does not lead the S&P 500"
    start = formats.short_day(leg.start, year=leg.start.year != reading.session.year)
    return f"equal weight itself is below its level of {start}, where its lead began"


def tech_words(reading: RotationReading) -> str:
    """`Yes, advancing since Wed, Apr 9 (184 sessions)`."""
    clock, today = reading.tech, reading.session
    if clock.state is None or clock.since is None:
        return NOT_YET
    if clock.turning:
        return f"Turning: last clear state {_tech(clock)}{_since(clock, today)}"
    return f"{'Yes, advancing' if clock.state > 0 else 'No, falling'}{_since(clock, today, ' ')}"


def votes_words(clock: ClockReading, today: date) -> list[str]:
    """Who is on the state's side with its move and age, and who is not with how far it is from its turn.

    Empty without a state. At most two lines.
    """
    if clock.state is None:
        return []
    side = [leg for leg in clock.legs if leg.direction == clock.state]
    other = [leg for leg in clock.legs if leg.direction not in (0, clock.state)]
    left = [leg for leg in other if leg.confirmed and clock.since and leg.confirmed > clock.since]
    says = "says so" if len(side) == 1 else "say so"
    if clock.turning:
        # Behind `Turning` nobody knows what "so" is: both sides are named.
        says = f"still {_points(side, clock.state)}"
    lines = [f"{len(side)} of {clock.known} yardsticks {says}: {_moves(side, today)}"] if side else []
    if other and clock.turning:
        lines.append(f"{len(other)} {_points(other, -clock.state)}: {'; '.join(_with_move(leg) for leg in other)}")
    elif other:
        parts = (
            ("Not yet: ", [_way_to_go(leg) for leg in other if leg not in left]),
            (
                "No longer: ",
                [_left_words(leg, today) for leg in left],
            ),
        )
        lines.append(". ".join(start + "; ".join(words) for start, words in parts if words))
    return lines


def ending_words(clock: ClockReading) -> str:
    """`It ends when 2 of the 4 turn back. Nearest: small caps have given back 0.0 of 6%; ...`; empty without a state."""
    if clock.state is None:
        return ""
    side = clock.nearest_to_turn()
    needed = clock.needed_to_turn
    if not side or needed <= 0:
        return ""
    nearest = "; ".join(f"{_name(leg)} {_given_back(leg)}" for leg in side[: max(needed, 1)][:3])
    # While a clock turns, the other side may have as many yardsticks: "1 of the 3" would be either's.
    subject, whose = ("The last clear state ends", "its") if clock.turning else ("It ends", "the")
    turn = "turns back" if needed == 1 else "turn back"
    number = f"{whose} {len(side)} {turn}" if needed == len(side) else f"{needed} of {whose} {len(side)} {turn}"
    return f"{subject} when {number}. Nearest: {nearest}"


def _points(legs: Sequence[LegReading], state: int) -> str:
    """Where legs of one side of a clock point: `point out of big tech`, `points down`."""
    rotation = ("out of big tech", "back into big tech")
    sides = rotation if any(leg.yardstick in ROTATION for leg in legs) else ("up", "down")
    return f"{'points' if len(legs) == 1 else 'point'} {sides[state < 0]}"


def turn_evidence_words(evidence: Evidence, state: int) -> list[str]:
    """What followed past turns into this state, a line a horizon with its verdict; empty where nothing has followed yet."""
    known = [outcome for outcome in evidence.turns if outcome.n]
    if not known:
        return []
    side = "out of" if state > 0 else "back into"
    since = f" (since {known[0].since})" if known[0].since is not None else ""
    if known[0].n < FEWEST:
        return [f"{formats.counted(known[0].n, 'past turn')} {side} big tech{since}: too few to say what followed"]
    did = "beat" if state > 0 else "lagged"
    false_shares = _false_shares(known)
    lines = [f"How often equal weight (RSP) {did} the S&P 500 (SPY) after past turns {side} big tech{since}"]
    for outcome, q in zip(known, false_shares, strict=True):
        rate = wilson(outcome.hits, outcome.n)
        verdict = verdict_words(q, more=outcome.hits * outcome.base_n > outcome.base_hits * outcome.n)
        small = ", small sample" if outcome.n < SMALL else ""
        lines.append(
            f"• over the next {outcome.horizon} sessions after {outcome.hits} of {outcome.n} turns: "
            f"{formats.share(100 * rate.value)} (95% CI {interval_words(rate)}), "
            f"vs {formats.share(100 * outcome.base_hits / outcome.base_n)} on all days: {verdict}{small}"
        )
    return lines


def leg_evidence_words(outcomes: LegOutcomes | None) -> str:
    """How far past legs of equal weight went on that had got as old and as large; empty without a leg or a past."""
    if outcomes is None or outcomes.n == 0:
        return ""
    gain = f"{formats.plain(GAIN, 0)} points or more"
    legs = "past leg" if outcomes.n == 1 else "past legs"
    start = f"{outcomes.n} {legs} of {_name(outcomes.leg)} got this old and this large"
    if outcomes.n < FEWEST:
        return f"Only {start}: too few to say how {'it' if outcomes.n == 1 else 'they'} went on"
    rate = wilson(outcomes.hits, outcomes.n)
    further = "gain" if outcomes.leg.direction > 0 else "lose"
    return (
        f"{start}; {outcomes.hits} went on to {further} another {gain} "
        f"({formats.share(100 * rate.value)}, 95% CI {interval_words(rate)})"
    )


def evidence_lines(evidence: Evidence, state: int | None) -> list[str]:
    """The record of turns and of legs, without a state and a past empty."""
    lines = [] if state is None else turn_evidence_words(evidence, state)
    return [*lines, *filter(None, [leg_evidence_words(evidence.leg)])]


def leg_table(clocks: Sequence[ClockReading]) -> str:
    """A line a yardstick: its name, where it points, its move and age, and given back of the threshold; 40 columns."""
    lines = [f"{'':<22}{'move %':>6}{'age':>4}  back"]
    for clock in clocks:
        for leg in clock.legs:
            lines.append(_table_line(leg))
    return "\n".join(line.rstrip() for line in lines)


def _table_line(leg: LegReading) -> str:
    name = leg.yardstick.short.replace("Nasdaq equal weight", "Nasdaq equal-wt")
    words = ("back", "out") if leg.yardstick in ROTATION else ("down", "up")
    if not leg.direction:
        return f"{name:<18}{formats.NOTHING}"
    move = formats.plain(leg.move, 1, signed=True)
    threshold = formats.plain(leg.yardstick.threshold, 1).removesuffix(".0")
    return f"{name:<17} {words[leg.direction > 0]:<4}{move:>6}{leg.age:>4} {rounded_down(leg.given_back)}/{threshold}"


def _false_shares(outcomes: Sequence[TurnOutcomes]) -> list[float]:
    """The share of false discoveries of each comparison, 0-1.

    Windows of all sessions overlap: they count as one independent outcome a horizon.
    """
    p_values = [
        p_value(
            wilson(outcome.hits, outcome.n),
            outcome.n,
            wilson(outcome.base_hits, outcome.base_n),
            max(outcome.base_n / outcome.horizon, 1.0),
        )
        for outcome in outcomes
    ]
    return false_discoveries(p_values)


def _moves(legs: Sequence[LegReading], today: date) -> str:
    first, *rest = legs
    since = "" if first.start is None else f" since {formats.day(first.start, today=today)}"
    sessions = "" if first.age is None else f" ({formats.counted(first.age, 'session')})"
    return "; ".join([f"{_name(first)} {_percent(first.move)}{since}{sessions}", *(_with_move(leg) for leg in rest)])


def _with_move(leg: LegReading) -> str:
    return f"{_name(leg)} {_percent(leg.move)}"


def _way_to_go(leg: LegReading) -> str:
    return f"{_name(leg)} ({_given_back_of(leg, 'the ')} needed)"


def _left_words(leg: LegReading, today: date) -> str:
    """A yardstick that has turned away since the state began: it is not on its way, it has left."""
    turned = "" if leg.confirmed is None else f" (turned {formats.day(leg.confirmed, today=today)})"
    return f"{_with_move(leg)}{turned}"


def _given_back(leg: LegReading) -> str:
    verb = "have" if leg.yardstick.name in ("small_caps", "semis") else "has"
    return f"{verb} given back {_given_back_of(leg)}".removesuffix(" that")


def _given_back_of(leg: LegReading, article: str = "") -> str:
    threshold = formats.plain(leg.yardstick.threshold, 1).removesuffix(".0")
    return f"{rounded_down(leg.given_back)} of {article}{threshold}%"


def rounded_down(value: float | None) -> str:
    """One decimal, rounded down: a yardstick short of its threshold never reads as if it had reached it."""
    return formats.plain(None if value is None else math.floor(10 * value + 1e-9) / 10, 1)


def _name(leg: LegReading) -> str:
    """The short name inside a sentence."""
    return uncapitalised(leg.yardstick.short)


def _percent(value: float | None) -> str:
    return f"{formats.plain(value, 1, signed=True)}%"


def _tech(clock: ClockReading) -> str:
    return "advancing" if clock.state == 1 else "falling"


def _since(clock: ClockReading, today: date, before: str = ", ") -> str:
    since = clock.since or today
    if not clock.age:
        return ", confirmed today"
    return f"{before}since {formats.day(since, today=today)} ({formats.counted(clock.age or 0, 'session')})"


def uncapitalised(label: str) -> str:
    """A label inside a sentence: `small caps`, but `S&P 500` and `Nasdaq equal weight` as they are."""
    return label if label[:2].isupper() or label.startswith(_PROPER) else label[:1].lower() + label[1:]
