"""The scenario once more, slowly: plain Python over lists of readings, votes and rules copied by hand from the register."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Value = float | None

VOTES = {
    # id: (sign for recovery, sign for rotation, rule); rules are z, (low, high), "itself", "change" (z of change_21d)
    # and "year" (z of the change over 252 sessions)
    "tech.yardsticks": (+1, 0, (1, 4)),
    "breadth.sp500.above_50dma": (+1, +1, (40, 60)),
    "breadth.sp500.above_200dma": (+1, +1, (40, 60)),
    "breadth.sp500.ad_slope_21d": (+1, +1, "z"),
    "breadth.sp500.high_low": (+1, +1, "z"),
    "breadth.sp500.mcclellan": (0, +1, "z"),
    "breadth.sp500.mcclellan_sum": (0, +1, "z"),
    "breadth.tech.above_50dma": (+1, 0, (40, 60)),
    "breadth.tech.new_highs": (+1, 0, "z"),
    "breadth.ndx100.above_50dma": (+1, 0, (40, 60)),
    "breadth.rest_minus_tech": (0, +1, "z"),
    "weighting.rsp_spy.spread_21d": (0, +1, "z"),
    "weighting.rsp_spy.z_252d": (0, +1, "itself"),
    "weighting.xmag_spy.spread_63d": (0, +1, "z"),
    "size.russell_sp500.streak": (0, +1, (-3, 5)),
    "size.iwm_spy.spread_63d": (0, +1, "z"),
    "size.iwm_spy.z_252d": (0, +1, "itself"),
    "size.value_growth.z_252d": (0, +1, "itself"),
    "megacap.count_beating_ytd": (+1, -1, (2, 5)),
    "megacap.spread_63d": (+1, -1, "z"),
    "sectors.tech_rank_21d": (-1, +1, (4, 8)),
    "sectors.xlk.rrg_ratio": (+1, -1, (99, 101)),
    "sectors.xlk.rrg_momentum": (+1, -1, (99, 101)),
    "sectors.kre_spy.spread_63d": (0, +1, "z"),
    "rates.real_10y": (-1, 0, "change"),
    "rates.curve_10y2y": (0, +1, "change"),
    "options.vix_term": (-1, 0, "z"),
    "capex.smh_spy.z_252d": (+1, 0, "itself"),
    "havens.gld_spy.z_252d": (-1, +1, "itself"),
    "havens.gld_spy.spread_21d": (-1, +1, "z"),
    "flows.tech_4w": (+1, -1, "z"),
    "flows.tech_8w": (+1, -1, "z"),
    "flows.defensive_minus_tech_4w": (0, +1, "z"),
    "flows.small_4w": (0, +1, "z"),
    "flows.value_4w": (0, +1, "z"),
    "flows.equal_weight_4w": (0, +1, "z"),
    "flows.tech_minus_rest_8w": (+1, -1, "z"),
    "options.skew_25d.qqq": (-1, 0, "z"),
    "options.skew_25d.nvda": (-1, 0, "z"),
    "earnings.tech_revisions": (+1, -1, (-0.1, 0.1)),
    "earnings.rest_revisions": (0, +1, (-0.1, 0.1)),
    "earnings.tech_beats": (+1, 0, (60, 80)),
    "earnings.tech_guidance": (+1, 0, (-3, 3)),
    "earnings.growth_gap": (+1, -1, (0, 10)),
    "capex.hyperscaler_yoy": (+1, 0, (0, 20)),
    "capex.semis_inventory_days": (-1, 0, "year"),
    "capex.semis_capacity": (+1, 0, "z"),
    "capex.computer_orders_yoy": (+1, 0, "z"),
    "rates.priced_cuts": (+1, +1, (0.5, 1.5)),
}


@dataclass(frozen=True)
class Counted:
    """One axis on one session; values are None where the register withholds them. `families`: leaning of each, or None.

    `state` is the recovery's; rotation has its own clock and none here.
    """

    score: Value
    state: Value
    agreement: Value
    families: dict[str, Value]


def all_states(readings: Mapping[str, list[Value]]) -> dict[str, list[Value]]:
    """State of every voting signal on every session, oldest first, from its readings; both axes take the same ones."""
    return {id: states_of(readings[id], vote[2]) for id, vote in VOTES.items()}


def recount(states: Mapping[str, list[Value]], axis: str, rotation: list[Value]) -> list[Counted]:
    """Every session of an axis from the states of all voting signals, oldest first.

    `rotation`: the rotation's state on every session, with which the families of that axis agree.
    """
    column = 0 if axis == "recovery" else 1
    signs = {id: vote[column] for id, vote in VOTES.items() if vote[column]}
    counted: list[Counted] = []
    scores: list[float] = []
    named = 0
    for at in range(len(next(iter(states.values())))):
        families, weights = {}, []
        for family in dict.fromkeys(id.split(".")[0] for id in signs):
            cast = [(signs[id], states[id][at]) for id in signs if id.split(".")[0] == family]
            known = [sign * state for sign, state in cast if state is not None]
            families[family] = sum(known) / len(known) if len(known) >= len(cast) / 2 else None
            if families[family] is not None:
                full = axis == "rotation" or family == "tech" or len(known) >= 3
                weights.append(1.0 if full else 0.5)
        leanings = [leaning for leaning in families.values() if leaning is not None]
        if len(leanings) < 5:
            counted.append(Counted(None, None, None, families))
            continue
        score = 100 * math.fsum(w * x for w, x in zip(weights, leanings, strict=True)) / math.fsum(weights)
        score = round(score, 9)
        scores.append(score)
        last = scores[-3:] if len(scores) >= 3 else []
        if last and min(last) >= 33:
            named = 1
        elif last and max(last) <= -33:
            named = -1
        elif last and ((named == 1 and max(last) <= 10) or (named == -1 and min(last) >= -10)):
            named = 0
        direction = score if axis == "recovery" else rotation[at]
        agree = None
        if direction:
            agree = 100 * sum(side(leaning) == side(direction) for leaning in leanings) / len(leanings)
        counted.append(Counted(score, named if axis == "recovery" else None, agree, families))
    return counted


def states_of(values: list[Value], rule: str | tuple[float, float]) -> list[Value]:
    """State of every session before the sign, None without one."""
    if isinstance(rule, tuple):
        low, high = rule
        return [None if value is None else (value >= high) - (value <= low) for value in values]
    if rule in ("change", "year"):
        back = 21 if rule == "change" else 252
        earlier = ([None] * back + values)[: len(values)]
        values = [
            None if now is None or then is None else now - then for now, then in zip(values, earlier, strict=True)
        ]
    found: list[Value] = []
    state = 0
    for at in range(len(values)):
        z = values[at] if rule == "itself" else year_z(values[max(0, at - 251) : at + 1])
        if z is None:
            found.append(None)
            continue
        if z >= 1:
            state = 1
        elif z <= -1:
            state = -1
        elif (state == 1 and z <= 0.5) or (state == -1 and z >= -0.5):
            state = 0
        found.append(state)
    return found


def year_z(window: list[Value]) -> Value:
    """Standard score of the last value among the known ones of 252 sessions."""
    known = [value for value in window if value is not None]
    if window[-1] is None or len(known) < 200 or len(set(known)) == 1:
        return None
    mean = sum(known) / len(known)
    deviation = math.sqrt(sum([(value - mean) ** 2 for value in known]) / (len(known) - 1))
    return (window[-1] - mean) / deviation if deviation > 1e-12 * abs(mean) else None


def side(value: float) -> int:
    """Sign of a number."""
    return (value > 0) - (value < 0)
