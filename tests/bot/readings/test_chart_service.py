"""The artist: one drawing of each picture, kept as long as nothing new is known, and None for every trouble."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.readings import chart_service
from bot.readings.chart_service import MOST_WAITING, ChartService
from bot.readings.state import ReadingState
from bot.worker.process import Worker
from signals.core.model import State
from tests.bot.charts.painting import Inline, Walks
from tests.support import sample_readings

SILVER = ChartRequest(ChartKind.SIGNAL, sample_readings.SESSION, (sample_readings.SILVER,), above=80.0)
BOTH = ChartRequest(ChartKind.COMPARE, sample_readings.SESSION, ("AAPL", "^GSPC"))


@pytest.fixture
def worker() -> Inline:
    return Inline()


@pytest.fixture
def artist(worker: Inline) -> ChartService:
    readings = ReadingState()
    readings.put(sample_readings.snapshot())
    return ChartService(worker, readings, Walks())


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures that cost nothing, a megabyte each."""
    monkeypatch.setattr("bot.charts.render.draw", lambda request, _: Picture(request.file, bytes(2**20), "blank"))


async def test_a_picture_is_drawn_once_and_kept(artist: ChartService, worker: Inline) -> None:
    first = await artist.draw(SILVER)
    assert first is not None
    assert first.content.startswith(b"\x89PNG")
    assert first.name == "signal-havens.silver-2026-01-13.png"
    assert "Silver" in first.alt
    assert await artist.draw(SILVER) is first
    assert worker.runs == ["draw"]


@pytest.mark.parametrize(("source", "simulated"), [("simulated", True), ("yahoo", False)])
async def test_a_picture_of_simulated_figures_says_so(
    monkeypatch: pytest.MonkeyPatch, source: str, simulated: bool
) -> None:
    drawn = []
    monkeypatch.setattr("bot.charts.render.draw", lambda _, inputs: drawn.append(inputs.simulated))
    readings, known = ReadingState(), sample_readings.snapshot()
    silver = {sample_readings.SILVER: replace(known.readings[sample_readings.SILVER], sources=(source,))}
    readings.put(replace(known, readings={**known.readings, **silver}))
    await ChartService(Inline(), readings, Walks()).draw(BOTH)
    assert drawn == [simulated]


@pytest.mark.usefixtures("blank")
async def test_those_who_ask_at_the_same_time_share_one_drawing(artist: ChartService, worker: Inline) -> None:
    found = await asyncio.gather(*(artist.draw(SILVER) for _ in range(5)))
    assert len({id(picture) for picture in found}) == 1
    assert worker.runs == ["draw"]


@pytest.mark.usefixtures("blank")
async def test_somebody_who_stops_waiting_does_not_end_the_drawing(artist: ChartService, worker: Inline) -> None:
    impatient = asyncio.create_task(artist.draw(SILVER))
    patient = asyncio.create_task(artist.draw(SILVER))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient is not None
    assert worker.runs == ["draw"]


@pytest.mark.usefixtures("blank")
async def test_a_check_that_brings_nothing_new_for_a_picture_of_signals_keeps_it(
    artist: ChartService, worker: Inline
) -> None:
    later = replace(sample_readings.snapshot(), made_at=sample_readings.NOW + timedelta(minutes=15))
    first = await artist.draw(SILVER)
    artist.readings.put(later)
    assert await artist.draw(SILVER) is first
    changed = later.history.copy()
    changed.iloc[-1, changed.columns.get_loc(sample_readings.SILVER)] += 1.0
    artist.readings.put(replace(later, history=changed))
    assert await artist.draw(SILVER) is not first


@pytest.mark.usefixtures("blank")
async def test_closes_are_read_again_after_every_check(artist: ChartService, worker: Inline) -> None:
    await artist.draw(BOTH)
    artist.readings.put(replace(sample_readings.snapshot(), made_at=sample_readings.NOW + timedelta(minutes=15)))
    await artist.draw(BOTH)
    assert worker.runs == ["draw", "draw"]


@pytest.mark.usefixtures("blank")
async def test_nothing_after_the_session_of_a_sketch_is_handed_over(artist: ChartService, worker: Inline) -> None:
    session = sample_readings.history().index[-30].date()
    earlier = await artist.draw(replace(SILVER, session=session))
    changed = sample_readings.history().copy()
    changed.iloc[-29:] = np.nan
    artist.readings.put(replace(sample_readings.snapshot(), history=changed))
    assert await artist.draw(replace(SILVER, session=session)) is earlier


