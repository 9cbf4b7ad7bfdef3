"""`/signals` and `/signal`: tables of readings and the details of one signal, from memory."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.context import ADVICE, Caller, Core, loading, need_reading, source_problem
from bot.commands.market import chart, guidance_links, tables, track_record_lines
from bot.commands.market.signal_history import history_context, leaning, origin, repeats, year_rank
from bot.commands.reply import Button, Choice, Field, Menu, Option, Pages, Reply, Tone, Weight, page_of
from bot.commands.signal_search import one_of
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.signal_values import between, coverage_words, rank_words, span, state_words
from signals.core.model import Axis, Family, Measure, Reading, Signal, State, Vote, VoteMeasure

SIGNALS_PER_PAGE = 20
"""Signals on one page of a family."""
_PER_FAMILY = 2
_CHOICES = 25
MINE = "mine"
"""Stands in place of a family for the caller's own signals."""


def families(core: Core) -> dict[str, list[Signal]]:
    """Signals by family in the order of the catalogue; families without signals are left out."""
    by_family: dict[str, list[Signal]] = {}
    for signal in core.signals.values():
        by_family.setdefault(signal.family.value, []).append(signal)
    return by_family


def overview(core: Core, family: str | None = None, page: int = 1, caller: Caller | None = None) -> Reply:
    """All signals of a family, or without a family the two most unusual ones of each; `mine` are own ones.

    Raises UserError for an unknown family and while there is no data.
    """
    by_family = families(core)
    if family is not None and family.strip().casefold() == MINE:
        return _mine(core, page, caller)
    if family is not None:
        family, chosen = one_of(family, {name: (name, rows) for name, rows in by_family.items()}, "family")
    if core.readings.snapshot is None:
        raise UserError(f"No data yet. {loading(core) or ''}".strip())
    if family is None:
        return _most_unusual(core, by_family)
    shown, number, count = page_of(chosen, page, SIGNALS_PER_PAGE)
    return Reply(
        title=f"{family.capitalize()}: {formats.counted(len(chosen), 'signal')}",
        lines=_remarks(core),
        table=tables.blocks(family, [tables.row(core.readings, signal) for signal in shown]),
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
    named = [replace(signal, label=own.title) for own, signal in shown]
    return Reply(
        title=f"Your signals: {formats.counted(len(rows), 'signal')}",
        lines=_remarks(core),
        table=tables.blocks(MINE, [tables.row(core.readings, signal) for signal in named]),
        pages=Pages("signals", (MINE,), number, count),
        footer=_legend(core),
        private=True,
    )


def _most_unusual(core: Core, by_family: dict[str, list[Signal]]) -> Reply:
    blocks = []
    for name, signals in by_family.items():
        ranked = sorted(signals, key=lambda signal: -_distance(core, signal))[:_PER_FAMILY]
        blocks.append(tables.block(name, [tables.row(core.readings, signal) for signal in ranked]))
    return Reply(
        title="The most unusual signals of each family",
        lines=(
            *_remarks(core),
            f"Two of each family; choose a family to see all of its signals ({len(core.signals)} in all).",
        ),
        table="\n".join([tables.heading("signal"), *blocks]),
        menu=_family_menu(by_family, None),
        footer=_legend(core),
    )


def _distance(core: Core, signal: Signal) -> float:
    reading = core.readings.reading(signal.id)
    if reading is None or reading.value is None:
        return -1.0
    return abs(reading.measures.z_1y or 0.0)


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
        "1d: change in a day, ▲▼ larger than nine of ten of the past year", "1y%: percentile of the past year", ADVICE
    )


def detail(core: Core, typed: str, caller: Caller | None = None) -> Reply:
    """Everything about one signal.

    Raises UserError for an unknown id, with the nearest one, and while there is no data.
    """
    signal = core.finder_for(caller).get(typed)
    reading = need_reading(core, signal)
    sources = None if reading.value is None else reading.sources
    remarks = tuple(remark for remark in (loading(core), source_problem(core, sources)) if remark)
    # Beside the snapshot, only these change the reply.
    key = ("page", signal.id, core.today(), core.mark(), remarks)
    return core.readings.once(key, lambda: _detail(core, signal, reading, remarks))


def _detail(core: Core, signal: Signal, reading: Reading, remarks: tuple[str, ...]) -> Reply:
    if reading.value is None:
        return _withheld(core, signal, reading, remarks)
    value = formats.measured(reading.value, signal, Measure.VALUE)
    status = [state_words(reading.state, reading.session, core.today())]
    if coverage := coverage_words(reading.coverage):
        status.append(coverage)
    if reading.observed is not None and reading.observed != reading.session:
        status.append(f"observed {formats.day(reading.observed, today=core.today())}")
    tone, word = _leaning(signal, reading)
    return Reply(
        title=signal.label,
        lines=(
            f"## {value}",
            " · ".join(part for part in (*status, word, *reading.notes) if part),
            signal.meaning,
            *remarks,
        ),
        fields=tuple(_fields(core, signal, reading)),
        buttons=(Button("set", "Set an alert here", (signal.id,), Weight.MAIN),),
        footer=core.footer(origin(signal, reading.sources), signal.id, ADVICE),
        tone=tone,
        picture=chart.of_signal(core, signal),
    )


