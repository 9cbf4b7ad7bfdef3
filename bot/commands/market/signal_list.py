"""`/signals`: the signals of one family, or the two most unusual ones of each, one line a signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.context import ADVICE, Caller, Core, loading, no_data, source_problem
from bot.commands.market import tables
from bot.commands.market.family import withheld_lines
from bot.commands.reply import Choice, Menu, Option, Pages, Reply, page_of
from bot.commands.signal_search import one_of
from bot.errors import UserError
from bot.formatting import formats
from signals.core.model import Family, Signal, State

SIGNALS_PER_PAGE = 20
"""Signals on one page of a family."""
MINE = "mine"
"""What one types as a family for the signals of one's own."""
_PER_FAMILY = 2
_NAMES_OF_A_REASON = 3

ABOUT = {
    Family.ROTATION: "out of big tech, or back into it",
    Family.TECH: "whether tech itself advances",
    Family.BREADTH: "how many take part",
    Family.WEIGHTING: "equal weight against cap weight",
    Family.SIZE: "small against large",
    Family.INDEX: "the indexes themselves",
    Family.MEGACAP: "the Magnificent Seven",
    Family.SECTORS: "the eleven sectors",
    Family.RATES: "yields and the Fed",
    Family.MACRO: "prices and jobs",
    Family.OPTIONS: "fear and its price",
    Family.CAPEX: "chips and spending on them",
    Family.HAVENS: "gold, silver, oil",
    Family.FLOWS: "money into and out of funds",
    Family.EARNINGS: "what analysts expect and companies deliver",
    Family.VALUATION: "what a dollar of earnings costs",
    Family.FILINGS: "what large managers hold",
    Family.SCENARIO: "what all families say together",
}

TWINS = {
    "size.russell_sp500.ytd_gap": "size.iwm_spy.ytd_gap",
    "size.iwm_spy.streak": "size.russell_sp500.streak",
    "weighting.xmag_spy.spread_21d": "megacap.spread_21d",
    "weighting.xmag_spy.spread_63d": "megacap.spread_63d",
    "rates.fed_lower": "rates.fed_upper",
    "megacap.mags_third_month": "megacap.mags_losing_months",
    "flows.tech_4w_usd": "flows.tech_4w",
    "flows.small_4w_usd": "flows.small_4w",
    "flows.value_4w_usd": "flows.value_4w",
    "flows.equal_weight_4w_usd": "flows.equal_weight_4w",
}
"""Signals that move as one with another, such as an index and a fund on it; lists show them last, under "more"."""


def families(core: Core) -> dict[str, list[Signal]]:
    """Signals by family in the order of the catalogue; families without signals are left out."""
    by_family: dict[str, list[Signal]] = {}
    for signal in core.signals.values():
        by_family.setdefault(signal.family.value, []).append(signal)
    return by_family


def overview(core: Core, family: str | None = None, page: int = 1, caller: Caller | None = None) -> Reply:
    """The signals of a family that have a reading, or without a family the two most unusual ones of each.

    `mine` are the caller's own. Raises UserError for an unknown family and while there is no data.
    """
    by_family = families(core)
    if family is not None and family.strip().casefold() == MINE:
        return _mine(core, page, caller)
    if family is not None:
        family, chosen = one_of(family, {name: (name, rows) for name, rows in by_family.items()}, "family")
    if core.readings.snapshot is None:
        raise no_data(core)
    if family is None:
        return _most_unusual(core, by_family)
    lit = [signal for signal in chosen if _has_reading(core, signal)]
    lit.sort(key=lambda signal: signal.id in TWINS)
    shown, number, count = page_of(lit, page, SIGNALS_PER_PAGE)
    return Reply(
        title=f"{family.capitalize()}: {formats.counted(len(chosen), 'signal')}",
        lines=(*_remarks(core), *_dark(core, chosen)),
        table=_table(core, family, shown) if shown else "",
        menu=_family_menu(by_family, family),
        pages=Pages("signals", (family,), number, count),
        footer=_legend(core),
    )