async def test_a_live_alert_is_shown_with_the_value_that_crossed_and_called_provisional(artist: ChartService) -> None:
    running, known = sample_readings.SESSION + timedelta(days=1), sample_readings.snapshot()
    reading = replace(known.readings[sample_readings.SILVER], session=running, state=State.PROVISIONAL, value=99.5)
    artist.readings.put(replace(known, session=running, readings={**known.readings, sample_readings.SILVER: reading}))
    live = await artist.draw(replace(SILVER, session=running))
    assert live is not None
    assert "$99.50 on Wed, Jan 14, 2026, provisional," in live.alt
    final = known.history.copy()
    final.loc[pd.Timestamp(running)] = final.iloc[-1]
    final.loc[pd.Timestamp(running), sample_readings.SILVER] = 99.5
    artist.readings.put(replace(known, session=running, history=final))
    settled = await artist.draw(replace(SILVER, session=running))
    assert settled is not None
    assert "$99.50 on Wed, Jan 14, 2026." in settled.alt


async def test_every_trouble_is_none_and_logged_once(
    artist: ChartService, worker: Inline, caplog: pytest.LogCaptureFixture
) -> None:
    worker.trouble = RuntimeError("no ink")
    with caplog.at_level(logging.WARNING):
        assert [await artist.draw(SILVER) for _ in range(3)] == [None] * 3
    assert [record.message for record in caplog.records] == [
        "a picture of the kind signal could not be drawn: RuntimeError('no ink')"
    ]
    worker.trouble = None
    assert await artist.draw(SILVER) is not None


async def test_a_warm_up_draws_before_anything_is_known_and_never_raises(worker: Inline) -> None:
    artist = ChartService(worker, ReadingState(), Walks())
    values = sample_readings.snapshot().history[[sample_readings.SILVER]]
    await artist.warm_up(SILVER, values)
    assert worker.runs == ["draw"]
    worker.trouble = RuntimeError("no ink")
    await artist.warm_up(SILVER, values)
    assert worker.runs == ["draw", "draw"]


async def test_before_the_first_check_and_for_unknown_names_there_is_none(artist: ChartService) -> None:
    assert await ChartService(Inline(), ReadingState(), Walks()).draw(SILVER) is None
    assert await artist.draw(ChartRequest(ChartKind.SIGNAL, sample_readings.SESSION, ("flows.gone",))) is None
    assert await artist.draw(ChartRequest(ChartKind.COMPARE, sample_readings.SESSION, ("AAPL", "GONE"))) is None


async def test_a_drawing_that_never_ends_is_given_up(
    artist: ChartService, worker: Inline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_service, "LONGEST_SECONDS", 0.01)
    worker.before = asyncio.Event().wait
    assert await artist.draw(SILVER) is None


@pytest.mark.usefixtures("blank")
async def test_in_a_storm_of_different_pictures_most_are_refused_at_once(artist: ChartService, worker: Inline) -> None:
    go = asyncio.Event()
    worker.before = go.wait
    wanted = [artist.draw(replace(SILVER, above=float(level))) for level in range(MOST_WAITING + 5)]
    asked = [asyncio.ensure_future(each) for each in wanted]
    refused, _ = await asyncio.wait(asked, timeout=0.01)
    assert [each.result() for each in refused] == [None] * 5
    go.set()
    assert sum(picture is not None for picture in await asyncio.gather(*asked)) == MOST_WAITING


@pytest.mark.usefixtures("blank")
async def test_no_more_is_kept_than_fits(artist: ChartService, monkeypatch: pytest.MonkeyPatch) -> None:
    for level in range(20):
        await artist.draw(replace(SILVER, above=float(level)))
    assert sum(len(each.content) for each in artist._kept.values()) == chart_service.MOST_BYTES
    monkeypatch.setattr("bot.charts.render.draw", lambda request, _: Picture(request.file, b"", ""))
    for level in range(100):
        await artist.draw(replace(SILVER, below=float(level)))
    assert len(artist._kept) == chart_service.MOST_PICTURES


@pytest.mark.slow
async def test_the_worker_process_draws(worker: Worker) -> None:
    readings = ReadingState()
    readings.put(sample_readings.snapshot())
    artist = ChartService(worker, readings, Walks())
    picture = await artist.draw(SILVER)
    await artist.close()
    assert picture is not None
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_bot_and_the_demo_start_without_knowing_how_to_draw() -> None:
    script = "import sys, bot.app, bot.demo.play; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3]).returncode == 0
