"""The family commands, from memory.

They are `/breadth`, `/yields`, `/flows`, `/rotation`, `/sectors`, `/megacaps`, `/earnings` and
`/havens`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.commands.context import ADVICE, SOURCES, Core, loading, no_data, source_problem
from bot.commands.market import chart, guidance_links, scenario, tables
from bot.commands.market.family_layouts import (
    FAMILY_LAYOUTS,
    ROTATION,
    SECTOR_NAMES,
    SECTORS,
    FamilyLayout,
    Group,
    computed_ids,
    sector_ids,
)
from bot.commands.market.family_summary import family_summary
from bot.commands.reply import MOST_OPTIONS, Field, Menu, Option, Reply, Tone
from bot.formatting import formats
from bot.formatting.signal_values import coverage_words, with_days
from signals.core.model import Cadence, Measure, Reading, State
from signals.core.units import Unit

_LABELS = 25
_REASONS = 5


def show(core: Core, name: str) -> Reply:
    """The reply of a family command: summary, table, fields, menu and chart.

    Where this version computes no signal of the family, the reply is a sentence that says so.
    Raises UserError before the first check, KeyError for a name that is not in `FAMILY_LAYOUTS`.
    """
    layout = FAMILY_LAYOUTS[name]
    ids = computed_ids(_ids(layout), core.signals)
    title = f"{name.capitalize()}: {layout.about}"
    if not ids:
        return _not_computed(core, layout, title)
    snapshot = core.readings.snapshot
    if snapshot is None:
        raise no_data(core)
    readings = {id: reading for id in ids if (reading := core.readings.reading(id)) is not None}
    summary = family_summary(core, name)
    labels = {id: core.signals[id].label for id in ids}
    lines = [summary.text if summary else _no_summary(labels, readings)]
    if layout is ROTATION:
        lines += scenario.axis_lines(snapshot)
    lines.append(_status_line(core, snapshot.session, readings.values()))
    sources = _sources(readings.values())
    lines += [remark for remark in (loading(core), source_problem(core, sources)) if remark]
    return Reply(
        title=title,
        lines=tuple(line for line in lines if line),
        table=_table(core, layout),
        fields=(*_fields(core, snapshot.session, labels, readings), *_guidance_fields(core, ids)),
        menu=_menu(core, ids),
        footer=core.footer(*_legend(core, layout, ids), _origin(sources), ADVICE),
        tone=summary.tone if summary else Tone.ATTENTION,
        picture=chart.of_family(core, chart.OF_FAMILIES.get(name)),
    )


def _ids(layout: FamilyLayout) -> tuple[str, ...]:
    return (*sector_ids("21d"), *layout.ids()) if layout is SECTORS else layout.ids()


def _not_computed(core: Core, layout: FamilyLayout, title: str) -> Reply:
    return Reply(
        title=title,
        lines=(
            f"{layout.subject} are not computed by this version, so there is nothing to show here.",
            "/signals shows all that are.",
        ),
        footer=core.footer(f"Version {core.version}"),
        tone=Tone.ATTENTION,
    )


def _no_summary(labels: Mapping[str, str], readings: Mapping[str, Reading]) -> str:
    missing = [id for id in labels if id not in readings or readings[id].value is None]
    first = f"{labels[missing[0]]} is" if len(missing) == 1 else f"{len(missing)} of these signals are"
    return f"**No verdict:** {first} withheld." if missing else "**No verdict:** what it needs is not computed."


def _status_line(core: Core, session: date, readings: Iterable[Reading]) -> str:
    """`Tue, Jan 13, final · 497 of 503 members`, with the notes of the readings."""
    shown = list(readings)
    running = any(reading.state is State.PROVISIONAL for reading in shown)
    state = "provisional, session still running" if running else "final"
    parts = [f"{formats.day(session, today=core.today())}, {state}"]
    counted = [
        (reading.coverage, core.signals[reading.signal].family)
        for reading in shown
        if reading.coverage is not None and reading.value is not None
    ]
    if counted:
        parts.append(coverage_words(*max(counted, key=lambda pair: pair[0].listed)))
    # Its notes name the companies; they are shown with links in fields of their own.
    remarking = [reading for reading in shown if reading.signal != guidance_links.SIGNAL]
    return " · ".join([*parts, *dict.fromkeys(with_days(note) for reading in remarking for note in reading.notes)])


def _sources(readings: Iterable[Reading]) -> Sequence[str]:
    return list(dict.fromkeys(source for reading in readings for source in reading.sources))


def _origin(sources: Sequence[str]) -> str:
    return f"Source: {formats.listed([SOURCES.get(name, name) for name in sources])}" if sources else ""


def _legend(core: Core, layout: FamilyLayout, ids: Iterable[str]) -> list[str]:
    shown = [group for group in layout.groups if any(id in core.signals for id, _ in group.lines)]
    spans = dict.fromkeys(_SPANS[group.change] for group in shown)
    parts = [f"{', '.join(spans)}: change, ▲▼ larger than nine of ten", "1y%: percentile of the past year"]
    if any(core.signals[id].unit is Unit.POINTS_PERCENT for id in ids):
        parts.append("pp: percentage points")
    return parts


def _table(core: Core, layout: FamilyLayout) -> str:
    blocks = [_ranking(core)] if layout is SECTORS else []
    for group in layout.groups:
        lines = [(id, name) for id, name in group.lines if id in core.signals]
        if lines:
            blocks.append("\n".join([_heading(group), *(_line(core, group, id, name) for id, name in lines)]))
    return "\n\n".join(block for block in blocks if block)


_SPANS = {Measure.CHANGE_1D: "1d", Measure.CHANGE_5D: "5d", Measure.CHANGE_21D: "21d"}


def _heading(group: Group) -> str:
    return tables.wide_line(group.title.upper(), "now", _SPANS[group.change], "1y%")


def _line(core: Core, group: Group, id: str, name: str) -> str:
    signal, reading = core.signals[id], core.readings.reading(id)
    if reading is None or reading.value is None:
        return tables.wide_line(name, "withheld" if reading else "no data", "", "")
    moved = None if _new_year(core, reading) else reading.measure(group.change)
    arrow = ""
    if moved and tables.is_unusual(core.readings, signal, moved, group.change):
        arrow = "▲" if moved > 0 else "▼"
    change = formats.change(moved, signal, with_unit=False)
    rank = None if signal.unit is Unit.FLAG else reading.measures.percentile_1y
    return tables.wide_line(name, tables.full_cell(reading.value, signal), arrow + change, tables.rank_cell(rank))


def _new_year(core: Core, reading: Reading) -> bool:
    """Whether a year-to-date figure has restarted: its daily change would then mix two years."""
    of_year = reading.signal.endswith(("ytd", "ytd_gap"))
    return of_year and core.calendar.before(reading.session).year != reading.session.year


def _ranking(core: Core) -> str:
    """The eleven sectors by their return over 21 sessions, best first, withheld ones last."""
    rows = [(_return(core, etf, "21d"), etf) for etf in SECTOR_NAMES if f"sectors.{etf}.return_21d" in core.signals]
    rows.sort(key=lambda row: (row[0] is None, -(row[0] or 0.0)))
    if not rows:
        return ""
    head = f"{'RETURNS, %':<16}{'21d':>7}{'1d':>6}{'YTD':>7}{'1y%':>4}"
    lines = [_sector(core, place, etf, month) for place, (month, etf) in enumerate(rows, start=1)]
    return "\n".join([head, *lines])


def _sector(core: Core, place: int, etf: str, month: float | None) -> str:
    name = f"{place:>2} {SECTOR_NAMES[etf]}" if month is not None else f" {formats.NOTHING} {SECTOR_NAMES[etf]}"
    day, year = (formats.plain(_return(core, etf, span), 1, signed=True) for span in ("1d", "ytd"))
    if month is None:
        return f"{f'{name} ':<15}{'withheld':>8}{day:>6}{year:>7}"
    reading = core.readings.reading(f"sectors.{etf}.return_21d")
    rank = tables.rank_cell(reading.measures.percentile_1y if reading else None)
    return f"{name:<16}{formats.plain(month, 1, signed=True):>7}{day:>6}{year:>7}{rank:>4}"


def _return(core: Core, etf: str, span: str) -> float | None:
    reading = core.readings.reading(f"sectors.{etf}.return_{span}")
    return None if reading is None else reading.value


def _fields(core: Core, session: date, labels: Mapping[str, str], readings: Mapping[str, Reading]) -> list[Field]:
    fields = []
    if older := older_lines(core, session, labels, readings):
        fields.append(Field("Figures of an earlier day", "\n".join(older)))
    if withheld := withheld_lines(labels, readings):
        fields.append(Field("Withheld", "\n".join(withheld)))
    return fields


def _guidance_fields(core: Core, ids: Sequence[str]) -> list[Field]:
    return guidance_links.brief_fields(core) if guidance_links.SIGNAL in ids else []


def older_lines(
    core: Core, session: date, labels: Mapping[str, str], readings: Mapping[str, Reading], most: int = _LABELS
) -> list[str]:
    """`Mon, Jan 12: 10-year yield, 2-year yield`: a line for each earlier day of observation.

    The lines name the values that were not observed on the session itself, newest day first. For
    monthly figures the day is replaced by the month. A line lists at most `most` labels.
    """
    by_day: dict[tuple[date, str], list[str]] = {}
    for id, name in labels.items():
        reading = readings.get(id)
        if reading is not None and reading.value is not None and reading.observed not in (None, session):
            day = reading.observed or session
            monthly = core.signals[id].cadence is Cadence.MONTHLY
            text = f"{day:%B %Y}" if monthly else formats.day(day, today=core.today())
            by_day.setdefault((day, text), []).append(name)
    return [
        f"**{text}**: {_listed_names(labels_of_day, most)}"
        for (_, text), labels_of_day in sorted(by_day.items(), reverse=True)
    ]


def withheld_lines(labels: Mapping[str, str], readings: Mapping[str, Reading], most: int = _LABELS) -> list[str]:
    """`**Gold, Silver**: no close on this day`: a line for each reason.

    The last line counts the reasons that are left out. A line lists at most `most` labels.
    """
    reasons: dict[str, list[str]] = {}
    for id, name in labels.items():
        reading = readings.get(id)
        if reading is None:
            reasons.setdefault("the next check will bring it", []).append(name)
        elif reading.value is None:
            reasons.setdefault(with_days(reading.reason or "no reason is known"), []).append(name)
    lines = [f"**{_listed_names(same_reason, most)}**: {reason}" for reason, same_reason in reasons.items()]
    more = len(lines) - _REASONS
    return (
        lines if more <= 0 else [*lines[:_REASONS], f"and {formats.counted(more, 'other reason')}; /signal tells each"]
    )


def _listed_names(names: list[str], most: int) -> str:
    """Names separated by commas, or by semicolons where a name contains a comma.

    `and 3 more` beyond `most`.
    """
    shown, more = names[:most], len(names) - most
    between = "; " if any("," in name for name in shown) else ", "
    return between.join(shown) + (f" and {more} more" if more > 0 else "")


def _menu(core: Core, ids: Sequence[str]) -> Menu:
    options = [Option(id, core.signals[id].label) for id in ids[:MOST_OPTIONS]]
    return Menu("signal", "One signal in full", tuple(options))