def _mine(core: Core, page: int, caller: Caller | None) -> Reply:
    own = [] if caller is None else core.own.current.of(caller.user_id, caller.guild_id)
    rows = [(row, core.signals[row.signal]) for row in own]
    if not rows:
        raise UserError("You have no signals of your own yet. Make one with /watch add, such as SMH/IGV.")
    shown, number, count = page_of(rows, page, SIGNALS_PER_PAGE)
    named = [replace(signal, label=own.title, short="") for own, signal in shown]
    return Reply(
        title=f"Your signals: {len(rows)}",
        lines=_remarks(core),
        table=tables.blocks(MINE, [tables.row(core.readings, signal) for signal in named]),
        pages=Pages("signals", (MINE,), number, count),
        footer=_legend(core),
        private=True,
    )


def _table(core: Core, family: str, shown: Sequence[Signal]) -> str:
    main = [tables.row(core.readings, signal) for signal in shown if signal.id not in TWINS]
    more = [tables.row(core.readings, signal) for signal in shown if signal.id in TWINS]
    parts = [tables.blocks(family, main)] if main else [tables.heading("")]
    return "\n".join([*parts, *([tables.block("more, each moves with one above", more)] if more else [])])


def _has_reading(core: Core, signal: Signal) -> bool:
    reading = core.readings.reading(signal.id)
    return reading is not None and reading.value is not None


def _dark(core: Core, chosen: Sequence[Signal]) -> list[str]:
    """What has no reading, said once for each reason."""
    labels = {signal.id: signal.label for signal in chosen if not _has_reading(core, signal)}
    if not labels:
        return []
    readings = {id: reading for id in labels if (reading := core.readings.reading(id)) is not None}
    return [f"No reading of {len(labels)}:", *withheld_lines(labels, readings, _NAMES_OF_A_REASON)]


def _most_unusual(core: Core, by_family: dict[str, list[Signal]]) -> Reply:
    blocks, lit_count = [], 0
    for name, signals in by_family.items():
        lit = [signal for signal in signals if _has_reading(core, signal)]
        lit_count += len(lit)
        ranked = sorted(
            (signal for signal in lit if signal.id not in TWINS), key=lambda signal: -_distance(core, signal)
        )
        if ranked:
            blocks.append(tables.block(name, [tables.row(core.readings, signal) for signal in ranked[:_PER_FAMILY]]))
    with_reading = f"{lit_count:,} of {len(core.signals):,}" if lit_count < len(core.signals) else f"all {lit_count:,}"
    return Reply(
        title="The most unusual signals of each family",
        lines=(
            *_remarks(core),
            f"Two of each family, those farthest from their 1-year mean. For the rest choose a family below; "
            f"{with_reading} signals have a reading.",
        ),
        table="\n".join([tables.heading("signal"), *blocks]),
        menu=_family_menu(by_family, None),
        footer=_legend(core),
    )


def _distance(core: Core, signal: Signal) -> float:
    reading = core.readings.reading(signal.id)
    return abs((reading.measures.z_1y if reading is not None else None) or 0.0)


def _family_menu(by_family: dict[str, list[Signal]], chosen: str | None) -> Menu:
    options = [
        Option(name, f"{name.capitalize()} ({len(signals)})", chosen=name == chosen)
        for name, signals in by_family.items()
    ]
    return Menu("family", "All signals of a family", tuple(options))


def _remarks(core: Core) -> tuple[str, ...]:
    snapshot = core.readings.snapshot
    if snapshot is None:
        return ()
    running = any(reading.state is State.PROVISIONAL for reading in snapshot.readings.values())
    state = "provisional, session still running" if running else "final"
    first = f"{formats.day(snapshot.session, today=core.today())}, {state}"
    return tuple(part for part in (first, loading(core), source_problem(core)) if part)


def _legend(core: Core) -> str:
    return core.footer(
        "1d: change in a day, ▲▼ larger than nine of ten of the past year",
        "1y%: percentile of the past year",
        "pp: percentage points",
        "SD: standard deviations",
        ADVICE,
    )


def complete_family(core: Core, typed: str) -> list[Choice]:
    """Families to choose from while typing."""
    text = typed.strip().casefold()
    names = [name for name in families(core) if text in name]
    names.sort(key=lambda name: not name.startswith(text))
    own = [Choice("Mine (signals made with /watch add)", MINE)] if text in MINE else []
    return own + [
        Choice(f"{name.capitalize()} ({ABOUT.get(Family(name), '')})".replace(" ()", ""), name) for name in names
    ]