def _withheld(core: Core, signal: Signal, reading: Reading, remarks: tuple[str, ...]) -> Reply:
    series = core.readings.series(signal.id).dropna()
    lines = [f"**Withheld** on {formats.day(reading.session, today=core.today())}: {reading.reason}"]
    if len(series):
        last = formats.measured(float(series.iloc[-1]), signal, Measure.VALUE)
        lines.append(f"Last known: {last} on {formats.day(series.index[-1].date(), today=core.today())}.")
    lines += [signal.meaning, "No alert fires on it until it is back.", *remarks]
    return Reply(
        title=signal.label,
        lines=tuple(lines),
        buttons=(Button("set", "Set an alert here", (signal.id,), Weight.MAIN),),
        footer=core.footer(origin(signal, reading.sources), signal.id, ADVICE),
        tone=Tone.ATTENTION,
    )


def _fields(core: Core, signal: Signal, reading: Reading) -> list[Field]:
    measures = reading.measures
    changes = [
        Field(name, formats.delta(change, signal.unit, signal.decimals), narrow=True)
        for name, change in (
            ("1 day", measures.change_1d),
            ("5 days", measures.change_5d),
            ("21 days", measures.change_21d),
        )
    ]
    past = history_context(core.readings, signal, Measure.VALUE, reading.session, reading.value)
    whole, ranks = repeats(signal, Measure.VALUE), []
    if measures.percentile_1y is not None and reading.value is not None:
        year = year_rank(core.readings, signal, reading.session, reading.value)
        words = "" if year is None else f" {rank_words(year, 1, whole=whole)}"
        ranks.append(f"`{formats.bar(measures.percentile_1y)}`{words}")
    if past.rank is not None and past.years > 1:
        ranks.append(f"`{formats.bar(past.rank.percentile)}` {rank_words(past.rank, past.years, whole=whole)}")
    if measures.z_1y is not None:
        ranks.append(
            f"{formats.plain(abs(measures.z_1y), 1)} standard deviations {_side(measures.z_1y)} the year's mean"
        )
    if ranks:
        changes.append(Field("How unusual", "\n".join(ranks)))
    if past.low is not None and past.high is not None:
        text = between(past.low, past.high, signal, Measure.VALUE)
        changes.append(Field("Normal range", f"{text}, nine of ten sessions in {span(past.years)}"))
    changes += [Field(when, text) for when, text in track_record_lines.of_signal(core.readings, signal)]
    changes += guidance_links.quoted_fields(core) if signal.id == guidance_links.SIGNAL else []
    if signal.votes:
        changes.append(Field("How it votes today", "\n".join(_vote(core, signal, vote) for vote in signal.votes)))
    return changes


def _side(z: float) -> str:
    return "above" if z >= 0 else "below"


def _vote(core: Core, signal: Signal, vote: Vote) -> str:
    """`For rotation out of big tech: a high value (5 or more) counts for it`."""
    axis = "a recovery of big tech" if vote.axis is Axis.RECOVERY else "rotation out of big tech"
    word, measure = "high" if vote.sign > 0 else "low", _vote_measure(vote)
    level = ""
    if vote.low is not None and vote.high is not None:
        level = f" ({vote.high:g} or more)" if vote.sign > 0 else f" ({vote.low:g} or less)"
    return f"{_side_today(core, signal, vote)} {axis}: a {word}{measure or ' value'}{level} counts for it"


def _side_today(core: Core, signal: Signal, vote: Vote) -> str:
    explanation = core.readings.snapshot.explanations.get(vote.axis) if core.readings.snapshot is not None else None
    ballots = [ballot for party in explanation.parties for ballot in party.ballots] if explanation is not None else []
    state = next((ballot.state for ballot in ballots if ballot.signal == signal.id and ballot.sign == vote.sign), None)
    if state is None:
        return "No vote on"
    return ("Neutral on", "For", "Against")[state * vote.sign]


def _vote_measure(vote: Vote) -> str:
    if vote.measure is VoteMeasure.CHANGE_252D:
        return " change over a year"
    return "" if vote.measure is Measure.VALUE else f" {formats.MEASURES[Measure(vote.measure)]}"


def _leaning(signal: Signal, reading: Reading) -> tuple[Tone, str]:
    """Colour and words of the side that the value votes for.

    Neutral where it is less than one standard deviation from its one-year mean.
    """
    z = reading.measures.z_1y
    return leaning(signal, high=z > 0) if z is not None and abs(z) >= 1 else (Tone.NEUTRAL, "")


def complete(core: Core, typed: str, caller: Caller | None = None) -> list[Choice]:
    """Signals to choose from while typing, as label and id; at most 25."""
    return core.finder_for(caller).choices(typed, _CHOICES)


def complete_family(core: Core, typed: str) -> list[Choice]:
    """Families to choose from while typing."""
    text = typed.strip().casefold()
    names = [name for name in families(core) if text in name]
    names.sort(key=lambda name: not name.startswith(text))
    own = [Choice("Mine (signals made with /watch add)", MINE)] if text in MINE else []
    return own + [
        Choice(f"{name.capitalize()} ({ABOUT.get(Family(name), '')})".replace(" ()", ""), name) for name in names
    ]


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
