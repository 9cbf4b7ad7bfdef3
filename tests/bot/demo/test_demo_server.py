"""What happens in the demo: the person's own alerts, the channel's topics, a summary after each close."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.calendar.clock import NEW_YORK
from bot.demo import play
from bot.demo.demo_server import DemoEnvironment, demo_environment
from bot.demo.floor import Floor
from bot.demo.moments import moments
from bot.demo.transcript import TranscriptLine
from bot.readings.chart_service import ChartService
from bot.sources.simulated import DEMO_START

pytestmark = pytest.mark.slow

KINDS = ("reminder", "release", "summary", "letter")


@pytest.fixture(scope="module")
def playback() -> play.Playback:
    return play.simulated_playback(None, 7)


async def transcript(playback: play.Playback) -> list[TranscriptLine]:
    told: list[TranscriptLine] = []
    await play.headless(playback, told.append)
    return told


@pytest.fixture(scope="module")
def told(playback: play.Playback) -> list[TranscriptLine]:
    return asyncio.run(transcript(playback))


def test_the_first_sessions_bring_summaries_topics_and_an_alert_of_the_persons_own(
    playback: play.Playback, told: list[TranscriptLine]
) -> None:
    summaries = [line for line in told if line.kind == "summary"]
    alerts = [line for line in told if line.kind == "alert"]
    assert [line.session for line in summaries] == [day.isoformat() for day in playback.sessions]
    assert playback.sessions[0] > DEMO_START
    assert {line.topic for line in alerts} >= {"russell-streak", "mag7-red-day", "rotation-turn"}
    assert any(line.topic is None for line in alerts)
    assert all("simulated" in line.text for line in told)
    assert {line.destination for line in told} == {"#rotation"}


def test_the_simulated_rotation_turns_two_sessions_after_the_start(
    playback: play.Playback, told: list[TranscriptLine]
) -> None:
    """The start date is chosen; the turn is computed by the clock from the simulated prices."""
    turn = play.turn_between(playback.replay, DEMO_START, playback.sessions[-1])
    assert turn == playback.sessions[play.BEFORE_A_TURN]
    assert [line.session for line in told if line.topic == "rotation-turn"] == [turn.isoformat()]


async def test_a_second_run_says_the_same(playback: play.Playback, told: list[TranscriptLine]) -> None:
    again = await transcript(replace(playback, sessions=playback.sessions[:3]))
    until = playback.sessions[2].isoformat()
    assert again == [line for line in told if line.session <= until]
    assert len(again) > 3


def of_the_page(playback: play.Playback) -> AbstractAsyncContextManager[DemoEnvironment]:
    """The environment as the page has it, before the first session."""
    return demo_environment(
        playback.replay,
        playback.sessions[0],
        simulated=True,
        every_topic=False,
        delivered=lambda *_: None,
        illustrated=True,
    )


def knows_how_to_draw() -> bool:
    return "matplotlib.backends.backend_agg" in sys.modules


async def test_the_worker_process_can_draw_before_anybody_asks_for_a_picture(playback: play.Playback) -> None:
    async with of_the_page(playback) as demo:
        assert isinstance(demo.core.charts, ChartService)
        assert await demo.core.charts.worker.run(knows_how_to_draw)


async def test_a_command_that_takes_longer_than_the_page_waits_does_not_end_the_play(playback: play.Playback) -> None:
    """The worker process stands still while a picture of it is wanted; once it goes on, so do the sessions."""
    async with of_the_page(playback) as demo:
        assert isinstance(demo.core.charts, ChartService)
        drawing = await demo.core.charts.worker.run(os.getpid)
        demo.env.settle_timeout = 0.1
        os.kill(drawing, signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError, match="did not settle"):
                await demo.viewer.slash(demo.channel, "chart", id="havens.silver")
            playing = asyncio.create_task(play.play_sessions(demo, playback.sessions[:3], 0, demo.env.settle, Floor()))
            await asyncio.wait({playing}, timeout=1)
            assert not playing.done()
        finally:
            os.kill(drawing, signal.SIGCONT)
        demo.env.settle_timeout = 5
        await asyncio.wait_for(playing, timeout=20)
        titles = [message.embeds[0].title or "" for message in demo.channel.history()]
    assert sum("summary" in title for title in titles) == 3
    assert sum("Silver" in title for title in titles) == 1


async def test_nothing_of_the_play_goes_on_after_the_page_is_closed(playback: play.Playback) -> None:
    """Else it would stumble over the database that is closed next."""
    there = asyncio.Event()
    page = asyncio.create_task(
        play.on_a_page(
            playback, port=None, seconds=3600, echo=lambda _: there.set(), progress=lambda _: None, floor=Floor()
        )
    )
    await there.wait()
    page.cancel()
    await asyncio.wait({page})
    assert page.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_there_is_a_sentence_for_dates_without_a_market(playback: play.Playback) -> None:
    with pytest.raises(ValueError, match=r"the market has sessions from .* to "):
        playback.replay.sessions(date(2034, 1, 2), 1)


async def test_what_a_person_asks_for_comes_at_its_hour(playback: play.Playback) -> None:
    """Reminders, lines after releases, a board, and a letter and alerts that wait for the end of quiet hours."""
    friday = next(at for at, day in enumerate(playback.sessions) if at > 2 and day.weekday() == 4)
    sessions = playback.sessions[friday - 2 : friday + 2]
    told: list[tuple[str, str, datetime]] = []
    async with demo_environment(
        playback.replay,
        sessions[0],
        simulated=True,
        every_topic=False,
        delivered=lambda claimed, payload, _: told.append(
            (claimed.items[0].key, payload.text, demo.clock.now().astimezone(NEW_YORK))
        ),
        illustrated=False,
    ) as demo:
        await demo.viewer.slash(demo.channel, "setup calendar")
        await demo.viewer.slash(demo.channel, "setup board")
        await demo.viewer.slash(demo.channel, "me", zone="America/New_York", quiet="16:00-09:15", summary="weekly")
        for session in sessions:
            async for moment in moments(demo.core, session):
                await demo.advance_clock(moment)
                await demo.run_moment(moment)
        posted = demo.channel.history()
    boards = [message for message in posted if message.flags.components_v2]
    stamps = {message.created_at.astimezone(NEW_YORK).replace(microsecond=0) for message in posted}
    hours = {kind: [at for key, _, at in told if key.startswith(f"{kind}:")] for kind in KINDS}
    assert [at for *_, at in told] == sorted(at for *_, at in told)
    assert {at for kind in ("reminder", "release", "summary") for at in hours[kind]} <= stamps
    assert {at.time() for at in hours["reminder"]} <= {time(7, 30), time(13), time(15)}
    assert {at.time() for at in hours["release"]} <= {time(16, 20)}
    assert [at.date() for at in hours["summary"]] == sessions
    assert {at.time() for at in hours["summary"]} == {time(17)}
    assert hours["letter"] == [datetime.combine(sessions[2] + timedelta(days=1), time(9, 15), NEW_YORK)]
    reminded = [key.rsplit(":", 1)[0].partition(":")[2] for key, *_ in told if key.startswith("reminder:")]
    released = [key.rsplit(":", 1)[0].partition(":")[2] for key, *_ in told if key.startswith("release:")]
    assert reminded
    assert len(set(reminded)) == len(reminded)
    assert released == [key for key in reminded if not key.startswith("earnings")]
    assert all("[simulated]" in text for key, text, _ in told if not key.startswith("board:"))
    assert len(boards) == 1
