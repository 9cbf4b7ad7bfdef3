"""The line after a release: the figure, what futures priced, and how the market moved, so far or on that session."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

import pandas as pd

from bot.calendar.clock import NEW_YORK
from bot.commands.market.agenda import NAMES
from bot.commands.summary.headline.index_moves import NAMES as INDEX_NAMES
from bot.commands.summary.headline.index_moves import NASDAQ, SP500
from bot.domain.occasion import Occasion, OccasionKind
from bot.formatting import formats
from bot.readings.state import Snapshot
from signals import catalogue
from signals.core.model import Measure, Reading

FIGURES: Mapping[OccasionKind, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        OccasionKind.FED: (),
        OccasionKind.CPI: (
            ("macro.cpi_yoy", "{} year over year, seasonally adjusted"),
            ("macro.core_cpi_3m", "core {} annualized over 3 months"),
        ),
        OccasionKind.PAYROLLS: (
            ("macro.payrolls_3m", "{} a month on average over 3 months"),
            ("macro.unemployment", "unemployment {}"),
        ),
        OccasionKind.PCE: (("macro.core_pce_3m", "core prices {} annualized over 3 months"),),
    }
)
"""The signals whose new figure a release brings, and how each is said; the Fed's new target counts from the next day."""

PRICED = "rates.priced_cuts"


MOVES = ("index.sp500.return_1d", "index.nasdaq.return_1d")


def has_come(snapshot: Snapshot, occasion: Occasion, before: date) -> bool:
    """Whether every figure of a release of today is there, newer than those of the session before."""
    known, names = snapshot.finals.get(before, {}), [name for name, _ in FIGURES[occasion.kind]]
    pairs = [(snapshot.published.get(name), known.get(name)) for name in names]
    return bool(names) and all(
        now is not None and then is not None and now.observed != then.observed for now, then in pairs
    )


def line_of_today(snapshot: Snapshot, occasion: Occasion, before: date) -> str:
    """`line` while the session of a release runs or has not begun: what is priced and the move are those so far.

    `before`: the newest final session. Without prices of today the figure stands alone; empty where there is nothing.
    """
    final_readings = snapshot.finals.get(before, {})
    running = snapshot.readings if snapshot.session == occasion.day else {}
    figures = [
        figure
        for name, words in FIGURES[occasion.kind]
        if (figure := _figure_of(name, words, snapshot.published.get(name), final_readings.get(name)))
    ]
    moves = [
        f"{INDEX_NAMES[ticker]} {formats.plain(reading.value, 1, signed=True)}%"
        for ticker, name in zip((SP500, NASDAQ), MOVES, strict=True)
        if (reading := running.get(name)) is not None and reading.value is not None
    ]
    by = f"{', '.join(moves)} by {formats.clock(snapshot.made_at.astimezone(NEW_YORK).time())}" if moves else ""
    figures_text = "; ".join(figures)
    priced = _priced_of(running.get(PRICED), final_readings.get(PRICED)) if running else ""
    if not (figures_text or priced or by):
        return ""
    begin = _begin(occasion, figures_text, snapshot.published)
    return _sentences(begin, priced, by)


def line(snapshot: Snapshot, occasion: Occasion, session: date) -> str:
    """`Consumer prices (CPI), Tue, Jan 13: 2.7% year over year (2.8% before). ...`, on the session that the release moved.

    What has not arrived is left out, and a figure that has not is named so.
    """
    figures = [
        figure
        for name, words in FIGURES[occasion.kind]
        if (figure := _figure_of(name, words, *_readings(snapshot, name, session)))
    ]
    figures_text = "; ".join(figures) or ("the figure has not arrived yet" if FIGURES[occasion.kind] else "")
    begin = _begin(occasion, figures_text, snapshot.finals.get(session, {}) if figures else {})
    return _sentences(begin, _priced_of(*_readings(snapshot, PRICED, session)), ", ".join(_moves(snapshot, session)))


def _begin(occasion: Occasion, figures: str, readings: Mapping[str, Reading]) -> str:
    """`Consumer prices (CPI) for December, Tue, Jan 13: 2.7% ...`; without the month where the figure is not there."""
    months = [
        reading.observed
        for name, _ in FIGURES[occasion.kind]
        if (reading := readings.get(name)) is not None and reading.observed is not None
    ]
    month = f" for {max(months):%B}" if months else ""
    day = formats.day(occasion.day, today=occasion.day)
    return f"{NAMES[occasion.kind]}{month}, {day}{': ' if figures else ''}{figures}"


def _sentences(*parts: str) -> str:
    text = ". ".join(formats.capitalised(part) if number else part for number, part in enumerate(parts) if part)
    return f"{text.rstrip('.')}."


def _figure_of(name: str, words: str, now: Reading | None, before: Reading | None) -> str:
    """A figure that is newer than that of the session before; empty where none has come."""
    if now is None or now.value is None or now.observed is None:
        return ""
    signal = catalogue.signal(name)
    value = formats.measured(now.value, signal, Measure.VALUE)
    if before is None or before.value is None or before.observed == now.observed:
        return ""
    return f"{words.format(value)} ({formats.measured(before.value, signal, Measure.VALUE)} before)"


def _priced_of(now: Reading | None, before: Reading | None) -> str:
    if now is None or before is None or now.value is None or before.value is None:
        return ""
    kind, kind_before = ("hikes" if cuts < 0 else "cuts" for cuts in (now.value, before.value))
    earlier = f"{formats.plain(abs(before.value), 1)}{'' if kind_before == kind else f' {kind_before}'}"
    return f"futures price {formats.plain(abs(now.value), 1)} Fed {kind} by December ({earlier} before)"


def _moves(snapshot: Snapshot, session: date) -> Iterator[str]:
    """Of indices only: yields of the day come the next morning."""
    until = snapshot.closes.loc[: pd.Timestamp(session)]
    if len(until) > 1 and until.index[-1] == pd.Timestamp(session):
        for ticker in (SP500, NASDAQ):
            before_last, last = until[ticker].iloc[-2:] if ticker in until else (math.nan, math.nan)
            if math.isfinite(percent := 100 * (last / before_last - 1)):
                yield f"{INDEX_NAMES[ticker]} {formats.plain(percent, 1, signed=True)}%"


def _readings(snapshot: Snapshot, name: str, session: date) -> tuple[Reading | None, Reading | None]:
    """The final readings of a session and of the one before it in memory."""
    earlier = [day for day in snapshot.finals if day < session]
    before = snapshot.finals[max(earlier)].get(name) if earlier else None
    return snapshot.finals.get(session, {}).get(name), before
